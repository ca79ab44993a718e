"""Device times as ISAPI writes them."""

from datetime import datetime, timedelta
import re

from simulator.core.clock import DeviceClock
from simulator.core.zone import Change, PosixZone

from .errors import Refusal

_ISO_DIGITS = len("2026-09-27T00:12:02")
_BASIC = re.compile(r"\d{8}T\d{6}")
_MINUTES_PER_HOUR = 60


def iso(stamp: datetime) -> str:
    """Write digits as search answers do: whole seconds, rounded down, and a `Z` whatever it means."""
    return f"{stamp:%Y-%m-%dT%H:%M:%S}Z"


def basic(stamp: datetime) -> str:
    """Write digits as playback addresses do."""
    return f"{stamp:%Y%m%dT%H%M%S}Z"


def read_iso(text: str) -> datetime:
    """Read a search's time: its digits alone count, whatever suffix follows.

    Raises:
        Refusal: no time.
    """
    try:
        return datetime.fromisoformat(text.strip()[:_ISO_DIGITS]).replace(tzinfo=None)
    except ValueError as err:
        raise Refusal.bad_content() from err


def read_basic(text: str) -> datetime | None:
    """Read a playback address's time, also in the form with dashes and colons; None if it is none."""
    match = _BASIC.match(text.replace("-", "").replace(":", ""))
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match[0])
    except ValueError:
        return None


def true_span(clock: DeviceClock, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Give the true span between two stamps, the shorter one where the clock showed one of them twice."""
    begins = clock.from_stamp(start)
    ends = clock.from_stamp(end)
    return begins, ends if ends > begins else clock.from_stamp(end, fold=1)


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
