"""Ten recorders in one Home Assistant."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import monotonic

from .figure import Aim, Figure, Measure
from .homes import Home
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse

RECORDERS = 10
CHANNELS = 32
LATENCY_MS = 20
SLOWEST_MS = 150
MEMORY_MB = 100
# One percent of one core.
CPU_S = 36
ROUNDS = 3
SETTLE_S = 15.0
LIMIT_S = 120.0
BURST_S = 20.0


@dataclass(frozen=True)
class _Start:
    """One start of a Home Assistant: how long it took, and what it held some time later."""

    wall_s: float
    memory_mb: float


async def measure(bench: Workbench) -> Outcome:
    """Start a full Home Assistant, one with the slowest recorder alone and a bare one in turns."""
    rounds = bench.choose(full=ROUNDS, short=1)
    settle_s = bench.choose(full=SETTLE_S, short=3.0)
    minutes = bench.choose(full=1.5, short=0.1)
    recorders = bench.choose(full=RECORDERS, short=2)
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run_two(bench.folder) as (full, bare),
    ):
        added = [
            await house.add(
                RecorderSpec(
                    name=f"scale{number}", personality=bench.maker.vendor.first, channels=CHANNELS
                )
            )
            for number in range(recorders)
        ]
        for recorder in added:
            await full.add(recorder)
        await _all_there(full, recorders * CHANNELS)
        for recorder in added:
            await recorder.set(latency_ms=LATENCY_MS)
        await added[0].set(latency_ms=SLOWEST_MS)
        starts: dict[str, list[_Start]] = {"full": [], "bare": []}
        slowest: list[float] = []
        for number in range(rounds):
            bench.say(f"start {number + 1} of {rounds}")
            await asyncio.gather(*(home.home_assistant.stop() for home in (full, bare)))
            for recorder in added:
                await recorder.asked()
            starts["bare"].append(await _start(bare, 0, settle_s))
            starts["full"].append(await _start(full, recorders * CHANNELS, settle_s))
            slowest.append(await _slowest(added))
        bench.say(f"{minutes:g} minutes side by side")
        cpu = await _side_by_side(full, bare, minutes * 60)
    return Outcome(figures=_figures(starts, slowest, cpu, recorders))


async def _start(home: Home, cameras: int, settle_s: float) -> _Start:
    began = monotonic()
    await home.home_assistant.start()
    await _all_there(home, cameras)
    wall_s = monotonic() - began
    await asyncio.sleep(settle_s)
    return _Start(wall_s, home.memory_mb())


async def _all_there(home: Home, cameras: int) -> None:
    """Wait until no camera is restored from the last run only."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            there = [
                state
                for state in await home.api.states()
                if state["entity_id"].startswith("camera.") and state["state"] != "unavailable"
            ]
            if len(there) >= cameras:
                return
            await asyncio.sleep(0.05)


async def _slowest(recorders: Sequence[BenchRecorder]) -> float:
    """Return how long the recorder took whose set-up took longest, as it saw it."""
    spans = []
    for recorder in recorders:
        asked = [each for each in await recorder.asked() if each.ended is not None]
        # Set-up is the first burst; polls come a minute later.
        burst = [each for each in asked if each.began - asked[0].began < BURST_S]
        spans.append(max(each.ended or 0.0 for each in burst) - burst[0].began)
    return max(spans)


async def _side_by_side(full: Home, bare: Home, seconds: float) -> tuple[float, float]:
    """Return the processor seconds an hour that both spend at the same time."""
    before = full.cpu_s(), bare.cpu_s()
    await asyncio.sleep(seconds)
    after = full.cpu_s(), bare.cpu_s()
    return (after[0] - before[0]) * 3600 / seconds, (after[1] - before[1]) * 3600 / seconds


def _figures(
    starts: dict[str, list[_Start]],
    slowest: list[float],
    cpu: tuple[float, float],
    recorders: int,
) -> list[Figure]:
    full, bare = starts["full"], starts["bare"]
    wall_s, bare_s = (median(each.wall_s for each in runs) for runs in (full, bare))
    name = f"{recorders}x{CHANNELS}ch"
    conditions = f"{recorders} recorders of {CHANNELS} channels; median of {len(full)} starts"
    return [
        Figure(
            name=f"scale.memory.{name}",
            value=median(each.memory_mb for each in full),
            beside=median(each.memory_mb for each in bare),
            beside_is="bare Home Assistant",
            unit="MiB",
            aim=Aim(measure=Measure.EXCESS, at_most=MEMORY_MB, firm=True),
            conditions=conditions,
        ),
        Figure(
            name=f"scale.start.{name}",
            value=wall_s,
            beside=bare_s + median(slowest),
            beside_is=f"bare Home Assistant ({bare_s:.2f} s) and the slowest recorder",
            unit="s",
            aim=Aim(measure=Measure.EXCESS, at_most=0),
            conditions=f"{conditions}; until RUNNING with all cameras; {LATENCY_MS} ms per request, "
            f"one recorder {SLOWEST_MS} ms",
        ),
        Figure(
            name=f"scale.cpu.{name}",
            value=cpu[0],
            beside=cpu[1],
            beside_is="bare Home Assistant, at the same time",
            unit="s/h",
            aim=Aim(measure=Measure.EXCESS, at_most=CPU_S, own=True),
            conditions=conditions,
        ),
    ]
