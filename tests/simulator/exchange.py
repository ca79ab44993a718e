"""What clients of simulated recorders exchange with them: answers and datagrams."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
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
