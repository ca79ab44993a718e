"""DHAV as a source of footage."""

from collections.abc import Iterable, Iterator
from typing import override

from av.video.stream import VideoStream

from .decode_order import DecodeOrder, reorder_depth
from .dhav_clock import FrameLine, Stamp, WallClock
from .dhav_container import DhavContainer
from .dhav_frame import DhavFrame, FrameKind, describe
from .faults import InvalidBytesError
from .forms import Forms
from .parameters import guess_codec
from .source import Read, Source
from .units import TICKS_PER_SECOND, Picture, Sound, Unit

_MILLISECOND = TICKS_PER_SECOND // 1000
_SECOND_MS = 1000
_NOMINAL_MS = 40
_NUMBERS = 1 << 32
_SILENT_BYTES = 64 << 20
# Frames are held back until the second of their dates has changed, which tells what the counter means, and until
# sound has come. Where none has come after another second there is none.
_SECONDS_WITH_SOUND, _SECONDS_WITHOUT_SOUND = 2, 3
_MAX_HELD_BYTES = 8 << 20
_MAX_HELD_FRAMES = 1000


class _Numbers:
    """Tells by the numbers of frames whether any are missing.

    Devices may number all frames in one row, or those of each kind in a row of its own.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._delivered: int | None = None
        self.lost = False

    def follows(self, frame: DhavFrame, *, ours: bool) -> bool:
        """Return whether nothing is missing before a frame; ``ours`` are pictures of the stream that is read."""
        in_row = _is_next(frame.number, self._last)
        among_pictures = ours and _is_next(frame.number, self._delivered)
        if among_pictures:
            self.lost = False
        elif frame.after_damage and not in_row:
            self.lost = True
        self._last = frame.number
        return not self.lost and (in_row or among_pictures)

    def deliver(self, frame: DhavFrame) -> None:
        """Note that a picture is delivered."""
        self._delivered = frame.number
        self.lost = False


def _is_next(number: int, last: int | None) -> bool:
    return last is not None and number == (last + 1) % _NUMBERS


class _Streams:
    """Tells pictures of the stream that comes first from those of others, smaller or larger, between them."""

    def __init__(self) -> None:
        self._first: tuple[int, int] | None = None
        self._size: tuple[int, int] | None = None
        self._others: set[tuple[int, int]] = set()

    def is_first(self, frame: DhavFrame) -> bool:
        """Return whether a picture belongs to it."""
        stream = frame.channel, frame.subtype
        if frame.kind == FrameKind.KEY_PICTURE:
            size = describe(frame.extensions).size
            if self._first in (None, stream):
                self._first, self._size = stream, size
                self._others.discard(stream)
            elif size != self._size:
                self._others.add(stream)
        return stream not in self._others


class DhavStream(Source):
    """The pictures of one stream, and the sound beside them."""

    def __init__(self, read: Read, head: bytes) -> None:
        """Initialize."""
        self._container = DhavContainer(read, head)
        self._held: list[DhavFrame] | None = []
        self._held_bytes = 0
        self._held_seconds: set[int | None] = set()
        self._forms = Forms()
        self._order = DecodeOrder()
        self._depth = 0
        self._clock: WallClock | None = None
        self._line = FrameLine()
        self._step = _NOMINAL_MS
        self._numbers = _Numbers()
        self._streams = _Streams()
        self._without_picture = 0

    @override
    def __iter__(self) -> Iterator[Unit]:
        for frame in self._container:
            self._without_picture += len(frame.data)
            if self._without_picture > _SILENT_BYTES:
                raise InvalidBytesError("no picture in much footage")
            if self._held is None:
                yield from self._unit(frame)
            elif self._hold(self._held, frame):
                yield from self._begin()
        yield from self._begin()

    def _hold(self, held: list[DhavFrame], frame: DhavFrame) -> bool:
        """Keep a frame of the beginning; True when enough is known to read on."""
        if not held and frame.kind != FrameKind.KEY_PICTURE:
            return False
        held.append(frame)
        self._held_bytes += len(frame.data)
        if frame.kind == FrameKind.SOUND and self.audio is None:
            self.audio = describe(frame.extensions).audio
        if frame.shows:
            self._held_seconds.add(frame.second)
        seconds = _SECONDS_WITHOUT_SOUND if self.audio is None else _SECONDS_WITH_SOUND
        return (
            len(self._held_seconds) >= seconds
            or self._held_bytes > _MAX_HELD_BYTES
            or len(held) > _MAX_HELD_FRAMES
        )

    def _begin(self) -> Iterator[Unit]:
        """Give out what was held."""
        held, self._held = self._held or [], None
        streams = _Streams()
        pictures = [frame for frame in held if frame.shows and streams.is_first(frame)]
        if pictures:
            self._learn_step(pictures[0])
        stamps = _stamps(pictures)
        if stamps:
            sounds = [frame for frame in held if frame.kind == FrameKind.SOUND]
            self._clock = WallClock(stamps, self._step, _stamps(sounds))
            self.time_error = self._clock.error * _MILLISECOND
        for frame in held:
            yield from self._unit(frame)

    def _unit(self, frame: DhavFrame) -> Iterator[Unit]:
        ours = frame.shows and self._streams.is_first(frame)
        follows = self._numbers.follows(frame, ours=ours)
        if not frame.data:
            return
        if ours:
            yield from self._picture(frame, follows=follows)
        elif frame.kind == FrameKind.SOUND:
            yield from self._sound(frame)

    def _picture(self, frame: DhavFrame, *, follows: bool) -> Iterator[Picture]:
        key = frame.kind == FrameKind.KEY_PICTURE and self._learn(frame)
        wall = self._wall(frame)
        if self.video is None or (self._numbers.lost and not key):
            # Pictures that build upon what is missing would be wrong without any error.
            return
        place = self._line.picture(
            wall, self._step, key=key, follows=follows, reorders=self._depth > 0
        )
        if place is None:
            self._numbers.lost = True
            return
        self._numbers.deliver(frame)
        self._without_picture = 0
        if self._line.began_anew:
            self._order = DecodeOrder()
            self._order.expect(self._depth)
        pts = place * _MILLISECOND
        yield Picture(
            frame.data,
            pts,
            self._order(pts),
            key,
            None if wall is None else wall * _MILLISECOND,
            self._forms.current,
        )

    def _learn(self, frame: DhavFrame) -> bool:
        """Learn from what is marked as a key picture; False if it can't be decoded without others."""
        self._learn_step(frame)
        codec = guess_codec(frame.data)
        if codec is None and self.video is None:
            if describe(frame.extensions).foreign:
                raise InvalidBytesError("no video codec that is known")
            return False
        self.video = codec or self.video
        assert self.video is not None
        form = self._forms.learn(self.video, frame.data)
        try:
            self._depth = reorder_depth(self._forms.template(form))
        except InvalidBytesError:
            # Damaged itself, so that what follows builds upon it in vain.
            self._numbers.lost = True
            return False
        self._order.expect(self._depth)
        return True

    def _learn_step(self, frame: DhavFrame) -> None:
        fps = describe(frame.extensions).fps
        if fps:
            self._step = _SECOND_MS // fps or 1

    def _wall(self, frame: DhavFrame) -> int | None:
        stamp = _stamp(frame)
        if stamp is None:
            return None
        if self._clock is None:
            self._clock = WallClock((stamp,), self._step)
        return self._clock.picture(stamp)

    def _sound(self, frame: DhavFrame) -> Iterator[Sound]:
        audio = describe(frame.extensions).audio
        if self.audio is None:
            self.audio = audio
        if self.audio is None or audio not in (None, self.audio):
            return
        stamp = _stamp(frame)
        wall = None
        if stamp is not None and self._clock is not None:
            wall = self._clock.sound(stamp)
        place = self._line.sound(wall)
        yield Sound(frame.data, None if place is None else place * _MILLISECOND)

    @override
    def template(self, form: int = 0) -> VideoStream:
        return self._forms.template(form)

    @override
    def close(self) -> None:
        self._forms.close()


def _stamp(frame: DhavFrame) -> Stamp | None:
    return None if frame.second is None else Stamp(frame.second, frame.counter)


def _stamps(frames: Iterable[DhavFrame]) -> list[Stamp]:
    return [stamp for frame in frames if (stamp := _stamp(frame)) is not None]
