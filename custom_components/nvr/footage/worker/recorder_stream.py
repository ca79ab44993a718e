"""Program streams of recorders as a source of footage."""

from collections import deque
from collections.abc import Iterator
from typing import override

from av.video.stream import VideoStream

from .elementary import CodedFrame, ElementaryStream, Unwrapper
from .faults import InvalidBytesError
from .forms import Forms
from .media_head import HEAD_BYTES, audio_of_head, has_head
from .parameters import guess_codec
from .program_stream import Payload, ProgramStream, WallMark
from .source import Read, Source
from .units import TICKS_PER_SECOND, AudioFormat, Picture, Sound, Unit, VideoCodec

_VIDEO_TYPES = {0x1B: VideoCodec.H264, 0x24: VideoCodec.HEVC}
_G711_RATE = 8000
_A_LAW = AudioFormat("pcm_alaw", _G711_RATE)
_MU_LAW = AudioFormat("pcm_mulaw", _G711_RATE)
_AAC = AudioFormat("aac", 0, framed=True)
_MP2 = AudioFormat("mp2", 0, framed=True)
# 0x90 and 0x91 are both known to stand for G.711. That the first is A-law and the second mu-law is an assumption,
# used where no media head says it: neither the map nor its audio descriptor (0x43) tells the law.
_AUDIO_TYPES = {0x03: _MP2, 0x04: _MP2, 0x0F: _AAC, 0x90: _A_LAW, 0x91: _MU_LAW}
_FIRST_VIDEO_ID = 0xE0
_GUESS_BYTES = 4 << 20
_SILENT_BYTES = 64 << 20
_SETTLE_TICKS = TICKS_PER_SECOND // 2
_NOMINAL_TICKS = TICKS_PER_SECOND // 25


class RecorderStream(Source):
    """An MPEG program stream, with or without the media head of 40 bytes that recorders put before it."""

    def __init__(self, read: Read, head: bytes) -> None:
        self._head_audio = audio_of_head(head)
        if has_head(head):
            head = head[HEAD_BYTES:]
        self._stream = ProgramStream(read, head)
        self._unwrap = Unwrapper()
        self._elementary: ElementaryStream | None = None
        self._sound: ElementaryStream | None = None
        self._video_id: int | None = None
        self._audio_id: int | None = None
        self._wall: int | None = None
        self._guess: list[Payload] = []
        self._without_picture = 0
        self._step = _NOMINAL_TICKS
        self._last: Picture | None = None
        self._forms = Forms()

    @override
    def __iter__(self) -> Iterator[Unit]:
        waiting: deque[Unit] = deque()
        settled = False
        for unit in self._units():
            waiting.append(unit)
            first = waiting[0]
            settled = (
                settled
                or self._audio_is_known()
                or unit_ticks(unit) - unit_ticks(first) > (_SETTLE_TICKS)
            )
            while settled and waiting:
                yield waiting.popleft()
        yield from waiting

    def _audio_is_known(self) -> bool:
        return self.audio is not None or bool(self._stream.map.types)

    def _units(self) -> Iterator[Unit]:
        for item in self._stream:
            if self._audio_id is None:
                self._expect_audio()
            if isinstance(item, WallMark):
                self._mark(item.wall)
            elif item.stream_id >= _FIRST_VIDEO_ID:
                yield from self._pictures(item)
            else:
                yield from self._sounds(item)
        if self._elementary is not None and not self._stream.truncated:
            for frame in self._elementary.flush():
                yield from self._picture(frame)

    def _mark(self, wall: int) -> None:
        if self._elementary is None:
            self._wall = wall
        else:
            self._elementary.mark_wall(wall)

    def _expect_audio(self) -> None:
        """Take the sound that the map announces, so that it is known before the first of it comes."""
        for stream_id, kind in self._stream.map.types.items():
            if stream_id < _FIRST_VIDEO_ID and kind in _AUDIO_TYPES:
                self._audio_id = stream_id
                self._set_audio(self._head_audio or _AUDIO_TYPES[kind])
                return

    def _set_audio(self, audio: AudioFormat | None) -> None:
        self.audio = audio
        if audio is not None and audio.framed:
            self._sound = ElementaryStream(audio.codec)

    def _pictures(self, payload: Payload) -> Iterator[Unit]:
        if self._video_id is None:
            self._video_id = payload.stream_id
        if payload.stream_id != self._video_id:
            return
        self._without_picture += len(payload.data)
        if self._without_picture > _SILENT_BYTES:
            raise InvalidBytesError("no picture in much footage")
        if self._elementary is not None:
            yield from self._feed(payload)
            return
        self._guess.append(payload)
        self.video = self._video_codec()
        if self.video is None:
            return
        self._elementary = ElementaryStream(self.video)
        if self._wall is not None:
            self._elementary.mark_wall(self._wall)
        payloads, self._guess = self._guess, []
        for earlier in payloads:
            yield from self._feed(earlier)

    def _video_codec(self) -> VideoCodec | None:
        """Return the codec by the map, else by what the pictures begin with."""
        kind = self._stream.map.types.get(self._video_id or _FIRST_VIDEO_ID)
        if kind is not None and kind in _VIDEO_TYPES:
            return _VIDEO_TYPES[kind]
        data = b"".join(payload.data for payload in self._guess)
        if len(data) > _GUESS_BYTES:
            raise InvalidBytesError("no video codec that is known")
        return guess_codec(data)

    def _feed(self, payload: Payload) -> Iterator[Unit]:
        assert self._elementary is not None
        for frame in self._elementary.feed(payload.data, payload.pts, payload.dts):
            yield from self._picture(frame)

    def _picture(self, frame: CodedFrame) -> Iterator[Picture]:
        last = self._last
        if frame.pts is None:
            dts = pts = last.dts + self._step if last is not None else 0
        else:
            dts = self._unwrap(frame.pts if frame.dts is None else frame.dts)
            pts = self._unwrap(frame.pts)
        if last is not None and 0 < dts - last.dts < TICKS_PER_SECOND:
            self._step = dts - last.dts
        if frame.key:
            assert self.video is not None
            self._forms.learn(self.video, frame.data)
        picture = Picture(frame.data, pts, dts, frame.key, frame.wall, self._forms.current)
        self._without_picture = 0
        self._last = picture
        yield picture

    def _sounds(self, payload: Payload) -> Iterator[Sound]:
        if self._audio_id is None:
            self._audio_id = payload.stream_id
            self._set_audio(self._audio_codec(payload))
        if payload.stream_id != self._audio_id or self.audio is None:
            return
        if self._sound is None:
            pts = None if payload.pts is None else self._unwrap(payload.pts)
            yield Sound(payload.data, pts)
            return
        for frame in self._sound.feed(payload.data, payload.pts, payload.dts):
            yield Sound(frame.data, None if frame.pts is None else self._unwrap(frame.pts))

    def _audio_codec(self, payload: Payload) -> AudioFormat | None:
        """Return the codec by the media head, the map, or what the sound begins with."""
        if self._head_audio is not None:
            return self._head_audio
        kind = self._stream.map.types.get(payload.stream_id)
        if kind is not None:
            return _AUDIO_TYPES.get(kind)
        sync = int.from_bytes(payload.data[:2])
        if sync & 0xFFF6 == 0xFFF0:
            return _AAC
        return _MP2 if sync & 0xFFE0 == 0xFFE0 else None

    @override
    def template(self, form: int = 0) -> VideoStream:
        return self._forms.template(form)

    @override
    def close(self) -> None:
        self._forms.close()


def unit_ticks(unit: Unit) -> int:
    """Return where a unit stands on the source's clock; 0 for sound without a time stamp."""
    return unit.pts or 0
