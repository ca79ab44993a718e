"""The note inside a picture's file, and what picture viewers show of it.

ISO/IEC 10918-1 section B.2.4: a JPEG file begins with marker segments, each with a length of two bytes. The
note stands in a comment segment; when the picture was taken stands in EXIF, where viewers look for it.
"""

from datetime import datetime
from pathlib import Path
import struct
from typing import BinaryIO

from PIL.ExifTags import IFD, Base
from PIL.Image import Exif

from .clip import ClipNote
from .note_box import NOTE_UUID

_START = b"\xff\xd8"
_MARKER = 0xFF
_COMMENT = 0xFE
_EXIF = 0xE1
_SCAN = 0xDA
_SEGMENT = struct.Struct(">BBH")
_LENGTH_BYTES = 2
_SEGMENTS_LIMIT = 64
"""Most segments stepped over; ours stands second."""


def with_note(jpeg: bytes, note: ClipNote, taken: datetime) -> bytes:
    """Return a JPEG with a note in it, and with the instant when it was taken as viewers tell it.

    ``taken`` is in the zone of whoever will look at it.

    Raises:
        ValueError: These bytes are no JPEG.
    """
    if not jpeg.startswith(_START):
        raise ValueError("not a JPEG")
    segments = _segment(_EXIF, _exif(note, taken)) + _segment(
        _COMMENT, NOTE_UUID.bytes + note.dumps()
    )
    return _START + segments + jpeg[len(_START) :]


def read_picture_note(path: Path) -> ClipNote | None:
    """Return the note of a JPEG file, None where it has none that makes sense. Blocks.

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
    if file.read(len(_START)) != _START:
        return None
    for _ in range(_SEGMENTS_LIMIT):
        header = file.read(_SEGMENT.size)
        if len(header) < _SEGMENT.size:
            return None
        mark, kind, length = _SEGMENT.unpack(header)
        if mark != _MARKER or kind == _SCAN or length < _LENGTH_BYTES:
            return None
        body = file.read(length - _LENGTH_BYTES)
        if kind == _COMMENT and body.startswith(NOTE_UUID.bytes):
            return body[len(NOTE_UUID.bytes) :]
    return None


def _segment(kind: int, body: bytes) -> bytes:
    return _SEGMENT.pack(_MARKER, kind, _LENGTH_BYTES + len(body)) + body


def _exif(note: ClipNote, taken: datetime) -> bytes:
    exif = Exif()
    # The field is for ASCII. Viewers read UTF-8 there, and Pillow writes question marks unless it gets bytes.
    exif[Base.ImageDescription] = f"{note.recorder}: {note.channel_name}".encode()
    details = exif.get_ifd(IFD.Exif)
    details[Base.DateTimeOriginal] = f"{taken:%Y:%m:%d %H:%M:%S}"
    details[Base.SubsecTimeOriginal] = f"{taken:%f}"
    details[Base.OffsetTimeOriginal] = f"{taken:%:z}"
    return exif.tobytes()
