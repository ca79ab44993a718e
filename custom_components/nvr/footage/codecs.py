"""What codecs the parts of a playback have, as playlists name them (RFC 6381)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
import struct
from typing import BinaryIO, override

from ..drivers.models import Stream

# The index of a clip of a day takes megabytes; what describes its codecs is small and stands all over it.
_PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl", None)
_DESCRIPTIONS = frozenset({b"mvhd", b"tkhd", b"stsd"})
_BOX = struct.Struct(">I4s")
_MAX_BOXES = 100
_MAX_DESCRIPTION_BYTES = 1 << 16
HEVC = "hevc"
"""H.265 as FFmpeg and ``ClipReport`` call it."""

_MOVIE_HEADER = b"mvhd"
_MOVIE_HEADER_BYTES = 32
_TRACK_HEADER = b"tkhd"
_TRACK_HEADER_BYTES = 36
_SHORT = struct.Struct(">I")
_LONG = struct.Struct(">Q")
_LONGEST_SECONDS = 7 * 86_400
_AVC = b"avcC"
_HEVC_RECORD = b"hvcC"
_AAC = b"mp4a"
_AAC_LC = "mp4a.40.2"
_CONVERTED_VIDEO = "avc1.4d401f"
"""What parts are converted to: main profile, level 3.1."""
_PRESUMED = {"H.264": "avc1.640028", "H.265": "hvc1.1.6.L153.B0"}
"""What streams most often are of which only the standard is known: high profile, and main profile."""
_PRESUMED_PLAYED = frozenset({"H.264"})


@dataclass(frozen=True, slots=True)
class PartCodecs:
    """The codecs of one playback. ``widely_played`` tells whether every browser decodes the pictures."""

    video: str
    audio: str | None
    widely_played: bool

    @override
    def __str__(self) -> str:
        return ",".join(codec for codec in (self.video, self.audio) if codec is not None)

    @property
    def converted(self) -> PartCodecs:
        """What they are once converted."""
        return PartCodecs(_CONVERTED_VIDEO, self.audio, widely_played=True)


def presumed_codecs(stream: Stream | None) -> PartCodecs | None:
    """Return the codecs by what a recorder says of a stream; None if it says nothing of use."""
    if stream is None or stream.codec not in _PRESUMED:
        return None
    return PartCodecs(
        _PRESUMED[stream.codec],
        None if stream.audio_codec is None else _AAC_LC,
        widely_played=stream.codec in _PRESUMED_PLAYED,
    )


def read_codecs(path: Path) -> PartCodecs:
    """Return the codecs by the file that begins every part.

    Raises:
        OSError: The file is gone.
        ValueError: It is none of ours.
    """
    return _codecs(_descriptions(path))


def read_clip(path: Path) -> tuple[PartCodecs, timedelta]:
    """Return the codecs of a saved clip, and how long it is.

    Raises:
        OSError: The file is gone.
        ValueError: It is none of ours.
    """
    told = _descriptions(path)
    return _codecs(told), _duration(told)


def _descriptions(path: Path) -> bytes:
    """Return the boxes that tell the length and the codecs, without the index around them."""
    with path.open("rb") as file:
        return b"".join(_described(file, 0, path.stat().st_size, _PATH))


def _described(
    file: BinaryIO, start: int, end: int, path: tuple[bytes | None, ...]
) -> Iterator[bytes]:
    for _ in range(_MAX_BOXES):
        file.seek(start)
        head = file.read(_BOX.size)
        if len(head) < _BOX.size:
            return
        size, kind = _BOX.unpack(head)
        if size < _BOX.size or start + size > end:
            # Footage without an end; what describes it stands before it.
            return
        if kind == path[0]:
            yield from _described(file, start + _BOX.size, start + size, path[1:])
        elif kind in _DESCRIPTIONS:
            yield head + file.read(min(size, _MAX_DESCRIPTION_BYTES) - _BOX.size)
        start += size


def _duration(told: bytes) -> timedelta:
    """Return how long the pictures are shown: the first track's length, in units of the movie's.

    The movie itself is as long as its longest track, and sound ends up to a frame later than the pictures.
    Source: ISO/IEC 14496-12, 8.2.2 and 8.3.2.
    """
    movie = _body(told, _MOVIE_HEADER, _MOVIE_HEADER_BYTES)
    track = _body(told, _TRACK_HEADER, _TRACK_HEADER_BYTES)
    # Version 1 has two longer times before.
    (scale,) = _SHORT.unpack_from(movie, 20 if movie[0] else 12)
    (length,) = _LONG.unpack_from(track, 28) if track[0] else _SHORT.unpack_from(track, 20)
    if not 0 < length <= scale * _LONGEST_SECONDS:
        raise ValueError("the clip has no length")
    return timedelta(seconds=length / scale)


def _body(told: bytes, kind: bytes, size: int) -> bytes:
    """Return the beginning of the first box of a kind, without its head."""
    at = told.find(kind) + len(kind)
    if at < len(kind) or len(told) < at + size:
        raise ValueError(f"the clip has no {kind.decode()}")
    return told[at : at + size]


def _codecs(init: bytes) -> PartCodecs:
    audio = _AAC_LC if _AAC in init else None
    if (at := init.find(_HEVC_RECORD)) >= 0:
        return PartCodecs(_hevc(init[at + len(_HEVC_RECORD) :]), audio, widely_played=False)
    if (at := init.find(_AVC)) >= 0 and len(init) >= at + 8:
        return PartCodecs(f"avc1.{init[at + 5 : at + 8].hex()}", audio, widely_played=True)
    raise ValueError("no codec that parts have")


def _hevc(record: bytes) -> str:
    """Return the name of an H.265 stream by its configuration record (ISO/IEC 14496-15, annex E.3)."""
    if len(record) < 13:
        raise ValueError("the record is too short")
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    profile = record[1] & 0x1F
    # The compatibility flags are named in reverse order of bits, the constraints without zeros at the end.
    flags = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = [f"{byte:X}" for byte in record[6:12].rstrip(b"\0")]
    return ".".join([f"hvc1.{space}{profile}", f"{flags:X}", f"{tier}{record[12]}", *constraints])
