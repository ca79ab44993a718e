"""The Range header: normal play time, and the device's clock."""

from datetime import datetime, timedelta
import re

from .presentation import Presentation

_NPT = re.compile(r"npt=(now|\d+(?:\.\d+)?)-")
_CLOCK = re.compile(r"clock=(\d{8}T\d{6})(?:\.(\d+))?Z?-")


class RangeError(Exception):
    """A Range header that can't be read."""


def parse_range(text: str, presentation: Presentation) -> datetime | timedelta | None:
    """Give where to play from: an instant, a distance from the beginning, or None for "go on".

    Raises:
        RangeError: for anything else.
    """
    if match := _NPT.match(text.strip()):
        return None if match[1] == "now" else timedelta(seconds=float(match[1]))
    if match := _CLOCK.match(text.strip()):
        try:
            digits = datetime.strptime(match[1], "%Y%m%dT%H%M%S")
        except ValueError as err:
            raise RangeError(text) from err
        fraction = timedelta(seconds=float(f"0.{match[2] or 0}"))
        return presentation.from_stamp(digits + fraction)
    raise RangeError(text)


def format_range(presentation: Presentation, position: datetime | None) -> str:
    """Give the Range of a presentation, from a position on where one is given."""
    if not presentation.spans:
        return "npt=now-"
    start = position or presentation.spans[0][0]
    stop = presentation.spans[-1][1]
    return f"clock={_digits(presentation.stamp(start))}-{_digits(presentation.stamp(stop))}"


def _digits(stamp: datetime) -> str:
    return f"{stamp:%Y%m%dT%H%M%S}Z"
