"""The wall clock inside footage, as far as a driver needs it: that of the first and the last frame (section 10)."""

from datetime import datetime, timedelta

MARK = b"DHAV"
HEAD_BYTES = 24
_LENGTH_AT = 12
_DATE_AT = 16
_CENTURY = 2000
# Key frame, other picture, sound; what else there is carries no time to go by.
_TIMED = frozenset({0xFD, 0xFC, 0xF0})
MAX_FRAME = 64 * 1024 * 1024


def first_wall(content: bytes) -> datetime | None:
    """Return the wall clock (naive, whole seconds) of the first frame, None where there is none.

    What stands before it, a header of the file's own, is passed over.
    """
    at = content.find(MARK)
    while 0 <= at <= len(content) - HEAD_BYTES:
        if (wall := _wall_at(content, at)) is not None:
            return wall
        at = content.find(MARK, at + 1)
    return None


def last_wall(content: bytes) -> datetime | None:
    """Return the wall clock of the last frame that begins there, None where none does."""
    at = content.rfind(MARK, 0, max(len(content) - HEAD_BYTES + len(MARK), 0))
    while at >= 0:
        if (wall := _wall_at(content, at)) is not None:
            return wall
        at = content.rfind(MARK, 0, at + len(MARK) - 1)
    return None


def _wall_at(content: bytes, at: int) -> datetime | None:
    """Return the wall clock of a frame that begins at a place, None where it doesn't tell, or none begins."""
    length = int.from_bytes(content[at + _LENGTH_AT : at + _DATE_AT], "little")
    if content[at + len(MARK)] not in _TIMED or not HEAD_BYTES <= length <= MAX_FRAME:
        return None
    return _wall(content[at + _DATE_AT : at + _DATE_AT + 4])


def _wall(field: bytes) -> datetime | None:
    bits = int.from_bytes(field, "little")
    # From the lowest bit: second 6, minute 6, hour 5, day 5, month 4, year 6.
    second, minute, hour = bits & 0x3F, bits >> 6 & 0x3F, bits >> 12 & 0x1F
    day, month, year = bits >> 17 & 0x1F, bits >> 22 & 0xF, bits >> 26 & 0x3F
    try:
        wall = datetime(_CENTURY + year, month, day, hour, minute)
    except ValueError:
        return None
    return wall + timedelta(seconds=second) if second < 60 else None
