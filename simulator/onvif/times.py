"""Instants and spans as XML Schema writes them."""

from datetime import UTC, datetime, timedelta
import re
from typing import Final

from .traits.answers import TimeText

_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8}(?:\.\d{1,6})?)S)?)?"
)
_LONGEST_TEXT: Final = 40


def written(digits: datetime, form: TimeText = TimeText.ISO) -> str:
    """Give the text of what a device's clock shows, to the second, for UTC."""
    match form:
        case TimeText.ISO:
            return f"{digits:%Y-%m-%dT%H:%M:%S}Z"
        case TimeText.DASHED:
            return f"{digits:%Y-%m-%d-%H:%M:%S}Z"
        case TimeText.UNPADDED:
            date = f"{digits.year}-{digits.month}-{digits.day}"
            return f"{date}T{digits.hour}:{digits.minute}:{digits.second}Z"


def read_instant(text: str | None) -> datetime | None:
    """Read an instant as naive digits of UTC, None if it is none. What has no zone is taken for UTC."""
    if text is None or len(text) > _LONGEST_TEXT:
        return None
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if instant.tzinfo is None:
        return instant
    try:
        return instant.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def read_duration(text: str | None) -> timedelta | None:
    """Read a span, None if it is none."""
    match = _DURATION.fullmatch((text or "").strip()[:_LONGEST_TEXT])
    if match is None or not any(match.groups()):
        return None
    parts = {name: float(value) for name, value in match.groupdict().items() if value}
    return timedelta(**parts)
