"""Footage as Dahua's recorders store and send it: DHAV (section 10 of the notes, FFmpeg's demuxer).

Frames stand one behind the other, each with the device's wall clock in its head and its length at
both ends. Auxiliary frames, which players skip, fill what the pictures leave.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from itertools import cycle, islice
import struct
from typing import ClassVar, Final, override
from zlib import crc32

from .container import Container
from .formats import AudioCodec, VideoCodec
from .pattern import MILLISECOND
from .source import AudioFrame, FootageSource, VideoFrame, to_milliseconds

MAGIC: Final = b"DHAV"
TRAILER: Final = b"dhav"
HEADER_SIZE: Final = 24
TRAILER_SIZE: Final = 8
COUNTER_STEPS: Final = 1 << 16
"""After so many milliseconds the counter in frame heads begins anew."""
_FRAME_SIZE = HEADER_SIZE + TRAILER_SIZE
# Tag, what the frame is, its numbers, its length, the wall clock, milliseconds, extension's length, check.
_HEAD = struct.Struct("<4s4BIIIHBB")
_MASK_32, _MASK_8 = 0xFFFFFFFF, 0xFF
_START = b"\0\0\0\1"
_FILL = b"\xff"

_FIRST_YEAR = 2000
# The counter's phase to the wall clock differs by channel: it began when the device did.
_PHASE_PER_CHANNEL_MS = 7919

_VIDEO_CODECS = {VideoCodec.H264: 0x02, VideoCodec.H265: 0x0C}
_AUDIO_CODECS = {AudioCodec.ALAW: 0x0E, AudioCodec.ULAW: 0x0A, AudioCodec.AAC: 0x1A}
# As devices count the rates; 8000 has two numbers.
_AUDIO_RATES = {8000: 2, 16000: 4}
_SIZE_IN_EIGHTS, _CODING, _SIZE, _SOUND, _CHECK, _LONG_SOUND = 0x80, 0x81, 0x82, 0x83, 0x88, 0x8C
_EIGHT = 8
# Size, coding and check: the longest that a frame has.
_LONGEST_EXTENSION = 20

DAHUA_HEAD: Final = b"DAHUA".ljust(0x400, b"\0")
"""The file header that FFmpeg knows."""
OTHER_HEAD: Final = b"DHII".ljust(0x200, b"\0")
"""One that it doesn't know, and behind which the first frame has to be looked for."""
_INDEX_TAG, _INDEX_ENTRY = b"DHIX", struct.Struct("<IIQ")


class FrameType(IntEnum):
    """What a frame holds, as its head says it."""

    KEY = 0xFD
    PICTURE = 0xFC
    SOUND = 0xF0
    AUXILIARY = 0xF1


class Milliseconds(StrEnum):
    """What the two bytes behind the date count."""

    FREE = "free"
    """They count on over the seconds, and begin anew after 65536."""
    OF_SECOND = "of the second"
    """0 to 999: what belongs to the date."""


class Breakage(StrEnum):
    """What is wrong with a frame."""

    TAG = "tag"
    """It doesn't begin with the four letters."""
    LENGTH = "length"
    """It says that it is much longer than it is."""
    SHORT = "short"
    """It says that it is shorter than its own head."""
    TRAILER = "trailer"
    """What stands at its end is none."""
    DATE = "date"
    """There is no such day."""


_NO_DATE, _NO_LENGTH, _TOO_SHORT = 0xFFFFFFFF, 0x7FFFFFF0, 16
_WRONG: Final = b"\x5a\x5a\x5a\x5a"
_LENGTH_AT, _DATE_AT = 12, 16


@dataclass(frozen=True, kw_only=True)
class DhavForm:
    """How a device writes its files.

    Attributes:
        head: what stands before the first frame.
        milliseconds: what they count.
        small_size: whether key frames tell their size in eights of pixels where they can.
        decoys: whether auxiliary frames hold what looks like the beginning of a frame.
        breakages: what is wrong with one frame of each group of pictures, in turn.
        spared: so many groups of pictures are whole before each one with a broken frame.
    """

    head: bytes = field(default=b"", repr=False)
    milliseconds: Milliseconds = Milliseconds.FREE
    small_size: bool = True
    decoys: bool = False
    breakages: tuple[Breakage, ...] = ()
    spared: int = 2


class DhavStream(Container):
    """Turns spans of footage into the bytes of a `.dav` file."""

    least_padding: ClassVar[int] = _FRAME_SIZE

    def __init__(
        self,
        source: FootageSource,
        *,
        wall: Callable[[datetime], datetime],
        form: DhavForm | None = None,
    ) -> None:
        """Initialize.

        Args:
            source: where the frames come from.
            wall: turns true UTC into the device's naive wall clock.
            form: how the device writes.
        """
        self._form = form or DhavForm()
        super().__init__(source, head=self._form.head)
        self._wall = wall

    @cached_property
    @override
    def gop_bytes(self) -> int:
        form = self._source.format
        nominal = form.bitrate_kbps * form.gop_ms // 8
        sound = 0
        if self._source.sound:
            packets = form.gop_ms // self._source.sound.frame_ms + 1
            sound = packets * (
                self._source.sound.largest + _FRAME_SIZE + len(self._sound_extension)
            )
        pictures = form.gop_frames * (_FRAME_SIZE + _LONGEST_EXTENSION)
        return max(nominal, self._source.largest_gop + pictures + sound + self.least_padding)

    def index(self, start: datetime, stop: datetime) -> bytes:
        """Write what some devices put behind the last frame: where each key frame stands.

        Raises:
            ValueError: the span does not begin and end at key frames.
        """
        step = self._source.format.gop_ms * MILLISECOND
        entries = b"".join(
            _INDEX_ENTRY.pack(
                pack_date(self._wall(start + number * step)),
                number,
                len(self.head) + number * self.gop_bytes,
            )
            for number in range(self.gops(start, stop))
        )
        return _INDEX_TAG + len(entries).to_bytes(4, "little") + entries

    def first_frame(self, instant: datetime) -> bytes:
        """Give the key frame at an instant, alone."""
        return self._picture(next(self._source.video(instant)))

    @override
    def _groups(self, start: datetime, stop: datetime) -> list[bytes]:
        groups: list[list[bytes]] = []
        broken = self._broken(start)
        for frame in self._source.frames(start, stop):
            if isinstance(frame, AudioFrame):
                groups[-1].append(self._sound(frame))
                continue
            picture = self._picture(frame)
            if broken is not None and len(groups) == self._source.format.gop_frames // 2:
                picture = _break(picture, broken)
            groups.append([picture])
        return [b"".join(group) for group in groups]

    @override
    def _padding(self, size: int, instant: datetime) -> Iterable[bytes]:
        """Write one auxiliary frame."""
        room = size - _FRAME_SIZE
        body = _FILL * room
        if self._form.decoys and room > _FRAME_SIZE:
            decoy = _HEAD.pack(MAGIC, FrameType.PICTURE, 0, 0, 0, 0, room, 0, 0, 0, 0)
            body = decoy + body[len(decoy) :]
        number = to_milliseconds(instant) // self._source.format.interval_ms
        yield self._timed(FrameType.AUXILIARY, body, instant, number=number)

    def _broken(self, start: datetime) -> Breakage | None:
        """Say what is wrong in the group of pictures that begins at an instant."""
        if not self._form.breakages:
            return None
        number = to_milliseconds(start) // self._source.format.gop_ms
        turn, left = divmod(number, self._form.spared + 1)
        if left:
            return None
        return next(islice(cycle(self._form.breakages), turn % len(self._form.breakages), None))

    def _picture(self, frame: VideoFrame) -> bytes:
        form = self._source.format
        # Several in a second are told, none of them as a fraction.
        coding = bytes((_CODING, 0, _VIDEO_CODECS[form.codec], round(form.fps)))
        payload = b"".join(_START + nal for nal in frame.nals)
        check = bytes((_CHECK, 0, 0, 0)) + crc32(payload).to_bytes(4, "little")
        return self._timed(
            FrameType.KEY if frame.key else FrameType.PICTURE,
            payload,
            frame.instant,
            extension=(self._size if frame.key else b"") + coding + check,
            number=to_milliseconds(frame.instant) // form.interval_ms,
        )

    def _sound(self, frame: AudioFrame) -> bytes:
        sound = self._source.sound
        assert sound is not None
        number = to_milliseconds(frame.instant) // sound.frame_ms
        return self._timed(
            FrameType.SOUND,
            frame.payload,
            frame.instant,
            extension=self._sound_extension,
            number=number,
        )

    def _timed(
        self,
        kind: FrameType,
        payload: bytes,
        instant: datetime,
        *,
        number: int,
        extension: bytes = b"",
    ) -> bytes:
        wall = self._wall(instant)
        if self._form.milliseconds is Milliseconds.OF_SECOND:
            counter = wall.microsecond // MILLISECOND.microseconds
        else:
            phase = _PHASE_PER_CHANNEL_MS * self._source.channel
            counter = (to_milliseconds(instant) + phase) % COUNTER_STEPS
        return _frame(
            kind,
            payload,
            channel=self._source.channel,
            extension=extension,
            number=number & _MASK_32,
            date=pack_date(wall),
            counter=counter,
        )

    @cached_property
    def _size(self) -> bytes:
        width, height = self._source.format.width, self._source.format.height
        eights = width // _EIGHT, height // _EIGHT
        fits = not (width % _EIGHT or height % _EIGHT) and max(eights) <= _MASK_8
        if self._form.small_size and fits:
            return bytes((_SIZE_IN_EIGHTS, 0, *eights))
        return bytes((_SIZE, 0, 0, 0)) + struct.pack("<HH", width, height)

    @cached_property
    def _sound_extension(self) -> bytes:
        sound = self._source.sound
        if sound is None:
            return b""
        what = 1, _AUDIO_CODECS[sound.codec], _AUDIO_RATES[sound.rate]
        if sound.codec is AudioCodec.AAC:
            return bytes((_LONG_SOUND, 0, *what, 0, 0, 0))
        return bytes((_SOUND, *what))


def pack_date(wall: datetime) -> int:
    """Give a wall clock as frame heads write it, to the second."""
    date = (wall.year - _FIRST_YEAR) << 4 | wall.month
    time = (wall.hour << 6 | wall.minute) << 6 | wall.second
    return (date << 5 | wall.day) << 17 | time


def _frame(
    kind: FrameType,
    payload: bytes,
    *,
    channel: int,
    extension: bytes,
    number: int,
    date: int,
    counter: int,
) -> bytes:
    length = _FRAME_SIZE + len(extension) + len(payload)
    fields = (MAGIC, kind, 0, channel - 1 & _MASK_8, 0, number, length, date, counter)
    head = _HEAD.pack(*fields, len(extension), 0)
    check = bytes((sum(head) & _MASK_8,))
    trailer = TRAILER + length.to_bytes(4, "little")
    return b"".join((head[:-1], check, extension, payload, trailer))


def _break(frame: bytes, breakage: Breakage) -> bytes:
    """Spoil a frame, at its own length."""

    def replaced(at: int, value: bytes) -> bytes:
        return frame[:at] + value + frame[at + len(value) :]

    match breakage:
        case Breakage.TAG:
            return replaced(0, _WRONG)
        case Breakage.LENGTH:
            return replaced(_LENGTH_AT, _NO_LENGTH.to_bytes(4, "little"))
        case Breakage.SHORT:
            return replaced(_LENGTH_AT, _TOO_SHORT.to_bytes(4, "little"))
        case Breakage.TRAILER:
            return replaced(len(frame) - TRAILER_SIZE, _WRONG)
        case Breakage.DATE:
            return replaced(_DATE_AT, _NO_DATE.to_bytes(4, "little"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DhavFrame:
    """One whole frame, as `frames` finds it.

    Attributes:
        kind: what it holds.
        channel: index of the channel, from 0.
        number: by which the device counts frames of this kind.
        date: the packed wall clock.
        counter: milliseconds.
        extension: what is said of the payload.
        payload: what it holds.
    """

    kind: FrameType
    channel: int
    number: int
    date: int
    counter: int
    extension: bytes
    payload: bytes


def frames(data: bytes) -> Iterator[DhavFrame]:
    """Find the frames in what `DhavStream` wrote; for tests that look inside.

    Raises:
        ValueError: there is anything else but a head and whole frames.
    """
    place = data.index(MAGIC)
    while place < len(data):
        if data[place : place + len(MAGIC)] != MAGIC:
            raise ValueError(f"no frame at {place}")
        _, kind, _, channel, _, number, length, date, counter, extra, _ = _HEAD.unpack_from(
            data, place
        )
        end = place + length
        if data[end - TRAILER_SIZE : end] != TRAILER + length.to_bytes(4, "little"):
            raise ValueError(f"no end of a frame at {end}")
        begins = place + HEADER_SIZE + extra
        yield DhavFrame(
            kind=FrameType(kind),
            channel=channel,
            number=number,
            date=date,
            counter=counter,
            extension=data[place + HEADER_SIZE : begins],
            payload=data[begins : end - TRAILER_SIZE],
        )
        place = end
