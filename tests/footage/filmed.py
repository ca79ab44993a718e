"""Recordings of the simulator as sources of footage, and a look at what became of them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import av

from custom_components.nvr.drivers.models import FootageClock
from custom_components.nvr.footage.part import FootagePart
from simulator.footage.decoded import pattern_of
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.program_stream import ProgramStream
from simulator.footage.source import FootageSource

NOON = datetime(2026, 6, 14, 12, 0, tzinfo=UTC)
ONE_FRAME = timedelta(milliseconds=40)


def small_format(
    codec: VideoCodec = VideoCodec.H264,
    audio: AudioCodec | None = AudioCodec.ALAW,
    *,
    gop_seconds: float = 2,
    bitrate_kbps: int = 600,
    width: int = 640,
    height: int = 352,
) -> StreamFormat:
    """Return the smallest pictures that the simulator draws, 25 a second."""
    return StreamFormat(
        codec=codec,
        width=width,
        height=height,
        fps=25,
        gop_seconds=gop_seconds,
        bitrate_kbps=bitrate_kbps,
        audio=audio,
    )


@dataclass
class FilmedStream:
    """A transfer that is under way. ``whole`` is what drivers say of one."""

    chunks: Iterator[bytes]
    whole: bool
    on_chunk: Callable[[int], None] = lambda _: None
    sent: int = 0
    truncated: bool = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for number, chunk in enumerate(self.chunks):
            self.on_chunk(number)
            self.sent += len(chunk)
            yield chunk


@dataclass
class Filmed:
    """A recording of the simulator.

    ``offset`` turns UTC into the device's wall clock; ``offsets`` is what the driver knows of it.
    """

    start: datetime
    end: datetime
    format: StreamFormat = field(default_factory=small_format)
    channel: int = 1
    offset: Callable[[datetime], timedelta] = lambda _: timedelta()
    offsets: tuple[timedelta, ...] = (timedelta(),)
    whole: bool = False
    descriptor: bool = True
    head: bool = True
    on_chunk: Callable[[int], None] = lambda _: None
    transform: Callable[[Iterator[bytes]], Iterator[bytes]] = lambda chunks: chunks
    fetches: list[tuple[datetime, datetime]] = field(default_factory=list)
    streams: list[FilmedStream] = field(default_factory=list)
    open: int = 0
    truncated: bool = False

    @property
    def source(self) -> FootageSource:
        """The simulator's own frames."""
        return FootageSource(
            channel=self.channel, stream=1, format=self.format, zone=ZoneInfo("UTC")
        )

    @property
    def part(self) -> FootagePart:
        """The recording as the footage package wants it, in whole seconds as searches answer."""
        start = self.start.replace(microsecond=0)
        return FootagePart(
            start=start,
            end=self.end,
            clock=FootageClock(offsets=self.offsets, expected=start),
            fetch=self.fetch,
        )

    def chunks(self, first: datetime, last: datetime) -> Iterator[bytes]:
        """Give the bytes of a span, whole groups of pictures."""
        source = self.source
        stop = source.key_frame_at_or_before(last)
        if stop < last:
            stop += timedelta(milliseconds=self.format.gop_ms)
        program = ProgramStream(
            source,
            wall=lambda utc: (utc + self.offset(utc)).replace(tzinfo=None),
            head=self.head,
            time_descriptor=self.descriptor,
        )
        return program.chunks(source.key_frame_at_or_before(first), stop)

    @asynccontextmanager
    async def fetch(self, start: datetime, end: datetime) -> AsyncIterator[FilmedStream]:
        """Open a transfer as a device does: from a key frame, or all of it."""
        self.fetches.append((start, end))
        first, last = (
            (self.start, self.end) if self.whole else (max(start, self.start), min(end, self.end))
        )
        chunks = self.chunks(first, last)
        stream = FilmedStream(
            self.transform(chunks), self.whole, self.on_chunk, truncated=self.truncated
        )
        self.streams.append(stream)
        self.open += 1
        try:
            yield stream
        finally:
            self.open -= 1


def shown(path: Path) -> list[tuple[float, datetime]]:
    """Return what a player shows of a file: each picture's time, and when it was filmed."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        return [
            (float(frame.time or 0), pattern_of(frame).instant) for frame in container.decode(video)
        ]
