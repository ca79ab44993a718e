"""What a device says of its time and zone: GetSystemDateAndTime (sections 3 and 5 of the notes)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from xml.etree.ElementTree import Element

from .. import xml
from ..clock import HOUR, PosixZone, fixed_zone, parse_posix_zone
from ..errors import InvalidAnswerError
from .question import Question
from .service import Service

MAX_LABEL = 128
FARTHEST_ZONE = timedelta(hours=15)
_BY_SERVER = "ntp"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTime:
    """What the device's clock shows; ``utc`` has the digits of its UTC, ``local`` those of its wall clock.

    ``synchronised`` means that it follows a time server.
    """

    utc: datetime
    local: datetime | None = None
    label: str | None = None
    synchronised: bool = False

    @property
    def other_utc(self) -> datetime | None:
        """What may be its UTC instead: where both digits are the same although its zone is another.

        Some devices show their wall clock twice.
        """
        rule = _rule(self.label)
        if rule is None or self.local != self.utc or not rule.utcoffset(self.local):
            return None
        return self.utc - rule.utcoffset(self.local)

    @property
    def zone(self) -> tzinfo:
        """The zone of its wall clock: by its rule, else by the digits of both."""
        rule = _rule(self.label)
        if self.local is None or self.other_utc is not None:
            return rule or UTC
        shown = self.local - self.utc
        if abs(shown) > FARTHEST_ZONE:
            return rule or UTC
        fixed = fixed_zone(shown)
        if rule is None:
            return fixed
        # A rule without daylight saving time holds, or it was switched on beside the rule.
        meant = rule.utcoffset(self.local)
        return rule if meant == fixed.standard else fixed


def read_time(answer: Element) -> DeviceTime:
    """Read GetSystemDateAndTime. Raises InvalidAnswerError where it tells no time."""
    told = xml.find(answer, "SystemDateAndTime")
    if told is None:
        raise InvalidAnswerError("the answer holds no time")
    utc, local = (_digits(told, name) for name in ("UTCDateTime", "LocalDateTime"))
    label = xml.text(told, "TimeZone", "TZ")
    if utc is None and local is not None:
        # Some tell their wall clock alone; without a rule it has to be taken for UTC.
        rule = _rule(label)
        offset = None if rule is None else rule.utcoffset(local)
        if xml.boolean(told, "DaylightSavings") and rule is not None and not rule.saving:
            offset = rule.standard + HOUR
        utc = local - (offset or timedelta(0))
    if utc is None:
        raise InvalidAnswerError("the answer holds no time")
    return DeviceTime(
        utc=utc,
        local=local,
        label=None if label is None else label[:MAX_LABEL],
        synchronised=(xml.text(told, "DateTimeType") or "").casefold() == _BY_SERVER,
    )


TIME = Question(service=Service.DEVICE, operation="GetSystemDateAndTime", read=read_time, open=True)


def _rule(label: str | None) -> PosixZone | None:
    try:
        return None if label is None else parse_posix_zone(label)
    except ValueError:
        return None


def _digits(told: Element, name: str) -> datetime | None:
    parts = [
        xml.integer(told, name, *path)
        for path in (
            ("Date", "Year"),
            ("Date", "Month"),
            ("Date", "Day"),
            ("Time", "Hour"),
            ("Time", "Minute"),
            ("Time", "Second"),
        )
    ]
    year, month, day, hour, minute, second = (part if part is not None else -1 for part in parts)
    try:
        # Seconds of 60 and more were seen.
        return datetime(year, month, day, hour, minute) + timedelta(seconds=max(second, 0))
    except ValueError, OverflowError:
        return None
