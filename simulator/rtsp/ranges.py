"""The Range header: normal play time, and the device's clock (RFC 2326, 3.6 and 3.7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
import re

from .presentation import Presentation

_NPT_TIME = r"(?:\d+(?:\.\d+)?|\d+:\d\d?:\d\d?(?:\.\d+)?)"
_NPT = re.compile(rf"npt\s*=\s*(now|{_NPT_TIME})?\s*-\s*({_NPT_TIME})?")
_CLOCK_TIME = r"\d{8}T\d{6}(?:\.\d+)?"
_CLOCK = re.compile(rf"clock\s*=\s*({_CLOCK_TIME})Z?\s*-\s*(?:({_CLOCK_TIME})Z?)?")
_SECONDS_PER_UNIT = 60
_MILLISECOND_US = 1000


class RangeError(Exception):
    """A Range header that can't be read, or that lies outside of what there is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """From where and until when a client wants to see footage; None for "go on" and "to the end"."""

    start: datetime | None = None
    stop: datetime | None = None


def parse_range(text: str, presentation: Presentation, *, backwards: bool = False) -> Asked:
    """Read what a client wants of recorded footage, held within what it described.

    Args:
        text: of the header.
        presentation: what was described.
        backwards: whether it ends before it starts.

    Raises:
        RangeError: it can't be read, or nothing of it is there.
    """
    if match := _NPT.match(text.strip()):
        start, stop = (_npt(time, presentation) for time in match.groups())
    elif match := _CLOCK.match(text.strip()):
        start, stop = (_clock(time, presentation) for time in match.groups())
    else:
        raise RangeError(text)
    bounds = presentation.bounds
    if bounds is None:
        return Asked(start, stop)
    if backwards:
        if start is not None and start <= max(stop or bounds[0], bounds[0]):
            raise RangeError(text)
        return Asked(
            None if start is None else min(start, bounds[1]),
            None if stop is None else max(stop, bounds[0]),
        )
    if start is not None:
        start = max(start, bounds[0])
        if start >= (stop or bounds[1]) or start >= bounds[1]:
            raise RangeError(text)
    return Asked(start, min(stop, bounds[1]) if stop is not None else None)


def format_range(
    presentation: Presentation, position: datetime | None, *, clock: bool, exact: bool = False
) -> str:
    """Give the Range of a presentation, from a position on where one is given.

    Args:
        presentation: what is played.
        position: where it stands; None for the beginning.
        clock: whether by the device's clock; else by normal play time.
        exact: whether the clock tells milliseconds; else whole seconds.
    """
    bounds = presentation.bounds
    if presentation.live:
        return "npt=now-"
    if bounds is None:
        return "npt=0-"
    start, stop = position or bounds[0], bounds[1]
    if clock:
        told = (_digits(presentation.stamp(instant), exact=exact) for instant in (start, stop))
        return f"clock={'-'.join(told)}"
    return f"npt={_played(presentation, start):.3f}-{_played(presentation, stop):.3f}"


def format_clock(presentation: Presentation, start: datetime, stop: datetime | None) -> str:
    """Give the Range of a replay by the device's clock, to the millisecond; None for an open end."""
    told = (
        "" if instant is None else _digits(presentation.stamp(instant), exact=True)
        for instant in (start, stop)
    )
    return f"clock={'-'.join(told)}"


def _npt(text: str | None, presentation: Presentation) -> datetime | None:
    if text is None or text == "now" or not presentation.spans:
        return None
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * _SECONDS_PER_UNIT + float(part)
    try:
        return presentation.position(timedelta(seconds=seconds))
    except OverflowError as err:
        raise RangeError(text) from err


def _clock(text: str | None, presentation: Presentation) -> datetime | None:
    if text is None:
        return None
    digits, _, fraction = text.partition(".")
    try:
        stamp = datetime.strptime(digits, "%Y%m%dT%H%M%S")
    except ValueError as err:
        raise RangeError(text) from err
    return presentation.from_stamp(stamp + timedelta(seconds=float(f"0.{fraction or 0}")))


def _played(presentation: Presentation, instant: datetime) -> float:
    """Give the seconds of footage before an instant."""
    spans = presentation.spans or ()
    before = (min(stop, instant) - start for start, stop in spans if start < instant)
    return sum(before, timedelta()).total_seconds()


def _digits(stamp: datetime, *, exact: bool) -> str:
    fraction = f".{stamp.microsecond // _MILLISECOND_US:03}" if exact else ""
    return f"{stamp:%Y%m%dT%H%M%S}{fraction}Z"
