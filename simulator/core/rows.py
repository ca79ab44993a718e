"""The two rows of recordings of a stream: files that follow each other, and events.

Time is cut into files of about equal length, and into slots that hold one event each. Chance
that depends on nothing but seed, channel and number decides the details: months of recordings
need no memory, and any of them is found by arithmetic.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar, override

from .recordings import Kind, RecordingPlan, Series

type Snap = Callable[[int, int, datetime], datetime]
"""Gives the key frame of (channel, stream) at or before an instant."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_EVENT_SHORTEST = timedelta(seconds=12)
_EVENT_LONGEST = timedelta(seconds=75)
# One slot in this many stays empty.
_EMPTY_SLOTS = 4
# Files are longer or shorter than the plan says by up to this part of their length.
_UNEVENNESS = 8
_MASK = (1 << 64) - 1
# Years of them don't fill the memory.
_MOST_KNOWN = 20_000


@dataclass(frozen=True)
class Chance:
    """Numbers that look random and are always the same."""

    seed: int

    def draw(self, salt: str, channel: int, number: int) -> int:
        """Give the 64-bit number of a question (`salt`, one letter) about a channel's recording."""
        value = self.seed * 0x9E3779B97F4A7C15 + channel * 0xC2B2AE3D27D4EB4F
        value = (value + number * 0x165667B19E3779F9 + ord(salt)) & _MASK
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        return value ^ (value >> 31)

    def span(self, salt: str, channel: int, number: int, longest: timedelta) -> timedelta:
        """Give a span of whole milliseconds from nothing up to `longest`."""
        return _MILLISECOND * (self.draw(salt, channel, number) % (longest // _MILLISECOND))


@dataclass(frozen=True)
class Row(ABC):
    """Recordings of one stream, numbered in the order in which they begin."""

    channel: int
    stream: int
    plan: RecordingPlan
    chance: Chance
    snap: Snap
    series: ClassVar[Series]
    # A list of months asks for each of them several times.
    _begun: dict[int, datetime] = field(default_factory=dict, compare=False, repr=False)
    _ended: dict[int, datetime] = field(default_factory=dict, compare=False, repr=False)

    @abstractmethod
    def first_after(self, instant: datetime) -> int:
        """Give a number, near by, before which every recording has ended at `instant`."""

    @abstractmethod
    def exists(self, number: int) -> bool:
        """Say whether there is a recording of that number."""

    def begins(self, number: int) -> datetime:
        """Give the key frame with which it would begin; later for a greater number."""
        return _known(self._begun, number, self._beginning)

    def ends(self, number: int) -> datetime:
        """Give the key frame before which it would end."""
        return _known(self._ended, number, self._ending)

    @abstractmethod
    def _beginning(self, number: int) -> datetime:
        """Work out when it begins."""

    @abstractmethod
    def _ending(self, number: int) -> datetime:
        """Work out when it ends."""

    @abstractmethod
    def kind(self, number: int) -> Kind:
        """Say why it was made."""

    def _key_frame(self, instant: datetime) -> datetime:
        return self.snap(self.channel, self.stream, instant)


class Files(Row):
    """Continuous recording, split into files that overlap a little."""

    series: ClassVar[Series] = Series.FILES

    @override
    def first_after(self, instant: datetime) -> int:
        return (instant - _EPOCH) // self.plan.file_length - 2

    @override
    def exists(self, number: int) -> bool:
        missing = self.plan.missing
        return not missing or self.chance.draw("m", self.channel, number) % missing != 0

    @override
    def _beginning(self, number: int) -> datetime:
        unevenness = self.plan.file_length / _UNEVENNESS
        shift = self.chance.span("p", self.channel, 0, self.plan.file_length / 2)
        shift += self.chance.span("b", self.channel, number, unevenness)
        return self._key_frame(_EPOCH + self.plan.file_length * number + shift)

    @override
    def _ending(self, number: int) -> datetime:
        return self._key_frame(self.begins(number + 1) + self.plan.overlap)

    @override
    def kind(self, number: int) -> Kind:
        return Kind.CONTINUOUS


class Events(Row):
    """Recordings of what happened, at most one in each slot of the day."""

    series: ClassVar[Series] = Series.EVENTS

    @override
    def first_after(self, instant: datetime) -> int:
        return (instant - _EPOCH) // self._slot - 1

    @override
    def exists(self, number: int) -> bool:
        return self.chance.draw("e", self.channel, number) % _EMPTY_SLOTS != 0

    @override
    def _beginning(self, number: int) -> datetime:
        room = self._slot - 2 * _EVENT_LONGEST
        shift = _EVENT_LONGEST / 2 + self.chance.span("s", self.channel, number, room)
        return self._key_frame(_EPOCH + self._slot * number + shift)

    @override
    def _ending(self, number: int) -> datetime:
        more = self.chance.span("d", self.channel, number, _EVENT_LONGEST - _EVENT_SHORTEST)
        return self._key_frame(self.begins(number) + _EVENT_SHORTEST + more)

    @override
    def kind(self, number: int) -> Kind:
        kinds = self.plan.kinds
        return kinds[self.chance.draw("k", self.channel, number) % len(kinds)]

    @property
    def _slot(self) -> timedelta:
        return _DAY / self.plan.events_per_day


def _known(
    known: dict[int, datetime], number: int, work_out: Callable[[int], datetime]
) -> datetime:
    found = known.get(number)
    if found is None:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        found = known[number] = work_out(number)
    return found
