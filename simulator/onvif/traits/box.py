"""Traits of the box: what it is, what it offers, and where it says that this is (sections 1 and 5)."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.onvif.namespaces import Service


class Layout(StrEnum):
    """On which paths the services are."""

    SERVICES = "services"
    """/onvif/media_service and the like."""
    NAMES = "names"
    """/onvif/Media and the like (devices/onvif/ezviz-h8c)."""
    SINGLE = "single"
    """All on /onvif/services (devices/onvif/generic-camera); only the device's own is where all expect it, too."""


class Hosts(StrEnum):
    """Which host the device's addresses name."""

    ASKED = "asked"
    """The one that it was asked by."""
    OWN = "own"
    """What it takes for its own address: another network's."""
    DOUBLE_PORT = "double port"
    """The port is there twice."""


class Clock(StrEnum):
    """What is told of the time."""

    BOTH = "both"
    LOCAL_ALONE = "local alone"
    """UTC is missing."""
    LOCAL_AS_UTC = "local as UTC"
    """What is called UTC is the wall clock. Tokens are compared with true UTC all the same."""


@dataclass(frozen=True, kw_only=True)
class BoxTraits:
    """What the box is and offers.

    Attributes:
        manufacturer: the maker's name.
        services: what it has.
        layout: on which paths.
        hosts: which host its addresses of services name.
        stream_hosts: which host its addresses of footage name.
        lists_services: whether it knows GetServices.
        scopes: of `onvif://www.onvif.org/`, beside name, hardware and location.
        clock: what is told of the time.
        manual_clock: whether somebody sets the clock; else it asks a time server.
        dummy_interface: whether the first network interface is one that is the same on all units.
    """

    manufacturer: str = "ONVIF"
    services: frozenset[Service] = frozenset(Service)
    layout: Layout = Layout.SERVICES
    hosts: Hosts = Hosts.ASKED
    stream_hosts: Hosts = Hosts.ASKED
    lists_services: bool = True
    scopes: tuple[str, ...] = ("type/video_encoder", "Profile/Streaming", "Profile/T", "Profile/G")
    clock: Clock = Clock.BOTH
    manual_clock: bool = False
    dummy_interface: bool = False
