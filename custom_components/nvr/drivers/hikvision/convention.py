"""Measuring what the times in search answers mean: wall clock or UTC (section 6 of the notes).

Of the two readings of "now", one is later. Anything that starts between them can't be explained by the earlier
reading, as it would lie in the future; where nothing does although the earlier reading's now is being
recorded, the earlier one is right.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

from ..errors import DeviceBusyError, InvalidAnswerError, NotPermittedError, NotSupportedError
from ..models import ClockConvention
from .clock import COINCIDE, RecorderClock
from .dialects import SearchTerms, new_search_id
from .matches import Page
from .transport import BudgetSpentError

LOOK_BACK = timedelta(minutes=30)
TOUCHES_NOW = timedelta(minutes=10)
PAGE_SIZE = 40
TRACKS_TRIED = 3
# Where nothing is being recorded, nothing can be measured; try again a little later.
RETRY_SECONDS = 60.0

type Ask = Callable[[SearchTerms], Awaitable[Page]]


class ConventionMeter:
    """Measures the convention when a search needs it, and not again while it fails."""

    def __init__(
        self,
        clock: RecorderClock,
        tracks: Callable[[], list[int]],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``tracks`` returns those most likely to be recording."""
        self._clock = clock
        self._tracks = tracks
        self._now = now
        self._lock = asyncio.Lock()
        self._not_before = float("-inf")
        # Those of this attempt that proved nothing.
        self._tried: set[int] = set()

    def hurry(self) -> None:
        """Measure the next time it matters, however lately that was in vain."""
        self._not_before = float("-inf")

    async def ensure(self, ask: Ask) -> None:
        """Measure where it matters and nothing is known. Raises DriverError but for what a device lacks.

        Where the budget ends in the middle, the next call goes on with the track at hand.
        """
        async with self._lock:
            if not self._clock.needs_measuring(datetime.now(UTC)) or self._now() < self._not_before:
                return
            for track in self._tracks()[:TRACKS_TRIED]:
                if track in self._tried:
                    continue
                found = None
                try:
                    found = await measure(self._clock, ask, track)
                except BudgetSpentError:
                    raise
                except NotSupportedError, NotPermittedError, InvalidAnswerError, DeviceBusyError:
                    pass
                if found is not None:
                    self._clock.decide(*found, by_footage=False)
                    break
                self._tried.add(track)
            self._tried.clear()
            self._not_before = self._now() + RETRY_SECONDS


async def measure(clock: RecorderClock, ask: Ask, track: int) -> tuple[ClockConvention, str] | None:
    """Search twice, in windows narrower than the difference; None where that proves nothing."""
    now = datetime.now(UTC)
    readings = (
        (clock.device.with_convention(ClockConvention.UTC).to_device(now), ClockConvention.UTC),
        (clock.device.wall(now), ClockConvention.WALL),
    )
    (low, low_means), (high, high_means) = sorted(readings)
    if high - low <= COINCIDE:
        return None
    limit = low + COINCIDE
    between = await ask(_terms(track, limit, high + COINCIDE))
    newest = max(
        (match for match in between.matches if limit < match.start <= high + COINCIDE),
        key=lambda match: match.start,
        default=None,
    )
    if newest is not None:
        return high_means, (
            f"track {track}: a recording starts at {newest.start_text} on the device, "
            f"later than now if that were {low_means.value}"
        )
    before = await ask(_terms(track, low - LOOK_BACK, limit))
    for match in (*between.matches, *before.matches):
        if match.endless:
            continue
        # A file allotted beyond both readings of now fits both.
        touches = match.start <= limit and low - TOUCHES_NOW <= match.end <= high + COINCIDE
        if touches:
            return low_means, (
                f"track {track}: the newest recording, {match.start_text} to {match.end_text} on the "
                f"device, reaches now as {low_means.value} and nothing starts after it"
            )
    return None


def _terms(track: int, start: datetime, end: datetime) -> SearchTerms:
    return SearchTerms(
        track=track,
        start=start.replace(microsecond=0, fold=0),
        end=end.replace(microsecond=0, fold=0),
        position=0,
        most=PAGE_SIZE,
        id=new_search_id(),
    )
