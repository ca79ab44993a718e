"""Answers to who asks for devices, whatever the maker."""

import asyncio
from collections.abc import Iterable
import socket
from typing import override

import pytest

from simulator.core.discovery import Answer, Multicast, responding
from tests.simulator.exchange import free_port

GROUP = "239.255.255.250"
ADDRESS = "127.0.0.12"


class Sources(asyncio.DatagramProtocol):
    """Keeps from where datagrams come."""

    def __init__(self) -> None:
        """Begin with none."""
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.put_nowait(addr[0])


def echo(data: bytes) -> Iterable[Answer]:
    """Say what was asked."""
    yield Answer(data=data, to_group=False, to_asker=True)


@pytest.mark.parametrize("asked", [GROUP, ADDRESS])
async def test_answers_come_from_the_address_of_the_interface(asked: str) -> None:
    network = Multicast(interface=ADDRESS, group=GROUP, port=free_port(), direct=True)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    async with responding(network, echo):
        transport, sources = await loop.create_datagram_endpoint(Sources, sock=sock)
        transport.sendto(b"who is there?", (asked, network.port))
        assert await sources.heard.get() == ADDRESS
        transport.close()
