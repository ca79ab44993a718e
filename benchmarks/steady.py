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
# A thousandth of one core.
CPU_S = 3.6
SETTLE_S = 8.0
ROUNDS_AN_HOUR = 60
# Faster, the time an answer takes looks like a recorder that hangs.
FASTER = 60
# Asked in every round.
EACH_ROUND = "/ISAPI/System/workingstatus"
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
    def rounds(self) -> int:
        """How often the recorder was polled."""
        return sum(request.path == EACH_ROUND for request in self.asked)

    @property
    def requests(self) -> float:
        """Requests in an hour of undisturbed rounds: a round takes longer where time runs faster.

        Counted from the first round seen to the last, so that none is cut at the edges.
        """
        began = [each.began for each in self.asked if each.path == EACH_ROUND]
        whole = sum(began[0] <= each.began < began[-1] for each in self.asked)
        return whole * ROUNDS_AN_HOUR / (len(began) - 1)


async def measure(bench: Workbench) -> Outcome:
    """Let an hour pass in two Home Assistants at once, one of them with a recorder."""
    share = bench.choose(full=1.0, short=0.2)
    # -P: the folder of this program holds modules with names of the standard library.
    program = ("-P", COMPRESSED_TIME, str(FASTER))
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run_two(bench.folder, program=program) as (ours, bare),
    ):
        recorder = await house.add(RecorderSpec(name="steady", channels=CHANNELS))
        await ours.submit(OURS, recorder)
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
    often = ", ".join(f"{path.removeprefix('/ISAPI/')} {n}" for path, n in paths.most_common(4))
    return [
        Figure(
            name="steady.requests.32ch",
            value=hour.requests,
            unit="requests/h",
            aim=Aim(measure=Measure.VALUE, at_most=REQUESTS, firm=True),
            conditions=f"{hour.rounds} rounds, time {FASTER} times as fast; challenges included; "
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
