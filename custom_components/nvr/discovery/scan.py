"""One short scan: the network is asked twice who is there, and listened to for some seconds."""

import asyncio
from asyncio import DatagramTransport
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from ipaddress import IPv4Interface
import logging
from typing import NamedTuple

from . import dhdiscover, sadp, ws_discovery
from .datagrams import Heard, open_asker, open_listener
from .merge import merge
from .models import Answer, FoundDevice

_LOGGER = logging.getLogger(__name__)

SCAN_SECONDS = 4.0
MAX_ADDRESSES = 32
# When it is asked again, as part of the whole time: devices answer after up to two seconds, and any message may be lost.
_SECOND_ROUND = 0.3
_LONGEST_PREFIX_WITH_BROADCAST = 30

type _Read = Callable[[bytes, str], Iterable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inquiry:
    """How devices of one protocol are asked.

    Attributes:
        group, port: where they listen.
        messages: gives the questions.
        read: reads what came from an address.
        from_port: to which they answer; 0 for whichever it was asked from.
        to_group: some answer to the group, where others hear them, too.
        broadcast: some listen for broadcasts as well, which pass switches that lose groups.
    """

    group: str
    port: int
    messages: Callable[[], Sequence[bytes]]
    read: _Read
    from_port: int = 0
    to_group: bool = False
    broadcast: bool = False


def _one(read: Callable[[bytes, str], Answer | None]) -> _Read:
    """Return a reader of many for one of a single answer."""

    def reads(data: bytes, source: str) -> Iterator[Answer]:
        if (answer := read(data, source)) is not None:
            yield answer

    return reads


INQUIRIES = (
    _Inquiry(
        group=sadp.GROUP,
        port=sadp.PORT,
        messages=lambda: (sadp.inquiry(),),
        read=_one(sadp.read),
        from_port=sadp.PORT,
        to_group=True,
        broadcast=True,
    ),
    _Inquiry(
        group=dhdiscover.GROUP,
        port=dhdiscover.PORT,
        messages=lambda: (dhdiscover.search(),),
        read=_one(dhdiscover.read),
        to_group=True,
        broadcast=True,
    ),
    _Inquiry(
        group=ws_discovery.GROUP,
        port=ws_discovery.PORT,
        messages=ws_discovery.probes,
        read=ws_discovery.read,
    ),
)


class _Target(NamedTuple):
    """Whom one of our sockets asks."""

    transport: DatagramTransport
    inquiry: _Inquiry
    address: str


@dataclass(slots=True)
class _Asking:
    """The open sockets of a scan, and what each protocol's have heard."""

    targets: list[_Target] = field(default_factory=list)
    heard: list[tuple[_Inquiry, Heard]] = field(default_factory=list)

    async def open(
        self, inquiry: _Inquiry, interfaces: Sequence[IPv4Interface], opened: AsyncExitStack
    ) -> None:
        """Open the sockets of a protocol at all interfaces that let us."""
        heard = Heard()
        self.heard.append((inquiry, heard))
        for interface in interfaces:
            address = str(interface.ip)
            try:
                asker = await open_asker(address, inquiry.from_port, heard.add)
            except OSError as error:
                _LOGGER.debug("Nobody can be asked from %s: %s", address, error)
                continue
            opened.callback(asker.close)
            self.targets.append(_Target(asker, inquiry, inquiry.group))
            if inquiry.broadcast and (broadcast := _broadcast(interface)) is not None:
                self.targets.append(_Target(asker, inquiry, broadcast))
        if not inquiry.to_group:
            return
        addresses = [str(interface.ip) for interface in interfaces]
        try:
            listener = await open_listener(inquiry.group, inquiry.port, addresses, heard.add)
        except OSError as error:
            _LOGGER.debug("Answers to %s:%s aren't heard: %s", inquiry.group, inquiry.port, error)
        else:
            opened.callback(listener.close)

    def ask(self) -> None:
        """Ask everybody once."""
        for transport, inquiry, address in self.targets:
            for message in inquiry.messages():
                transport.sendto(message, (address, inquiry.port))

    def answers(self) -> list[Answer]:
        """Read all that was heard."""
        return [
            answer
            for inquiry, heard in self.heard
            for data, source in heard
            for answer in inquiry.read(data, source)
        ]


async def scan(
    addresses: Iterable[str], *, seconds: float = SCAN_SECONDS
) -> tuple[FoundDevice, ...]:
    """Return the devices that answer, recorders first, after so many seconds.

    ``addresses`` are those IPv4 addresses of our own whose networks are asked, as "192.0.2.5" or, with the size
    of the network, "192.0.2.5/24". What can't be asked from one of them doesn't keep the others from it.
    Raises ValueError for an address that is none.
    """
    interfaces = list(dict.fromkeys(map(IPv4Interface, addresses)))[:MAX_ADDRESSES]
    asking = _Asking()
    async with AsyncExitStack() as opened:
        for inquiry in INQUIRIES:
            await asking.open(inquiry, interfaces, opened)
        if not asking.targets:
            return ()
        asking.ask()
        await asyncio.sleep(seconds * _SECOND_ROUND)
        asking.ask()
        await asyncio.sleep(seconds * (1 - _SECOND_ROUND))
    # A crowd, or whoever pretends to be one, takes a second of reading.
    return await asyncio.to_thread(_found, asking, interfaces)


def _found(asking: _Asking, interfaces: Sequence[IPv4Interface]) -> tuple[FoundDevice, ...]:
    return merge(asking.answers(), [interface.network for interface in interfaces])


def _broadcast(interface: IPv4Interface) -> str | None:
    network = interface.network
    if network.prefixlen > _LONGEST_PREFIX_WITH_BROADCAST or network.is_loopback:
        return None
    return str(network.broadcast_address)
