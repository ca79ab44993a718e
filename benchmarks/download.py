"""How fast footage becomes a verified clip, and what memory that takes."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import aiohttp

from custom_components.nvr.drivers.driver import Driver
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.footage_parts import footage_part

from .driving import driver_of, find, plain_session
from .figure import Aim, Figure, Measure
from .outcome import Chart, Line, Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse
from .worker_memory import growth

MEGABYTE = 1_000_000
# A main stream of 4K.
BITRATE_KBPS = 16_384
BYTES_PER_SECOND = BITRATE_KBPS * 1000 // 8
# The fastest that anybody saw of a recorder of this maker.
RECORDERS_RATE = 10 * MEGABYTE
# Four times that, or gigabytes would take all the time there is.
HURRIED_RATE = 40 * MEGABYTE
SPEED = 0.95
MEMORY_MB = 16
OWN_SPEED = 0.3
# Longer than 4 GB, shorter than the hour that a wall clock may be off.
FILE_MINUTES = 50.0
# Neither a key frame nor the beginning of a file.
INSIDE = timedelta(minutes=3, seconds=3, milliseconds=370)
WARM_UP = timedelta(seconds=4)
# By then a worker has let go of what its last clip needed.
SETTLE_S = 1.0


@dataclass(frozen=True, kw_only=True)
class _Size:
    """A clip of so many bytes, so many times, from a recorder that sends so fast (0: unbound)."""

    name: str
    megabytes: int
    rate: int
    rounds: int

    @property
    def length(self) -> timedelta:
        """How long that lasts."""
        return timedelta(seconds=self.megabytes * MEGABYTE / BYTES_PER_SECOND)


FULL = (
    _Size(name="10MB", megabytes=10, rate=RECORDERS_RATE, rounds=5),
    _Size(name="100MB", megabytes=100, rate=RECORDERS_RATE, rounds=2),
    _Size(name="1GB", megabytes=1_000, rate=HURRIED_RATE, rounds=1),
    _Size(name="4GB", megabytes=4_000, rate=HURRIED_RATE, rounds=1),
    _Size(name="unbound.1GB", megabytes=1_000, rate=0, rounds=3),
)
SHORT = (
    _Size(name="10MB", megabytes=10, rate=RECORDERS_RATE, rounds=2),
    _Size(name="unbound.400MB", megabytes=400, rate=0, rounds=1),
)


@dataclass(frozen=True)
class _Run:
    """One clip: how many bytes a second it came to, and by how much the worker grew."""

    speed: float
    memory_mb: float = 0.0


class _Timed:
    """A recording whose first byte and bytes in all are noted."""

    def __init__(self, part: FootagePart) -> None:
        self.received = 0
        self.first_at = 0.0
        self._fetch = part.fetch
        self.part = replace(part, fetch=self._open)

    @asynccontextmanager
    async def _open(self, start: datetime, end: datetime) -> AsyncIterator[AsyncIterable[bytes]]:
        opened: AbstractAsyncContextManager[AsyncIterable[bytes]] = self._fetch(start, end)
        async with opened as stream:
            yield self._counted(stream)

    async def _counted(self, stream: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in stream:
            self.first_at = self.first_at or perf_counter()
            self.received += len(chunk)
            yield chunk


async def measure(bench: Workbench) -> Outcome:
    """Make clips of all sizes, and read the same bytes plainly beside."""
    sizes = bench.choose(full=FULL, short=SHORT)
    found: dict[_Size, tuple[list[_Run], list[_Run]]] = {}
    async with RecorderHouse.run(bench.folder / "simulator") as house:
        spec = RecorderSpec(
            name="download",
            personality=bench.maker.vendor.first,
            channels=4,
            file_minutes=FILE_MINUTES,
            bitrate_kbps=BITRATE_KBPS,
            fills=bench.maker.rtsp_alone,
        )
        recorder = await house.add(spec)
        async with driver_of(recorder) as driver, plain_session() as session:
            sides = _Sides(bench, recorder, driver, session)
            await sides.prepare()
            for size in sizes:
                bench.say(size.name)
                found[size] = await sides.compare(size)
    return Outcome(
        figures=[
            figure
            for size, runs in found.items()
            for figure in _figures(size, *runs, bench.maker.read_is)
        ],
        charts=[_chart(found)],
    )


class _Sides:
    """The clip and the plain read."""

    def __init__(
        self,
        bench: Workbench,
        recorder: BenchRecorder,
        driver: Driver,
        session: aiohttp.ClientSession,
    ) -> None:
        self._clip = bench.folder / "clip.mp4"
        self._maker = bench.maker
        self._recorder = recorder
        self._driver = driver
        self._session = session
        self._recording: Recording

    async def prepare(self) -> None:
        """Find a recording that is long enough, and warm everything up."""
        end = datetime.now(UTC) - timedelta(hours=8)
        found = await find(self._driver, 1, end - timedelta(hours=16), end)
        self._recording = max(found, key=lambda one: one.duration)
        await self._read(WARM_UP)

    async def compare(self, size: _Size) -> tuple[list[_Run], list[_Run]]:
        """Make a clip and read the same plainly: in turns, or a single time side by side where the recorder lets two."""
        await self._recorder.set(rate=size.rate)
        if size.rounds == 1 and size.rate and self._maker.sends_to_two:
            ours, plain = await asyncio.gather(self._make(size.length), self._read(size.length))
            return [ours], [plain]
        pairs = [
            (await self._make(size.length), await self._read(size.length))
            for _ in range(size.rounds)
        ]
        return [ours for ours, _ in pairs], [plain for _, plain in pairs]

    async def _make(self, length: timedelta) -> _Run:
        pool = WorkerPool(size=1)
        try:
            # What codecs hold for good is there after the first clip.
            await self._clip_of(pool, WARM_UP)
            [pid] = pool.pids
            await asyncio.sleep(SETTLE_S)
            with growth(pid) as grown:
                speed = await self._clip_of(pool, length)
        finally:
            await pool.close()
        return _Run(speed, grown.mb)

    async def _clip_of(self, pool: WorkerPool, length: timedelta) -> float:
        """Make a clip and return how many bytes a second it came to."""
        timed = _Timed(footage_part(self._driver, self._recording))
        start = self._recording.start + INSIDE
        await make_clip(pool, [timed.part], start, start + length, self._clip)
        took = perf_counter() - timed.first_at
        self._clip.unlink()
        return timed.received / took

    async def _read(self, length: timedelta) -> _Run:
        received, seconds = await self._maker.read(
            self._session, self._recorder, self._recording, INSIDE, length
        )
        return _Run(received / seconds)


def _figures(size: _Size, ours: list[_Run], plain: list[_Run], read_is: str) -> list[Figure]:
    rate = f"recorder sends {size.rate / MEGABYTE:g} MB/s" if size.rate else "as fast as it goes"
    aim = (
        Aim(measure=Measure.RATIO, at_least=SPEED)
        if size.rate
        else Aim(measure=Measure.RATIO, at_least=OWN_SPEED, own=True)
    )
    return [
        Figure(
            name=f"download.speed.{size.name}",
            value=median(run.speed for run in ours) / MEGABYTE,
            beside=median(run.speed for run in plain) / MEGABYTE,
            beside_is=read_is,
            unit="MB/s",
            aim=aim,
            conditions=f"from the first byte to the verified clip; {rate}; {size.rounds} rounds",
        ),
        Figure(
            name=f"download.memory.{size.name}",
            value=max(run.memory_mb for run in ours),
            unit="MiB",
            aim=Aim(measure=Measure.VALUE, at_most=MEMORY_MB, firm=True),
            conditions="the worker's highest above what it holds between two clips",
        ),
    ]


def _chart(found: dict[_Size, tuple[list[_Run], list[_Run]]]) -> Chart:
    bound = sorted((size for size in found if size.rate), key=lambda size: size.megabytes)
    xs = [size.megabytes for size in bound]
    grown = [max(run.memory_mb for run in found[size][0]) for size in bound]
    return Chart(
        name="download_memory",
        title="Memory of the worker that makes a clip",
        x="size of the footage in MB",
        y="MiB above idle",
        log_x=True,
        lines=[Line("worker", xs, grown), Line("aim", xs, [MEMORY_MB] * len(xs), limit=True)],
    )
