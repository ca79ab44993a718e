"""The wall clock that a recorder writes into its program streams.

A program stream map carries descriptor 0x40 with the device's date and time to the millisecond; the layout is
described in the protocol notes of the vendor whose mark it bears. A descriptor with another mark means
something else and is ignored.
"""

from datetime import UTC, datetime

from .units import TICKS_PER_SECOND

TIME_DESCRIPTOR = 0x40
_MARK = b"HK"
_MIN_LENGTH = 10
_CENTURY = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICKS_PER_MILLISECOND = TICKS_PER_SECOND // 1000
_MILLISECONDS_PER_SECOND = 1000


def wall_ticks(body: bytes | bytearray | memoryview) -> int | None:
    """Return the time of a descriptor's body (without tag and length), or None if it holds none.

    The result is in ticks since 1970 as if the wall clock were UTC.
    """
    if len(body) < _MIN_LENGTH or bytes(body[:2]) != _MARK:
        return None
    bits = int.from_bytes(body[5:10])
    # From the top bit: month 4, day 5, hour 5, minute 6, second 6, marker 1, milliseconds 10, encryption 3.
    month, day, hour = bits >> 36 & 0xF, bits >> 31 & 0x1F, bits >> 26 & 0x1F
    minute, second, millisecond = bits >> 20 & 0x3F, bits >> 14 & 0x3F, bits >> 3 & 0x3FF
    if millisecond >= _MILLISECONDS_PER_SECOND:
        return None
    try:
        wall = datetime(_CENTURY + body[4], month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    whole_seconds = int((wall - _EPOCH).total_seconds())
    return whole_seconds * TICKS_PER_SECOND + millisecond * _TICKS_PER_MILLISECOND
