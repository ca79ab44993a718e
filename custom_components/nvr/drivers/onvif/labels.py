"""What the times of recordings mean: UTC, as they have to be, or the device's wall clock under the label of UTC.

Some recorders shift them by their zone (section 16 of the notes). What was recorded later than now gives those east
of Greenwich away; those west of it, that what is being written now ended hours ago.
"""

from collections.abc import Callable, Iterable, Mapping
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

# What the device's clock shows by each meaning.
type Readings = Mapping[ClockConvention, datetime]


class Labels:
    """Knows by which clock to read the times of recordings, and remembers it."""

    def __init__(self, clock: Callable[[], DeviceClock], memory: DeviceMemory) -> None:
        """Initialize; ``clock`` returns what is known of the device's clock."""
        self._clock = clock
        self._memory = memory
        # The newest end at the last look, and what the device's clock showed then: what is newer was recorded since.
        self._newest: datetime | None = None
        self._looked: Readings = {}

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
        known = [(one.ends, one.writes is True) for one in containers if one.ends is not None]
        newest, now = max((end for end, _ in known), default=None), self._now()
        if not now or newest is None:
            return False
        moved = newest if self._newest is not None and newest > self._newest else None
        since, self._newest, self._looked = self._looked, newest, now
        written = max((end for end, writes in known if writes), default=None)
        return self._take(_by_ends(now, since, moved, written, newest))

    def learn_times(self, times: Iterable[datetime]) -> bool:
        """See what times of events tell of it; return whether that changed anything."""
        newest, now = max(times, default=None), self._now()
        if not now or newest is None:
            return False
        low, high = sorted(now.items(), key=lambda item: item[1])
        # A clock that was fast and has been set right leaves times to come behind, too.
        shown = low[1] + COINCIDE < newest <= high[1] + NOT_YET
        return self._take(high[0] if shown else None)

    def _now(self) -> Readings:
        """Return what the device's clock shows by either meaning, nothing where both are the same."""
        now = datetime.now(UTC)
        utc, wall = (
            self._clock().with_convention(convention).to_device(now).replace(tzinfo=UTC, fold=0)
            for convention in (ClockConvention.UTC, ClockConvention.WALL)
        )
        if abs(wall - utc) < COINCIDE:
            return {}
        return {ClockConvention.UTC: utc, ClockConvention.WALL: wall}

    def _take(self, found: ClockConvention | None) -> bool:
        if found is None or found is self.convention:
            return False
        self._memory.keep(RECORDED_IN, found.value)
        return True


def _by_ends(
    now: Readings,
    since: Readings,
    moved: datetime | None,
    written: datetime | None,
    newest: datetime,
) -> ClockConvention | None:
    """Return the only meaning that ends can have, None where both are possible or neither.

    ``moved`` is the newest where it has come ``since`` the last look, ``written`` that of what the device says it is
    writing.
    """
    utc, wall = now[ClockConvention.UTC], now[ClockConvention.WALL]
    found = set[ClockConvention]()
    for meaning, shown in now.items():
        # A look long ago leaves both possible.
        if moved is not None and since[meaning] - LAGS <= moved <= shown + NOT_YET:
            found.add(meaning)
        # What waits for motion is said to be written, too, and may have ended hours ago.
        sure = meaning is ClockConvention.UTC or wall > utc
        if sure and written is not None and shown - LAGS <= written <= shown + NOT_YET:
            found.add(meaning)
    if len(found) == 1:
        return found.pop()
    # Nothing was recorded later than now.
    if not found and wall + NOT_YET < newest <= utc + NOT_YET:
        return ClockConvention.UTC
    return None
