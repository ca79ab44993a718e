"""The clock of a recorded device: what it told when it was recorded goes on from there."""

from datetime import datetime, timedelta
import re
from typing import Final

_MOMENT: Final = re.compile(
    rb"<(?P<name>(?:[\w.-]+:)?(?:UTC|Local)DateTime)\b.*?</(?P=name)>", re.DOTALL
)
_PARTS: Final = ("Year", "Month", "Day", "Hour", "Minute", "Second")
_NUMBER: Final = re.compile(
    rb"(<(?:[\w.-]+:)?(Year|Month|Day|Hour|Minute|Second)\b[^>]*>)\s*(\d{1,4})\s*(?=<)"
)


def told_on(message: bytes, since: timedelta) -> bytes:
    """Move the times in a message on. What is no time stays as it is."""

    def moved(match: re.Match[bytes]) -> bytes:
        told = {part[2].decode(): int(part[3]) for part in _NUMBER.finditer(match[0])}
        try:
            year, month, day, hour, minute, second = (told[part] for part in _PARTS)
            moment = datetime(year, month, day, hour, minute, second) + since
        except KeyError, ValueError, OverflowError:
            return match[0]
        now = {part: getattr(moment, part.lower()) for part in _PARTS}
        return _NUMBER.sub(lambda part: part[1] + str(now[part[2].decode()]).encode(), match[0])

    return _MOMENT.sub(moved, message)
