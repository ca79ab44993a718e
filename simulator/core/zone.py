"""Time zones as a device keeps them: one rule for every year."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from importlib import resources
from pathlib import Path
import re
from typing import override
import zoneinfo

_NAME = r"(?:[A-Za-z]{3,}|<[-+0-9A-Za-z]+>)"
_OFFSET = r"[-+]?\d{1,3}(?::\d{2}){0,2}"
_RULE = re.compile(
    rf"(?P<std>{_NAME})(?P<std_offset>{_OFFSET})"
    rf"(?:(?P<dst>{_NAME})(?P<dst_offset>{_OFFSET})?,(?P<begins>[^,]+),(?P<ends>[^,]+))?"
)
_CHANGE = re.compile(
    rf"M(?P<month>\d{{1,2}})\.(?P<week>[1-5])\.(?P<weekday>[0-6])(?:/(?P<time>{_OFFSET}))?"
)
_ZERO = timedelta()
_HOUR = timedelta(hours=1)
_DAYS_PER_WEEK = 7
_LAST_WEEK = 5


@dataclass(frozen=True)
class Change:
    """The yearly moment at which daylight saving time begins or ends.

    Attributes:
        month: 1 to 12.
        week: 1 to 4, or 5 for the last one of the month.
        weekday: 0 is Sunday.
        time: wall time of that day, before the change.
    """

    month: int
    week: int
    weekday: int
    time: timedelta

    def wall(self, year: int) -> datetime:
        """Give the naive wall time of the change in `year`."""
        first = datetime(year, self.month, 1)
        to_weekday = (self.weekday - first.isoweekday()) % _DAYS_PER_WEEK
        day = first + timedelta(days=to_weekday + _DAYS_PER_WEEK * (self.week - 1))
        if self.week == _LAST_WEEK and day.month != self.month:
            day -= timedelta(days=_DAYS_PER_WEEK)
        return day + self.time


class PosixZone(tzinfo):
    """A time zone by a POSIX rule, which is all that a recorder knows of zones.

    Attributes:
        name: by which people call it; empty if there is only the rule.
        standard: offset from UTC in winter, positive to the east.
        daylight: offset from UTC while daylight saving time is on, None without it.
        begins: the change to daylight saving time, in standard wall time.
        ends: the change back, in daylight saving wall time.
    """

    def __init__(self, rule: str, name: str = "") -> None:
        """Read a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`.

        Raises:
            ValueError: the text is no such rule.
        """
        match = _RULE.fullmatch(rule)
        if match is None:
            raise ValueError(f"not a POSIX time zone rule: {rule!r}")
        self.rule = rule
        self.name = name
        self._names = (match["std"].strip("<>"), (match["dst"] or match["std"]).strip("<>"))
        self.standard = -_offset(match["std_offset"])
        self.daylight: timedelta | None = None
        self.begins = self.ends = Change(1, 1, 0, _ZERO)
        if match["dst"] is not None:
            self.daylight = self.standard + _HOUR
            if match["dst_offset"] is not None:
                self.daylight = -_offset(match["dst_offset"])
            self.begins = _change(match["begins"])
            self.ends = _change(match["ends"])

    @classmethod
    def named(cls, name: str) -> PosixZone:
        """Give the zone by its IANA name, or by a POSIX rule.

        Raises:
            ValueError: neither.
        """
        if name in zoneinfo.available_timezones():
            return cls(_rule_of(name), name)
        return cls(name)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, PosixZone) and other.rule == self.rule

    @override
    def __hash__(self) -> int:
        return hash(self.rule)

    @override
    def utcoffset(self, dt: datetime | None, /) -> timedelta:
        if dt is None or self.daylight is None:
            return self.standard
        wall = dt.replace(tzinfo=None)
        by_standard = self._daylight_at(wall - self.standard)
        by_daylight = self._daylight_at(wall - self.daylight)
        if by_standard == by_daylight:
            return self.daylight if by_standard else self.standard
        # By PEP 495 the repeated hour (both fit) shows the offset before the change first, and the
        # skipped hour (neither fits) takes the one before the change: the larger, and the smaller.
        choose = max if by_daylight != bool(dt.fold) else min
        return choose(self.standard, self.daylight)

    @override
    def dst(self, dt: datetime | None, /) -> timedelta:
        return self.utcoffset(dt) - self.standard

    @override
    def tzname(self, dt: datetime | None, /) -> str:
        return self._names[bool(self.dst(dt))]

    @override
    def fromutc(self, dt: datetime, /) -> datetime:
        utc = dt.replace(tzinfo=None)
        daylight = self.daylight
        offset = daylight if daylight is not None and self._daylight_at(utc) else self.standard
        local = (utc + offset).replace(tzinfo=self, fold=0)
        return local if self.utcoffset(local) == offset else local.replace(fold=1)

    def _daylight_at(self, utc: datetime) -> bool:
        """Say whether daylight saving time is on at a naive UTC instant."""
        if self.daylight is None:
            return False
        year = (utc + self.standard).year
        begins = self.begins.wall(year) - self.standard
        ends = self.ends.wall(year) - self.daylight
        return begins <= utc < ends if begins < ends else not ends <= utc < begins


def _rule_of(name: str) -> str:
    """Read the rule for the years to come from the last line of a zone's compiled file."""
    for root in zoneinfo.TZPATH:
        path = Path(root) / name
        if path.is_file():
            return path.read_bytes().rstrip(b"\n").rpartition(b"\n")[2].decode()
    packaged = resources.files("tzdata") / "zoneinfo" / name
    return packaged.read_bytes().rstrip(b"\n").rpartition(b"\n")[2].decode()


def _offset(text: str) -> timedelta:
    hours, minutes, seconds = (*(int(part) for part in text.lstrip("+-").split(":")), 0, 0)[:3]
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -offset if text.startswith("-") else offset


def _change(text: str) -> Change:
    match = _CHANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a change of the form Mm.w.d/time: {text!r}")
    time = _offset(match["time"] or "2")
    return Change(int(match["month"]), int(match["week"]), int(match["weekday"]), time)
