"""The note inside a clip's file: a ``uuid`` box behind everything else.

ISO/IEC 14496-12 section 11.1 (user extensions): players skip boxes of type ``uuid`` that they don't
know. The box stands last, so that writing it moves no other byte, and is found by stepping over the
few top-level boxes without reading them.
"""

from pathlib import Path
import struct
from typing import BinaryIO
from uuid import UUID

from .clip import ClipNote

NOTE_UUID = UUID("6f2d6b0e-6a5e-4c0a-9f0c-3c1f0a3b7a11")
"""Made once for this box; it means nothing else."""

NOTE_LIMIT = 64 * 1024
"""Longest note that is read, in bytes; ours has a few hundred."""

_BOXES_LIMIT = 1024
"""Most top-level boxes stepped over: ours has four, a fragmented file of a day some hundreds."""

_BOX_LIMIT = 1 << 50
"""Largest box stepped over, in bytes; a file of another's making may claim more than files can have."""

_HEADER = struct.Struct(">I4s")
_LARGE_SIZE = struct.Struct(">Q")


def append_note(path: Path, note: ClipNote) -> None:
    """Write a note behind the last box of an MP4 file. Blocks.

    Raises:
        OSError: The file can't be written.
    """
    payload = NOTE_UUID.bytes + note.dumps()
    with path.open("ab") as file:
        file.write(_HEADER.pack(_HEADER.size + len(payload), b"uuid") + payload)


def read_note(path: Path) -> ClipNote | None:
    """Return the note of an MP4 file, None where it has none that makes sense. Blocks.

    Raises:
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        payload = _find_payload(file)
    if payload is None:
        return None
    try:
        return ClipNote.loads(payload)
    except ValueError:
        return None


def _find_payload(file: BinaryIO) -> bytes | None:
    for _ in range(_BOXES_LIMIT):
        position = file.tell()
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return None
        size, box_type = _HEADER.unpack(header)
        header_size = _HEADER.size
        if size == 1:
            large = file.read(_LARGE_SIZE.size)
            if len(large) < _LARGE_SIZE.size:
                return None
            (size,) = _LARGE_SIZE.unpack(large)
            header_size += _LARGE_SIZE.size
        if size < header_size or size > _BOX_LIMIT:
            return None
        if box_type == b"uuid" and size <= NOTE_LIMIT:
            payload = file.read(size - header_size)
            if payload.startswith(NOTE_UUID.bytes):
                return payload[len(NOTE_UUID.bytes) :]
        file.seek(position + size)
    return None
