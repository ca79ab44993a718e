"""GStreamer's RTSP server with its classes for ONVIF, as a process that replays footage of the simulator."""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.footage.formats import VideoCodec
from simulator.footage.source import FootageSource, VideoFrame
from simulator.rtsp.presentation import Span

SYSTEM_PYTHON = "/usr/bin/python3"
_PROGRAM = Path(__file__).with_name("gstreamer_replay.py")
_CODECS = {VideoCodec.H264: "h264", VideoCodec.H265: "h265"}
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_START_CODE = b"\0\0\0\1"


@dataclass(frozen=True, kw_only=True)
class ReplayServer:
    """A server that replays.

    Attributes:
        port: on which it listens on the loopback address.
        path: of the recording.
        user: who may see it.
        password: the user's.
        source: where its footage came from.
        spans: what it has of it, unbroken each.
    """

    port: int
    path: str = "/replay"
    user: str = "viewer"
    password: str = field(default="s3cret", repr=False)
    source: FootageSource
    spans: tuple[Span, ...]

    @property
    def address(self) -> str:
        """Where it replays, without credentials."""
        return f"rtsp://127.0.0.1:{self.port}{self.path}"


@asynccontextmanager
async def replaying(
    folder: Path, source: FootageSource, *spans: Span
) -> AsyncIterator[ReplayServer]:
    """Let GStreamer replay the pictures of spans of footage.

    Args:
        folder: for the file that it reads.
        source: of the footage.
        spans: what it shall have, bounds at key frames.
    """
    file = folder / "units"
    with file.open("wb") as units:
        for start, stop in spans:
            units.writelines(_units(source.video(start, stop)))
    server = ReplayServer(port=0, source=source, spans=spans)
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON,
        _PROGRAM,
        file,
        _CODECS[source.format.codec],
        server.user,
        server.password,
        stdout=PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield ReplayServer(port=port, source=source, spans=spans)
    finally:
        process.kill()
        await process.wait()


def _units(frames: Iterable[VideoFrame]) -> Iterable[bytes]:
    """Write access units: nanoseconds since 1900, whether it is a key frame, length and bytes."""
    for frame in frames:
        data = b"".join(_START_CODE + nal for nal in frame.nals)
        instant = (frame.instant - _NTP_EPOCH) // _MICROSECOND * 1000
        yield instant.to_bytes(8) + bytes((frame.key,)) + len(data).to_bytes(4) + data
