"""Completing a finished MP4 in place: its index goes to the front, and it is shown no longer than it should be.

FFmpeg moves the index too, but it holds it twice for that, beside the tables that it was written from: with gigabytes
of footage that is what would take most memory of all. Here it moves when those tables are gone.

Pictures that others refer to may have to be in the file although they are shown after the end. The muxer then
makes the edit list too long; here it is shortened.
"""

from array import array
from collections.abc import Iterator
from io import BufferedRandom
import os
from pathlib import Path
import struct
import sys

from .faults import UnsoundResultError

_MAX_INDEX_BYTES = 512 << 20
_MAX_BOXES = 64
_HEADER = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")
_BLOCK_BYTES = 1 << 20
_HOLDERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
# Version and flags, then how many.
_TABLE_HEADER_BYTES = 8
_OFFSETS = {b"stco": "I", b"co64": "Q"}
_WIDE = b"co64"
_MAX_NARROW = (1 << 32) - 1
_MAX_PLACE = 1 << 60


def complete(path: Path, duration: int) -> None:
    """Put the index first and let the video track end at ``duration``, in units of the movie's clock, if it is longer.

    Raises UnsoundResultError if the file has no index that can be read.
    """
    with path.open("r+b") as file:
        start, size = _find_index(file)
        moov = bytearray(size)
        file.seek(start)
        if file.readinto(moov) != size:
            raise UnsoundResultError("the clip's index is cut off")
        try:
            _shorten_video(moov, duration)
        except (struct.error, IndexError) as error:
            raise UnsoundResultError("the clip's index makes no sense") from error
        first = _first_data(file)
        if start > first:
            moov = _moved(moov)
            _make_room(file, first, start, len(moov))
            file.truncate(start + len(moov))
            start = first
        file.seek(start)
        file.write(moov)


def _top_boxes(file: BufferedRandom) -> Iterator[tuple[bytes, int, int]]:
    """Give kind, start and size of the boxes that a file consists of."""
    position = 0
    end = os.fstat(file.fileno()).st_size
    for _ in range(_MAX_BOXES):
        file.seek(position)
        header = file.read(_HEADER.size + _LARGE_SIZE.size)
        if len(header) < _HEADER.size:
            return
        size, kind = _HEADER.unpack_from(header)
        if size == 1 and len(header) == _HEADER.size + _LARGE_SIZE.size:
            (size,) = _LARGE_SIZE.unpack_from(header, _HEADER.size)
        if size < _HEADER.size or position + size > end:
            return
        yield kind, position, size
        position += size


def _find_index(file: BufferedRandom) -> tuple[int, int]:
    """Return start and size of the box ``moov``."""
    for kind, start, size in _top_boxes(file):
        if kind == b"moov" and size <= _MAX_INDEX_BYTES:
            return start, size
    raise UnsoundResultError("the clip has no index")


def _first_data(file: BufferedRandom) -> int:
    """Return where the index belongs: behind what says what kind of file it is."""
    return next((start for kind, start, _ in _top_boxes(file) if kind != b"ftyp"), 0)


def _make_room(file: BufferedRandom, first: int, end: int, size: int) -> None:
    """Move [first, end) of a file on by ``size`` bytes, the last first, so that little is held."""
    buffer = memoryview(bytearray(_BLOCK_BYTES))
    while end > first:
        start = max(first, end - _BLOCK_BYTES)
        block = buffer[: end - start]
        file.seek(start)
        if file.readinto(block) != len(block):
            raise UnsoundResultError("the clip is cut off")
        file.seek(start + size)
        file.write(block)
        end = start


def _moved(moov: bytearray) -> bytearray:
    """Return the index as it has to be when as many bytes as it has itself stand before the data."""
    size = len(moov)
    while True:
        moved = _rebuilt(memoryview(moov), size)
        if len(moved) == size:
            return moved
        # Places of more than four bytes have made it longer.
        size = len(moved)


def _rebuilt(box: memoryview, shift: int, depth: int = len(_HOLDERS)) -> bytearray:
    """Return a box with all places of data in it moved on."""
    kind = bytes(box[4:8])
    body = bytearray()
    if kind in _HOLDERS and depth:
        for _, start, end in _boxes(box, _HEADER.size, len(box)):
            body += _rebuilt(box[start - _HEADER.size : end], shift, depth - 1)
    elif kind in _OFFSETS:
        kind, table = _shifted(kind, box[_HEADER.size :], shift)
        body += table
    else:
        body += box[_HEADER.size :]
    return bytearray(_HEADER.pack(_HEADER.size + len(body), kind)) + body


def _shifted(kind: bytes, table: memoryview, shift: int) -> tuple[bytes, bytes]:
    """Return a table of places moved on, with its kind: that of wide ones where they are needed."""
    places = array(_OFFSETS[kind])
    entries = table[_TABLE_HEADER_BYTES:]
    places.frombytes(entries[: len(entries) // places.itemsize * places.itemsize])
    _swap(places)
    farthest = max(places, default=0) + shift
    if farthest > _MAX_PLACE:
        raise UnsoundResultError("the clip's index points nowhere")
    if farthest > _MAX_NARROW:
        kind = _WIDE
    moved = array(_OFFSETS[kind], (place + shift for place in places))
    _swap(moved)
    return kind, bytes(table[:_TABLE_HEADER_BYTES]) + moved.tobytes()


def _swap(numbers: array[int]) -> None:
    if sys.byteorder == "little":
        numbers.byteswap()


def _boxes(data: bytearray | memoryview, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
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
