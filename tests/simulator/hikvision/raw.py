"""A client that sees each byte that comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import re

import aiohttp
import pytest

from simulator.box import RecorderBox

PATH = "/ISAPI/System/deviceInfo"


class Raw:
    """Speaks HTTP by hand, to see each byte that comes."""

    def __init__(self, box: RecorderBox, password: str) -> None:
        """Speak to a box, as its administrator."""
        self._box = box
        self._password = password

    async def ask(self, path: str = PATH, method: str = "GET", body: str = "") -> Bytes:
        """Ask with good credentials on a connection of its own, which the box ends."""
        async with self.connected(path, method, body) as reader:
            return await read_all(reader)

    @asynccontextmanager
    async def connected(
        self, path: str = PATH, method: str = "GET", body: str = ""
    ) -> AsyncIterator[asyncio.StreamReader]:
        """Ask, and give what comes to be read."""
        headers = {"Connection": "close", **await self._signed(path, method)}
        if body:
            headers["Content-Length"] = str(len(body.encode()))
        reader, writer = await asyncio.open_connection(self._box.host, self._box.http_port)
        lines = [f"{method} {path} HTTP/1.1", "Host: recorder"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write(("\r\n".join([*lines, "", ""]) + body).encode())
        try:
            yield reader
        finally:
            writer.close()

    async def _signed(self, path: str, method: str) -> dict[str, str]:
        """Let the library sign, and catch what it would send."""
        digest = aiohttp.DigestAuthMiddleware("admin", self._password)
        sent: dict[str, str] = {}

        async def catch(
            request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            if "Authorization" in request.headers:
                sent["Authorization"] = request.headers["Authorization"]
                raise _CaughtError
            return await handler(request)

        url = f"http://{self._box.address}"
        async with aiohttp.ClientSession(url, middlewares=(digest, catch)) as session:
            with pytest.raises(_CaughtError):
                await session.request(method, path)
        return sent


class _CaughtError(Exception):
    """Enough is known."""


class Bytes(bytes):
    """All bytes of an answer."""

    @property
    def announced(self) -> int:
        """What Content-Length says."""
        match = re.search(rb"Content-Length: (\d+)", self)
        assert match is not None
        return int(match[1])

    @property
    def body(self) -> bytes:
        """What comes after the head."""
        return self.partition(b"\r\n\r\n")[2]


async def read_all(reader: asyncio.StreamReader) -> Bytes:
    """Read up to the end of the connection, however it ends."""
    found = bytearray()
    try:
        while piece := await reader.read(65536):
            found += piece
    except ConnectionResetError:
        found += b"(reset)"
    return Bytes(found)
