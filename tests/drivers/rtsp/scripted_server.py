"""An RTSP server that behaves until a test says otherwise, over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import hashlib
import re

SDP = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=Media Server V4.22.126\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    "a=control:*\r\na=range:clock=20260724T132029Z-20260724T132142Z\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets=Z00A,aO4=\r\n"
    "a=control:trackID=video\r\n"
    "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=audio\r\n"
)
SESSION = "1185811489;timeout=60"
USER, PASSWORD = "admin", 'p"a:ss\\wörd/%&#'
NONCE = "5d3f:1785062014"


def frame(channel: int, payload: bytes) -> bytes:
    return b"$" + bytes([channel]) + len(payload).to_bytes(2) + payload


def rtp(
    timestamp: int, sequence: int = 1, payload: bytes = b"\x41picture", kind: int = 96
) -> bytes:
    head = bytes([0x80, kind]) + sequence.to_bytes(2) + timestamp.to_bytes(4) + b"ssrc"
    return head + payload


GOODBYE = b"\x80\xc8\x00\x06" + bytes(24) + b"\x81\xcb\x00\x01ssrc"


@dataclass(kw_only=True)
class Request:
    """A request as it arrived; ``connection`` counts from 1."""

    method: str
    url: str
    headers: dict[str, str]
    connection: int


type Answer = bytes | Callable[[Request], bytes]


def answer(request: Request, status: str = "200 OK", *headers: str, body: str = "") -> bytes:
    """Return an answer with its sequence number, and its length where it has a body."""
    lines = [f"RTSP/1.0 {status}", f"CSeq: {request.headers.get('CSeq', '0')}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join([*lines, "", ""]) + body).encode()


@dataclass
class ScriptedServer:
    """Answers what belongs to a request unless a script stands for its method.

    ``scripts`` holds lists by method: each answer of a list is used once, the last one for ever. ``play`` is sent
    behind the answer to PLAY; after requests for which ``hangs_up`` returns true the connection is closed.
    ``challenges`` are what a login has to answer, none for a server without logins.
    """

    port: int = 0
    scripts: dict[str, list[Answer]] = field(default_factory=dict)
    play: bytes = b""
    closes_after_play: bool = False
    hangs_up: Callable[[Request], bool] = lambda request: False
    challenges: tuple[str, ...] = ()
    accepts: Callable[[Request], bool] | None = None
    requests: list[Request] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    connections: int = 0
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    writer: asyncio.StreamWriter | None = None
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, method: str) -> int:
        return sum(request.method == method for request in self.requests)

    def last(self, method: str) -> Request:
        return [request for request in self.requests if request.method == method][-1]

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/Streaming/tracks/101/?starttime=20260724T132029Z"

    async def until(self, fulfilled: Callable[[], bool]) -> None:
        """Wait for requests."""
        async with self.arrived:
            await self.arrived.wait_for(fulfilled)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writer = writer
        connection = self.connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"RTSP/"):
                    self.answers.append(head)
                    async with self.arrived:
                        self.arrived.notify_all()
                    continue
                request = _read(head.decode(), connection)
                self.requests.append(request)
                sent = self._answer(request)
                if sent:
                    writer.write(sent)
                    await writer.drain()
                async with self.arrived:
                    self.arrived.notify_all()
                if request.method == "PLAY" and self.closes_after_play:
                    break
                if self.hangs_up(request):
                    break
        except asyncio.IncompleteReadError, ConnectionError:
            pass
        finally:
            writer.close()
            self.closed.set()

    def _answer(self, request: Request) -> bytes:
        if self.challenges and (self.accepts is None or not self.accepts(request)):
            return answer(
                request,
                "401 Unauthorized",
                *(f"WWW-Authenticate: {challenge}" for challenge in self.challenges),
            )
        script = self.scripts.get(request.method)
        if script:
            given = script.pop(0) if len(script) > 1 else script[0]
            return given(request) if callable(given) else given
        return self.usual(request)

    def usual(self, request: Request) -> bytes:
        """Return what a server in good order answers."""
        match request.method:
            case "DESCRIBE":
                return answer(request, "200 OK", "Content-Type: application/sdp", body=SDP)
            case "SETUP":
                return answer(
                    request,
                    "200 OK",
                    f"Session: {SESSION}",
                    f"Transport: {request.headers['Transport']}",
                )
            case "PLAY":
                infos = (
                    f"RTP-Info: url={self.url}/trackID=video;seq=7;rtptime=90000,"
                    f"url={self.url}/trackID=audio;seq=9;rtptime=8000"
                )
                return answer(request, "200 OK", f"Session: {SESSION}", infos) + self.play
        return answer(request, "200 OK")


def _read(text: str, connection: int) -> Request:
    first, *lines = text.strip().split("\r\n")
    method, url, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    return Request(method=method, url=url, headers=headers, connection=connection)


@asynccontextmanager
async def running(
    server: ScriptedServer,
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None,
) -> AsyncIterator[ScriptedServer]:
    """Let a server listen on the loopback."""
    listening = await asyncio.start_server(serve or server.serve, "127.0.0.1")
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        if server.writer is not None:
            server.writer.transport.abort()


def knows_password(request: Request, algorithm: str = "MD5") -> bool:
    """Return whether a digest is right, computed here by RFC 7616 alone."""
    header = request.headers.get("Authorization", "")
    found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))', header)
    given = {name: re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in found}
    if not header.startswith("Digest ") or given["uri"] != request.url:
        return False
    make = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm.removesuffix("-sess")]

    def digest(*parts: str) -> str:
        return make(":".join(parts).encode()).hexdigest()

    secret = digest(USER, given["realm"], PASSWORD)
    if algorithm.endswith("-sess"):
        secret = digest(secret, given["nonce"], given["cnonce"])
    action = digest(request.method, request.url)
    middle = [given["nonce"]]
    if "qop" in given:
        middle += [given["nc"], given["cnonce"], given["qop"]]
    return (given["username"], given["response"]) == (USER, digest(secret, *middle, action))
