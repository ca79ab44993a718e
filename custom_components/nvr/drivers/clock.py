"""A recorder's clock: its zone rule, how wrong it is, and what the times in its answers mean.

Three questions are kept apart because devices get each of them wrong on its own:

* the *zone*: the rule by which the device turns its time into wall-clock digits (``PosixZone``),
* the *drift*: how far the device's time is from true time, the zone taken out (``DriftMeasure``),
* the *convention*: whether search answers hold wall-clock digits or UTC, whatever suffix they carry.

"Digits" are naive datetimes: what the device printed. Everything else is aware UTC.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
import re
from typing import override

from .models import ClockConvention

ZERO = timedelta(0)
HOUR = timedelta(hours=1)
LAST_WEEK = 5
MAX_ZONE_OFFSET = timedelta(hours=15)
MAX_TEXT_LENGTH = 128

# How far a quartz clock may run from its last measurement: 100 ppm covers cheap recorders in warm racks.
DRIFT_RATE = 100e-6
# Clocks without a server are off by up to a minute a day; beyond that somebody set them.
FASTEST_RATE = 2000e-6
# Half a DST change on either side decides which offsets a stretch of footage may carry.
DST_REACH = timedelta(hours=3)
# Search answers count whole seconds and files start a little beside them.
DIGITS_TOLERANCE = timedelta(seconds=5)
# A transfer begins at the key picture before what was asked for; no zone is this near to UTC but UTC itself.
BEGINS_WITHIN = timedelta(minutes=2)

_OFFSET = r"[+-]?\d{1,3}(?::\d{1,2}){0,2}"
_NAME = r"[A-Za-z]+|<[A-Za-z0-9+-]+>"
_RULE = re.compile(r"M(\d{1,2})\.([1-5])\.([0-6])(?:/([+-]?\d{1,3}(?::\d{1,2}){0,2}))?")
_ZONE = re.compile(
    rf"(?:{_NAME})(?P<std>{_OFFSET})"
    rf"(?:(?P<dst_name>{_NAME})(?P<dst>{_OFFSET})?,(?P<start>[^,]+),(?P<end>[^,]+))?"
)


@dataclass(frozen=True, slots=True)
class TransitionRule:
    """The ``Mm.w.d/time`` form of POSIX: a week day of a month, week 5 being the last one."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def wall(self, year: int) -> datetime:
        """Return the wall-clock digits of the change in that year."""
        first = datetime(year, self.month, 1)
        # POSIX counts from Sunday, Python from Monday.
        day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7)
        day += timedelta(weeks=self.week - 1)
        if self.week == LAST_WEEK and day.month != self.month:
            day -= timedelta(weeks=1)
        return day + self.at

    @classmethod
    def parse(cls, text: str) -> TransitionRule:
        """Read a rule. Raises ValueError."""
        if not (match := _RULE.fullmatch(text.strip())) or not 1 <= int(match[1]) <= 12:
            raise ValueError(f"not a transition rule: {text!r}")
        at = _parse_span(match[4]) if match[4] else 2 * HOUR
        return cls(int(match[1]), int(match[2]), int(match[3]), at)


@dataclass(frozen=True, slots=True)
class DateRule:
    """A change on the same day of each year."""

    month: int
    day: int
    at: timedelta

    def wall(self, year: int) -> datetime:
        """Return the wall-clock digits of the change in that year; a 29th of February may be the 1st of March."""
        return datetime(year, self.month, 1) + timedelta(days=self.day - 1) + self.at


type Change = TransitionRule | DateRule


class PosixZone(tzinfo):
    """A zone by its POSIX rule, with ``fold`` telling the two passes of the repeated hour apart."""

    def __init__(
        self,
        standard: timedelta,
        saving: timedelta = ZERO,
        start: Change | None = None,
        end: Change | None = None,
    ) -> None:
        """Initialize with offsets east of Greenwich; ``saving`` is what DST adds."""
        self.standard = standard
        self.saving = saving if start and end else ZERO
        self._start = start
        self._end = end

    def _is_dst_at_utc(self, utc: datetime) -> bool:
        """Return whether DST is on at these UTC digits."""
        if not self._start or not self._end or not self.saving:
            return False
        # The year of the rule is the year on the device's own calendar.
        year = (utc + self.standard).year
        start = self._start.wall(year) - self.standard
        end = self._end.wall(year) - self.standard - self.saving
        if start < end:
            return start <= utc < end
        return utc >= start or utc < end

    @override
    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return the offset for wall-clock digits; in the gap ``fold`` 0 counts as before the change."""
        if dt is None or not self.saving:
            return self.standard
        digits = dt.replace(tzinfo=None, fold=0)
        as_standard = not self._is_dst_at_utc(digits - self.standard)
        as_saving = self._is_dst_at_utc(digits - self.standard - self.saving)
        # Repeated hour: both readings hold, the first pass is DST. Gap: neither holds, and
        # the digits count on from standard time until the clock is told otherwise.
        both, neither = as_standard and as_saving, not as_standard and not as_saving
        if both or neither:
            summer = (dt.fold == 0) if both else (dt.fold == 1)
        else:
            summer = as_saving
        return self.standard + (self.saving if summer else ZERO)

    @override
    def dst(self, dt: datetime | None) -> timedelta:
        """Return what DST adds at wall-clock digits."""
        return self.utcoffset(dt) - self.standard

    @override
    def tzname(self, dt: datetime | None) -> str:
        """Return the offset, as the letters in a device's rule mean nothing."""
        minutes = self.utcoffset(dt) // timedelta(minutes=1)
        return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"

    @override
    def fromutc(self, dt: datetime) -> datetime:
        """Turn UTC digits that carry this zone into wall-clock digits, with ``fold`` set."""
        utc = dt.replace(tzinfo=None)
        summer = self._is_dst_at_utc(utc)
        wall = utc + self.standard + (self.saving if summer else ZERO)
        fold = int(
            bool(self.saving)
            and not summer
            and self._is_dst_at_utc(wall - self.standard - self.saving)
        )
        return wall.replace(tzinfo=self, fold=fold)

    @override
    def __eq__(self, other: object) -> bool:
        """Zones with the same rule are the same."""
        return isinstance(other, PosixZone) and self._rule == other._rule

    @override
    def __hash__(self) -> int:
        """Hash the rule."""
        return hash(self._rule)

    @property
    def _rule(self) -> tuple[object, ...]:
        return (self.standard, self.saving, self._start, self._end)


def parse_posix_zone(text: str) -> PosixZone:
    """Read a device's zone rule, for example ``CST+6:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00``.

    The sign is that of POSIX: ``CST-8`` is east of Greenwich. After the name ``DST`` Hikvision writes
    what DST *adds* (section 6 of the protocol notes), where POSIX has the whole offset. Raises ValueError.
    """
    if len(text) > MAX_TEXT_LENGTH or not (match := _ZONE.fullmatch(text.strip())):
        raise ValueError("not a POSIX zone rule")
    standard = -_parse_span(match["std"])
    if abs(standard) > MAX_ZONE_OFFSET:
        raise ValueError(f"zone offset out of range: {standard}")
    if match["dst_name"] is None:
        return PosixZone(standard)
    saving = HOUR
    if match["dst"]:
        span = _parse_span(match["dst"])
        saving = span if match["dst_name"].upper() == "DST" else -span - standard
    if not ZERO <= saving <= 3 * HOUR:
        raise ValueError(f"daylight saving out of range: {saving}")
    return PosixZone(
        standard,
        saving,
        TransitionRule.parse(match["start"]),
        TransitionRule.parse(match["end"]),
    )


def fixed_zone(offset: timedelta) -> PosixZone:
    """Return a zone without DST, its offset rounded to the quarter hours that zones are made of."""
    quarter = timedelta(minutes=15)
    return PosixZone(round(offset / quarter) * quarter)


def _parse_span(text: str) -> timedelta:
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = ([int(part) for part in text.lstrip("+-").split(":")] + [0, 0])[:3]
    return sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


class DriftMeasure:
    """How far a device's time is from true time, out of answers that count whole seconds only.

    Each answer bounds the drift: at some moment between asking and hearing, the device's time lay in
    the printed second. Bounds of several answers are cut with each other, so asking when the
    printed second is expected to change halves what is open each time, down to the network's delay.
    """

    def __init__(self, low: float | None = None, high: float | None = None) -> None:
        """Initialize; bounds in seconds may be handed on from an earlier measure of the same moment."""
        self._low = low
        self._high = high
        self._at: float | None = None
        self._rate = DRIFT_RATE
        self._quickest: float | None = None

    @property
    def quickest(self) -> timedelta | None:
        """How long the quickest answer took, which bounds how fine it can get; None before the first."""
        return None if self._quickest is None else timedelta(seconds=self._quickest)

    @property
    def known(self) -> bool:
        """Whether anything has been measured."""
        return self._low is not None

    @property
    def uncertainty(self) -> timedelta | None:
        """Half the width of what is open, None before the first answer."""
        if self._low is None or self._high is None:
            return None
        return timedelta(seconds=(self._high - self._low) / 2)

    def uncertainty_at(self, moment: datetime) -> timedelta | None:
        """Return by how much the drift may be wrong at a moment: it grows from the last answer on."""
        settled = self.uncertainty
        if settled is None:
            return None
        age = 0.0 if self._at is None else max(0.0, moment.timestamp() - self._at)
        return settled + timedelta(seconds=self._rate * age)

    def drift(self, *, synchronised: bool = False) -> timedelta | None:
        """Return device minus true time.

        A device that says it follows a time server is taken to be right while the bounds allow it
        (an assumption; the bounds alone leave up to half a second open).
        """
        if self._low is None or self._high is None:
            return None
        if synchronised and self._low <= 0 <= self._high:
            return ZERO
        return timedelta(seconds=(self._low + self._high) / 2)

    def add(self, sent: datetime, received: datetime, device: datetime) -> None:
        """Take an answer: asked and heard at true UTC, ``device`` the device's time in UTC, whole seconds.

        Bounds that contradict the older ones replace them: the clock was set meanwhile.
        """
        low = (device - received).total_seconds()
        high = (device - sent).total_seconds() + 1
        now = received.timestamp()
        took = (received - sent).total_seconds()
        self._quickest = took if self._quickest is None else min(took, self._quickest)
        if self._low is not None and self._high is not None:
            age = max(0.0, now - self._at) if self._at is not None else 0.0
            slack = self._rate * age
            cut_low, cut_high = max(low, self._low - slack), min(high, self._high + slack)
            if cut_low <= cut_high:
                low, high = cut_low, cut_high
            elif age > 0:
                # It runs faster than was thought, or somebody set it.
                gap = (cut_low - cut_high) / age
                self._rate = min(max(self._rate, 2 * (self._rate + gap)), FASTEST_RATE)
        self._low, self._high, self._at = low, high, now

    def next_probe(self, now: datetime) -> datetime:
        """Return the next true moment, within a second, at which an answer tells most."""
        if self._low is None or self._high is None:
            return now
        middle = (self._low + self._high) / 2
        wait = -(now.timestamp() + middle) % 1
        return now + timedelta(seconds=wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClock:
    """A device's clock at one state of knowledge; turns its digits into UTC and back.

    ``drift`` is device minus true time with the zone taken out; footage and search answers carry it.
    While the convention is unknown, search digits are read as wall clock: only where both
    readings coincide may it stay unknown.
    """

    zone: tzinfo
    drift: timedelta = ZERO
    convention: ClockConvention = ClockConvention.UNKNOWN

    def with_convention(self, convention: ClockConvention) -> DeviceClock:
        """Return the same clock under another convention."""
        return replace(self, convention=convention)

    def wall(self, utc: datetime) -> datetime:
        """Return the wall-clock digits the device shows at a true moment (``fold`` set)."""
        return (utc + self.drift).astimezone(self.zone).replace(tzinfo=None)

    def offset(self, utc: datetime) -> timedelta:
        """Return wall-clock digits minus true UTC at a true moment."""
        return self.wall(utc) - utc.astimezone(UTC).replace(tzinfo=None)

    def offsets_near(self, utc: datetime) -> tuple[timedelta, ...]:
        """Return every offset that footage around a true moment may carry: two around a DST change."""
        found = (self.offset(utc), self.offset(utc - DST_REACH), self.offset(utc + DST_REACH))
        return tuple(dict.fromkeys(found))

    def from_wall(self, digits: datetime, near: datetime | None = None) -> datetime:
        """Return the true moment of wall-clock digits; in the repeated hour the one nearer to ``near``."""
        plain = digits.replace(tzinfo=None)
        first, second = (
            plain.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) - self.drift
            for fold in (digits.fold, 1 - digits.fold)
        )
        if near is not None and abs(second - near) < abs(first - near):
            return second
        return first

    def to_device(self, utc: datetime) -> datetime:
        """Return the digits by which searches and playback name a true moment."""
        if self.convention is ClockConvention.UTC:
            return (utc + self.drift).astimezone(UTC).replace(tzinfo=None)
        return self.wall(utc)

    def to_utc(self, digits: datetime, near: datetime | None = None) -> datetime:
        """Return the true moment that digits of a search answer name."""
        if self.convention is ClockConvention.UTC:
            return digits.replace(tzinfo=UTC) - self.drift
        return self.from_wall(digits, near)

    def convention_of(
        self, start: datetime, end: datetime, wall: datetime, *, begun: datetime | None = None
    ) -> ClockConvention:
        """Tell the convention by a recording's footage.

        ``start`` and ``end`` are the digits of the search answer, ``wall`` the wall clock inside the
        footage of that recording. A recording that is longer than the zone's offset fits both readings:
        then ``begun`` decides, the digits at which the device was to begin to send, as it begins there or
        at the key picture before. UNKNOWN where nothing decides.
        """
        as_utc = wall - (self.zone.utcoffset(wall.replace(tzinfo=self.zone)) or ZERO)

        def chosen(fits: Callable[[datetime], bool]) -> ClockConvention:
            if fits(wall) is fits(as_utc):
                return ClockConvention.UNKNOWN
            return ClockConvention.WALL if fits(wall) else ClockConvention.UTC

        def within(digits: datetime) -> bool:
            return start - DIGITS_TOLERANCE <= digits <= end + DIGITS_TOLERANCE

        def near(digits: datetime) -> bool:
            return begun is not None and abs(digits - begun) <= BEGINS_WITHIN

        found = chosen(within)
        if found is not ClockConvention.UNKNOWN or not within(wall):
            return found
        return chosen(near)
