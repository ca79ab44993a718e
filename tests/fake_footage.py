"""Footage that is not there: clips cut in memory, so that a test decides when each step happens."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from custom_components.nvr.footage.clip import ClipProgress, ClipReport
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.playback import PlaybackBounds
from custom_components.nvr.footage.playlist import SlotPlan
from custom_components.nvr.footage.workers import WorkerPool

EMPTY_MP4 = b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"
AVC_RECORD = b"avcC\x01\x42\xc0\x1e"
HEVC_RECORD = bytes.fromhex("68766343 01 01 60000000 900000000000 5a")
_TRACK = (b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov")


def described(record: bytes) -> bytes:
    """Return the boxes that describe a video track, without what else a file would hold."""
    for kind in _TRACK:
        record = (len(record) + 8).to_bytes(4) + kind + record
    return record


class FakeCutter:
    """Stands in for ``make_clip``; writes a few boxes instead of a video.

    ``gate`` holds every clip back after its first bytes were written until it is set. ``late`` is how
    much of the end the recorder had not written yet, one for each call.
    """

    def __init__(self) -> None:
        """Initialize."""
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()
        self.paths: list[Path] = []
        self.late: list[timedelta] = []
        self.error: Exception | None = None
        self.missing: tuple[tuple[datetime, datetime], ...] = ()
        self.format_changed = False
        self.walls: tuple[datetime | None, ...] | None = None

    async def __call__(
        self,
        pool: WorkerPool,
        parts: Sequence[FootagePart],
        start: datetime,
        end: datetime,
        path: Path,
        *,
        progress: Callable[[ClipProgress], None],
    ) -> ClipReport:
        """Write a clip."""
        self.paths.append(path)
        path.write_bytes(EMPTY_MP4)
        progress(ClipProgress("fetching", 0.5, 100))
        self.begun.set()
        await self.gate.wait()
        if self.error is not None:
            # The real one leaves no file behind either.
            path.unlink(missing_ok=True)
            raise self.error
        for part in parts:
            async with part.fetch(max(start, part.start), min(end, part.end)) as chunks:
                async for chunk in chunks:
                    with path.open("ab") as file:
                        file.write((8 + len(chunk)).to_bytes(4) + b"mdat" + chunk)
        progress(ClipProgress("remuxing", None, 100))
        progress(ClipProgress("verifying", None, 100))
        begin = max(start, parts[0].start)
        late = self.late.pop(0) if self.late else timedelta()
        return ClipReport(
            start=begin,
            end=end - late,
            duration=(end - late - begin).total_seconds(),
            video_codec="h264",
            audio_codec=None,
            width=64,
            height=48,
            exact=True,
            missing=self.missing,
            format_changed=self.format_changed,
            first_walls=self.walls or (None,) * len(parts),
        )


class FakePlayback:
    """Stands in for ``Playback``: parts are there at once, or fail as a test says."""

    made: ClassVar[list[FakePlayback]] = []
    error: ClassVar[Exception | None] = None
    longest_gop: ClassVar[timedelta] = timedelta()
    codec: ClassVar[bytes] = AVC_RECORD

    def __init__(
        self,
        pool: WorkerPool,
        part: FootagePart,
        folder: Path,
        *,
        bounds: PlaybackBounds,
        on_transfer: Callable[[], None],
    ) -> None:
        """Initialize."""
        self.on_transfer = on_transfer
        self.gave_way = False
        self.part = part
        self.closed = False
        self.slot = bounds.slot
        self.folder = folder
        self.plan = SlotPlan.of(part.end - part.start, bounds.slot)
        FakePlayback.made.append(self)

    async def init(self) -> Path:
        """Return what begins every part."""
        return self._write("init.mp4")

    async def segment(self, number: int) -> Path:
        """Return a part."""
        return self._write(f"{number}.m4s")

    def give_way(self) -> None:
        """Let go of the recorder."""
        self.gave_way = True

    async def close(self) -> None:
        """End."""
        self.closed = True

    def _write(self, name: str) -> Path:
        if FakePlayback.error is not None:
            raise FakePlayback.error
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(described(self.codec) + name.encode())
        return path
