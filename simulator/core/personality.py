"""A recorder together with the language that it speaks."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from aiohttp import web

from simulator.rtsp.presentation import Presentation
from simulator.rtsp.traits import RtspTraits

from .recorder import SimulatedRecorder
from .time_source import Now, TimeSource


@dataclass(kw_only=True)
class Ports:
    """The ports on which a recorder is reached."""

    http: int = 80
    rtsp: int = 554


class Listing(StrEnum):
    """How much a device tells of what it has recorded."""

    EACH = "each"
    """Every recording for itself: from when to when, and why."""
    FOOTAGE = "footage"
    """From when to when there is footage."""
    REACH = "reach"
    """From when to when there may be some."""
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a device tells of itself, for those who have to know what it keeps to itself.

    Attributes:
        ports: whether it says on which port it speaks RTSP.
        footage_time: whether its footage carries a clock.
        index_latency: recordings are found so long after they began.
        unserved: numbers of channels of which it gives on no pictures of now, though they are online.
        names: whether it says what its channels are called.
        listing: how much it tells of its recordings.
        gives_footage: whether it gives on what it has recorded.
    """

    ports: bool = True
    footage_time: bool = True
    index_latency: timedelta = timedelta()
    unserved: frozenset[int] = frozenset()
    names: bool = True
    listing: Listing = Listing.EACH
    gives_footage: bool = True


class Face(Protocol):
    """A maker's wire format around a simulated recorder."""

    recorder: SimulatedRecorder
    ports: Ports
    """Set by whoever opens the ports, before the first request comes."""

    @property
    def rtsp(self) -> RtspTraits:
        """How its RTSP server behaves when it is plugged in."""
        ...

    @property
    def told(self) -> Told:
        """What it tells of itself."""
        ...

    def application(self) -> web.Application:
        """Give a new HTTP server's application."""
        ...

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path, with its query, stands for.

        Raises:
            RtspRefusal: the device answers with an error status.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Personality:
    """One simulated recorder, ready to be plugged in."""

    name: str
    face: Face

    @property
    def recorder(self) -> SimulatedRecorder:
        """The recorder behind the face."""
        return self.face.recorder


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a personality may be varied; None leaves what it brings along.

    Attributes:
        user: name of the administrator.
        password: the administrator's.
        name: what the owner calls the recorder.
        now: true time.
        seed: another number gives other recordings.
        retention: how far back they reach.
        clock_offset: how far the device's clock is ahead of true time.
        time_zone: IANA name or POSIX rule.
        serial: of the box; two recorders in one place need two.
        mac: of the box.
    """

    user: str = "admin"
    password: str = field(default="12345", repr=False)
    name: str | None = None
    now: Now = field(default_factory=TimeSource)
    seed: int | None = None
    retention: timedelta | None = None
    clock_offset: timedelta | None = None
    time_zone: str | None = None
    serial: str | None = None
    mac: str | None = None
