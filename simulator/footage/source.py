"""The frames of one stream of a channel, at any instant that is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from heapq import merge
from itertools import count
from operator import attrgetter

from .audio import Sound, make_sound
from .budget import largest_gop
from .caption import Caption
from .coders import make_coder
from .formats import StreamFormat
from .layout import Layout
from .pattern import EPOCH, MILLISECOND, encode
from .picture import STEP_MS, Picture, PictureCoder

# Footage begins at odd milliseconds, on every channel at others.
_PHASE_MS, _PHASE_PER_CHANNEL_MS = 137, 7
_TICKS_PER_MS, _TICKS = 90, 1 << 33


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One picture.

    Attributes:
        instant: when it was taken, true UTC.
        pts90k: the same in ticks of 1/90000 s since 1970, modulo 2**33.
        key: whether it can be decoded without others.
        nals: its NAL units without start codes, parameter sets first in key frames.
    """

    instant: datetime
    pts90k: int
    key: bool
    nals: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One packet of sound.

    Attributes:
        instant: when its first sample was taken, true UTC.
        pts90k: the same in ticks of 1/90000 s since 1970, modulo 2**33.
        payload: G.711 samples, or one AAC frame with its ADTS header.
    """

    instant: datetime
    pts90k: int
    payload: bytes


def to_milliseconds(instant: datetime) -> int:
    """Give whole milliseconds since 1970, rounded down."""
    return (instant - EPOCH) // MILLISECOND


class FootageSource:
    """One stream of a channel.

    Frames lie at whole multiples of the frame interval since 1970, shifted by a few odd milliseconds
    that depend on the channel. The same instant always gives the same bytes.
    """

    def __init__(self, *, channel: int, stream: int, format: StreamFormat, zone: tzinfo) -> None:
        """Initialize.

        Args:
            channel: number of the channel, from 1.
            stream: 1 main, 2 sub.
            format: what the stream consists of.
            zone: whose wall clock the caption shows.
        """
        self.channel = channel
        self.stream = stream
        self.format = format
        self.zone = zone
        self._phase_ms = _PHASE_MS + _PHASE_PER_CHANNEL_MS * channel
        self._caption = Caption(zone)
        self._layout = Layout(format.width, format.height)

    @cached_property
    def _coder(self) -> PictureCoder:
        return make_coder(self.format, channel=self.channel, stream=self.stream)

    @cached_property
    def sound(self) -> Sound | None:
        """What is to be heard; None for a silent stream."""
        return make_sound(self.format.audio) if self.format.audio else None

    @property
    def parameter_sets(self) -> tuple[bytes, ...]:
        """[VPS,] SPS and PPS, as NAL units without start codes."""
        return self._coder.parameter_sets

    @property
    def largest_gop(self) -> int:
        """Most bytes that the pictures from one key frame to the next ever take, start codes included."""
        return largest_gop(self.format)

    @property
    def frame_interval(self) -> timedelta:
        """Time from picture to picture."""
        return self.format.interval_ms * MILLISECOND

    def key_frame_at_or_before(self, instant: datetime) -> datetime:
        """Give the instant of the key frame that a decoder needs for the picture at `instant`."""
        return self._at_or_before(instant, self.format.gop_ms)

    def frame_at_or_before(self, instant: datetime) -> datetime:
        """Give the instant of the picture that is on show at `instant`."""
        return self._at_or_before(instant, self.format.interval_ms)

    def video(self, start: datetime, stop: datetime | None = None) -> Iterator[VideoFrame]:
        """Give the pictures of a span, from the key frame at or before its start.

        Args:
            start: first instant.
            stop: first instant that is not part of the span; None to go on for ever.
        """
        coder, interval, per_gop = self._coder, self.format.interval_ms, self.format.gop_frames
        first = (to_milliseconds(self.key_frame_at_or_before(start)) - self._phase_ms) // interval
        # A stop between two milliseconds still shows the picture at the earlier one.
        stop_ms = None if stop is None else -((EPOCH - stop) // MILLISECOND)
        before = None
        for number in count(first):
            ms = number * interval + self._phase_ms
            if stop_ms is not None and ms >= stop_ms:
                return
            picture = self._picture(ms)
            gop, place = divmod(number, per_gop)
            if before is None or place == 0:
                nals = (*coder.parameter_sets, *coder.key(picture, gop))
            else:
                nals = coder.inter(picture, before, place)
            yield VideoFrame(
                EPOCH + ms * MILLISECOND, ms * _TICKS_PER_MS % _TICKS, place == 0, nals
            )
            before = picture

    def audio(self, start: datetime, stop: datetime | None = None) -> Iterator[AudioFrame]:
        """Give the packets of sound that begin in a span. Silent streams have none.

        Args:
            start: first instant.
            stop: first instant that is not part of the span; None to go on for ever.
        """
        if self.sound is None:
            return
        frame_ms = self.sound.frame_ms
        stop_ms = None if stop is None else -((EPOCH - stop) // MILLISECOND)
        for number in count(-((EPOCH - start) // MILLISECOND // frame_ms)):
            ms = number * frame_ms
            if stop_ms is not None and ms >= stop_ms:
                return
            payload = self.sound.payload(number)
            yield AudioFrame(EPOCH + ms * MILLISECOND, ms * _TICKS_PER_MS % _TICKS, payload)

    def frames(
        self, start: datetime, stop: datetime | None = None
    ) -> Iterator[VideoFrame | AudioFrame]:
        """Give pictures and sound of a span in order, from the key frame at or before its start."""
        key_frame = self.key_frame_at_or_before(start)
        return merge(
            self.video(key_frame, stop), self.audio(key_frame, stop), key=attrgetter("instant")
        )

    def _at_or_before(self, instant: datetime, step_ms: int) -> datetime:
        since = to_milliseconds(instant) - self._phase_ms
        return EPOCH + (since - since % step_ms + self._phase_ms) * MILLISECOND

    def _picture(self, ms: int) -> Picture:
        cells = encode(self.channel, self.stream, ms)
        position = (ms // STEP_MS + self.channel) % self._layout.positions
        return Picture(cells, self._caption.at(ms), position)
