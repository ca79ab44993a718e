"""Which frames a replay by ONVIF sends, when, and how they are marked (section 9 of the notes)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from simulator.footage.pattern import MILLISECOND
from simulator.footage.source import AudioFrame, VideoFrame

from .extension import Mark
from .presentation import Span
from .replay import Pictures, Replay
from .timeline import Shot, Timeline, gop_of, key_frame
from .traits import End


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A part of a span of footage that is played without a break.

    Attributes:
        start: where it begins.
        stop: first instant behind it.
        whole: whether a gap follows, or the end of all footage, in the order in which it is played.
        last: whether nothing is played behind it.
    """

    start: datetime
    stop: datetime
    whole: bool
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTimeline(Timeline):
    """What one PLAY of a replay sends: from the key frame at or before the start, or behind the gap that it lies in.

    Attributes:
        replay: how it was asked for.
    """

    replay: Replay

    @override
    def _forwards(self) -> Iterator[Shot]:
        played, broken = timedelta(), self.sent_until is None
        for piece in self._pieces():
            # Tracks begin anew behind each gap.
            begun: set[type[VideoFrame | AudioFrame]] = set()
            for frame in self._frames(piece.start, piece.stop):
                if self.sent_until is not None and frame.instant <= self.sent_until:
                    continue
                first, final = type(frame) not in begun, self._is_last(frame, piece.stop)
                begun.add(type(frame))
                mark = self._mark(
                    frame,
                    broken=broken and first,
                    ends=final and piece.whole,
                    terminal=final and piece.last,
                )
                yield self._shot(frame, played + (frame.instant - piece.start), mark)
            played += piece.stop - piece.start
            broken = True

    @override
    def _backwards(self) -> Iterator[Shot]:
        """Give groups of pictures from the last to the first, each of them forwards."""
        played = timedelta()
        for piece in self._pieces_back():
            for key, final in self._groups_back(piece):
                group = self._group(key, piece.stop)
                due = played + (piece.stop - group[-1].instant)
                for place, frame in enumerate(group):
                    at_end = final and place == len(group) - 1
                    mark = self._mark(
                        frame,
                        broken=place == 0,
                        ends=at_end and piece.whole,
                        terminal=at_end and piece.last,
                    )
                    shown = played + (piece.stop - frame.instant)
                    yield self._shot(frame, due, mark, shown)
            played += piece.stop - piece.start

    def _groups_back(self, piece: _Piece) -> Iterator[tuple[datetime, bool]]:
        """Give where the groups of pictures of a piece begin, last first, and whether each is the final one."""
        source = self.presentation.source
        gop = gop_of(source)
        step = self._step if self._key_frames_alone else gop
        key = source.key_frame_at_or_before(piece.stop - MILLISECOND)
        while key + gop > piece.start:
            yield key, key - step + gop <= piece.start
            key -= step

    def _group(self, key: datetime, stop: datetime) -> list[VideoFrame]:
        source = self.presentation.source
        if self._key_frames_alone:
            return [key_frame(source, key)]
        return list(source.video(key, min(key + gop_of(source), stop)))

    def _shot(
        self,
        frame: VideoFrame | AudioFrame,
        played: timedelta,
        mark: Mark,
        shown: timedelta | None = None,
    ) -> Shot:
        """Time a frame: by its playback, or as it was filmed where nothing holds it back."""
        if not self.replay.paced:
            return Shot(frame=frame, elapsed=timedelta(), shown=frame.instant, mark=mark)
        speed = abs(self.scale)
        told = self.start + (played if shown is None else shown) / speed
        return Shot(frame=frame, elapsed=played / speed, shown=told, mark=mark)

    def _mark(
        self, frame: VideoFrame | AudioFrame, *, broken: bool, ends: bool, terminal: bool
    ) -> Mark:
        traits = self.replay.traits
        return Mark(
            clean=isinstance(frame, AudioFrame) or frame.key,
            broken=broken and traits.sections,
            ends=ends and traits.sections,
            terminal=terminal and traits.terminal,
            cseq=self.replay.cseq,
        )

    @property
    @override
    def _key_frames_alone(self) -> bool:
        return self.replay.pictures is Pictures.INTRA or super()._key_frames_alone

    @property
    @override
    def _step(self) -> timedelta:
        source = self.presentation.source
        if not self._key_frames_alone:
            return source.frame_interval
        groups = -(-self.replay.interval // gop_of(source))
        return max(1, groups) * gop_of(source)

    def _is_last(self, frame: VideoFrame | AudioFrame, stop: datetime) -> bool:
        """Say whether no frame of the same track follows in a piece."""
        if isinstance(frame, VideoFrame):
            return frame.instant + self._step >= stop
        sound = self.presentation.source.sound
        assert sound is not None
        return frame.instant + sound.frame_ms * MILLISECOND >= stop

    def _pieces(self) -> Iterator[_Piece]:
        spans = list(self.presentation.spans_from(self.start))
        stop = None if self.traits.end is End.PLAYS_ON else self.stop
        if stop is not None:
            spans = [span for span in spans if span[0] < stop]
        for number, (start, end) in enumerate(spans):
            until = end if stop is None else min(end, stop)
            yield _Piece(start=start, stop=until, whole=until == end, last=number == len(spans) - 1)

    def _pieces_back(self) -> Iterator[_Piece]:
        spans: list[Span] = [
            (start, min(stop, self.start + MILLISECOND))
            for start, stop in reversed(self.presentation.spans or ())
            if start <= self.start
        ]
        stop = self.stop
        if stop is not None:
            spans = [span for span in spans if span[1] > stop]
        for number, (start, end) in enumerate(spans):
            since = start if stop is None else max(start, stop)
            yield _Piece(start=since, stop=end, whole=since == start, last=number == len(spans) - 1)
