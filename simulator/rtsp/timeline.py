"""Which frames a PLAY sends, and when: forwards, backwards, and in leaps from key frame to key frame."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
import itertools
from typing import override

from simulator.footage.pattern import MILLISECOND
from simulator.footage.source import AudioFrame, FootageSource, VideoFrame

from .extension import Mark
from .presentation import Presentation, Span
from .traits import End, RtspTraits, Timestamps

KEY_FRAMES_FROM = 8.0
"""At this speed and above nothing but key frames is sent (section 12 of the notes)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One frame that is to be sent.

    Attributes:
        frame: the frame.
        elapsed: played time since the beginning; negative for what leads in to the asked instant.
        shown: the instant that its RTP time stamp names.
        mark: what its RTP header extension says; None where it has none.
    """

    frame: VideoFrame | AudioFrame
    elapsed: timedelta
    shown: datetime
    mark: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(ABC):
    """What one PLAY sends, in whatever manner.

    Attributes:
        presentation: what is played.
        traits: of the server.
        start: where to begin.
        stop: where to end, before `start` if backwards; None for the end of the presentation.
        scale: how many times faster than life, backwards where it is negative.
        sound: whether there is sound, which is heard with all pictures at the speed of life alone.
        sent_until: instant of the last frame that went out before a pause; none up to it is sent again.
    """

    presentation: Presentation
    traits: RtspTraits
    start: datetime
    stop: datetime | None = None
    scale: float = 1.0
    sound: bool = False
    sent_until: datetime | None = None

    def __iter__(self) -> Iterator[Shot]:
        """Give the shots in the order in which they are sent."""
        return self._backwards() if self.scale < 0 else self._forwards()

    @abstractmethod
    def _forwards(self) -> Iterator[Shot]:
        """Give the shots of what is played forwards."""

    @abstractmethod
    def _backwards(self) -> Iterator[Shot]:
        """Give the shots of what is played backwards."""

    @property
    def _key_frames_alone(self) -> bool:
        return abs(self.scale) >= KEY_FRAMES_FROM

    @property
    def _step(self) -> timedelta:
        """The time from picture to picture."""
        source = self.presentation.source
        return gop_of(source) if self._key_frames_alone else source.frame_interval

    def _frames(self, start: datetime, stop: datetime | None) -> Iterator[VideoFrame | AudioFrame]:
        """Give the frames of a span, forwards."""
        source = self.presentation.source
        if self._key_frames_alone:
            return key_frames(source, start, stop, self._step)
        if self.sound and self.scale == 1:
            return source.frames(start, stop)
        return source.video(start, stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedTimeline(Timeline):
    """What one PLAY sends in the manner of players: backwards in leaps from key frame to key frame."""

    @override
    def _forwards(self) -> Iterator[Shot]:
        played = timedelta()
        for start, stop in self._spans():
            for frame in self._frames(start, stop):
                if self.sent_until is not None and frame.instant <= self.sent_until:
                    continue
                elapsed = (played + (frame.instant - start)) / self.scale
                yield Shot(frame=frame, elapsed=elapsed, shown=self._shown(frame.instant, elapsed))
            if stop is not None:
                played += stop - start

    @override
    def _backwards(self) -> Iterator[Shot]:
        played = timedelta()
        for start, stop in reversed(self.presentation.spans or ()):
            if start >= self.start:
                continue
            end = min(stop, self.start)
            for frame in _key_frames_back(self.presentation.source, start, end):
                elapsed = (played + (end - frame.instant)) / -self.scale
                yield Shot(frame=frame, elapsed=elapsed, shown=self.start + elapsed)
            played += end - start

    def _shown(self, instant: datetime, elapsed: timedelta) -> datetime:
        return instant if self.traits.timestamps is Timestamps.FOOTAGE else self.start + elapsed

    def _spans(self) -> Iterator[tuple[datetime, datetime | None]]:
        if self.presentation.live:
            yield self.start, None
            return
        plays_on = self.traits.end is End.PLAYS_ON
        for start, stop in self.presentation.spans_from(self.start):
            if self.stop is None or plays_on:
                yield start, stop
            elif start < self.stop:
                yield start, min(stop, self.stop)
        if plays_on and (bounds := self.presentation.bounds) is not None:
            yield from self._following(bounds[1])

    def _following(self, instant: datetime) -> Iterator[Span]:
        while True:
            # Footage grows while it is played.
            found = tuple(self.presentation.following(instant))
            yield from found
            if not found:
                return
            instant = found[-1][1]


def key_frames(
    source: FootageSource, start: datetime, stop: datetime | None, step: timedelta
) -> Iterator[VideoFrame]:
    """Give key frames of a span at a distance, from the one at or before its start."""
    for number in itertools.count():
        frame = key_frame(source, start + number * step)
        if stop is not None and frame.instant >= stop:
            return
        yield frame


def _key_frames_back(source: FootageSource, start: datetime, end: datetime) -> Iterator[VideoFrame]:
    for number in itertools.count():
        frame = key_frame(source, end - MILLISECOND - number * gop_of(source))
        if frame.instant < start:
            return
        yield frame


def key_frame(source: FootageSource, instant: datetime) -> VideoFrame:
    """Give the key frame that is needed for the picture at an instant."""
    return next(source.video(source.key_frame_at_or_before(instant)))


def gop_of(source: FootageSource) -> timedelta:
    """Give the time from key frame to key frame."""
    return source.format.gop_ms * MILLISECOND
