"""Correcting how long a finished MP4 is shown.

Pictures that others refer to may have to be in the file although they are shown after the end. The muxer then
makes the edit list too long; here it is shortened in place.
"""

from collections.abc import Iterator
from pathlib import Path
import struct
from typing import BinaryIO

from .faults import UnsoundResultError

_MAX_INDEX_BYTES = 512 << 20
_HEADER = struct.Struct(">I4s")


def shorten(path: Path, duration: int) -> None:
    """Let the video track of a file end at ``duration``, in units of the movie's clock, if it is longer."""
    with path.open("r+b") as file:
        start, size = _find_index(file)
        file.seek(start)
        moov = bytearray(file.read(size))
        if _shorten_video(moov, duration):
            file.seek(start)
            file.write(moov)


def _find_index(file: BinaryIO) -> tuple[int, int]:
    """Return start and size of the box ``moov``."""
    position = 0
    while len(header := file.read(_HEADER.size)) == _HEADER.size:
        size, kind = _HEADER.unpack(header)
        if size < _HEADER.size or size > _MAX_INDEX_BYTES:
            break
        if kind == b"moov":
            return position, size
        position += size
        file.seek(position)
    raise UnsoundResultError("the clip has no index at its beginning")


def _boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    while start + _HEADER.size <= end:
        size, kind = _HEADER.unpack_from(data, start)
        if size < _HEADER.size or start + size > end:
            return
        yield kind, start + _HEADER.size, start + size
        start += size


def _find(data: bytearray, start: int, end: int, *path: bytes) -> tuple[int, int] | None:
    for kind, body, stop in _boxes(data, start, end):
        if kind == path[0]:
            return (body, stop) if len(path) == 1 else _find(data, body, stop, *path[1:])
    return None


def _shorten_video(moov: bytearray, duration: int) -> bool:
    start, end = _HEADER.size, len(moov)
    for kind, body, stop in _boxes(moov, start, end):
        if kind != b"trak":
            continue
        handler = _find(moov, body, stop, b"mdia", b"hdlr")
        edits = _find(moov, body, stop, b"edts", b"elst")
        header = _find(moov, body, stop, b"tkhd")
        if handler is None or edits is None or header is None:
            continue
        if moov[handler[0] + 8 : handler[0] + 12] == b"vide":
            return _shorten_edit(moov, edits[0], header[0], duration)
    return False


def _shorten_edit(moov: bytearray, edits: int, header: int, duration: int) -> bool:
    """Shorten the last edit of a list whose entries are 12 (version 0) or 20 bytes long."""
    long = moov[edits] == 1
    field = struct.Struct(">Q" if long else ">I")
    count = int.from_bytes(moov[edits + 4 : edits + 8])
    last = edits + 8 + (count - 1) * (20 if long else 12)
    if count < 1 or field.unpack_from(moov, last)[0] <= duration:
        return False
    field.pack_into(moov, last, duration)
    # Track header: the duration stands after two times, the track's number and four bytes reserved.
    field = struct.Struct(">Q" if moov[header] == 1 else ">I")
    field.pack_into(moov, header + 4 + (2 * field.size) + 8, duration)
    return True
