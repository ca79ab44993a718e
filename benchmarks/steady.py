"""What an hour with a recorder costs while nobody looks."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
import os
from pathlib import Path

from .compressed_time import SPEED_UP
from .figure import Aim, Figure, Measure
from .homes import Home
from .outcome import Outcome, Workbench
from .recorder_orders import AskedRequest, RecorderSpec
from .recorders import BenchRecorder, RecorderHouse
from .request_graph import logins, renewals

CHANNELS = 32
HOUR_S = 3600.0
REQUESTS = 240
LOGINS = 2
RENEWALS = 15
# A thousandth of one core.
CPU_S = 3.6
SETTLE_S = 8.0
ROUNDS_AN_HOUR = 60
# Faster, the time an answer takes looks like a recorder that hangs.
FASTER = 60
# A third of the time from one round to the next.
PAUSE_S = HOUR_S / ROUNDS_AN_HOUR / FASTER / 3
COMPRESSED_TIME = Path(__file__).parent / "compressed_time.py"


@dataclass(frozen=True)
class _Hour:
    """What happened in it, or in a part of it.

    Attributes:
        share: how much of an hour was watched.
    """

    share: float
    asked: list[AskedRequest]
    cpu_s: float
    bare_cpu_s: float

    @property
    def requests(self) -> float:
        """Requests in an hour of undisturbed rounds: a round takes longer where time runs faster."""
        rounds = whole_rounds(self.asked)
        return sum(rounds) * ROUNDS_AN_HOUR / len(rounds)


def whole_rounds(asked: Sequence[AskedRequest]) -> list[int]:
    """Count the requests of each round of polling, but for the first and the last, which may be cut."""
    rounds = [1]
    for earlier, later in pairwise(asked):
        if later.began - earlier.began > PAUSE_S:
            rounds.append(0)
        rounds[-1] += 1
    return rounds[1:-1]


async def measure(bench: Workbench) -> Outcome:
    """Let an hour pass in two Home Assistants at once, one of them with a recorder."""
    share = bench.choose(full=1.0, short=0.2)
    # -P: the folder of this program holds modules with names of the standard library.
    program = ("-P", COMPRESSED_TIME, str(FASTER))
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run_two(bench.folder, program=program) as (ours, bare),
    ):
        recorder = await house.add(
            RecorderSpec(name="steady", personality=bench.maker.vendor.first, channels=CHANNELS)
        )
        await ours.add(recorder)
        await recorder.set(faster=FASTER)
        await asyncio.sleep(bench.choose(full=SETTLE_S, short=SETTLE_S / 4))
        bench.say(f"{share:g} hours, {FASTER} times as fast")
        hour = await _hour(ours, bare, recorder, share)
    return Outcome(figures=_figures(hour))


async def _hour(ours: Home, bare: Home, recorder: BenchRecorder, share: float) -> _Hour:
    await recorder.asked()
    before = ours.cpu_s(), bare.cpu_s()
    for home in (ours, bare):
        os.kill(home.home_assistant.process.pid, SPEED_UP)
    await asyncio.sleep(HOUR_S * share / FASTER)
    after = ours.cpu_s(), bare.cpu_s()
    return _Hour(share, await recorder.asked(), after[0] - before[0], after[1] - before[1])


def _figures(hour: _Hour) -> list[Figure]:
    paths = Counter(request.path for request in hour.asked)
    often = ", ".join(f"{path} {count}" for path, count in paths.most_common(4))
    return [
        Figure(
            name="steady.requests.32ch",
            value=hour.requests,
            unit="requests/h",
            aim=Aim(measure=Measure.VALUE, at_most=REQUESTS, firm=True),
            conditions=f"{len(whole_rounds(hour.asked))} whole rounds, time {FASTER} times as fast; challenges included; "
            f"most often: {often}",
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
            value=renewals(hour.asked) / hour.share,
            unit="nonces/h",
            aim=Aim(measure=Measure.VALUE, at_most=RENEWALS, firm=True, own=True),
            conditions="one each five minutes, the life of a nonce here, can't be spared",
        ),
        Figure(
            name="steady.cpu.32ch",
            value=hour.cpu_s / hour.share,
            beside=hour.bare_cpu_s / hour.share,
            beside_is="bare Home Assistant, in the same hour",
            unit="s/h",
            aim=Aim(measure=Measure.EXCESS, at_most=CPU_S, own=True),
            conditions=f"processor seconds with all children; time {FASTER} times as fast",
        ),
    ]
