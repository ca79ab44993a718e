"""Sockets that ask a network, and what is heard by them, within bounds."""

from asyncio import DatagramProtocol, DatagramTransport, get_running_loop
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
import logging
import socket
import sys
from typing import NamedTuple, override

_LOGGER = logging.getLogger(__name__)

# The largest answer known has 3 kB, and a home has a hundred devices at most.
MAX_DATAGRAM = 16 << 10
MAX_BYTES = 4 << 20
MAX_DATAGRAMS = 2048
# A device says all that it has to in ten.
MAX_FROM_ONE = 128
# What may wait to be heard, if the system allows so much: all answer at once.
_WAITING_BYTES = 1 << 20
# Missing in the socket module: whether a socket hears groups that others joined, over any interface.
_LINUX_IP_MULTICAST_ALL = 49

type Hear = Callable[[bytes, str], None]


class Datagram(NamedTuple):
    """What came from an address."""

    data: bytes
    source: str


class Heard:
    """What was heard: nothing twice, not too much of anybody, and not too much in all."""

    def __init__(self) -> None:
        """Initialize."""
        self._datagrams: dict[Datagram, None] = {}
        self._bytes = 0
        self._from: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Datagram]:
        """Give it in order."""
        return iter(self._datagrams)

    def add(self, data: bytes, source: str) -> None:
        """Keep a datagram, unless it is one too many."""
        datagram = Datagram(data, source)
        if (
            len(data) > MAX_DATAGRAM
            or datagram in self._datagrams
            or len(self._datagrams) >= MAX_DATAGRAMS
            or self._bytes + len(data) > MAX_BYTES
            or self._from[source] >= MAX_FROM_ONE
        ):
            return
        self._datagrams[datagram] = None
        self._bytes += len(data)
        self._from[source] += 1


class _Ear(DatagramProtocol):
    """Passes on what comes."""

    def __init__(self, hear: Hear) -> None:
        """Initialize."""
        self._hear = hear

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._hear(data, addr[0])

    @override
    def error_received(self, exc: Exception) -> None:
        # No way to a group or a broadcast address: other interfaces may have one.
        _LOGGER.debug("A question can't be asked: %s", exc)


async def open_asker(address: str, port: int, hear: Hear) -> DatagramTransport:
    """Return what sends from one of our addresses and hears what is answered there.

    Without ``port``, which others may have taken for themselves, it sends from any other one.
    Raises OSError where the address is not ours.
    """
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asker.setblocking(False)
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asker.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WAITING_BYTES)
        asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        try:
            asker.bind((address, port))
        except OSError:
            if not port:
                raise
            asker.bind((address, 0))
        return await _opened(asker, hear)
    except OSError:
        asker.close()
        raise


async def open_listener(
    group: str, port: int, addresses: Iterable[str], hear: Hear
) -> DatagramTransport:
    """Return what hears the answers that are given to a group, over the interfaces with our addresses.

    Raises OSError where another program keeps the port to itself, or no interface knows of groups.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":
            listener.setsockopt(socket.IPPROTO_IP, _LINUX_IP_MULTICAST_ALL, 0)
        # To the group's own address: what is sent to ours is the asker's.
        listener.bind((group, port))
        _join(listener, group, addresses)
        return await _opened(listener, hear)
    except OSError:
        listener.close()
        raise


def _join(listener: socket.socket, group: str, addresses: Iterable[str]) -> None:
    """Join a group at all interfaces that have any. Raises OSError where none has."""
    joined = 0
    for address in addresses:
        membership = socket.inet_aton(group) + socket.inet_aton(address)
        try:
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        except OSError as error:
            _LOGGER.debug("Answers to %s aren't heard at %s: %s", group, address, error)
        else:
            joined += 1
    if not joined:
        raise OSError("no interface with multicast")


async def _opened(opened: socket.socket, hear: Hear) -> DatagramTransport:
    transport, _ = await get_running_loop().create_datagram_endpoint(
        lambda: _Ear(hear), sock=opened
    )
    return transport
