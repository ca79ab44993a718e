"""What a simulated recorder has on its disks: a rule, worked out where it is asked about."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
import heapq
from operator import attrgetter

from .channels import Channel
from .recordings import Recording, Series
from .rows import Chance, Events, Files, Row, Snap
from .time_source import Now

# No recording is longer.
_LONGEST = timedelta(days=1)

type ChannelOf = Callable[[int], Channel | None]
"""Gives a channel by its number, None if there is no such channel."""


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

    def spans(
        self, channel: int, stream: int, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, datetime]]:
        """Give the unbroken footage in a span of true time, as far as it is written by now.

        Yields:
            Bounds at key frames: the first from the one at or before `start`, the last to the
            first one at or after `end`.
        """
        written = self.written(channel, stream)
        last = self.key_frame_from(channel, stream, end)
        bounds: tuple[datetime, datetime] | None = None
        for recording in self.recordings(channel, stream, start, end):
            begins = self._snap(channel, stream, max(start, recording.start))
            until = min(recording.end, written, last)
            if until <= begins:
                continue
            if bounds is None:
                bounds = begins, until
            elif recording.start <= bounds[1]:
                bounds = bounds[0], max(bounds[1], until)
            else:
                yield bounds
                bounds = begins, until
        if bounds is not None:
            yield bounds

    def written_span(self, recording: Recording) -> tuple[datetime, datetime] | None:
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
        rows: list[Row] = []
        if known.plan.continuous:
            rows.append(Files(channel, stream, known.plan, self._chance, self._snap))
        if known.plan.kinds:
            rows.append(Events(channel, stream, known.plan, self._chance, self._snap))
        return rows

    def _within(
        self, row: Row, start: datetime, end: datetime, now: datetime
    ) -> Iterator[Recording]:
        number = row.first_after(max(start, now - self.retention - _LONGEST))
        while row.begins(number) < min(end, now):
            recording = self._made(row, number, now)
            if recording is not None and recording.start < end and recording.end > start:
                yield recording
            number += 1

    def _made(self, row: Row, number: int, now: datetime) -> Recording | None:
        if not row.exists(number):
            return None
        start, end = row.begins(number), row.ends(number)
        channel = self._channel_of(row.channel)
        if channel is not None and channel.lost_at is not None:
            end = min(end, self._snap(row.channel, row.stream, channel.lost_at))
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
