"""One recording as the source of a clip, a playback or a picture."""

from collections.abc import AsyncIterable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ..drivers.models import FootageClock

type Fetch = Callable[[datetime, datetime], AbstractAsyncContextManager[AsyncIterable[bytes]]]

TICKS_PER_SECOND = 90_000
"""The unit of all times handed to workers: the clock of MPEG systems, counted from 1970."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS_PER_SECOND = 1_000_000


class SecondTry(Protocol):
    """What can be done where a transfer ended before the footage that is due."""

    @property
    def due(self) -> datetime:
        """Until when the recording holds footage for sure."""

    def is_worth_while(self) -> bool:
        """Return whether asking again can bring more; looked at after the first transfer."""

    def fetch(
        self, start: datetime, end: datetime
    ) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        """Open another transfer. Where it fails, it ends: what the first brought is kept."""

    def judge(self, *, more: bool | None) -> None:
        """Take whether it brought more than the first, None where it failed or that can't be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FootagePart:
    """A recording and the way to its bytes.

    ``start`` and ``end`` are the recording's as searched, in UTC. ``fetch`` opens a transfer of a span:
    its bytes begin at a key frame at or before the span's start. Where the device can't cut, they are
    the whole recording; the stream then says so by an attribute ``whole`` that is True, as
    ``drivers.driver.Download`` does. ``refined_clock`` is asked instead of ``clock`` once a transfer is open,
    for recorders whose clock is known better then. ``again`` is used at most once by each reader.
    """

    start: datetime
    end: datetime
    clock: FootageClock
    fetch: Fetch
    refined_clock: Callable[[], FootageClock] | None = None
    again: SecondTry | None = None

    def current_clock(self) -> FootageClock:
        """Return the best that is known of the clock in the footage."""
        return self.clock if self.refined_clock is None else self.refined_clock()


def sends_whole(stream: object) -> bool:
    """Return whether an opened transfer brings the whole recording whatever span was asked."""
    return getattr(stream, "whole", False) is True


def broke_off(stream: object) -> bool:
    """Return whether a transfer ended in good order, but before what the device had announced."""
    return getattr(stream, "truncated", False) is True


def ticks_of(instant: datetime) -> int:
    """Return an aware instant as ticks since 1970."""
    return duration_ticks(instant - _EPOCH)


def duration_ticks(duration: timedelta) -> int:
    """Return a duration in ticks, rounded to the nearest."""
    microseconds = duration // _MICROSECOND
    return (microseconds * TICKS_PER_SECOND + _MICROSECONDS_PER_SECOND // 2) // (
        _MICROSECONDS_PER_SECOND
    )


def instant_of(ticks: int) -> datetime:
    """Return ticks since 1970 as an aware UTC instant."""
    return _EPOCH + timedelta(
        microseconds=round(ticks * _MICROSECONDS_PER_SECOND / TICKS_PER_SECOND)
    )


def wall_of(ticks: int) -> datetime:
    """Return ticks of a device's wall clock as a naive datetime."""
    return instant_of(ticks).replace(tzinfo=None)
