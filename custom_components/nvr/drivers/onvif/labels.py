"""What the times of recordings mean: UTC, as they have to be, or the device's wall clock under the label of UTC.

Some recorders shift them by their zone (section 16 of the notes). What was recorded later than now gives those east
of Greenwich away; those west of it, that what is being written now ended hours ago.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from ..clock import DeviceClock
from ..models import ClockConvention
from ..reading import NOT_YET
from .containers import Container
from .memory import RECORDED_IN, DeviceMemory

# What is being written reaches until now; by how much that may lag behind.
LAGS = timedelta(minutes=10)
# Zones are no nearer to UTC.
COINCIDE = timedelta(minutes=15)


class Labels:
    """Knows by which clock to read the times of recordings, and remembers it."""

    def __init__(self, clock: Callable[[], DeviceClock], memory: DeviceMemory) -> None:
        """Initialize; ``clock`` returns what is known of the device's clock."""
        self._clock = clock
        self._memory = memory

    @property
    def convention(self) -> ClockConvention:
        """What the times of recordings mean."""
        wall = self._memory.text(RECORDED_IN) == ClockConvention.WALL
        return ClockConvention.WALL if wall else ClockConvention.UTC

    @property
    def device(self) -> DeviceClock:
        """The clock by which times of recordings are read, and asked for."""
        return self._clock().with_convention(self.convention)

    @property
    def other(self) -> DeviceClock:
        """The same by the other meaning."""
        utc = self.convention is ClockConvention.UTC
        return self._clock().with_convention(ClockConvention.WALL if utc else ClockConvention.UTC)

    def learn(self, containers: Iterable[Container]) -> bool:
        """See what containers tell of it; return whether that changed anything."""
        told = [(one.ends, one.writes is True) for one in containers]
        return self._learn([(end, writes) for end, writes in told if end is not None])

    def learn_times(self, times: Iterable[datetime]) -> bool:
        """See what times of events tell of it; return whether that changed anything."""
        return self._learn([(time, False) for time in times])

    def _learn(self, ends: list[tuple[datetime, bool]]) -> bool:
        now = datetime.now(UTC)
        utc, wall = (
            self._clock().with_convention(convention).to_device(now).replace(tzinfo=UTC, fold=0)
            for convention in (ClockConvention.UTC, ClockConvention.WALL)
        )
        if abs(wall - utc) < COINCIDE or not ends:
            return False
        found = self._reading(ends, utc, wall)
        if found is None or found is self.convention:
            return False
        self._memory.keep(RECORDED_IN, found.value)
        return True

    def _reading(
        self, ends: list[tuple[datetime, bool]], utc: datetime, wall: datetime
    ) -> ClockConvention | None:
        """Return the only meaning that explains the times, None where both do."""
        newest = max(end for end, _ in ends)
        low, high = sorted((utc, wall))
        meaning = {utc: ClockConvention.UTC, wall: ClockConvention.WALL}
        written = max((end for end, writes in ends if writes), default=None)
        if low + NOT_YET < newest <= high + NOT_YET:
            # A file that is allotted ahead ends between the two, and says nothing.
            return meaning[high] if newest != written or newest >= high - LAGS else None
        if written is not None and low - LAGS <= written <= low + NOT_YET:
            return meaning[low]
        return None
