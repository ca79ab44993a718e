"""A small web server with digest authentication, as strict as a recorder, for the drivers' tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import md5, sha256
import re
import ssl

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from custom_components.nvr.drivers.models import Connection

USER = "admin"
PASSWORD = "pa:ss@w/ord?#%"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as it came over the wire."""

    method: str
    path: str
    body: bytes
    authorization: str


@dataclass
class FakeWeb:
    """Answers by path behind digest authentication; ``routes`` maps "METHOD /path" or "/path"."""

    routes: dict[str, Handler] = field(default_factory=dict)
    password: str = PASSWORD
    challenges: list[str] = field(
        default_factory=lambda: [
            'Digest qop="auth", realm="DS-1", nonce="{nonce}", stale="{stale}"'
        ]
    )
    marks_stale: bool = True
    # Whether counts have to rise; what was seen last.
    counts: bool = False
    count: int = 0
    refusal_body: bytes = b"<html>401</html>"
    # Where given, requests are judged when so many stand side by side.
    side_by_side: asyncio.Barrier | None = None
    # Where given, the next request waits until the one after it has been answered.
    overtaking: asyncio.Event | None = None
    seen: list[Seen] = field(default_factory=list)
    nonce: str = "nonce1"
    at_once: int = 0
    most_at_once: int = 0
    open_paths: set[str] = field(default_factory=set)
    server: TestServer | None = None
    _held: bool = False

    def answer(self, path: str, body: bytes | str, status: int = 200) -> None:
        """Answer a path with a fixed body."""
        content = body.encode() if isinstance(body, str) else body

        async def handler(_: web.Request) -> web.Response:
            return web.Response(body=content, status=status, content_type="application/xml")

        self.routes[path] = handler

    def new_nonce(self) -> None:
        """Forget the nonce that clients use, as after a reboot."""
        self.nonce = f"nonce{int(self.nonce[5:]) + 1}"

    @property
    def logins(self) -> list[Seen]:
        """Requests that carried credentials."""
        return [seen for seen in self.seen if seen.authorization]

    def connection(self, **changes: object) -> Connection:
        """Return how to reach it."""
        assert self.server is not None
        values: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.server.port,
            "username": USER,
            "password": PASSWORD,
        }
        return Connection(**(values | changes))  # type: ignore[arg-type] # given by name

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take a request."""
        body = await request.read()
        authorization = request.headers.get("Authorization", "")
        self.seen.append(Seen(request.method, request.path_qs, body, authorization))
        if self.side_by_side is not None:
            barrier = self.side_by_side
            await barrier.wait()
            self.side_by_side = None
        if (overtaking := self.overtaking) is not None:
            if self._held:
                overtaking.set()
                self.overtaking = None
            else:
                self._held = True
                await overtaking.wait()
        if request.path not in self.open_paths and not self._welcome(request, authorization):
            response = web.Response(status=401, body=self.refusal_body)
            old = self.marks_stale and f'nonce="{self.nonce}"' not in authorization
            stale = "TRUE" if authorization and old else "FALSE"
            for challenge in self.challenges:
                response.headers.add(
                    "WWW-Authenticate", challenge.format(nonce=self.nonce, stale=stale)
                )
            return response
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            handler = self.routes.get(f"{request.method} {request.path}") or self.routes.get(
                request.path
            )
            if handler is None:
                return web.Response(status=404)
            return await handler(request)
        finally:
            self.at_once -= 1

    def _welcome(self, request: web.Request, header: str) -> bool:
        if header.startswith("Basic "):
            return any(challenge.startswith("Basic") for challenge in self.challenges)
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', header.removeprefix("Digest ")))
        if fields.get("nonce") != self.nonce or fields.get("uri") != request.raw_path:
            return False
        if self.counts:
            before, self.count = self.count, max(self.count, int(fields["nc"], 16))
            if int(fields["nc"], 16) <= before:
                self.new_nonce()
                self.count = 0
                return False
        digest = sha256 if "SHA-256" in header else md5

        def hashed(text: str) -> str:
            return digest(text.encode()).hexdigest()

        ha1 = hashed(f"{USER}:{fields['realm']}:{self.password}")
        ha2 = hashed(f"{request.method}:{fields['uri']}")
        nonce, nc, cnonce = fields["nonce"], fields["nc"], fields["cnonce"]
        expected = hashed(f"{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}")
        return str(fields["response"]) == expected


@asynccontextmanager
async def running(fake: FakeWeb, tls: ssl.SSLContext | None = None) -> AsyncIterator[FakeWeb]:
    """Run the server on the loopback."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", fake.serve)
    server = TestServer(app, host="127.0.0.1", scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    fake.server = server
    try:
        yield fake
    finally:
        await server.close()


@asynccontextmanager
async def client() -> AsyncIterator[ClientSession]:
    """Return a session as the integration makes one."""
    async with ClientSession() as session:
        yield session
        await asyncio.sleep(0)


def hold(fake: FakeWeb, path: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Let a path answer only when told; returns (somebody asks, let it answer)."""
    asked, released = asyncio.Event(), asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        asked.set()
        await released.wait()
        return web.Response(text="late")

    fake.routes[path] = handler
    return asked, released


def open_ended(head: bytes, body: bytes) -> Handler:
    """Return what answers without a length, and leaves the connection open."""

    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        await request.read()
        request.transport.write(head + b"\r\n\r\n" + body)
        await asyncio.Event().wait()
        return web.Response()

    return handler
