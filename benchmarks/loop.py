"""How late Home Assistant's event loop is while recorders download."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from .download import BITRATE_KBPS, RECORDERS_RATE
from .figure import Aim, Figure, Measure
from .homes import OURS, Home
from .outcome import Chart, Line, Outcome, Workbench
from .percentiles import percentile
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse

RECORDERS = 4
CHANNELS = 4
FILE_MINUTES = 50.0
LAG_MS = 10
SHARE = 0.99
AGO = timedelta(hours=8)
INSIDE = timedelta(minutes=3)
PROBE = "/api/loop_probe"
SETTLE_S = 5.0


async def measure(bench: Workbench) -> Outcome:
    """Save clips from four recorders at once, and nothing beside."""
    seconds = bench.choose(full=30, short=5)
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run(bench.folder / "home", probe=True) as home,
    ):
        recorders = [
            await house.add(
                RecorderSpec(
                    name=f"loop{number}",
                    personality=bench.maker.vendor.first,
                    channels=CHANNELS,
                    file_minutes=FILE_MINUTES,
                    bitrate_kbps=BITRATE_KBPS,
                    rate=RECORDERS_RATE,
                    fills=bench.maker.rtsp_alone,
                )
            )
            for number in range(RECORDERS)
        ]
        cameras = [await _camera(home, recorder) for recorder in recorders]
        await asyncio.sleep(SETTLE_S)
        lags: dict[str, Sequence[float]] = {}
        for name, rate in (("10MBps", RECORDERS_RATE), ("unbound", 0)):
            for recorder in recorders:
                await recorder.set(rate=rate)
            bench.say(f"idle, then {name}")
            await home.api.get(PROBE)
            await asyncio.sleep(seconds)
            lags["idle"] = [*lags.get("idle", ()), *await home.api.get(PROBE)]
            length = timedelta(seconds=seconds * RECORDERS_RATE * 8 / 1000 / BITRATE_KBPS)
            lags[name] = await _download(home, recorders, cameras, length)
    return Outcome(figures=_figures(lags), charts=[_chart(lags)])


async def _camera(home: Home, recorder: BenchRecorder) -> str:
    """Add a recorder and return one of its cameras."""
    before = await home.cameras()
    await home.add(recorder)
    while len(new := (await home.cameras()).keys() - before.keys()) < CHANNELS:
        await asyncio.sleep(0.1)
    return min(new)


async def _download(
    home: Home, recorders: Sequence[BenchRecorder], cameras: Sequence[str], length: timedelta
) -> Sequence[float]:
    """Save a clip from each recorder and return the lags meanwhile."""
    end = datetime.now(UTC) - AGO
    found = await recorders[0].recordings(1, end - AGO * 2, end)
    start = max(found, key=lambda span: span[1] - span[0])[0] + INSIDE
    saving = asyncio.gather(
        *(
            home.api.action(
                OURS,
                "download_clip",
                entity_id=camera,
                start=start.isoformat(),
                end=(start + length).isoformat(),
            )
            for camera in cameras
        )
    )
    await home.api.get(PROBE)
    answers = await saving
    lags: list[float] = await home.api.get(PROBE)
    for answer in answers:
        for clip in answer.values():
            with suppress(KeyError):
                await home.api.action(OURS, "delete_clip", clip=clip["clip"])
    return lags


def _figures(lags: dict[str, Sequence[float]]) -> list[Figure]:
    idle = percentile(lags["idle"], SHARE)
    return [
        Figure(
            name=f"loop.lag_p99.{name}",
            value=percentile(lags[name], SHARE),
            beside=idle,
            beside_is="the same Home Assistant, idle",
            unit="ms",
            aim=Aim(measure=Measure.VALUE, at_most=LAG_MS, own=name == "unbound"),
            conditions=f"{len(lags[name])} wake-ups, worst {max(lags[name]):.1f} ms; "
            f"{RECORDERS} recorders, each "
            + ("10 MB/s" if name == "10MBps" else "as fast as it goes"),
        )
        for name in lags
        if name != "idle"
    ]


def _chart(lags: dict[str, Sequence[float]]) -> Chart:
    shares = [each / 200 for each in range(1, 200)] + [0.999]
    return Chart(
        name="loop_lag",
        title="Lag of the event loop",
        x="share of all wake-ups",
        y="at most so many ms late",
        log_y=True,
        lines=[
            *(
                Line(name, shares, [max(percentile(each, share), 0.001) for share in shares])
                for name, each in lags.items()
            ),
            Line("aim for 0.99", [0, 1], [LAG_MS, LAG_MS], limit=True),
        ],
    )
