"""How long it takes from asking for a recording to its first picture, and what jumps cost."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
import re
from statistics import median
from time import perf_counter
from urllib.parse import urljoin

import av

from custom_components.nvr.footage.part import FootagePart
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.footage_parts import footage_part

from .driving import driver_of, find
from .figure import Aim, Figure, Measure
from .homes import OURS, Home
from .maker import Maker
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import BenchRecorder, RecorderHouse

CHANNELS = 12
FILE_MINUTES = 150.0
JUMP = timedelta(hours=1)
# Of the longest recording, where none lasts longer than the jump.
SHARE = 0.75
JUMPS_BACK = 20
BOUND = 1.2
# A part of four seconds is made where RTSP needs its first picture alone.
HURRIED_EXCESS_S = 1.0
AGO = timedelta(hours=4)
INSIDE = timedelta(seconds=1)
WATCHED_PARTS = 12
_VARIANTS = "#EXT-X-STREAM-INF"
_URI = re.compile(r'URI="([^"]+)"')
_LENGTH = re.compile(r"#EXTINF:([0-9.]+)")


@dataclass
class _Walls:
    """Seconds until the first decoded picture, one for each recording."""

    start: list[float] = field(default_factory=list)
    jump: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    picture: list[float] = field(default_factory=list)

    async def take_pictures(self, pool: WorkerPool, part: FootagePart) -> None:
        """Ask for the first picture and that of a second later, without a player."""
        for found, instant in ((self.first, part.start), (self.picture, part.start + INSIDE)):
            found.append(await _timed(make_picture(pool, part, instant)))


class _Watching:
    """A player of ours: by Home Assistant's media source and the playlist behind it."""

    def __init__(self, home: Home, media_id: str) -> None:
        self._home = home
        self._media_id = media_id
        self._parts: list[str] = []
        self._beginnings: list[float] = []
        self._init = b""

    async def start(self) -> None:
        """Ask for the recording and decode the first picture."""
        resolved = await self._home.api.ask(
            "media_source/resolve_media", media_content_id=self._media_id
        )
        playlist = await self._playlist(resolved["url"])
        [init] = _URI.findall(playlist)
        self._parts = [line for line in playlist.splitlines() if line and line[0] != "#"]
        lengths = [float(length) for length in _LENGTH.findall(playlist)]
        self._beginnings = [sum(lengths[:place]) for place in range(len(lengths))]
        self._init, first = await asyncio.gather(self._get(init), self._get(self._parts[0]))
        _decode(self._init + first)

    async def _playlist(self, path: str) -> str:
        """Return the playlist of the parts, the first variant's where there are several."""
        playlist = (await self._get(path)).decode()
        if _VARIANTS not in playlist:
            return playlist
        following = playlist[playlist.index(_VARIANTS) :].splitlines()
        variant = next(line for line in following if line and line[0] != "#")
        return (await self._get(urljoin(path, variant))).decode()

    async def jump(self, offset: timedelta) -> None:
        """Go to a place and decode the first picture there."""
        part = await self._get(self._parts[self.number(offset)])
        _decode(self._init + part)

    async def watch(self, first: int, count: int) -> None:
        """Fetch some parts one after the other."""
        for number in range(first, first + count):
            await self._get(self._parts[number])

    def number(self, offset: timedelta) -> int:
        """Return the part that shows a place."""
        at = offset.total_seconds()
        return max(n for n, begins in enumerate(self._beginnings) if begins <= at)

    async def _get(self, path: str) -> bytes:
        async with self._home.api.session.get(self._home.api.url + path) as response:
            response.raise_for_status()
            return await response.read()


async def measure(bench: Workbench) -> Outcome:
    """Play recordings that nobody has played, by us and by RTSP in turns."""
    rounds = bench.choose(full=CHANNELS - 2, short=2)
    longest = bench.maker.longest
    jump = JUMP if longest is None else longest * SHARE
    ours, hurried, plain = _Walls(), _Walls(), _Walls()
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run(bench.folder / "home") as home,
        AsyncExitStack() as stack,
    ):
        recorder = await house.add(
            RecorderSpec(
                name="play",
                personality=bench.maker.vendor.first,
                channels=CHANNELS,
                file_minutes=FILE_MINUTES,
            )
        )
        await home.add(recorder)
        driver = await stack.enter_async_context(driver_of(recorder))
        pool = WorkerPool(size=1)
        stack.push_async_callback(pool.close)
        while len(cameras := sorted(await home.cameras())) < CHANNELS:
            await asyncio.sleep(0.1)
        extra = 0
        for number in range(rounds + 1):
            # The first one starts workers and measures the recorder's clock.
            bench.say(f"recording {number} of {rounds}")
            span = await _recording(recorder, number + 1, jump)
            media_id = await _media_id(home, cameras[number], span)
            watching = _Watching(home, media_id)
            # What has no end is cut into several; the one that is played is that of the middle.
            middle = span[0] + (span[1] - span[0]) / 2
            [recording] = await find(driver, number + 1, middle, middle + INSIDE)
            stamps = [
                await _stamps(recorder, begin, recording.end)
                for begin in (recording.start, recording.start + jump)
            ]
            for each in stamps:
                # The simulator paints and encodes what nobody has seen yet: that is no recorder's work, and else all
                # on whoever comes first.
                await bench.maker.first_picture(recorder, number + 1, each, hurried=True)
            # Before anybody watches: who does keeps a place at the recorder for a while.
            await recorder.at_rest()
            await ours.take_pictures(pool, footage_part(driver, recording))
            await recorder.at_rest()
            ours.start.append(await _timed(watching.start()))
            await watching.watch(1, WATCHED_PARTS)
            ours.jump.append(await _timed(watching.jump(jump)))
            extra = max(extra, await _jumps_back(bench.maker, recorder, watching, jump))
            for walls in (hurried, plain):
                for found, each in zip((walls.start, walls.jump), stamps, strict=True):
                    found.append(
                        await bench.maker.first_picture(
                            recorder, number + 1, each, hurried=walls is hurried
                        )
                    )
    return Outcome(figures=_figures(ours, hurried, plain, extra, bench.maker.player))


async def _stamps(
    recorder: BenchRecorder, begin: datetime, end: datetime
) -> tuple[datetime, datetime]:
    first, last = await recorder.stamps(begin + INSIDE, end)
    return first, last


async def _timed(work: Awaitable[object]) -> float:
    began = perf_counter()
    await work
    return perf_counter() - began


async def _recording(
    recorder: BenchRecorder, channel: int, jump: timedelta
) -> tuple[datetime, datetime]:
    """Return a recording that lasts longer than the jump and is over."""
    end = datetime.now(UTC) - AGO
    found = await recorder.recordings(channel, end - AGO * 2, end)
    return next(span for span in found if span[1] - span[0] > jump * 1.5)


async def _media_id(home: Home, camera: str, span: tuple[datetime, datetime]) -> str:
    start, end = span
    answer = await home.api.action(
        OURS, "search_recordings", entity_id=camera, start=start.isoformat(), end=end.isoformat()
    )
    middle = start + (end - start) / 2
    found: str = next(
        one["media_content_id"]
        for one in answer[camera]["recordings"]
        if datetime.fromisoformat(one["start"]) < middle < datetime.fromisoformat(one["end"])
    )
    return found


async def _jumps_back(
    maker: Maker, recorder: BenchRecorder, watching: _Watching, jump: timedelta
) -> int:
    """Jump among what was watched, and return how many fetches that cost the recorder."""
    place = watching.number(jump)
    await watching.watch(place, WATCHED_PARTS)
    seen = [*range(WATCHED_PARTS), *range(place, place + WATCHED_PARTS)]
    await asyncio.sleep(1)
    await recorder.asked()
    await recorder.plays()
    for turn in range(JUMPS_BACK):
        await watching.watch(seen[(len(seen) - 1 - turn * 7) % len(seen)], 1)
    fetches = sum(maker.brings_footage(request.path) for request in await recorder.asked())
    return fetches + await recorder.plays()


def _decode(data: bytes) -> None:
    with av.open(BytesIO(data), mode="r", format="mp4") as container:
        for _ in container.decode(video=0):
            return
    raise ValueError("the part has no picture")


def _figures(ours: _Walls, hurried: _Walls, plain: _Walls, extra: int, player: str) -> list[Figure]:
    figures = []
    for name, mine, quick, usual in (
        ("start", ours.start, hurried.start, plain.start),
        ("jump", ours.jump, hurried.jump, plain.jump),
    ):
        for suffix, beside, is_what, aim in (
            ("", usual, f"RTSP playback by {player}", Aim(measure=Measure.RATIO, at_most=BOUND)),
            (
                ".hurried",
                quick,
                f"RTSP playback by {player} told not to probe",
                Aim(measure=Measure.EXCESS, at_most=HURRIED_EXCESS_S, own=True),
            ),
        ):
            figures.append(
                Figure(
                    name=f"play.{name}{suffix}",
                    value=median(mine[1:]),
                    beside=median(beside[1:]),
                    beside_is=is_what,
                    unit="s",
                    aim=aim,
                    conditions=f"until the first decoded picture; median of {len(mine) - 1} "
                    f"recordings, slowest {max(mine[1:]):.2f} s",
                )
            )
    return [
        *figures,
        *_pictures(ours, plain, player),
        Figure(
            name="play.fetches_of_jumps_back",
            value=extra,
            unit="fetches",
            aim=Aim(measure=Measure.VALUE, at_most=0, firm=True),
            conditions=f"most of any recording, in {JUMPS_BACK} jumps to what was watched",
        ),
    ]


def _pictures(ours: _Walls, plain: _Walls, player: str) -> list[Figure]:
    figures = []
    # A player shows the key picture before the place that it is told; a picture of an instant takes those up to there.
    for name, seconds, of in (
        ("first_picture", ours.first, "the recording's first"),
        ("picture", ours.picture, "that of a second later"),
    ):
        figures.append(
            Figure(
                name=f"play.{name}",
                value=median(seconds[1:]),
                beside=median(plain.start[1:]),
                beside_is=f"RTSP playback by {player}, to the first",
                unit="s",
                aim=Aim(measure=Measure.RATIO, at_most=BOUND),
                conditions=f"by driver and worker alone, as a JPEG: {of}; "
                f"median of {len(seconds) - 1} recordings",
            )
        )
    return figures
