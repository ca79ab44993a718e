"""What clients of simulated recorders exchange with them: answers and datagrams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
import socket
from typing import override


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back by HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Its body, as text."""
        return self.body.decode()


class Listener(asyncio.DatagramProtocol):
    """Keeps the datagrams that come."""

    def __init__(self) -> None:
        """Begin with none."""
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)


def free_port() -> int:
    """Give a port for datagrams that nobody has."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@asynccontextmanager
async def asking(
    found: AbstractAsyncContextManager[None],
) -> AsyncIterator[tuple[asyncio.DatagramTransport, Listener]]:
    """Let a device be found within this machine, and give a socket to ask by."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    async with found:
        transport, listener = await loop.create_datagram_endpoint(Listener, sock=sock)
        try:
            yield transport, listener
        finally:
            transport.close()
