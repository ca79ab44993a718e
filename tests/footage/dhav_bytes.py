"""Footage as DHAV, written by hand from the layout of the container, in all the ways that devices may write it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
import struct
from typing import override

from custom_components.nvr.footage.worker.dhav_container import DhavContainer
from custom_components.nvr.footage.worker.dhav_frame import DhavFrame
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.pattern import EPOCH
from simulator.footage.source import AudioFrame, VideoFrame

from .filmed import Filmed

KEY, PICTURE, SOUND, AUXILIARY = 0xFD, 0xFC, 0xF0, 0xF1
_VIDEO_CODES = {VideoCodec.H264: 2, VideoCodec.H265: 0x0C}
_AUDIO_CODES = {AudioCodec.ALAW: 0x0E, AudioCodec.ULAW: 0x0A, AudioCodec.AAC: 0x1A}
_RATE_INDEX = {8000: 2, 16_000: 4}
_MILLISECOND = timedelta(milliseconds=1)
_CHUNK_BYTES = 10_007


def date_of(wall: datetime) -> int:
    """Return a wall clock's whole seconds as a header has them."""
    day = wall.day | wall.month << 5 | (wall.year - 2000) << 9
    return wall.second | wall.minute << 6 | wall.hour << 12 | day << 17


def packed(
    kind: int,
    data: bytes,
    wall: datetime,
    *,
    number: int = 0,
    counter: int | None = None,
    extensions: bytes = b"",
    channel: int = 0,
    subtype: int = 0,
) -> bytes:
    """Return a frame."""
    if counter is None:
        counter = wall.microsecond // 1000
    length = 24 + len(extensions) + len(data) + 8
    head = b"DHAV" + bytes((kind, subtype, channel, 0))
    head += struct.pack("<IIIHB", number, length, date_of(wall), counter, len(extensions))
    check = sum(head) & 0xFF
    return head + bytes((check,)) + extensions + data + b"dhav" + length.to_bytes(4, "little")


def picture_extensions(form: StreamFormat) -> bytes:
    """Return what stands in the header of a key picture."""
    size = b"\x82\0\0\0" + struct.pack("<HH", form.width, form.height)
    small = bytes((0x80, 0, form.width // 8 & 0xFF, form.height // 8 & 0xFF))
    unknown = b"\x88" + bytes(7)
    return small + bytes((0x81, 0, _VIDEO_CODES[form.codec], round(form.fps))) + size + unknown


def sound_extensions(code: int, rate: int = 8000, *, long: bool = False) -> bytes:
    """Return what stands in the header of sound, in either of its two ways."""
    fields = bytes((1, code, _RATE_INDEX[rate]))
    return b"\x8c\0" + fields + bytes(3) if long else b"\x83" + fields


class Counter(Enum):
    """What the counter of milliseconds is."""

    IN_SECOND = "in the second"
    LOW_BITS = "low bits of the wall clock"
    FREE = "running since any time"


class Numbers(Enum):
    """How frames are numbered."""

    ONE_ROW = "all in one row"
    ROWS = "pictures and sound each in a row"
    NONE = "not at all"


@dataclass
class Dav(Filmed):
    """A recording that comes as DHAV.

    ``sound_late`` says how much later than pictures of the same time sound stands in the file. ``change`` gets each
    frame with when it was taken, and returns what stands there instead.
    """

    counter: Counter = Counter.IN_SECOND
    numbers: Numbers = Numbers.ONE_ROW
    long: bool = False
    leading: bytes = b""
    trailing: bytes = b""
    sound_late: timedelta = timedelta()
    change: Callable[[bytes, datetime], bytes] = lambda data, _: data
    counts: dict[str, int] = field(default_factory=dict)

    def wall(self, instant: datetime) -> datetime:
        """Return the device's wall clock."""
        return (instant + self.offset(instant)).replace(tzinfo=None)

    def frames(self, first: datetime, last: datetime) -> Iterator[tuple[bytes, datetime]]:
        """Give the frames of a span in the order in which they stand in the file."""
        source = self.source
        sounds = list(source.audio(first, last))
        for picture in source.video(first, last):
            while sounds and sounds[0].instant + self.sound_late <= picture.instant:
                sound = sounds.pop(0)
                yield self._sound(sound), sound.instant
            yield self._picture(picture), picture.instant
        for sound in sounds:
            yield self._sound(sound), sound.instant

    def _picture(self, picture: VideoFrame) -> bytes:
        return packed(
            KEY if picture.key else PICTURE,
            b"".join(b"\0\0\0\1" + nal for nal in picture.nals),
            self.wall(picture.instant),
            number=self._number("picture"),
            counter=self._counter(picture.instant),
            extensions=picture_extensions(self.format) if picture.key else b"",
        )

    def _sound(self, sound: AudioFrame) -> bytes:
        assert self.format.audio is not None
        rate = 16_000 if self.format.audio is AudioCodec.AAC else 8000
        return packed(
            SOUND,
            sound.payload,
            self.wall(sound.instant),
            number=self._number("sound"),
            counter=self._counter(sound.instant),
            extensions=sound_extensions(_AUDIO_CODES[self.format.audio], rate, long=self.long),
        )

    def _number(self, kind: str) -> int:
        if self.numbers is Numbers.NONE:
            return 0
        row = "all" if self.numbers is Numbers.ONE_ROW else kind
        self.counts[row] = self.counts.get(row, 0xFFFF_FFF0) + 1 & 0xFFFF_FFFF
        return self.counts[row]

    def _counter(self, instant: datetime) -> int:
        wall = self.wall(instant)
        if self.counter is Counter.IN_SECOND:
            return wall.microsecond // 1000
        clock = wall.replace(tzinfo=UTC) if self.counter is Counter.LOW_BITS else instant
        odd = 0 if self.counter is Counter.LOW_BITS else 23_456
        return ((clock - EPOCH) // _MILLISECOND + odd) & 0xFFFF

    @override
    def chunks(self, first: datetime, last: datetime) -> Iterator[bytes]:
        """Give the bytes of a span, from the key picture before it, cut anywhere."""
        buffer = bytearray(self.leading)
        for data, instant in self.frames(self.source.key_frame_at_or_before(first), last):
            buffer += self.change(data, instant)
            while len(buffer) > _CHUNK_BYTES:
                yield bytes(buffer[:_CHUNK_BYTES])
                del buffer[:_CHUNK_BYTES]
        yield bytes(buffer) + self.trailing


def walked(data: bytes, size: int = 1000) -> list[DhavFrame]:
    """Return the frames that are found in bytes that come in chunks of some size."""
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return list(DhavContainer(lambda: next(chunks, b"")))
