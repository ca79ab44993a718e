"""Reading what stands in answers: tokens and times, as devices write them."""

from datetime import UTC, datetime, timedelta
import re
from xml.etree.ElementTree import Element

from .. import xml

MAX_TOKEN = 256
# What a device may mean by a clock that was never set.
FIRST_YEAR = 1970
_TOKEN_NAMES = ("token", "Token")
# Parts that are not padded, ``-`` for ``T`` and minutes of 61 were all seen (section 14 of the notes).
_MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[T\s-]{1,2}(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?\s*"
    r"(Z|[+-]\d{1,2}:?\d{2})?",
    re.IGNORECASE,
)
_OVERFLOWS = {"hour": 48, "minute": 120, "second": 120}


def token(element: Element) -> str | None:
    """Return the token that an element has as its attribute, None where it has none."""
    found = next((element.get(name) for name in _TOKEN_NAMES if element.get(name)), None)
    return None if found is None else found.strip()[:MAX_TOKEN] or None


def moment(element: Element, *path: str) -> datetime | None:
    """Return the instant along a path in the device's UTC, None where it is missing or makes no sense."""
    return read_moment(xml.text(element, *path))


def read_moment(text: str | None) -> datetime | None:
    """Read an instant; without a zone it is UTC, as all times of ONVIF are (section 2 of the notes)."""
    match = None if text is None else _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    beyond = (hour, minute, second)
    if year < FIRST_YEAR or any(
        part >= most for part, most in zip(beyond, _OVERFLOWS.values(), strict=True)
    ):
        return None
    fraction = (match[7] or "").ljust(6, "0")[:6]
    try:
        return (
            datetime(year, month, day, tzinfo=UTC)
            + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(fraction or 0))
            - _zone(match[8])
        )
    except ValueError, OverflowError:
        return None


def _zone(text: str | None) -> timedelta:
    if text is None or text in "Zz":
        return timedelta(0)
    digits = text[1:].replace(":", "").rjust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -span if text.startswith("-") else span
