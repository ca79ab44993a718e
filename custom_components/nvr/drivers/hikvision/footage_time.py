"""The wall clock inside footage, as far as a driver needs it: the first one of a program stream (section 13)."""

from datetime import datetime, timedelta

_MAP_START = b"\x00\x00\x01\xbc"
# Behind the start code: length 2, flags 2, length of the descriptors 2.
_INFO_LENGTH_AT = 8
_INFO_AT = 10
_TIME_TAG = 0x40
_MARK = b"HK"
_MIN_LENGTH = 10
_CENTURY = 2000


def first_wall(content: bytes | bytearray) -> datetime | None:
    """Return the wall clock (naive) that the first program stream map with a time carries, None without one."""
    at = content.find(_MAP_START)
    while at >= 0:
        info = at + _INFO_AT
        length = int.from_bytes(content[at + _INFO_LENGTH_AT : info])
        wall = _wall_among(content[info : info + length])
        if wall is not None:
            return wall
        at = content.find(_MAP_START, at + 1)
    return None


def _wall_among(descriptors: bytes | bytearray) -> datetime | None:
    at = 0
    while at + 2 <= len(descriptors):
        length = descriptors[at + 1]
        body = descriptors[at + 2 : at + 2 + length]
        if descriptors[at] == _TIME_TAG and (wall := _wall(body)) is not None:
            return wall
        at += 2 + length
    return None


def _wall(body: bytes | bytearray) -> datetime | None:
    if len(body) < _MIN_LENGTH or body[:2] != _MARK:
        return None
    bits = int.from_bytes(body[5:10])
    # From the top bit: month 4, day 5, hour 5, minute 6, second 6, marker 1, milliseconds 10, encryption 3.
    month, day, hour = bits >> 36 & 0xF, bits >> 31 & 0x1F, bits >> 26 & 0x1F
    minute, second, millisecond = bits >> 20 & 0x3F, bits >> 14 & 0x3F, bits >> 3 & 0x3FF
    try:
        wall = datetime(_CENTURY + body[4], month, day, hour, minute, second)
    except ValueError:
        return None
    return wall + timedelta(milliseconds=millisecond)
