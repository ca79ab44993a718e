"""What the times of recordings mean: UTC, as they have to be, or the device's wall clock under the label of UTC.

Some recorders shift them by their zone (section 16 of the notes). What began later than now gives those east of
Greenwich away; those west of it, that what is recorded from look to look ended hours ago. No single end tells
anything: files are allotted ahead, and what is said to be written may be waiting for motion.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..clock import DeviceClock
from ..models import ClockConvention
from ..reading import NOT_YET
from .containers import Container
from .memory import RECORDED_IN, DeviceMemory

# What is being written reaches until now; by how much that may lag behind.
LAGS = timedelta(minutes=10)
# Between looks no further apart nothing can be taken for going on that is allotted ahead by so much as a zone.
STEADY = timedelta(minutes=15)
# Zones are no nearer to UTC.
COINCIDE = timedelta(minutes=15)

# What the device's clock shows by each meaning.
type Readings = Mapping[ClockConvention, datetime]


@dataclass(frozen=True, slots=True)
class _Look:
    """Where a container ended, and what the clock showed when that was seen first."""

    end: datetime
    shown: Readings


class Labels:
    """Knows by which clock to read the times of recordings, and remembers it."""

    def __init__(self, clock: Callable[[], DeviceClock], memory: DeviceMemory) -> None:
        """Initialize; ``clock`` returns what is known of the device's clock."""
        self._clock = clock
        self._memory = memory
        # By the tokens of containers; None is for all together.
        self._looks: dict[str | None, _Look] = {}

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

    def learn(self, containers: Iterable[Container], *, complete: bool) -> bool:
        """See what the ends of containers tell of it; return whether that changed anything.

        ``complete`` where these are all that the device has: the newest of them is that of all then.
        """
        ends: dict[str | None, datetime] = {
            one.token: one.ends for one in containers if one.ends is not None
        }
        if complete and ends:
            ends[None] = max(ends.values())
        now = self._now()
        if not now:
            return False
        before, self._looks = self._looks, self._looked(ends, now)
        found = {
            _meaning(before[token], end, now) for token, end in ends.items() if token in before
        } - {None}
        return self._take(found.pop() if len(found) == 1 else None)

    def learn_times(self, times: Iterable[datetime]) -> bool:
        """See what times of events tell of it; return whether that changed anything."""
        newest, now = max(times, default=None), self._now()
        if not now or newest is None:
            return False
        low, high = sorted(now.items(), key=lambda item: item[1])
        # A clock that was fast and has been set right leaves times to come behind, too.
        shown = low[1] + COINCIDE < newest <= high[1] + NOT_YET
        return self._take(high[0] if shown else None)

    def _looked(
        self, ends: Mapping[str | None, datetime], now: Readings
    ) -> dict[str | None, _Look]:
        """Return what is known of ends after another look."""
        looks = {token: _Look(end, now) for token, end in ends.items()}
        for token, before in self._looks.items():
            if token not in looks:
                # What is not complete says nothing of all together.
                if token is None:
                    looks[token] = before
            elif looks[token].end == before.end:
                looks[token] = before
        return looks

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


def _meaning(before: _Look, end: datetime, now: Readings) -> ClockConvention | None:
    """Return the only meaning that an end can have which was not there before, None for both or neither."""
    if end <= before.end:
        return None
    earlier, later = sorted(now, key=lambda meaning: now[meaning])
    # It was recorded since the other was seen, perhaps long before this look.
    possible = {
        meaning
        for meaning, shown in now.items()
        if before.shown[meaning] - LAGS <= end <= shown + NOT_YET
    }
    if possible == {earlier}:
        return earlier
    # By the earlier meaning it is later than now, as what is allotted ahead is: that jumps, what is recorded goes on.
    goes_on = (
        now[later] - before.shown[later] <= STEADY
        and _is_of(before.end, before.shown[later])
        and _is_of(end, now[later])
    )
    return later if goes_on else None


def _is_of(end: datetime, shown: datetime) -> bool:
    return shown - LAGS <= end <= shown + NOT_YET
