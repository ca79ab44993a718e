"""What the device says of its own time and of its zone (section 12 of the notes).

It prints wall-clock digits without a zone. ``TimeZoneDesc`` is a name of the zone database on recent recorders, a label on
others; the table ``Locales`` says when daylight saving time begins and ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
import re
from zoneinfo import ZoneInfo

from ..clock import (
    HOUR,
    LAST_WEEK,
    MAX_ZONE_OFFSET,
    ZERO,
    Change,
    DateRule,
    PosixZone,
    TransitionRule,
)
from .digits import read_digits
from .question import Call, CgiRequest, Question, config_question
from .tree import Tree, at, boolean, integer, text

DAYS_OF_WEEK = 7
MONTHS, DAYS, HOURS, MINUTES = 12, 31, 24, 60
MAX_LABEL = 64
# Devices' digits and a zone may be so far apart before the zone is taken for another than the device's.
QUARTER = timedelta(minutes=15)

_NAME = re.compile(r"[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}|UTC")
_OFFSET = re.compile(r"(?:GMT|UTC)\s*([+-])\s*(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
# Labels of older firmware that name a zone of North America.
_LABELS = {
    "easterntime": timedelta(hours=-5),
    "centraltime": timedelta(hours=-6),
    "mountaintime": timedelta(hours=-7),
    "pacifictime": timedelta(hours=-8),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeServer:
    """The table NTP. ``synchronised`` means that the device follows a time server."""

    zone: str | None = None
    synchronised: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingRules:
    """Daylight saving time by the table Locales.

    ``enabled`` is None where the device does not say, or says that it is without saying when.
    """

    enabled: bool | None = None
    start: Change | None = None
    end: Change | None = None

    def zone(self, standard: timedelta) -> PosixZone:
        """Return the zone with these rules around a standard offset."""
        if self.enabled and self.start is not None and self.end is not None:
            return PosixZone(standard, HOUR, self.start, self.end)
        return PosixZone(standard)


def read_time(tree: Tree) -> datetime | None:
    """Read getCurrentTime, under any of the names that it goes by."""
    for path in (("time",), ("result",), ()):
        if (digits := read_digits(text(tree, *path))) is not None:
            return digits
    return None


def read_time_server(tree: Tree) -> TimeServer:
    """Read NTP. ``TimeZone`` is the vendor's own number and means nothing."""
    label = text(tree, "TimeZoneDesc")
    return TimeServer(
        zone=None if label is None else label[:MAX_LABEL],
        synchronised=boolean(tree, "Enable") is True,
    )


def read_saving_rules(tree: Tree) -> SavingRules:
    """Read Locales."""
    enabled = boolean(tree, "DSTEnable")
    start, end = (_change(at(tree, name)) for name in ("DSTStart", "DSTEnd"))
    if enabled and (start is None or end is None):
        # Not the same as a zone without: the clock is changed, at moments that are not known.
        enabled = None
    return SavingRules(enabled=enabled, start=start, end=end)


TIME = Question(
    what="time",
    forms={
        "rpc": Call(method="global.getCurrentTime"),
        "cgi": CgiRequest(module="global", action="getCurrentTime"),
    },
    read=read_time,
)
TIME_SERVER = config_question("NTP", read_time_server)
SAVING_RULES = config_question("Locales", read_saving_rules)


def zone_of(
    server: TimeServer, rules: SavingRules, digits: datetime, utc: datetime
) -> tuple[tzinfo, str | None]:
    """Return the device's zone, and its text; ``digits`` is what it shows at a moment (UTC digits).

    Of a named zone and of the device's own rules the one goes that shows what the device shows; where both do, the
    rules, if there are any: they are what the device's clock goes by. Reads files of the zone database.
    """
    named = _named_zone(server.zone)
    standard = _standard(server.zone, named, utc)
    candidates: list[tzinfo] = []
    if rules.enabled is not None:
        base = standard
        if base is None:
            base = _quarters(digits - utc)
            summer = rules.zone(base).dst(digits)
            base -= summer or ZERO
        candidates.append(rules.zone(base))
    if named is not None:
        candidates.append(named)
    elif standard is not None and not candidates:
        candidates.append(PosixZone(standard))
    if not candidates:
        candidates.append(PosixZone(_quarters(digits - utc)))
    best = min(candidates, key=lambda zone: round(abs(_off(zone, digits, utc)) / QUARTER))
    return best, server.zone or best.tzname(digits)


def recorded_zone(server: TimeServer | None, rules: SavingRules | None) -> tzinfo | None:
    """Return the zone by settings alone, where nobody knows when they were heard; None where they leave it open."""
    label = None if server is None else server.zone
    named = _named_zone(label)
    if named is not None:
        return named
    standard = _standard(label, None, datetime.min)
    if standard is None or rules is None or rules.enabled is None:
        return None
    return rules.zone(standard)


def _off(zone: tzinfo, digits: datetime, utc: datetime) -> timedelta:
    """Return how far the device is from what a zone would show."""
    offset = zone.utcoffset(digits.replace(tzinfo=zone)) or ZERO
    return digits - utc - offset


def _quarters(shown: timedelta) -> timedelta:
    """Return an offset of quarter hours; a clock that was never set is far off, which is no zone."""
    return round(shown / QUARTER) * QUARTER if abs(shown) <= MAX_ZONE_OFFSET else ZERO


def _named_zone(label: str | None) -> ZoneInfo | None:
    if label is None or not _NAME.fullmatch(label):
        return None
    try:
        return ZoneInfo(label)
    except OSError, ValueError, LookupError:
        return None


def _standard(label: str | None, named: ZoneInfo | None, utc: datetime) -> timedelta | None:
    """Return the standard offset that a label names, None where it names none."""
    if named is not None:
        moment = utc.replace(tzinfo=named)
        return (moment.utcoffset() or ZERO) - (moment.dst() or ZERO)
    if label is None:
        return None
    if (match := _OFFSET.search(label)) is not None:
        span = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if span <= MAX_ZONE_OFFSET:
            return -span if match[1] == "-" else span
    return _LABELS.get(re.sub(r"[^a-z]", "", label.casefold()))


def _change(row: Tree) -> Change | None:
    """Return when the clock is changed: on the nth weekday of a month, or where ``Week`` is 0 on a date."""
    month, week, day = (integer(row, name) for name in ("Month", "Week", "Day"))
    hour, minute = (integer(row, name) or 0 for name in ("Hour", "Minute"))
    if month is None or day is None or not 1 <= month <= MONTHS:
        return None
    if not (0 <= hour <= HOURS and 0 <= minute < MINUTES):
        return None
    moment = timedelta(hours=hour, minutes=minute)
    if not week:
        return DateRule(month, day, moment) if 1 <= day <= DAYS else None
    if not 0 <= day <= DAYS_OF_WEEK or not -1 <= week <= LAST_WEEK:
        return None
    return TransitionRule(month, LAST_WEEK if week == -1 else week, day % DAYS_OF_WEEK, moment)
