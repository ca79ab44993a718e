"""From matches in a device's digits to recordings in UTC (sections 6 and 10 of the notes)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ..clock import DeviceClock
from ..models import Recording, StreamName
from .clock import COINCIDE
from .matches import CLOCK_BACK, Match

SECOND = timedelta(seconds=1)


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
        if start > self._now + COINCIDE:
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
            token=match.uri,
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


def ended(matches: list[Match]) -> list[Match]:
    """Return matches without those that have no end though something began after them: broken files."""
    newest = max((match.start for match in matches), default=None)
    return [match for match in matches if not match.endless or match.start == newest]


def in_order(matches: list[Match]) -> list[Match]:
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


def of_channel(matches: list[Match], channel: int) -> list[Match]:
    """Return the matches of the channel that was asked for.

    Firmware that ignores the list of tracks answers with all of them. But one that calls them all by one other
    name only labels them wrongly: then the request is to be trusted.
    """
    named = {match.channel for match in matches} - {None}
    if channel not in named and len(named) <= 1:
        return matches
    return [match for match in matches if match.channel in (channel, None)]


def _whole(moment: datetime) -> datetime:
    """Round to the seconds that search answers count in, so that starts keep still while drift is refined."""
    return (moment + SECOND / 2).replace(microsecond=0)
