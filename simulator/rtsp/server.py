"""The RTSP server: connections, log-in and the methods."""

import asyncio
from collections.abc import Callable
import contextlib
from datetime import datetime, timedelta
import logging
from urllib.parse import urlsplit

from simulator.core.accounts import Accounts, Outcome, Right, User
from simulator.core.time_source import Now

from .message import MAX_LINE, MessageError, Request, Response, read_request
from .presentation import Presentation, RtspRefusal
from .ranges import RangeError, format_range, parse_range
from .sdp import describe
from .session import Session

type Resolve = Callable[[str], Presentation]
"""Gives what a path with its query stands for; raises RtspRefusal."""

LOGGER = logging.getLogger(__name__)
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
SESSION_TIMEOUT_S = 60


class RtspServer:
    """Serves what a face resolves, to whoever the recorder's accounts let in.

    Attributes:
        requests: every request seen, as (method, address), for tests to count.
        max_sessions: how many sessions may play at once before 453; None for no limit.
        stops_at_end: whether playback ends by itself, which many devices don't.
        pace: how many times faster than life playback is sent, for tests that can't wait.
    """

    def __init__(
        self,
        resolve: Resolve,
        accounts: Accounts,
        *,
        now: Now,
        max_sessions: int | None = None,
        stops_at_end: bool = True,
    ) -> None:
        """Initialize."""
        self.resolve = resolve
        self.accounts = accounts
        self.now = now
        self.max_sessions = max_sessions
        self.stops_at_end = stops_at_end
        self.pace = 1.0
        self.requests: list[tuple[str, str]] = []
        self.sessions: set[Session] = set()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port that the server listens on."""
        if self._server is None:
            raise RuntimeError("the server doesn't listen")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_LINE)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is None:
            return
        self._server.close()
        self.drop_connections()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def drop_connections(self) -> None:
        """Cut every connection, as a reboot does."""
        for task in self._connections:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await Connection(self, reader, writer).serve()
        except asyncio.CancelledError:
            # asyncio logs a cancelled connection task as an error; being cut is nothing unusual here.
            writer.transport.abort()
        finally:
            self._connections.discard(task)


class Connection:
    """One client's connection and the session in it."""

    def __init__(
        self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Initialize."""
        self._server = server
        self._reader = reader
        self._writer = writer
        self._session: Session | None = None
        self._presentations: dict[str, Presentation] = {}
        host, *_ = writer.get_extra_info("peername")
        self._peer: str = host
        self._user: User | None = None

    async def serve(self) -> None:
        """Answer requests until the client goes."""
        try:
            while request := await read_request(self._reader):
                await self._answer(request)
        except MessageError as err:
            LOGGER.debug("Not RTSP from %s: %s", self._peer, err)
            self._writer.write(Response(400).encode("0"))
        except ConnectionError:
            LOGGER.debug("%s went away in the middle of an answer", self._peer)
        finally:
            await self._end_session()
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _answer(self, request: Request) -> None:
        self._server.requests.append((request.method, request.uri))
        try:
            response = self._refuse_login(request) or await self._handle(request)
        except RtspRefusal as err:
            response = Response(err.status, reason=err.reason)
        except RangeError:
            response = Response(457)
        self._writer.write(response.encode(request.headers.get("cseq", "0")))
        await self._writer.drain()
        if request.method == "PLAY" and self._session and response.status == 200:
            self._session.run(self._writer)

    def _refuse_login(self, request: Request) -> Response | None:
        if request.method == "OPTIONS":
            return None
        verdict = self._server.accounts.check(
            request.method,
            request.headers.get("authorization"),
            request.uri,
            source=self._peer,
        )
        if verdict.accepted:
            self._user = verdict.user
            return None
        stale = verdict.outcome is Outcome.STALE
        return Response(401, {"WWW-Authenticate": self._server.accounts.challenge(stale=stale)})

    async def _handle(self, request: Request) -> Response:
        match request.method:
            case "OPTIONS":
                return Response(headers={"Public": METHODS})
            case "DESCRIBE":
                return self._describe(request)
            case "SETUP":
                return self._set_up(request)
        session = self._session
        if session is None or request.headers.get("session", "").split(";")[0] != session.id:
            return Response(454)
        match request.method:
            case "PLAY":
                return await self._play(request, session)
            case "PAUSE":
                await session.pause()
            case "TEARDOWN":
                await self._end_session()
            case "GET_PARAMETER" | "SET_PARAMETER":
                pass
            case _:
                return Response(405, {"Allow": METHODS})
        return Response(headers={"Session": session.id})

    def _resolve(self, uri: str) -> Presentation:
        """Find what an address means, once per connection."""
        if uri not in self._presentations:
            parts = urlsplit(uri)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            self._presentations[uri] = self._server.resolve(path)
        presentation = self._presentations[uri]
        right = Right.LIVE if presentation.live else Right.PLAYBACK
        if self._user is None or right not in self._user.rights:
            raise RtspRefusal(403, "Forbidden")
        return presentation

    def _describe(self, request: Request) -> Response:
        uri = request.uri.rstrip("/")
        presentation = self._resolve(uri)
        return Response(
            headers={"Content-Type": "application/sdp", "Content-Base": f"{uri}/"},
            body=describe(presentation).encode(),
        )

    def _set_up(self, request: Request) -> Response:
        base, _, name = request.uri.rpartition("/")
        presentation = self._resolve(base.rstrip("/"))
        if name not in presentation.tracks:
            return Response(404)
        channels = _interleaved(request.headers.get("transport", ""))
        if channels is None:
            return Response(461)
        if self._session is None:
            limit = self._server.max_sessions
            if limit is not None and len(self._server.sessions) >= limit:
                return Response(453)
            self._session = Session(
                presentation, now=self._server.now, stops_at_end=self._server.stops_at_end
            )
            self._server.sessions.add(self._session)
        track = self._session.set_up(presentation.tracks.index(name), channels[0])
        return Response(
            headers={
                "Session": f"{self._session.id};timeout={SESSION_TIMEOUT_S}",
                "Transport": "RTP/AVP/TCP;unicast;"
                f"interleaved={channels[0]}-{channels[1]};ssrc={track.ssrc:08X}",
            }
        )

    async def _play(self, request: Request, session: Session) -> Response:
        presentation = session.presentation
        start: datetime | timedelta | None = None
        if (text := request.headers.get("range")) and not presentation.live:
            start = parse_range(text, presentation)
        scale = float(request.headers.get("scale", "1") or "1")
        if not 0 < scale <= 16:
            return Response(457)
        pace = 1.0 if presentation.live else scale * self._server.pace
        await session.prepare(start, pace)
        headers = {"Session": session.id, "RTP-Info": session.rtp_info(request.uri.rstrip("/"))}
        headers["Range"] = format_range(presentation, session.position)
        if "scale" in request.headers:
            headers["Scale"] = f"{1.0 if presentation.live else scale:g}"
        return Response(headers=headers)

    async def _end_session(self) -> None:
        if self._session:
            self._server.sessions.discard(self._session)
            await self._session.pause()
            self._session = None


def _interleaved(transport: str) -> tuple[int, int] | None:
    """Read the pair of channels out of a Transport header, None where it isn't TCP."""
    for offer in transport.split(","):
        parts = [part.strip() for part in offer.split(";")]
        if parts[0].upper() != "RTP/AVP/TCP":
            continue
        for part in parts[1:]:
            key, _, value = part.partition("=")
            first, _, last = value.partition("-")
            if key == "interleaved" and first.isdigit() and int(first) < 255:
                return int(first), int(last) if last.isdigit() else int(first) + 1
    return None
