"""One connection with an RTSP server: requests and their answers, packets between them, and one login.

Credentials leave it in Authorization headers only.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
import logging
import socket
from time import monotonic

from ..address import CONNECT_SECONDS
from ..errors import (
    AuthenticationError,
    CannotConnectError,
    InvalidAnswerError,
    NotSupportedError,
)
from ..guard import LoginGuard
from .authentication import Authentication, is_stale
from .message import Frame, Item, MessageParser, Response, ServerRequest

_LOGGER = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
READ_BYTES = 64 * 1024
# Packets that arrive while an answer is waited for: seconds of the fastest stream.
MAX_WAITING_BYTES = 16 * 1024 * 1024
# Unanswered keep-alives and the like; more of them is no server that we know.
MAX_LATE = 16
# How long the server waits for our answer at most while its packets keep arriving, and how long after the last.
PUT_OFF_SECONDS = 5.0
QUIET_SECONDS = 0.2
# One that brings a challenge, or another where a nonce has run out, and one that answers it.
ROUNDS = 2
USER_AGENT = "nvr"

# Asked of us rarely; the rest is refused.
_ANSWERED = frozenset({"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "PLAY_NOTIFY"})
# RFC 2326 has no word for the end of a stream; these two came later. 2101 is "End-of-Stream Reached".
_END_NOTICE = "2101"
_END_REASON = "end-of-stream"


class ClosedError(CannotConnectError):
    """The server closed the connection in good order."""


@dataclass(slots=True)
class Tally:
    """How many requests were sent, and how many of them were logins."""

    requests: int = 0
    logins: int = 0


class RtspConnection:
    """Speaks RTSP with one server; to be used by one task at a time."""

    def __init__(
        self, host: str, port: int, login: Authentication, guard: LoginGuard, tally: Tally
    ) -> None:
        """Initialize."""
        self._host = host
        self._port = port
        self._login = login
        self._guard = guard
        self._tally = tally
        self._parser = MessageParser()
        self._socket: socket.socket | None = None
        self._aborted = False
        self._frames: deque[Frame] = deque()
        self._asked: deque[ServerRequest] = deque()
        self._put_off_until = 0.0
        self._waiting_bytes = 0
        self._sequence = 0
        self._accepted: str | None = None
        self._is_retry = False
        self.late: deque[Response] = deque(maxlen=MAX_LATE)
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the server has said that nothing more comes, and all before that has been received."""
        return self._ended and not self._frames

    async def open(self) -> None:
        """Connect. Raises CannotConnectError, or AuthenticationError while logins are refused."""
        await self._guard.ready()
        self._pass_guard()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._socket = await _connected(self._host, self._port)
        except TimeoutError as err:
            raise CannotConnectError("the recorder does not answer over RTSP") from err
        except OSError as err:
            raise CannotConnectError(f"no RTSP connection: {type(err).__name__}") from err

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        if self._is_retry and self._accepted is None:
            # A try that came to no verdict must not keep the next from being one.
            self._is_retry = False
            self._guard.unanswered()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def abort(self) -> None:
        """Let whoever uses the connection fail at once. To be called by others; closing is left to its user."""
        self._aborted = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def allow_channel(self, channel: int) -> None:
        """Take packets on this interleaved channel from now on."""
        self._parser.channels.add(channel)

    async def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        seconds: float | None = None,
    ) -> Response:
        """Send a request and return its answer, whatever its status but 401.

        Raises AuthenticationError, CannotConnectError, InvalidAnswerError, NotSupportedError.
        """
        seconds = ANSWER_SECONDS if seconds is None else seconds
        for _ in range(ROUNDS):
            mark = self._login.mark
            fresh = mark is not None and mark != self._accepted
            if self._accepted is None:
                self._pass_guard()
            response = await self._exchange(method, url, headers, seconds, login=fresh)
            if response.status != HTTPStatus.UNAUTHORIZED:
                if mark is not None and response.status != HTTPStatus.FORBIDDEN:
                    self._accepted = mark
                    self._judge_by(response.status)
                return response
            self._refused(response, fresh=fresh, used=mark is not None)
        raise self._refuse()

    async def send(self, method: str, url: str, headers: Mapping[str, str]) -> None:
        """Send a request without waiting for its answer, which comes into ``late``.

        Raises CannotConnectError, and InvalidAnswerError for an address that a recorder made up.
        """
        if not url.isprintable() or " " in url:
            raise InvalidAnswerError("the recorder gave an address that is none")
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", f"User-Agent: {USER_AGENT}"]
        if (credentials := self._login.header(method, url)) is not None:
            lines.append(f"Authorization: {credentials}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._tally.requests += 1
        _LOGGER.debug("RTSP %s", method)
        await self._write(lines)

    async def receive(self, seconds: float) -> list[Frame]:
        """Return the packets that arrive next, none where nothing does in time. Server requests are answered.

        Raises ClosedError at the end of the connection, CannotConnectError where it broke, InvalidAnswerError.
        """
        if not self._frames:
            try:
                async with asyncio.timeout(seconds):
                    await self._take(await self._read())
            except TimeoutError:
                return []
        frames = list(self._frames)
        self._frames.clear()
        self._waiting_bytes = 0
        return frames

    async def answer(self, seconds: float) -> Response:
        """Return the answer to the request that was sent last. Raises as ``receive`` does."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    while self.late:
                        response = self.late.popleft()
                        # Some servers count wrong or not at all; an older number is a late answer.
                        if (response.sequence or self._sequence) >= self._sequence:
                            return response
                    # One that never stops talking must not keep others from their turn.
                    await asyncio.sleep(0)
                    await self._take(await self._read())
        except TimeoutError as err:
            raise CannotConnectError("the recorder does not answer over RTSP in time") from err

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], seconds: float, *, login: bool
    ) -> Response:
        self._tally.logins += login
        try:
            await self.send(method, url, headers)
            return await self.answer(seconds)
        except BaseException as err:
            # A person who turns away is no sign of a server that can't answer.
            counts = login and (self._is_retry or not isinstance(err, asyncio.CancelledError))
            if counts or self._is_retry:
                self._is_retry = False
                self._guard.unanswered(login=counts)
            raise

    def _refused(self, response: Response, *, fresh: bool, used: bool) -> None:
        """Go on with another challenge, or raise AuthenticationError where that was the last word.

        Raises NotSupportedError where no credentials were sent and none can be.
        """
        challenges = response.headers.getall("WWW-Authenticate", [])
        if fresh:
            # Signed a moment after the nonce came: that can't have run out, whatever the recorder says.
            raise self._refuse()
        if used:
            # In the recorder's tally a refused nonce may be a refused login.
            self._tally.logins += not is_stale(challenges)
        self._accepted = None
        if not self._login.take(challenges):
            if not used:
                raise NotSupportedError(
                    "the recorder wants a form of login over RTSP that is unknown"
                )
            raise self._refuse()

    def _judge_by(self, status: int) -> None:
        """Tell the guard of an answer to a login that is no refusal; a server that fails says nothing of the password."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._guard.accept()
        elif self._is_retry:
            self._is_retry = False
            self._guard.unanswered(login=True)

    def _refuse(self) -> AuthenticationError:
        self._is_retry = False
        error = AuthenticationError("the recorder refuses our login over RTSP")
        self._guard.refuse(error)
        return error

    def _pass_guard(self) -> None:
        """Raise where nothing may be sent; the one more try after a refusal passes all along."""
        if not self._is_retry:
            self._guard.check()
            self._is_retry = self._guard.refused

    async def _read(self) -> list[Item]:
        if self._socket is None:
            raise CannotConnectError("the RTSP connection is not open")
        try:
            # Straight from the socket: a stream of asyncio's forgets what has arrived when the connection is
            # reset, and recorders that hang up at the end of a recording reset it.
            if self._asked and not await self._arrives():
                await self._serve_all()
            data = await self._receive(self._socket)
        except OSError as err:
            raise CannotConnectError(f"the RTSP connection broke: {type(err).__name__}") from err
        if self._aborted:
            raise CannotConnectError("the RTSP connection has been closed")
        if not data:
            raise ClosedError("the recorder closed the RTSP connection")
        return self._parser.feed(data)

    async def _arrives(self) -> bool:
        """Return whether there is something to read before the server is answered.

        One that has sent all and hung up resets the connection at our answer, and what is on its way is lost.
        """
        left = self._put_off_until - monotonic()
        if self._socket is None or left <= 0:
            return False
        try:
            async with asyncio.timeout(min(left, QUIET_SECONDS)):
                await _readable(self._socket)
        except TimeoutError:
            return False
        return True

    async def _receive(self, connection: socket.socket) -> bytes:
        """Return what arrives next. Who gives up waiting loses nothing, as it may with `sock_recv`."""
        while True:
            try:
                return connection.recv(READ_BYTES)
            except BlockingIOError:
                await _readable(connection)

    async def _take(self, items: list[Item]) -> None:
        for item in items:
            match item:
                case Frame():
                    self._frames.append(item)
                    self._waiting_bytes += len(item.raw)
                case Response():
                    self.late.append(item)
                case ServerRequest():
                    if not self._asked:
                        self._put_off_until = monotonic() + PUT_OFF_SECONDS
                    self._asked.append(item)
                    self._ended = self._ended or _says_end(item)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            raise InvalidAnswerError("the recorder sends footage and no answers")
        # Last, as whoever waits here may run out of time.
        if self._ended or len(self._asked) >= MAX_LATE:
            await self._serve_all()

    async def _serve_all(self) -> None:
        """Answer what the server has asked."""
        while self._asked:
            await self._serve(self._asked.popleft())

    async def _serve(self, request: ServerRequest) -> None:
        known = request.method in _ANSWERED or _says_end(request)
        lines = ["RTSP/1.0 200 OK" if known else "RTSP/1.0 501 Not Implemented"]
        if (sequence := request.headers.get("CSeq")) is not None:
            lines.append(f"CSeq: {sequence}")
        if request.method == "OPTIONS":
            lines.append("Public: OPTIONS, GET_PARAMETER, SET_PARAMETER, TEARDOWN")
        with suppress(CannotConnectError):
            await self._write(lines)

    async def _write(self, lines: list[str]) -> None:
        if self._socket is None:
            raise CannotConnectError("the RTSP connection is not open")
        content = "\r\n".join([*lines, "", ""]).encode()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await asyncio.get_running_loop().sock_sendall(self._socket, content)
        except TimeoutError as err:
            raise CannotConnectError("the recorder does not listen any more") from err
        except OSError as err:
            raise CannotConnectError(f"the RTSP connection broke: {type(err).__name__}") from err


def _says_end(request: ServerRequest) -> bool:
    """Return whether a request of the server is its way to say that nothing more comes."""
    notice = request.headers.get("X-Notice", "") + request.headers.get("Notice", "")
    reason = request.headers.get("Notify-Reason", "").strip().lower()
    return request.method == "TEARDOWN" or _END_NOTICE in notice or reason == _END_REASON


async def _readable(connection: socket.socket) -> None:
    """Wait until something can be read, or the connection has ended."""
    loop = asyncio.get_running_loop()
    descriptor = connection.fileno()
    ready: asyncio.Future[None] = loop.create_future()

    def note() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(descriptor, note)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)


async def _connected(host: str, port: int) -> socket.socket:
    """Return a socket that is connected with the first address of a host that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    error = OSError("no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        made = socket.socket(family, kind, protocol)
        try:
            made.setblocking(False)
            await loop.sock_connect(made, address)
        except OSError as err:
            made.close()
            error = err
        except BaseException:
            made.close()
            raise
        else:
            return made
    raise error
