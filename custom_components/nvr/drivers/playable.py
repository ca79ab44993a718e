"""A part of a recording as it can be played over RTSP, whatever the vendor's addresses look like."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .clock import DeviceClock
from .models import ClockConvention
from .rtsp.description import Description
from .rtsp.headers import parse_clock, parse_npt, range_by_clock, range_by_npt
from .rtsp.session import Started

# How far before the asked start the key frame may lie with which a device begins: cameras that spare bits
# have one in many seconds.
LEAD = timedelta(seconds=12)
# Devices count whole seconds, and tell only to the second where they really begin.
ROUNDING = timedelta(seconds=2)
# A device that offers from its first second what was asked from the middle on has not heard the asked start.
IGNORED_START = timedelta(seconds=60)
# The range that names the digits themselves.
BY_CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable(ABC):
    """What to play: a part of a recording. ``begin`` and ``end`` are the device's digits as far as they are known.

    ``first`` is where the recording itself begins, in the same digits. ``asked`` is how long the part is by true time.
    """

    first: datetime | None
    begin: datetime | None
    end: datetime | None
    asked: timedelta

    @abstractmethod
    def addresses(self, host: str, port: int, known: str | None) -> Mapping[str, str]:
        """Return the addresses on a server by the names of their forms, the one known to work alone or first."""

    def ranges(self, form: str) -> Mapping[str, str | None]:
        """Return the headers that say what to play of an address in a form, by name; None is no header at all."""
        found: dict[str, str | None] = {"npt": range_by_npt(), "none": None}
        if self.begin is not None:
            found[BY_CLOCK] = range_by_clock(self.begin, self.end)
        return found

    def span(self, begun: datetime | None) -> tuple[timedelta, timedelta]:
        """Return how long the footage is at least and at most that begins with these digits, None if unknown.

        Devices begin with the key frame before; where they don't say so it may be any of the last seconds.
        """
        if self.begin is None or self.end is None:
            return self.asked, self.asked + LEAD + ROUNDING
        if begun is None or begun == self.begin:
            length = self.end - self.begin
            return length, length + LEAD + ROUNDING
        return self.end - begun, self.end - begun + ROUNDING

    def moments(self, device: DeviceClock) -> list[datetime]:
        """Return the instant at which it begins, and its digits as if they were UTC."""
        if self.begin is None:
            return []
        instant = device.to_utc(self.begin)
        wall = device.with_convention(ClockConvention.WALL).to_device(instant)
        return [instant, wall.replace(tzinfo=UTC)]

    def start_was_ignored(self, description: Description) -> bool:
        """Return whether a device offers the recording from its beginning instead of what was asked."""
        offered = parse_clock(description.range)
        if offered is None or self.first is None or self.begin is None:
            return False
        from_the_first = abs(offered - self.first) <= ROUNDING
        return from_the_first and self.begin - offered > IGNORED_START

    def begun(self, form: str, started: Started, description: Description) -> datetime | None:
        """Return with which digits the footage begins, None where nobody says or it makes no sense."""
        if self.begin is None or self.end is None:
            return None
        digits = parse_clock(started.range)
        played = parse_npt(started.range)
        if digits is None and (offered := parse_clock(description.range)) is not None:
            digits = offered + timedelta(seconds=0.0 if played is None else played[0])
        if digits is None and (played := played or parse_npt(description.range)) is not None:
            # Without a clock the length remains: it ends at what was asked and begins with a key frame.
            first, last = played
            digits = None if last is None else self.end - timedelta(seconds=last - first)
        if digits is None or not self.begin - IGNORED_START <= digits <= self.end:
            return None
        return digits
