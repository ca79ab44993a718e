"""Frames of DHAV, the container of ``.dav`` files: what their headers say.

Layout and numbers stand in the protocol notes of the vendor that uses it, under the download of recordings.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
import struct

from .units import AudioFormat

MARK = b"DHAV"
TRAILER_MARK = b"dhav"
TRAILER_BYTES = 8
KINDS = range(0xF0, 0x100)
"""What the byte behind the mark can be. It tells a frame from four letters in another file."""

HEADER = struct.Struct("<4sBBBBIIIHBB")
"""Mark, kind, subtype, channel, sub number, number, length, date, counter, length of extensions, checksum."""

_CENTURY = 2000
# H.264 has three numbers, H.265 one. Others are MPEG-4 (1) and MJPEG (3).
_COPIED = frozenset({0x02, 0x04, 0x08, 0x0C})
# FFmpeg's decoder, and whether the sound has frames of its own. ADPCM (0x0D) is left out: its decoder wants
# the size of the encoder's blocks, which no field is known to hold.
_AUDIO_CODECS = {
    0x07: ("pcm_s8", False),
    0x0A: ("pcm_mulaw", False),
    0x0C: ("pcm_s16le", False),
    0x0E: ("pcm_alaw", False),
    0x10: ("pcm_s16le", False),
    0x16: ("pcm_mulaw", False),
    0x1A: ("aac", True),
    0x1F: ("mp2", True),
    0x21: ("mp3", True),
}
_RATES = (
    8000, 4000, 8000, 11_025, 16_000, 20_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000, 64_000,
)  # fmt: skip
_DEFAULT_RATE = 8000
_CHANNELS = (1, 2)
_SHORT, _LONG = 4, 8
_SIZE_IN_BLOCKS, _CODING, _SIZE, _SOUND, _LONG_SOUND = 0x80, 0x81, 0x82, 0x83, 0x8C
_BLOCK = 8
_LENGTHS = {
    **dict.fromkeys(
        (_SIZE_IN_BLOCKS, _CODING, _SOUND, 0x84, 0x85, 0x8B, 0x94, 0x96, 0xA0, 0xB2, 0xB4), _SHORT
    ),
    **dict.fromkeys(
        (_SIZE, 0x88, _LONG_SOUND, 0x91, 0x92, 0x93, 0x95, 0x9A, 0x9B, 0xB3),
        _LONG,
    ),
}
"""By tag: bytes of an extension, the tag included."""


class FrameKind(IntEnum):
    """What a frame holds; other numbers occur and mean nothing here."""

    SOUND = 0xF0
    PICTURE = 0xFC
    KEY_PICTURE = 0xFD


@dataclass(frozen=True, slots=True)
class DhavFrame:
    """A frame.

    ``second`` is the date in the header, in seconds since 1970 as if the device's wall clock were UTC, None for
    digits that are no date. ``counter`` counts milliseconds. ``after_damage`` says that bytes before it were
    no frame, so that others may be missing.
    """

    kind: int
    subtype: int
    channel: int
    number: int
    second: int | None
    counter: int
    extensions: bytes
    data: bytes
    after_damage: bool = False

    @property
    def shows(self) -> bool:
        """Whether it holds a picture."""
        return self.kind in (FrameKind.PICTURE, FrameKind.KEY_PICTURE)


@dataclass(frozen=True, slots=True)
class Description:
    """What the extensions of a frame say; None and 0 where they say nothing that is known.

    ``foreign`` tells that they name a codec of pictures that is not copied.
    """

    foreign: bool = False
    fps: int = 0
    size: tuple[int, int] | None = None
    audio: AudioFormat | None = None


@lru_cache(maxsize=4)
def wall_second(date: int) -> int | None:
    """Return a header's date as seconds since 1970, as if it were UTC; None where it is no date.

    From the lowest bit: second 6, minute 6, hour 5, day 5, month 4, year since 2000 6.
    """
    second, minute, hour = date & 0x3F, date >> 6 & 0x3F, date >> 12 & 0x1F
    day, month, year = date >> 17 & 0x1F, date >> 22 & 0xF, date >> 26
    try:
        wall = datetime(_CENTURY + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(wall.timestamp())


@lru_cache(maxsize=16)
def describe(extensions: bytes) -> Description:
    """Return what extensions say. Behind a tag that is not known nothing can be read."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(extensions) and (length := _LENGTHS.get(extensions[at])) is not None:
        if at + length > len(extensions):
            break
        found[extensions[at]] = extensions[at : at + length]
        at += length
    coding = found.get(_CODING, bytes(_SHORT))
    foreign = _CODING in found and coding[2] not in _COPIED
    return Description(foreign, coding[3], _size(found), _audio(found))


def _size(found: dict[int, bytes]) -> tuple[int, int] | None:
    if (size := found.get(_SIZE)) is not None:
        return int.from_bytes(size[4:6], "little"), int.from_bytes(size[6:8], "little")
    if (size := found.get(_SIZE_IN_BLOCKS)) is not None:
        return size[2] * _BLOCK, size[3] * _BLOCK
    return None


def _audio(found: dict[int, bytes]) -> AudioFormat | None:
    if (sound := found.get(_SOUND)) is not None:
        channels, codec, rate = sound[1:4]
    elif (sound := found.get(_LONG_SOUND)) is not None:
        channels, codec, rate = sound[2:5]
    else:
        return None
    if codec not in _AUDIO_CODECS:
        return None
    name, framed = _AUDIO_CODECS[codec]
    return AudioFormat(
        name,
        _RATES[rate] if rate < len(_RATES) else _DEFAULT_RATE,
        channels if channels in _CHANNELS else 1,
        framed=framed,
    )
