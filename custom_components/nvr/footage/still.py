"""Parts of a playback for which the recorder has no footage.

A player gives up at a part that is missing or empty, and its playlist can't be changed any more. So it gets a
part that shows a single picture, in silence. The worker lays down one such part at time 0; here it is
moved to where it is wanted.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
import struct

from .errors import FootageError

_HEADER = struct.Struct(">I4s")
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})
_FULL_BOX_BYTES = 4
_LONG = struct.Struct(">Q")
_SHORT = struct.Struct(">I")
# AAC frames stand at multiples of this on the grid of samples that counts from the recording's start.
_FRAME_SAMPLES = 1024
_SECOND = timedelta(seconds=1)


def place_still(still: Path, init: Path, target: Path, number: int, start: timedelta) -> None:
    """Write the still part as part ``number`` that begins at ``start``. A file that is there is kept.

    Raises FileNotFoundError if what it is made from is not there any more.
    """
    if target.exists():
        return
    data = moved(still.read_bytes(), init.read_bytes(), number, start)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def moved(segment: bytes, init: bytes, number: int, start: timedelta) -> bytes:
    """Return a part made for time 0 as part ``number`` that begins at ``start``.

    ``init`` tells the unit of each track's times; the first track is the video, a second one the sound.
    """
    data = bytearray(segment)
    try:
        units = [_SHORT.unpack_from(init, _unit_at(init, body))[0] for body in _find(init, b"mdhd")]
        (sequence,) = _find(data, b"mfhd")
        _SHORT.pack_into(data, sequence + _FULL_BOX_BYTES, number + 1)
        for track, (time, unit) in enumerate(zip(_find(data, b"tfdt"), units, strict=False)):
            shift = start * unit // _SECOND
            if track:
                shift = -(-shift // _FRAME_SAMPLES) * _FRAME_SAMPLES
            field = _LONG if data[time] else _SHORT
            at = time + _FULL_BOX_BYTES
            field.pack_into(data, at, field.unpack_from(data, at)[0] + shift)
    except (ValueError, struct.error) as error:
        raise FootageError("the still part makes no sense") from error
    return bytes(data)


def _unit_at(init: bytes, body: int) -> int:
    """Return where a media header says its unit: after two times, which are longer in version 1."""
    return body + _FULL_BOX_BYTES + 2 * (_LONG if init[body] else _SHORT).size


def _find(data: bytes | bytearray, kind: bytes) -> list[int]:
    """Return where the bodies of all boxes of a kind begin."""
    return [body for found, body in _boxes(data, 0, len(data)) if found == kind]


def _boxes(data: bytes | bytearray, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    while start + _HEADER.size <= end:
        size, kind = _HEADER.unpack_from(data, start)
        if size < _HEADER.size or start + size > end:
            return
        body = start + _HEADER.size
        yield kind, body
        if kind in _PARENTS:
            yield from _boxes(data, body, start + size)
        start += size
