"""Device times as ISAPI writes them."""

from datetime import UTC, datetime, timedelta
import re

from simulator.core.clock import Convention, DeviceClock
from simulator.core.zone import Change, PosixZone

from .errors import Refusal
from .traits.search import OffsetTimes

_ISO_DIGITS = len("2026-09-27T00:12:02")
_OFFSET = re.compile(r"[-+]\d{2}:\d{2}")
_BASIC = re.compile(r"\d{8}T\d{6}")
_MINUTES_PER_HOUR = 60


def iso(stamp: datetime) -> str:
    """Write digits as search answers do: whole seconds, rounded down, and a `Z` whatever it means."""
    return f"{stamp:%Y-%m-%dT%H:%M:%S}Z"


def basic(stamp: datetime) -> str:
    """Write digits as playback addresses do."""
    return f"{stamp:%Y%m%dT%H%M%S}Z"


def read_iso(text: str, clock: DeviceClock, offsets: OffsetTimes) -> datetime:
    """Read a search's time as digits of the device's recordings.

    Args:
        text: ISO form; behind its digits stands a `Z`, an offset or nothing.
        clock: of the device.
        offsets: what is done about an offset.

    Raises:
        Refusal: no time, or not one that the device understands.
    """
    text = text.strip()
    try:
        digits = datetime.fromisoformat(text[:_ISO_DIGITS]).replace(tzinfo=None)
        if _OFFSET.fullmatch(text[_ISO_DIGITS:]) is None or offsets is OffsetTimes.IGNORED:
            return digits
        instant = datetime.fromisoformat(text)
    except ValueError as err:
        raise Refusal.bad_content() from err
    if offsets is OffsetTimes.REFUSED:
        raise Refusal.bad_content()
    zone = clock.zone if clock.convention is Convention.WALL else UTC
    return instant.astimezone(zone).replace(tzinfo=None)


def read_basic(text: str) -> datetime | None:
    """Read a playback address's time, also in the form with dashes and colons; None if it is none."""
    match = _BASIC.match(text.replace("-", "").replace(":", ""))
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match[0])
    except ValueError:
        return None


def time_zone(zone: PosixZone) -> str:
    """Write a zone's rule in the maker's dialect of POSIX: `CST+6:00:00DST01:00:00,M3.2.0/02:00:00,…`."""
    text = zone.rule.split(",")[0].split("<")[0][:3] if zone.rule[0].isalpha() else "UTC"
    text += _reversed(zone.standard)
    if zone.daylight is None:
        return text
    more = _clock(zone.daylight - zone.standard, width=2)
    return f"{text}DST{more},{_change(zone.begins)},{_change(zone.ends)}"


def _reversed(offset: timedelta) -> str:
    return ("-" if offset >= timedelta() else "+") + _clock(abs(offset), width=1)


def _clock(span: timedelta, *, width: int) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, _MINUTES_PER_HOUR)
    return f"{hours:0{width}}:{minutes:02}:{seconds:02}"


def _change(change: Change) -> str:
    return f"M{change.month}.{change.week}.{change.weekday}/{_clock(change.time, width=2)}"
