"""Cutting a span out of a line of pictures and sound, to the picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .faults import InvalidBytesError
from .splicer import Frame, Item, Tone
from .tolerance import NOMINAL_STEP, tolerance
from .units import TICKS_PER_SECOND

_MAX_LEAD_IN_BYTES = 96 << 20
_MAX_LEAD_IN_ITEMS = 20_000
_GAP_TICKS = TICKS_PER_SECOND
_GAP_STEPS = 3


class Track(Protocol):
    """What takes the pictures and the sound of a clip; times are ticks of the clip."""

    def picture(self, frame: Frame, pts: int, dts: int) -> None:
        """Take the next picture. A time below 0 belongs to the lead-in that is not shown."""

    def tone(self, tone: Tone, time: int | None, *, anew: bool) -> None:
        """Take the next sound; ``anew`` says that it is the first after a hole."""


@dataclass(frozen=True, slots=True)
class _Gap:
    start: int
    end: int
    skipped: int


class Cutter:
    """Passes on what a clip of [start, end) needs.

    A clip begins with the key picture at or before the picture that is on screen at ``start``, whose time is
    the clip's 0. Where footage is missing the clip's time line does not stand still: it skips the hole,
    and ``missing`` names it.
    """

    def __init__(self, start: int, end: int, open_track: Callable[[], Track]) -> None:
        self._start = start
        self._end = end
        self._clock_error = self._footage_error = 0
        self._open_track = open_track
        self._track: Track | None = None
        self._lead_in: list[Item] = []
        self._lead_in_bytes = 0
        self._beyond: list[Frame] = []
        self._gaps: list[_Gap] = []
        self._gaps_heard = 0
        self._newest: int | None = None
        self._last_order: int | None = None
        self._skipped = 0
        self.step = NOMINAL_STEP
        self.origin: int | None = None
        self.complete = False
        self.broken_off = False

    def allow_for(self, clock_error: int, footage_error: int) -> None:
        """Take note of how far times of what comes next may be off, in ticks.

        A picture that begins so little after the start is taken for the first, and one that begins so little
        before the end is left out.
        """
        self._clock_error, self._footage_error = clock_error, footage_error

    @property
    def _slack(self) -> int:
        return tolerance(
            self.step, clock_error=self._clock_error, footage_error=self._footage_error
        )

    @property
    def _first_by(self) -> int:
        return self._start + self._slack

    @property
    def _last_before(self) -> int:
        return self._end - self._slack

    def push(self, item: Item) -> None:
        """Add the next item of the line."""
        if self.complete:
            return
        if isinstance(item, Frame):
            self._measure(item)
        if self.origin is not None:
            self._emit(item)
        elif isinstance(item, Frame):
            self._prepare(item)
        elif self._lead_in:
            self._lead_in.append(item)
            self._bound_lead_in()

    def _measure(self, frame: Frame) -> None:
        if self._last_order is not None and 0 < frame.order - self._last_order < _GAP_TICKS:
            self.step = frame.order - self._last_order
        self._last_order = frame.order

    def _prepare(self, frame: Frame) -> None:
        """Keep the group of pictures that may hold the start."""
        if frame.picture.key and (frame.time <= self._first_by or self._is_gap_before(frame)):
            self._lead_in.clear()
            self._lead_in_bytes = 0
        if not self._lead_in and not frame.picture.key:
            return
        self._lead_in.append(frame)
        self._lead_in_bytes += frame.picture.size
        self._bound_lead_in()
        if frame.order > self._first_by:
            self.begin()
            self.complete = self.complete or (self.origin is None and frame.order >= self._end)

    def _is_gap_before(self, frame: Frame) -> bool:
        times = [item.time for item in self._lead_in if isinstance(item, Frame)]
        return bool(times) and frame.time - max(times) > self._gap_limit()

    def _gap_limit(self) -> int:
        return max(_GAP_TICKS, _GAP_STEPS * self.step)

    def _bound_lead_in(self) -> None:
        if self._lead_in_bytes > _MAX_LEAD_IN_BYTES or len(self._lead_in) > _MAX_LEAD_IN_ITEMS:
            raise InvalidBytesError("no key picture in much footage")

    def begin(self) -> None:
        """Begin the clip with what is there. Does nothing if it has begun, or no picture is on screen in it."""
        if self.origin is not None or not self._lead_in:
            return
        frames = [item for item in self._lead_in if isinstance(item, Frame)]
        first = frames[0].time
        if (
            first >= self._end
            # Where nothing came after, nobody knows for how long the last picture was on screen.
            or max(frame.time for frame in frames) + self.step + self._slack < self._start
        ):
            return
        self.origin = max((f.time for f in frames if f.time <= self._first_by), default=first)
        self._track = self._open_track()
        items, self._lead_in = self._lead_in, []
        for item in items:
            self._emit(item)

    def restart(self) -> None:
        """Forget what came before the clip, which can't be shown together with what comes now."""
        self._lead_in.clear()
        self._lead_in_bytes = 0

    def break_off(self) -> None:
        """End the clip with what is there: what comes now does not fit to it."""
        self.broken_off = self.complete = True

    def _emit(self, item: Item) -> None:
        if isinstance(item, Tone):
            self._emit_tone(item)
            return
        if item.order >= self._last_before:
            self.complete = True
            return
        if item.time >= self._last_before:
            # Pictures that are shown before the end may refer to it.
            self._beyond.append(item)
            return
        beyond, self._beyond = self._beyond, []
        for frame in (*beyond, item):
            self._write(frame)

    def _write(self, frame: Frame) -> None:
        assert self.origin is not None
        assert self._track is not None
        newest = self._newest
        if newest is not None and newest >= self.origin and frame.time - newest > self._gap_limit():
            self._skipped += frame.time - newest - self.step
            self._gaps.append(_Gap(newest + self.step, frame.time, self._skipped))
        if self._gaps and frame.time < self._gaps[-1].end:
            return
        if frame.time < self._last_before:
            self._newest = frame.time if newest is None else max(frame.time, newest)
        shift = self.origin + self._skipped
        self._track.picture(frame, frame.time - shift, frame.order - shift)

    def _emit_tone(self, tone: Tone) -> None:
        assert self._track is not None
        time = None if tone.time is None else self._clip_time(tone.time)
        if tone.time is not None and (time is None or tone.time >= self._end):
            return
        self._track.tone(tone, time, anew=len(self._gaps) != self._gaps_heard)
        self._gaps_heard = len(self._gaps)

    def _clip_time(self, utc: int) -> int | None:
        assert self.origin is not None
        for gap in reversed(self._gaps):
            if utc >= gap.end:
                return utc - self.origin - gap.skipped
            if utc > gap.start:
                return None
        return utc - self.origin

    @property
    def stop(self) -> int:
        """UTC at which the clip's last picture leaves the screen. Only after something was passed on."""
        assert self._newest is not None
        last = self._newest + self.step
        if self.complete and not self.broken_off and self._end - last <= self._gap_limit():
            return self._end
        return min(last, self._end)

    @property
    def duration(self) -> int:
        """How long the clip is shown, in ticks."""
        assert self.origin is not None
        return self.stop - self.origin - self._skipped

    @property
    def last(self) -> int:
        """When the last picture of the clip is shown first, in ticks of the clip."""
        assert self.origin is not None
        assert self._newest is not None
        return self._newest - self.origin - self._skipped

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The parts of the asked span that are not in the clip, longer than a picture."""
        assert self.origin is not None
        spans = [
            (self._start, self.origin),
            *((gap.start, gap.end) for gap in self._gaps),
            (self.stop, self._end),
        ]
        spans = [(max(a, self._start), min(b, self._end)) for a, b in spans]
        return [(a, b) for a, b in spans if b - a > self.step]
