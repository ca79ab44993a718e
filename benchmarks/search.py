"""How long it takes to find ten thousand recordings, and whether all are found."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from .driving import driver_of, plain_session
from .figure import Aim, Figure, Measure
from .maker import Maker
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse

LATENCY_MS = 50
# Three quarters of these happen: ten thousand in two weeks.
MOTION_PER_DAY = 952
DAYS = 14
BOUND = 1.1
ROUNDS = 3
NEAR, MARGIN = timedelta(minutes=5), timedelta(seconds=3)
# Searches tell whole seconds.
ROUNDING = timedelta(seconds=1)

type _Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class _Timed:
    """How long three ways to the same recordings took, and how many they found."""

    ours: list[tuple[float, int]] = field(default_factory=list)
    plain: list[tuple[float, int]] = field(default_factory=list)
    theirs: list[tuple[float, int]] = field(default_factory=list)


async def measure(bench: Workbench) -> Outcome:
    """Let our driver, a client that only reads the pages, and a library search in turns."""
    maker = bench.maker
    rounds = bench.choose(full=ROUNDS, short=1)
    days = bench.choose(full=DAYS, short=2)
    async with RecorderHouse.run(bench.folder / "simulator") as house:
        spec = RecorderSpec(
            name="search",
            personality=maker.vendor.first,
            channels=1,
            continuous=False,
            motion_per_day=MOTION_PER_DAY,
            retention_days=DAYS + 2,
        )
        recorder = await house.add(spec)
        now = datetime.now(UTC).replace(microsecond=0)
        end = await _quiet(recorder, now - timedelta(hours=1))
        start = await _quiet(recorder, end - timedelta(days=days))
        recorded = await recorder.recordings(1, start, end)
        expected = len(recorded)
        first, last = await recorder.stamps(start, end)
        async with driver_of(recorder) as driver, plain_session() as session:

            async def ours() -> int:
                found = [(one.start, one.end) async for one in driver.search(1, start, end)]
                # What is told twice is wrong, too.
                excess = abs(expected - len(found)) if maker.tells_apart else 0
                return expected - max(lacking(recorded, found), excess)

            async def plain() -> int:
                await maker.read_pages(session, recorder, (first, last), expected)
                return expected

            async def theirs() -> int:
                return await asyncio.to_thread(search, first, last)

            # The simulator works out sizes when they are asked for the first time.
            await ours()
            search = await asyncio.to_thread(maker.searcher, recorder)
            await recorder.set(latency_ms=LATENCY_MS)
            timed = _Timed()
            for number in range(rounds):
                bench.say(f"round {number + 1} of {rounds}")
                timed.ours.append(await _timed(ours))
                timed.plain.append(await _timed(plain))
                timed.theirs.append(await _timed(theirs))
    return Outcome(figures=_figures(timed, expected, maker))


async def _quiet(recorder: BenchRecorder, instant: datetime) -> datetime:
    """Return an instant soon before at which nothing begins or ends: whole seconds would decide."""
    found = await recorder.recordings(1, instant - NEAR, instant + NEAR)
    while any(abs(edge - instant) < MARGIN for span in found for edge in span):
        instant -= MARGIN
    return instant


def lacking(recorded: Sequence[_Span], found: Sequence[_Span]) -> int:
    """Return how many recordings were not found, or not as long as they are.

    What is told as one may be several: some devices don't tell recordings apart that touch.
    """
    missed, rest = 0, deque(sorted(found))
    for start, end in sorted(recorded):
        while rest and rest[0][1] < end - ROUNDING:
            rest.popleft()
        missed += not rest or rest[0][0] > start + ROUNDING
    return missed


async def _timed(work: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    began = perf_counter()
    found = await work()
    return perf_counter() - began, found


def _figures(timed: _Timed, expected: int, maker: Maker) -> list[Figure]:
    ours, plain, theirs = (
        median(wall for wall, _ in runs) for runs in (timed.ours, timed.plain, timed.theirs)
    )
    found, found_by_them = (min(count for _, count in runs) for runs in (timed.ours, timed.theirs))
    pages = -(-expected // maker.page)
    conditions = f"{expected} recordings of one channel, {LATENCY_MS} ms per request"
    return [
        Figure(
            name="search.wall",
            value=ours,
            beside=plain,
            beside_is=f"{pages} pages of {maker.page}, read plainly one after the other",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND),
            conditions=f"{conditions}; pages x latency alone {pages * LATENCY_MS / 1000:.1f} s",
        ),
        Figure(
            name=f"search.wall_beside_{maker.library.lower()}",
            value=ours,
            beside=theirs,
            beside_is=f"{maker.library}, which found {found_by_them}",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND, own=True),
            conditions=conditions,
        ),
        Figure(
            name="search.missed",
            value=expected - found,
            beside=abs(expected - found_by_them) if maker.tells_apart else None,
            beside_is=maker.library if maker.tells_apart else "",
            unit="recordings",
            aim=Aim(measure=Measure.VALUE, at_most=0, firm=True),
            conditions=conditions,
        ),
    ]
