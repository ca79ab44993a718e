"""What a simulated recorder has on its disks: a rule, worked out where it is asked about."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
import heapq
from operator import attrgetter

from simulator.footage.formats import StreamFormat

from .channels import Channel
from .recordings import Recording, RecordingPlan, Series
from .rows import Chance, Events, Files, Row, Snap
from .time_source import Now

# No recording is longer.
_LONGEST = timedelta(days=1)

type ChannelOf = Callable[[int], Channel | None]
"""Gives a channel by its number, None if there is no such channel."""

type Span = tuple[datetime, datetime]
"""Unbroken footage: its first instant, and the one behind its last."""


@dataclass(frozen=True, slots=True)
class _KeptRows:
    """The rows of a stream, and what they were made for: it may be changed."""

    plan: RecordingPlan
    form: StreamFormat | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class _Settled:
    """Footage of a stream that was written so long ago that it stays as it is."""

    rows: list[Row]
    lost_at: datetime | None
    since: datetime
    spans: tuple[Span, ...]

    def holds(
        self, rows: list[Row], lost_at: datetime | None, since: datetime, now: datetime
    ) -> bool:
        """Say whether that is so for these rows from one instant to another: clocks are put back."""
        same = self.rows is rows and self.lost_at == lost_at and self.since <= since
        return same and bool(self.spans) and self.spans[-1][1] <= now


class Schedule:
    """All recordings of a recorder.

    What is listed moves with time: a file appears as soon as its first key frame is written, and
    goes as a whole once it began longer than `retention` ago.
    """

    def __init__(
        self, *, seed: int, retention: timedelta, now: Now, channel_of: ChannelOf, snap: Snap
    ) -> None:
        """Set the rule.

        Args:
            seed: another number gives other recordings.
            retention: recordings that began longer ago have been overwritten.
            now: true time.
            channel_of: tells the channels, each of which has its plan.
            snap: finds key frames, at which alone a recording begins and ends.
        """
        self.retention = retention
        self._chance = Chance(seed)
        self._now = now
        self._channel_of = channel_of
        self._snap = snap
        # By channel and stream.
        self._kept_rows: dict[tuple[int, int], _KeptRows] = {}
        self._settled: dict[tuple[int, int], _Settled] = {}

    def recordings(
        self, channel: int, stream: int, start: datetime, end: datetime
    ) -> Iterator[Recording]:
        """Give the recordings that overlap a span of true time, oldest first.

        Each is worked out when it is taken, as of the moment of this call.
        """
        now = self._now()
        rows = self._rows(channel, stream)
        found = (self._within(row, start, end, now) for row in rows)
        return heapq.merge(*found, key=attrgetter("start"))

    def find(self, channel: int, stream: int, series: Series, number: int) -> Recording | None:
        """Give a recording by its number, None if it isn't on the disks."""
        for row in self._rows(channel, stream):
            if row.series is series:
                return self._made(row, number, self._now())
        return None

    def spans(self, channel: int, stream: int, start: datetime, end: datetime) -> Iterator[Span]:
        """Give the unbroken footage in a span of true time, as far as it is written by now.

        Returns:
            Bounds at key frames: the first from the one at or before `start`, the last to the
            first one at or after `end`.
        """
        written = self.written(channel, stream)
        last = self.key_frame_from(channel, stream, end)
        found = self.recordings(channel, stream, start, end)
        written_of = (
            (
                self._snap(channel, stream, max(start, recording.start)),
                min(recording.end, written, last),
            )
            for recording in found
        )
        return _joined((begins, until) for begins, until in written_of if begins < until)

    def all_spans(self, channel: int, stream: int) -> tuple[Span, ...]:
        """Give all unbroken footage, as far as it is written by now, oldest first."""
        now = self._now()
        oldest = next(self.recordings(channel, stream, now - self.retention - _LONGEST, now), None)
        if oldest is None:
            return ()
        rows, lost_at = self._rows(channel, stream), self._lost_at(channel)
        # A recording goes as a whole, so of the first ones it changes what is left.
        since = min(self._snap(channel, stream, oldest.start + _LONGEST), now)
        limit = self._snap(channel, stream, now - _LONGEST)
        kept = self._settled.get((channel, stream))
        past = kept.spans if kept is not None and kept.holds(rows, lost_at, since, now) else ()
        past = _clipped(past, since, limit)
        earlier = self.spans(channel, stream, oldest.start, since)
        later = self.spans(channel, stream, past[-1][1] if past else since, now)
        spans = tuple(_joined([*earlier, *past, *later]))
        past = _clipped(spans, since, max(since, limit))
        self._settled[channel, stream] = _Settled(rows, lost_at, since, past)
        return spans

    def written_span(self, recording: Recording) -> Span | None:
        """Give what is on the disks of a recording by now, None before its first group of pictures."""
        end = min(recording.end, self.written(recording.channel, recording.stream))
        return (recording.start, end) if recording.start < end else None

    def written(self, channel: int, stream: int) -> datetime:
        """Give the key frame up to which a stream is on the disks by now."""
        return self._snap(channel, stream, self._now())

    def key_frame_from(self, channel: int, stream: int, instant: datetime) -> datetime:
        """Give the first key frame at or after an instant."""
        key = self._snap(channel, stream, instant)
        step = timedelta(milliseconds=100)
        while key < instant:
            key = self._snap(channel, stream, instant + step)
            step += timedelta(milliseconds=100)
        return key

    def _rows(self, channel: int, stream: int) -> list[Row]:
        known = self._channel_of(channel)
        if known is None or stream not in known.plan.streams:
            return []
        plan, form = known.plan, known.streams.get(stream)
        kept = self._kept_rows.get((channel, stream))
        if kept is not None and kept.plan == plan and kept.form == form:
            return kept.rows
        rows: list[Row] = []
        if plan.continuous:
            rows.append(Files(channel, stream, plan, self._chance, self._snap))
        if plan.kinds:
            rows.append(Events(channel, stream, plan, self._chance, self._snap))
        self._kept_rows[channel, stream] = _KeptRows(plan, form, rows)
        return rows

    def _lost_at(self, channel: int) -> datetime | None:
        known = self._channel_of(channel)
        return None if known is None else known.lost_at

    def _within(
        self, row: Row, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Recording]:
        number = row.first_after(max(start, now - self.retention))
        while row.begins(number) < min(end, now):
            recording = self._made(row, number, now)
            if recording is not None and recording.start < end and recording.end > start:
                yield recording
            number += 1

    def _made(self, row: Row, number: int, now: datetime) -> Recording | None:
        if not row.exists(number):
            return None
        start, end = row.begins(number), row.ends(number)
        if (lost_at := self._lost_at(row.channel)) is not None:
            end = min(end, self._snap(row.channel, row.stream, lost_at))
        if start > now or start >= end or start < now - self.retention:
            return None
        return Recording(
            channel=row.channel,
            stream=row.stream,
            start=start,
            end=end,
            kind=row.kind(number),
            open=end > now,
            series=row.series,
            number=number,
        )


def _clipped(spans: Iterable[Span], start: datetime, end: datetime) -> tuple[Span, ...]:
    return tuple(
        (max(begins, start), min(until, end))
        for begins, until in spans
        if begins < end and until > start
    )


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Join those that touch or overlap, of spans in order."""
    bounds: Span | None = None
    for begins, until in spans:
        if bounds is None:
            bounds = begins, until
        elif begins <= bounds[1]:
            bounds = bounds[0], max(bounds[1], until)
        else:
            yield bounds
            bounds = begins, until
    if bounds is not None:
        yield bounds
