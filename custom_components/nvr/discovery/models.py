"""What is found in the network, in words that no protocol owns."""

from dataclasses import dataclass
from enum import StrEnum


class Protocol(StrEnum):
    """By what a device was found."""

    SADP = "sadp"
    DHDISCOVER = "dhdiscover"
    WS_DISCOVERY = "ws_discovery"


class DeviceKind(StrEnum):
    """What a device is made for. A camera may record as well, to a card of its own."""

    RECORDER = "recorder"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one device said in one protocol. None stands for what it didn't say.

    Attributes:
        protocol: in which it answered.
        host: where the answer came from, which is the one thing in it that is sure.
        named_host: the address that it says it has.
        port: of its web interface.
        https: whether that is reached by TLS.
        name: as its owner or maker calls it.
        model: of its maker.
        firmware: version, as it writes it.
        serial: as its driver would read it.
        mac: lower case with colons.
        endpoint: by which it is known in WS-Discovery, whatever its address.
        kind: what it is made for.
        needs_setup: whether it says that nobody has given it a password yet.
    """

    protocol: Protocol
    host: str
    named_host: str | None = None
    port: int | None = None
    https: bool | None = None
    name: str | None = None
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None
    mac: str | None = None
    endpoint: str | None = None
    kind: DeviceKind | None = None
    needs_setup: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDevice:
    """One device, by all that it answered. Nothing of it is proven.

    Attributes:
        vendor: key of the deepest driver that its answers promise (`drivers.catalog`); None where unknown.
        host: its address: that of IPv4, where it has one.
        other_hosts: further addresses that it answered from, as recorders with two networks do, or names of it.
        port: of its web interface; None stands for the scheme's own.
        https: whether that is reached by TLS; None where no answer tells.
        name: what to show; never empty.
        model: of its maker.
        firmware: version, as it writes it.
        serial: by which its driver would know it, too.
        mac: lower case with colons.
        endpoint: by which it is known in WS-Discovery, whatever its address.
        kind: recorder or camera; None where no answer tells.
        needs_setup: it has no password yet: its owner has to give it one first.
        protocols: in which it answered.
    """

    vendor: str | None
    host: str
    other_hosts: tuple[str, ...] = ()
    port: int | None = None
    https: bool | None = None
    name: str
    model: str | None = None
    firmware: str | None = None
    serial: str | None = None
    mac: str | None = None
    endpoint: str | None = None
    kind: DeviceKind | None = None
    needs_setup: bool = False
    protocols: frozenset[Protocol] = frozenset()

    @property
    def hosts(self) -> frozenset[str]:
        """All its addresses, and names that are known of it."""
        return frozenset((self.host, *self.other_hosts))

    @property
    def key(self) -> str:
        """What it is known by, as surely as its answers allow: serial, MAC address, endpoint, address."""
        return self.serial or self.mac or self.endpoint or self.host
