"""Stills of all channels for several viewers at once."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit

import aiohttp

from .driving import plain_session
from .figure import Aim, Figure, Measure
from .homes import Home
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse

CHANNELS = 32
VIEWERS = 4
LATENCY_MS = 50
ROUNDS = 7
BOUND = 1.1
# By then no picture is fresh any more.
PAUSE_S = 1.5
JPEG = b"\xff\xd8"


@dataclass(frozen=True)
class _Run:
    wall_s: float
    requests: int


async def measure(bench: Workbench) -> Outcome:
    """Ask for all stills at once, and fetch each once plainly, in turns."""
    rounds = bench.choose(full=ROUNDS, short=2)
    at_once = bench.maker.stills_at_once
    ours: list[_Run] = []
    plain: list[_Run] = []
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run(bench.folder / "home") as home,
        plain_session() as session,
    ):
        recorder = await house.add(
            RecorderSpec(name="snapshot", personality=bench.maker.vendor.first, channels=CHANNELS)
        )
        await home.add(recorder)
        while len(cameras := sorted(await home.cameras())) < CHANNELS:
            await asyncio.sleep(0.1)
        # The simulator takes a moment to begin filming with each camera.
        urls = [bench.maker.picture_url(recorder, each + 1) for each in range(CHANNELS)]
        await _fetches(session, urls, at_once)
        await recorder.set(latency_ms=LATENCY_MS)
        for _ in range(rounds + 1):
            await asyncio.sleep(PAUSE_S)
            ours.append(await _viewers(home, recorder, cameras, urls))
            await asyncio.sleep(PAUSE_S)
            plain.append(await _fetches(session, urls, at_once))
    # The first of each logs in.
    return Outcome(figures=_figures(ours[1:], plain[1:], at_once))


async def _viewers(
    home: Home, recorder: BenchRecorder, cameras: list[str], urls: list[str]
) -> _Run:
    async def look(camera: str) -> None:
        picture: bytes = await home.api.get(f"/api/camera_proxy/{camera}")
        if not picture.startswith(JPEG):
            raise ValueError(f"{camera} gave no picture")

    await recorder.asked()
    began = perf_counter()
    await asyncio.gather(*(look(camera) for _ in range(VIEWERS) for camera in cameras))
    wall_s = perf_counter() - began
    paths = {urlsplit(url).path for url in urls}
    # A recorder that takes no nonce twice challenges each request, whoever makes it.
    pictures = [
        each
        for each in await recorder.asked()
        if each.path in paths and each.status != HTTPStatus.UNAUTHORIZED
    ]
    return _Run(wall_s, len(pictures))


async def _fetches(session: aiohttp.ClientSession, urls: list[str], at_once: int) -> _Run:
    turn = asyncio.Semaphore(at_once)

    async def fetch(url: str) -> None:
        async with turn, session.get(url) as response:
            response.raise_for_status()
            await response.read()

    began = perf_counter()
    await asyncio.gather(*(fetch(url) for url in urls))
    return _Run(perf_counter() - began, len(urls))


def _figures(ours: list[_Run], plain: list[_Run], at_once: int) -> list[Figure]:
    conditions = (
        f"{CHANNELS} channels, {VIEWERS} viewers, {LATENCY_MS} ms per request,"
        f" challenges not counted, {len(ours)} rounds"
    )
    return [
        Figure(
            name="snapshot.requests.32ch",
            value=max(run.requests for run in ours),
            beside=CHANNELS,
            beside_is="one fetch per channel",
            unit="requests",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND, firm=True),
            conditions=conditions,
        ),
        Figure(
            name="snapshot.wall.32ch",
            value=median(run.wall_s for run in ours),
            beside=median(run.wall_s for run in plain),
            beside_is=f"one plain fetch per channel, {at_once} at a time",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND),
            conditions=conditions,
        ),
    ]
