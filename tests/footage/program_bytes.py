"""Changing the bytes of program streams, as broken devices do."""

from collections.abc import Iterator

_SOUND = b"\0\0\1\xc0"
_PADDING = 0xBE
_TICKS = 90_000
_WRAP = 1 << 33


def _sounds(data: bytearray) -> Iterator[int]:
    at = 0
    while (at := data.find(_SOUND, at)) >= 0:
        yield at
        at += len(_SOUND)


def remove_sound(chunk: bytes) -> bytes:
    """Turn packets of sound into padding."""
    data = bytearray(chunk)
    for at in _sounds(data):
        data[at + 3] = _PADDING
    return bytes(data)


def shift_sound(chunk: bytes, seconds: int) -> bytes:
    """Stamp packets of sound that much later."""
    data = bytearray(chunk)
    for at in _sounds(data):
        if data[at + 7] & 0x80:
            bits = int.from_bytes(data[at + 9 : at + 14])
            stamp = bits >> 33 & 7
            stamp = stamp << 30 | (bits >> 17 & 0x7FFF) << 15 | bits >> 1 & 0x7FFF
            stamp = (stamp + seconds * _TICKS) % _WRAP
            bits = 0b0010 << 36 | (stamp >> 30) << 33 | 1 << 32
            bits |= (stamp >> 15 & 0x7FFF) << 17 | 1 << 16 | (stamp & 0x7FFF) << 1 | 1
            data[at + 9 : at + 14] = bits.to_bytes(5)
    return bytes(data)
