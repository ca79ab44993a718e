"""From what a search found, in a device's digits, to recordings in UTC."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol

from .clock import DST_REACH, DeviceClock
from .models import Recording, RecordingKind, StreamName

SECOND = timedelta(seconds=1)
# What begins later than now by more than this can't be, as a clock is read.
NOT_YET = timedelta(minutes=2)
# Over the end of daylight saving time the clock goes back by so much.
CLOCK_BACK = timedelta(hours=1)
MARGIN = timedelta(seconds=2)

type Recheck = Callable[[], Awaitable[bool]]
"""Measures the clock again, and tells whether that changed anything."""


class Match(Protocol):
    """One recording of an answer, in the device's own digits.

    ``endless`` is one of which the device names no end, ``token`` what fetches it.
    """

    @property
    def start(self) -> datetime:
        """The first digits."""

    @property
    def end(self) -> datetime:
        """The last; in the future where the file being written is allotted ahead."""

    @property
    def start_text(self) -> str:
        """The start as the device wrote it."""

    @property
    def end_text(self) -> str:
        """The end as the device wrote it."""

    @property
    def kinds(self) -> frozenset[RecordingKind]:
        """Why it was recorded."""

    @property
    def size_bytes(self) -> int | None:
        """What the file has, or has been given."""

    @property
    def endless(self) -> bool:
        """Whether the device names no end."""

    @property
    def token(self) -> str:
        """What fetches it."""


class Reader:
    """Turns matches into recordings, in the order in which the device has them."""

    def __init__(self, device: DeviceClock, start: datetime, end: datetime) -> None:
        """Initialize with the window that was searched."""
        self._device = device
        self._start = start
        self._end = end
        self._now = datetime.now(UTC)
        self._last: datetime | None = None
        # Something recorded later than now: the digits do not mean what we think.
        self.saw_future = False

    def read(self, match: Match, channel: int, stream: StreamName) -> Recording | None:
        """Return the recording, None where it lies beside the window."""
        span = self._span(match)
        if span is None:
            return None
        start, end = span
        if start > self._now + NOT_YET:
            self.saw_future = True
            return None
        self._last = start
        is_open = end > self._now
        if match.endless and not is_open:
            return None
        if is_open:
            # Allotted ahead; what is on disk ends now.
            end = max(self._now.replace(microsecond=0), start)
        if not self._overlaps(start, end):
            return None
        return Recording(
            channel=channel,
            stream=stream,
            start=start,
            end=end,
            kinds=match.kinds,
            # The size of a file being written is that of its allotted block.
            size_bytes=None if is_open else match.size_bytes,
            allotted_bytes=match.size_bytes if is_open else None,
            open=is_open,
            start_device=match.start_text,
            end_device=match.end_text,
            token=match.token,
        )

    def _span(self, match: Match) -> tuple[datetime, datetime] | None:
        """Return start and end in UTC.

        In the repeated hour digits name two moments: the first that does not go back behind the recording
        before it, or where there is none before it, one inside the window.
        """
        readings = []
        ends = [self._utc(match.end, fold) for fold in (0, 1)]
        for fold in (0, 1):
            start = self._utc(match.start, fold)
            if (end := min((end for end in ends if end >= start), default=None)) is not None:
                readings.append((start, end))
        last = self._last
        if last is None:
            inside = [reading for reading in readings if self._overlaps(*reading)]
            return min(inside or readings, default=None)
        onward = [reading for reading in readings if reading[0] >= last]
        return min(onward or readings, default=None)

    def _overlaps(self, start: datetime, end: datetime) -> bool:
        return end > self._start and start < self._end

    def _utc(self, digits: datetime, fold: int) -> datetime:
        return _whole(self._device.to_utc(digits.replace(fold=fold)))


def ended[M: Match](matches: list[M]) -> list[M]:
    """Return matches without those that have no end though something began after them: broken files."""
    newest = max((match.start for match in matches), default=None)
    return [match for match in matches if not match.endless or match.start == newest]


def in_order[M: Match](matches: list[M]) -> list[M]:
    """Return matches oldest first.

    Where digits go back by no more than clocks are put back, and once, the device's own order stands: it alone
    tells the two passes of the repeated hour apart.
    """
    back = [
        before.start - after.start
        for before, after in pairwise(matches)
        if after.start < before.start
    ]
    if len(back) > 1 or any(step > CLOCK_BACK for step in back):
        return sorted(matches, key=lambda match: match.start)
    return matches


def _whole(moment: datetime) -> datetime:
    """Round to the seconds that search answers count in, so that starts keep still while drift is refined."""
    return (moment + SECOND / 2).replace(microsecond=0)


def digits_of(device: DeviceClock, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the digits that surely enclose a span, also where the clock was put back inside it."""
    edges = [device.to_device(moment) for moment in (start, end)]
    shift = edges[1] - edges[0] - (end - start)
    first = edges[0] + min(shift, timedelta(0)) - MARGIN
    last = edges[1] - min(shift, timedelta(0)) + MARGIN
    return first.replace(microsecond=0, fold=0), last.replace(microsecond=0, fold=0)


def digits_to_search(
    devices: Iterable[DeviceClock], start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """Return the digits to search between for a span: those of all ``devices`` while it is open which one it is."""
    readings = list(devices)
    # Just after the clock was put back, digits name two moments. What was recorded before tells
    # which one is meant: files come in the order in which they were written.
    earlier = start - DST_REACH
    back = readings[0].offset(earlier) > readings[0].offset(end)
    edges = [digits_of(device, earlier if back else start, end) for device in readings]
    return min(first for first, _ in edges), max(last for _, last in edges)


def windows(
    spans: Iterable[tuple[datetime, datetime]], longest: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what to search at once: spans that follow each other in one, and long ones in parts."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    for start, end in joined:
        at = start
        while at < end:
            yield at, min(at + longest, end)
            at += longest
