"""What an hour with a recorder costs while nobody looks."""

import asyncio
from collections import Counter
from dataclasses import dataclass
import os
from pathlib import Path

from .compressed_time import SPEED_UP
from .figure import Aim, Figure, Measure
from .homes import OURS, Home
from .outcome import Outcome, Workbench
from .recorder_orders import AskedRequest, RecorderSpec
from .recorders import BenchRecorder, RecorderHouse
from .request_graph import logins, renewals

CHANNELS = 32
HOUR_S = 3600.0
REQUESTS = 240
LOGINS = 2
RENEWALS = 15
CPU_RATIO = 3.0
SETTLE_S = 8.0
LIMIT_S = 60.0
FASTER = 60
FASTER_IN_SHORT = 240
COMPRESSED_TIME = Path(__file__).parent / "compressed_time.py"


@dataclass(frozen=True)
class _Hour:
    """What happened in it."""

    asked: list[AskedRequest]
    cpu_s: float
    bare_cpu_s: float


async def measure(bench: Workbench) -> Outcome:
    """Let an hour pass in two Home Assistants at once, one of them with a recorder."""
    factor = bench.choose(full=FASTER, short=FASTER_IN_SHORT)
    # -P: the folder of this program holds modules with names of the standard library.
    program = ("-P", COMPRESSED_TIME, str(factor))
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run_two(bench.folder, program=program) as (ours, bare),
    ):
        recorder = await house.add(RecorderSpec(name="steady", channels=CHANNELS))
        await ours.submit(OURS, recorder)
        await recorder.set(faster=factor)
        await asyncio.sleep(bench.choose(full=SETTLE_S, short=SETTLE_S / 4))
        bench.say(f"an hour, {factor} times as fast")
        hour = await _hour(ours, bare, recorder, HOUR_S / factor)
    return Outcome(figures=_figures(hour, factor))


async def _hour(ours: Home, bare: Home, recorder: BenchRecorder, seconds: float) -> _Hour:
    await recorder.asked()
    before = ours.cpu_s(), bare.cpu_s()
    for home in (ours, bare):
        os.kill(home.home_assistant.process.pid, SPEED_UP)
    await asyncio.sleep(seconds)
    after = ours.cpu_s(), bare.cpu_s()
    return _Hour(await recorder.asked(), after[0] - before[0], after[1] - before[1])


def _figures(hour: _Hour, factor: int) -> list[Figure]:
    paths = Counter(request.path for request in hour.asked)
    often = ", ".join(f"{path.removeprefix('/ISAPI/')} {n}" for path, n in paths.most_common(4))
    return [
        Figure(
            name="steady.requests.32ch",
            value=len(hour.asked),
            unit="requests/h",
            aim=Aim(measure=Measure.VALUE, at_most=REQUESTS, firm=True),
            conditions=f"time {factor} times as fast; challenges included; most often: {often}",
        ),
        Figure(
            name="steady.logins.32ch",
            value=logins(hour.asked),
            unit="logins/h",
            aim=Aim(measure=Measure.VALUE, at_most=LOGINS, firm=True),
            conditions="challenges; a nonce that the recorder calls stale after its five minutes is "
            "renewed within the login",
        ),
        Figure(
            name="steady.renewals.32ch",
            value=renewals(hour.asked),
            unit="nonces/h",
            aim=Aim(measure=Measure.VALUE, at_most=RENEWALS, firm=True, own=True),
            conditions="one each five minutes, the life of a nonce here, can't be spared",
        ),
        Figure(
            name="steady.cpu.32ch",
            value=hour.cpu_s,
            beside=hour.bare_cpu_s,
            beside_is="bare Home Assistant, in the same hour",
            unit="s/h",
            aim=Aim(measure=Measure.RATIO, at_most=CPU_RATIO, own=True),
            conditions=f"processor seconds with all children; time {factor} times as fast",
        ),
    ]
