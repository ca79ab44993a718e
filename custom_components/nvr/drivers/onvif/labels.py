"""What the times of recordings mean: UTC, as they have to be, or the device's wall clock under the label of UTC.

Some recorders shift them by their zone (section 16 of the notes). What began later than now gives those east of
Greenwich away; those west of it, that what is recorded from look to look ended hours ago. No single end tells
anything: files are allotted ahead, what is said to be written may be waiting for motion, and containers come and go.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
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
# Files are allotted ahead by no more.
ALLOTTED = timedelta(hours=2)
# So many new ends of one container in a row have to tell the same: one may be where a file that is allotted ahead was cut.
PROOFS = 3

# What the device's clock shows by each meaning.
type Readings = Mapping[ClockConvention, datetime]


@dataclass(frozen=True, slots=True)
class _Look:
    """Where a container ended, what the clock showed when that was seen first and last, and what it and those before tell."""

    end: datetime
    shown: Readings
    last: Readings
    tells: ClockConvention | None = None
    proofs: int = 0


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
        kept = {token: self._looks[token] for token in self._looks if token in ends or not token}
        self._looks = kept | {
            token: _looked(kept.get(token), end, now, together=token is None)
            for token, end in ends.items()
        }
        found = {one.tells for one in self._looks.values() if one.proofs >= PROOFS}
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
        self._looks.clear()
        return True


def _looked(before: _Look | None, end: datetime, now: Readings, *, together: bool) -> _Look:
    """Return what is known after another look; ``together`` where the end is the newest of all containers."""
    if before is None:
        return _Look(end, now, now)
    if end == before.end:
        return replace(before, last=now)
    tells = _meaning(before, end, now, together=together)
    # No two in a row tell different things: between them the end leaps.
    return _Look(end, now, now, tells, 0 if tells is None else before.proofs + 1)


def _meaning(
    before: _Look, end: datetime, now: Readings, *, together: bool
) -> ClockConvention | None:
    """Return the only meaning that an end can have which was not there before, None for both or neither."""
    if end < before.end:
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
    if together:
        # The newest of several that jump ahead in turn looks like one that goes on.
        return None
    # By the earlier meaning it is later than now, as what is allotted ahead is: that jumps, what is recorded goes on.
    goes_on = (
        now[later] - before.shown[later] <= STEADY
        and _is_of(before.end, before.shown[later])
        and _is_of(end, now[later])
    )
    if goes_on:
        return later
    # What is allotted ahead is followed by the next when it is full. Who allots two at once is not mistaken for it.
    full = {meaning for meaning in now if _is_full(before, end, now[meaning], meaning)}
    apart = now[later] - now[earlier] > 2 * (end - before.end)
    return full.pop() if len(full) == 1 and apart else None


def _is_full(before: _Look, end: datetime, shown: datetime, meaning: ClockConvention) -> bool:
    """Return whether the one before ended between the last two looks, and another has been allotted."""
    since = before.last[meaning]
    ended = since - LAGS <= before.end <= shown + LAGS and shown - since <= STEADY
    return ended and shown + NOT_YET < end <= shown + ALLOTTED


def _is_of(end: datetime, shown: datetime) -> bool:
    return shown - LAGS <= end <= shown + NOT_YET
