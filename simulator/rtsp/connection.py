"""One client's connection: its requests and the session in it."""

import asyncio
import contextlib
from dataclasses import replace
from http import HTTPStatus
import logging
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from simulator.core.accounts import Accounts, Right
from simulator.core.faults import Effect, Faults
from simulator.core.wire import WireTransport

from .login import LockedOut, Login
from .message import MessageError, Request, Response, read_request
from .outlet import Outlet
from .presentation import Presentation, RtspRefusal
from .ranges import Asked, RangeError, format_clock, format_range, parse_range
from .replay import Replay, Without, may_replay, read_replay
from .sdp import describe
from .session import METADATA, Session
from .sessions import Sessions
from .traits import Gap, RtspTraits

LOGGER = logging.getLogger(__name__)
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER"
SLOWEST, FASTEST = 0.125, 8.0
_PROPERTIES = "Random-Access=1.0s, Unlimited, Immutable, "
# As a device wrote it (section 12 of the notes), its odd punctuation included.
_SCALES = '0.5, 0.25, 0.125,:1, 2, 4"'
_MAX_CHANNEL = 255
# Before the name of a session it makes that of none.
_NO_SESSION = "0"


class Server(Protocol):
    """What connections have in common."""

    accounts: Accounts
    faults: Faults
    traits: RtspTraits
    sessions: Sessions
    pace: float
    fills: bool
    requests: list[tuple[str, str]]

    def present(self, target: str) -> Presentation:
        """Give what a path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        ...

    def reboot(self) -> None:
        """Have the recorder reboot."""
        ...


class Connection:
    """One client's connection and the session in it."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Initialize."""
        self._server = server
        self._reader = reader
        self._writer = writer
        self._outlet = Outlet(writer)
        self._session: Session | None = None
        self._presentations: dict[str, Presentation] = {}
        host, *_ = writer.get_extra_info("peername")
        self._peer: str = host
        self._login = Login(server.accounts, self._peer)
        self._is_spoiled = False

    async def serve(self) -> None:
        """Answer requests until the client goes."""
        try:
            while request := await read_request(self._reader):
                await self._answer(request)
        except MessageError as err:
            LOGGER.debug("Not RTSP from %s: %s", self._peer, err)
            self._writer.write(Response(400).encode("0"))
        except LockedOut:
            LOGGER.debug("%s is locked out", self._peer)
        except ConnectionError:
            LOGGER.debug("%s went away in the middle of an answer", self._peer)
        finally:
            if self._session is not None:
                await self._server.sessions.drop(self._session)
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _answer(self, request: Request) -> None:
        self._server.requests.append((request.method, request.uri))
        refusal = self._refuse_login(request)
        effect = self._server.faults.take(
            urlsplit(request.uri).path, request.method, signed=refusal is None
        )
        if effect.delay_s:
            await asyncio.sleep(effect.delay_s)
        if effect.drop:
            self._outlet.abort()
            return
        if effect.on_wire:
            self._spoil(effect)
        response = refusal or self._spoiled(effect) or await self._respond(request)
        response = _altered(response, effect)
        if not response.body:
            self._outlet.claim(effect.claim)
        await self._outlet.send(response.encode(request.headers.get("cseq", "0")))
        if request.method == "PLAY" and self._session and response.status == HTTPStatus.OK:
            self._session.run(self._outlet, self._pace(self._session))

    def _spoil(self, effect: Effect) -> None:
        """Let the bytes go wrong that follow on this connection, once."""
        wire = self._writer.transport
        if isinstance(wire, WireTransport) and not self._is_spoiled:
            self._is_spoiled = True
            # What is added stands in the answer itself, whose end only this side knows.
            here = replace(effect, lengthen=0)
            wire.spoil(here, self._server.faults, self._server.reboot)

    def _spoiled(self, effect: Effect) -> Response | None:
        """Give the refusal that a fault makes of an answer."""
        if effect.status is HTTPStatus.UNAUTHORIZED:
            return self._login.challenge()
        status = effect.rtsp_status or effect.status
        return None if status is None else Response(status)

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._handle(request)
        except RtspRefusal as err:
            return Response(err.status, headers=err.headers, reason=err.reason)
        except RangeError:
            return Response(457)

    def _pace(self, session: Session) -> float:
        return 1.0 if session.presentation.live else self._server.pace

    def _refuse_login(self, request: Request) -> Response | None:
        session = self._session
        if session is not None and _names(request, session) and not session.expired:
            # An old nonce doesn't end a session.
            session.touch()
        if request.method == "OPTIONS":
            return None
        return self._login.refuse(request, self._server.traits)

    async def _handle(self, request: Request) -> Response:
        match request.method:
            case "OPTIONS":
                return Response(headers={"Public": METHODS})
            case "DESCRIBE":
                return self._describe(request)
            case "SETUP":
                return self._set_up(request)
        session = self._session
        if session is None or session.expired or not _names(request, session):
            return Response(454)
        match request.method:
            case "PLAY":
                return await self._play(request, session)
            case "PAUSE":
                await session.pause()
            case "TEARDOWN":
                self._session = None
                await self._server.sessions.end(session)
            case "GET_PARAMETER" | "SET_PARAMETER":
                pass
            case _:
                return Response(405, {"Allow": METHODS})
        return Response(headers={"Session": session.id})

    def _present(self, uri: str) -> Presentation:
        """Find what an address means, once per connection."""
        if uri not in self._presentations:
            parts = urlsplit(uri)
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            presentation = self._server.present(path)
            traits = self._server.traits
            nothing = traits.gap is Gap.JUMPS and presentation.spans == ()
            if nothing or (presentation.gap and traits.gap is Gap.REFUSED):
                raise RtspRefusal(traits.gap_status)
            self._presentations[uri] = presentation
        presentation = self._presentations[uri]
        self._login.demand(Right.LIVE if presentation.live else Right.PLAYBACK)
        return presentation

    def _describe(self, request: Request) -> Response:
        uri = request.uri.rstrip("/")
        presentation = self._present(uri)
        traits = self._server.traits
        headers = {"Content-Type": "application/sdp"}
        if traits.content_base:
            headers["Content-Base"] = f"{uri}/"
        return Response(headers=headers, body=describe(presentation, uri, traits).encode())

    def _track(self, uri: str) -> tuple[Presentation, int]:
        """Give what a SETUP address means: a presentation, and one of its tracks.

        Clients put the name of the track behind the query or in front of it, or lose the query.
        """
        parts = urlsplit(uri)
        whole, _, behind = uri.rpartition("/")
        path, _, inside = parts.path.rpartition("/")
        if parts.query and "/" not in parts.query:
            name, base = inside, urlunsplit(parts._replace(path=f"{path}/"))
        else:
            name, base = behind, whole.rstrip("/")
        presentation = self._described(base) or self._present(base)
        offered = len(presentation.tracks) if self._server.traits.metadata_track else METADATA
        if name not in presentation.tracks[:offered]:
            raise RtspRefusal(404)
        return presentation, presentation.tracks.index(name)

    def _described(self, base: str) -> Presentation | None:
        """Give what was described at this address, with or without its query."""
        asked = urlsplit(base)
        for uri, presentation in self._presentations.items():
            known = urlsplit(uri)
            same = known.path.rstrip("/") == asked.path.rstrip("/")
            if same and asked.query in ("", known.query):
                return presentation
        return None

    def _set_up(self, request: Request) -> Response:
        presentation, kind = self._track(request.uri)
        presentation = self._as_required(request, presentation)
        channels = _interleaved(request.headers.get("transport", ""))
        if channels is None:
            return Response(461)
        if self._session is None or self._session.expired:
            self._session = self._server.sessions.open(
                presentation, self._server.traits, request.uri
            )
        session = self._session
        ssrc = session.set_up(kind, channels, fills=self._server.fills)
        seconds = round(session.traits.session_timeout.total_seconds())
        headers = {
            "Session": f"{session.id};timeout={seconds}",
            "Transport": "RTP/AVP/TCP;unicast;"
            f"interleaved={channels[0]}-{channels[1]};ssrc={ssrc:08X}",
        }
        if session.traits.tells_properties and not presentation.live:
            back = "-1, " if session.traits.reverse else ""
            headers["Accept-Ranges"] = "UTC"
            headers["Media-Properties"] = f'{_PROPERTIES}Scales="{back}{_SCALES}'
        return Response(headers=headers)

    def _as_required(self, request: Request, presentation: Presentation) -> Presentation:
        """Give what is set up for a client that requires replay, or doesn't."""
        traits = self._server.traits.replay
        if traits is None or may_replay(traits, request.headers, live=presentation.live):
            return presentation
        shows_now = traits.without is Without.LIVE
        return replace(presentation, spans=None) if shows_now else presentation

    async def _play(self, request: Request, session: Session) -> Response:
        presentation, traits = session.presentation, session.traits
        scale = 1.0 if presentation.live else _scale(request.headers.get("scale"), traits)
        text = request.headers.get("range", "")
        replay = None
        heeded = not presentation.live
        if traits.replay is not None:
            if may_replay(traits.replay, request.headers, live=presentation.live):
                replay = read_replay(traits.replay, request.headers, scale)
            heeded = replay is not None and traits.replay.ranges
        asked = Asked()
        if text and heeded:
            asked = parse_range(text, presentation, backwards=replay is not None and scale < 0)
        await session.prepare(asked, scale, replay)
        headers = {"Session": session.id, "Range": _told_range(session, text, replay)}
        if traits.rtp_info and (info := session.rtp_info(request.uri.rstrip("/"))):
            headers["RTP-Info"] = info
        if "scale" in request.headers:
            headers["Scale"] = f"{scale:g}"
        return Response(headers=headers)


def _altered(response: Response, effect: Effect) -> Response:
    """Give an answer with what a fault puts into it."""
    headers = response.headers
    if effect.other_session and "Session" in headers:
        headers = {**headers, "Session": f"{_NO_SESSION}{headers['Session']}"}
    return replace(response, headers=headers, body=response.body + bytes(effect.lengthen))


def _told_range(session: Session, text: str, replay: Replay | None) -> str:
    """Give the Range of a PLAY answer: a replay's as it was asked for, else from the first frame on."""
    presentation, traits = session.presentation, session.traits
    if replay is not None and session.position is not None:
        if not replay.traits.ranges and text:
            return text
        return format_clock(presentation, session.position, session.stop)
    begins = (session.begins if traits.tells_seek else None) or session.position
    clock = traits.clock_range and not text.strip().startswith("npt")
    return format_range(presentation, begins, clock=clock, exact=traits.tells_seek)


def _names(request: Request, session: Session) -> bool:
    return request.headers.get("session", "").split(";")[0].strip() == session.id


def _scale(text: str | None, traits: RtspTraits) -> float:
    """Read a speed; those that a device doesn't have become the nearest one that it has.

    Raises:
        RtspRefusal: no number, or backwards though it can't.
    """
    try:
        scale = float(text or 1)
    except ValueError as err:
        raise RtspRefusal(400) from err
    if not abs(scale) > 0 or (scale < 0 and not traits.reverse):
        raise RtspRefusal(456)
    speed = min(max(abs(scale), SLOWEST), FASTEST)
    return speed if scale > 0 else -speed


def _interleaved(transport: str) -> tuple[int, int] | None:
    """Read the pair of channels out of a Transport header, None where it isn't TCP."""
    for offer in transport.split(","):
        parts = [part.strip() for part in offer.split(";")]
        if parts[0].upper() != "RTP/AVP/TCP":
            continue
        for part in parts[1:]:
            key, _, value = part.partition("=")
            first, _, last = value.partition("-")
            if key == "interleaved" and first.isdigit() and int(first) < _MAX_CHANNEL:
                return int(first), int(last) if last.isdigit() else int(first) + 1
    return None
