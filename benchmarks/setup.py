"""What adding a recorder costs, and how long it takes until its cameras are there."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from .figure import Aim, Figure, Measure
from .homes import OURS, Home
from .maker import Maker
from .outcome import Chart, Line, Outcome, Workbench
from .recorder_orders import AskedRequest, RecorderSpec
from .recorders import BenchRecorder, RecorderHouse
from .request_graph import depth

CHANNELS = (8, 16, 32, 64)
LATENCIES_MS = (20, 150)
BOUND_AT_MS = 150
BOUND = 1.1
ROUNDS = 3
LIMIT_S = 60.0
POLL_S = 0.05
# Home Assistant's own integration for the same recorders, and the library that others use.
THEIRS = "theirs"
ALONE = "alone"


@dataclass(frozen=True)
class _Run:
    """One recorder being added once.

    Attributes:
        requests: of the entry's set-up.
        depth: of those.
        wall_s: from the entry's creation to the last camera's first state.
        whole_requests: with those of the form.
        whole_s: from submitting the form.
    """

    requests: int
    depth: int
    wall_s: float
    whole_requests: int
    whole_s: float


type _Key = tuple[str, int, int]
type _Runs = dict[_Key, list[_Run]]
type _Submit = Callable[[Home, BenchRecorder], Awaitable[str]]


async def measure(bench: Workbench) -> Outcome:
    """Add recorders of several sizes, near and far, to all that knows them in turns."""
    maker = bench.maker
    counts = bench.choose(full=CHANNELS, short=(8, 32))
    latencies = bench.choose(full=LATENCIES_MS, short=(BOUND_AT_MS,))
    rounds = bench.choose(full=ROUNDS, short=1)
    runs: _Runs = defaultdict(list)
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run(bench.folder / "home") as home,
    ):
        recorders = {
            count: await house.add(
                RecorderSpec(name=f"setup{count}", personality=maker.vendor.first, channels=count)
            )
            for count in counts
        }
        # The first entry of a domain loads its code.
        forms = _forms(maker)
        for form in forms.values():
            await _add(home, form, recorders[counts[0]])
        bench.say("warmed up")
        for round_number in range(rounds):
            bench.say(f"round {round_number + 1} of {rounds}")
            for latency_ms in latencies:
                for count, recorder in recorders.items():
                    await recorder.set(latency_ms=latency_ms)
                    for who, form in forms.items():
                        runs[who, count, latency_ms].append(await _add(home, form, recorder))
                    runs[ALONE, count, latency_ms].append(await _alone(maker, recorder))
                    await recorder.set(latency_ms=0)
    return Outcome(
        figures=[
            *(
                figure
                for latency_ms in latencies
                for count in counts
                for figure in _figures(maker, runs, count, latency_ms)
            ),
            _constancy(runs),
        ],
        charts=[_chart(maker, runs, latency_ms, counts) for latency_ms in latencies],
    )


def _forms(maker: Maker) -> Mapping[str, _Submit]:
    """Return what adds a recorder to an integration, by who does it."""
    integration = maker.integration
    forms: dict[str, _Submit] = {OURS: Home.add}
    if integration is not None:
        forms[THEIRS] = lambda home, recorder: home.submit(integration, maker.form(recorder))
    return forms


async def _add(home: Home, submit: _Submit, recorder: BenchRecorder) -> _Run:
    """Add a recorder, wait for its cameras, and remove it."""
    await recorder.asked()
    before = await home.cameras()
    submitted = datetime.now(UTC)
    entry_id = await submit(home, recorder)
    try:
        created = datetime.fromtimestamp((await home.entry(entry_id))["created_at"], UTC)
        async with asyncio.timeout(LIMIT_S):
            while (
                len(there := (await home.cameras()).items() - before.items())
                < recorder.spec.channels
            ):
                await asyncio.sleep(POLL_S)
        last = max(since for _, since in there)
        asked = [each for each in await recorder.asked() if each.began <= last.timestamp()]
        own = [each for each in asked if each.began >= created.timestamp()]
    finally:
        await home.remove(entry_id)
    return _Run(
        requests=len(own),
        depth=depth(own),
        wall_s=(last - created).total_seconds(),
        whole_requests=len(asked),
        whole_s=(last - submitted).total_seconds(),
    )


async def _alone(maker: Maker, recorder: BenchRecorder) -> _Run:
    """Have the library learn the same of a recorder: who it is, its events, its channels."""
    await recorder.asked()
    began = datetime.now(UTC)
    await asyncio.to_thread(maker.learn, recorder)
    took = (datetime.now(UTC) - began).total_seconds()
    asked: list[AskedRequest] = await recorder.asked()
    return _Run(len(asked), depth(asked), took, len(asked), took)


def _figures(maker: Maker, runs: _Runs, count: int, latency_ms: int) -> list[Figure]:
    ours, theirs, alone = (runs[who, count, latency_ms] for who in (OURS, THEIRS, ALONE))
    beside_is = f"{maker.library} alone" if maker.integration is None else maker.integration_is
    beside = theirs or alone
    name = f"{count}ch.{latency_ms}ms"
    graph = max(run.depth for run in ours)
    bound_s = latency_ms / 1000 * graph
    wall_s = median(run.wall_s for run in ours)
    hard = latency_ms == BOUND_AT_MS
    return [
        Figure(
            name=f"setup.requests.{name}",
            value=max(run.requests for run in ours),
            beside=max(run.requests for run in beside),
            beside_is=beside_is,
            unit="requests",
            aim=Aim(measure=Measure.VALUE, at_most=maker.vendor.setup_requests, firm=True),
            conditions=f"{maker.library} alone: {max(run.requests for run in alone)}",
        ),
        Figure(
            name=f"setup.requests_with_form.{name}",
            value=max(run.whole_requests for run in ours),
            beside=max(run.whole_requests for run in beside),
            beside_is=beside_is,
            unit="requests",
            aim=Aim(measure=Measure.VALUE, at_most=maker.vendor.form_limit(count), own=True),
            conditions="from submitting the form to the last camera's first state",
        ),
        Figure(
            name=f"setup.wall.{name}",
            value=wall_s,
            beside=bound_s,
            beside_is=f"{latency_ms} ms x {graph}, the depth of the request graph",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND, own=not hard),
            conditions="from the entry's creation to the last camera's first state",
        ),
        Figure(
            name=f"setup.wall_beside_{maker.integration or maker.library}.{name}",
            value=median(run.whole_s for run in ours),
            beside=median(run.whole_s for run in beside),
            beside_is=beside_is,
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=1, own=True),
            conditions="from submitting the form to the last camera's first state; "
            f"{maker.library} alone {median(run.wall_s for run in alone):.2f} s",
        ),
    ]


def _constancy(runs: _Runs) -> Figure:
    requests = [run.requests for key, each in runs.items() if key[0] == OURS for run in each]
    return Figure(
        name="setup.requests.growth",
        value=max(requests) - min(requests),
        unit="requests",
        aim=Aim(measure=Measure.VALUE, at_most=0, firm=True),
        conditions="most minus fewest requests of all sizes, latencies and rounds",
    )


def _chart(maker: Maker, runs: _Runs, latency_ms: int, counts: tuple[int, ...]) -> Chart:
    def walls(who: str) -> list[float]:
        return [median(run.whole_s for run in runs[who, count, latency_ms]) for count in counts]

    bounds = [
        latency_ms / 1000 * max(run.depth for run in runs[OURS, count, latency_ms])
        for count in counts
    ]
    own = [median(run.wall_s for run in runs[OURS, count, latency_ms]) for count in counts]
    return Chart(
        name=f"setup_{latency_ms}ms",
        title=f"Adding a recorder, {latency_ms} ms per request",
        x="channels",
        y="seconds until all cameras are there",
        lines=[
            Line("from submitting the form", counts, walls(OURS)),
            (
                Line(f"{maker.library} alone", counts, walls(ALONE))
                if maker.integration is None
                else Line(f"{maker.integration_is}, likewise", counts, walls(THEIRS))
            ),
            Line("from the entry's creation", counts, own),
            Line("latency x depth of the request graph", counts, bounds, limit=True),
        ],
    )
