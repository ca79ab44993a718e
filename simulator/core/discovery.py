"""Answering to who asks the network for devices, in whatever words."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
import socket
import struct
from typing import override


@dataclass(frozen=True, kw_only=True)
class Multicast:
    """Where discovery is spoken.

    Attributes:
        interface: address of the network interface; nothing leaves it.
        group: multicast address.
        port: of the group; answers go to it as well.
        direct: whether the interface's own address is listened on, too.
    """

    interface: str = "127.0.0.1"
    group: str
    port: int
    direct: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One datagram.

    Attributes:
        data: what is said.
        to_group: whether the group hears it.
        to_asker: whether the one who asked gets it, unless the group has told it already.
    """

    data: bytes
    to_group: bool
    to_asker: bool


type Respond = Callable[[bytes], Iterable[Answer]]
"""Gives the answers to a datagram; none to what is no question."""


@asynccontextmanager
async def responding(network: Multicast, respond: Respond) -> AsyncIterator[None]:
    """Answer to discovery for the duration of the block.

    Raises:
        OSError: the group can't be joined on that interface.
    """
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        for sock in _sockets(network):
            stack.callback(sock.close)
            transport, _ = await loop.create_datagram_endpoint(
                partial(_Responder, network, respond, sock), sock=sock
            )
            stack.callback(transport.close)
        yield


def _sockets(network: Multicast) -> Iterator[socket.socket]:
    interface = socket.inet_aton(network.interface)
    group = _bound((network.group, network.port))
    membership = struct.pack("4s4s", socket.inet_aton(network.group), interface)
    group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
    yield group
    if network.direct:
        direct = _bound((network.interface, network.port))
        direct.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
        yield direct


def _bound(address: tuple[str, int]) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(address)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class _Responder(asyncio.DatagramProtocol):
    def __init__(self, network: Multicast, respond: Respond, sock: socket.socket) -> None:
        self._network = network
        self._respond = respond
        self._sock = sock
        self._transport: asyncio.DatagramTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is None:
            return
        group = self._network.group, self._network.port
        for answer in self._respond(data):
            if answer.to_group:
                self._transport.sendto(answer.data, group)
            if answer.to_asker and not (answer.to_group and addr[1] == group[1]):
                self._tell(answer.data, addr)

    def _tell(self, data: bytes, asker: tuple[str, int]) -> None:
        """Answer from the interface's own address, which is not the one that the socket is bound to."""
        source = struct.pack("I4s4s", 0, socket.inet_aton(self._network.interface), bytes(4))
        ancillary = [(socket.IPPROTO_IP, socket.IP_PKTINFO, source)]
        # A datagram for which there is no room is lost, as on any network.
        with suppress(BlockingIOError):
            self._sock.sendmsg([data], ancillary, 0, asker)
