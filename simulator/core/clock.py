"""A recorder's clock: what it believes the time to be, and how it writes it down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .zone import PosixZone

_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Convention(StrEnum):
    """Which clock the digits of recordings' times show."""

    UTC = "utc"
    WALL = "wall"


class Suffix(StrEnum):
    """What stands behind the wall clock when the device tells its local time."""

    TRUE = "true"
    STANDARD = "standard"
    """Always the winter offset, also while daylight saving time is on."""
    NONE = "none"


@dataclass(kw_only=True)
class DeviceClock:
    """Converts between true time and the device's clock.

    Attributes:
        zone: the rule that the device has been given.
        offset: how far the device's clock is ahead of true time; where it drifts, at `drifts_from`.
        drift: by so much it gains in each day after that.
        drifts_from: true instant before which the offset was what it was then.
        convention: which clock the times of recordings show.
        suffix: what `local_time` says of the offset from UTC.
    """

    zone: PosixZone = field(default_factory=lambda: PosixZone("UTC0"))
    offset: timedelta = timedelta()
    drift: timedelta = timedelta()
    drifts_from: datetime = _NEVER
    convention: Convention = Convention.UTC
    suffix: Suffix = Suffix.TRUE

    def wall(self, instant: datetime) -> datetime:
        """Give the naive digits that the device's clock shows at a true instant."""
        return self._local(instant).replace(tzinfo=None, fold=0)

    def instant(self, wall: datetime, *, fold: int = 0) -> datetime:
        """Give the true instant at which the device's clock shows `wall`.

        Args:
            wall: naive digits.
            fold: 0 for the first and 1 for the second time that the clock shows them.
        """
        local = wall.replace(tzinfo=self.zone, fold=fold)
        return self._true(local.astimezone(UTC))

    def stamp(self, instant: datetime) -> datetime:
        """Give the naive digits by which the device calls a true instant in recordings."""
        if self.convention is Convention.WALL:
            return self.wall(instant)
        return self.shown(instant).replace(tzinfo=None)

    def from_stamp(self, stamp: datetime, *, fold: int = 0) -> datetime:
        """Give the true instant that naive digits mean in recordings (`fold` as in `instant`)."""
        if self.convention is Convention.WALL:
            return self.instant(stamp, fold=fold)
        return self._true(stamp.replace(tzinfo=UTC))

    def span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Give the true span between two stamps, the shorter one where the clock showed one of them twice."""
        begins, ends = self.from_stamp(start), self.from_stamp(end)
        return begins, ends if ends > begins else self.from_stamp(end, fold=1)

    def local_time(self, instant: datetime) -> str:
        """Give the ISO text of the device's local time, whole seconds, with its suffix."""
        local = self._local(instant).replace(microsecond=0)
        if self.suffix is Suffix.TRUE:
            return local.isoformat()
        digits = local.replace(tzinfo=None).isoformat()
        if self.suffix is Suffix.NONE:
            return digits
        return digits + _signed(self.zone.standard)

    def shown(self, instant: datetime) -> datetime:
        """Give what the device takes for UTC at a true instant, aware."""
        utc = instant.astimezone(UTC)
        if utc <= self.drifts_from:
            return utc + self.offset
        return utc + self.offset + self.drift * ((utc - self.drifts_from) / _DAY)

    def _local(self, instant: datetime) -> datetime:
        return self.shown(instant).astimezone(self.zone)

    def _true(self, shown: datetime) -> datetime:
        """Give the true instant at which the clock takes `shown` for UTC."""
        if shown - self.offset <= self.drifts_from:
            return shown - self.offset
        since = shown - self.offset - self.drifts_from
        return self.drifts_from + since / (1 + self.drift / _DAY)


def _signed(offset: timedelta) -> str:
    sign = "-" if offset < timedelta() else "+"
    minutes = int(abs(offset).total_seconds()) // 60
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
