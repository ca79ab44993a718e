"""How long it takes to find ten thousand recordings, and whether all are found."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from uuid import uuid4

import aiohttp
from pyhik.hikvision import HikCamera

from custom_components.nvr.drivers.driver import Driver

from .driving import driver_of, plain_session
from .figure import Aim, Figure, Measure
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import PASSWORD, USER, BenchRecorder, RecorderHouse

PATH = "/ISAPI/ContentMgmt/search"
LATENCY_MS = 50
# Three quarters of these happen: ten thousand in two weeks.
MOTION_PER_DAY = 952
DAYS = 14
# As the maker's own page asks; more is refused by some firmware.
PAGE = 40
BOUND = 1.1
ROUNDS = 3
TRACK = 101
_DIGITS = "%Y-%m-%dT%H:%M:%SZ"
_SEARCH = """\
<CMSearchDescription><searchID>{search}</searchID><trackList><trackID>{track}</trackID></trackList>\
<timeSpanList><timeSpan><startTime>{start}</startTime><endTime>{end}</endTime></timeSpan>\
</timeSpanList><maxResults>{page}</maxResults><searchResultPostion>{position}</searchResultPostion>\
</CMSearchDescription>"""


async def measure(bench: Workbench) -> Outcome:
    """Let our driver, a client that only reads the pages, and pyHik search in turns."""
    rounds = bench.choose(full=ROUNDS, short=1)
    days = bench.choose(full=DAYS, short=2)
    end = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    start = end - timedelta(days=days)
    async with RecorderHouse.run(bench.folder / "simulator") as house:
        spec = RecorderSpec(
            name="search",
            channels=1,
            continuous=False,
            motion_per_day=MOTION_PER_DAY,
            retention_days=DAYS + 2,
        )
        recorder = await house.add(spec)
        expected = len(await recorder.recordings(1, start, end))
        async with driver_of(recorder) as driver, plain_session() as session:
            sides = _Sides(recorder, driver, session, start, end)
            # The simulator works out sizes when they are asked for the first time.
            await sides.ours()
            await recorder.set(latency_ms=LATENCY_MS)
            timed: dict[str, list[tuple[float, int]]] = {"ours": [], "plain": [], "pyhik": []}
            for number in range(rounds):
                bench.say(f"round {number + 1} of {rounds}")
                timed["ours"].append(await _timed(sides.ours))
                timed["plain"].append(await _timed(lambda: sides.plain(expected)))
                timed["pyhik"].append(await _timed(sides.pyhik))
    return Outcome(figures=_figures(timed, expected))


async def _timed(work: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    began = perf_counter()
    found = await work()
    return perf_counter() - began, found


class _Sides:
    """Three ways to the same recordings."""

    def __init__(
        self,
        recorder: BenchRecorder,
        driver: Driver,
        session: aiohttp.ClientSession,
        start: datetime,
        end: datetime,
    ) -> None:
        self._recorder = recorder
        self._driver = driver
        self._session = session
        self._start = start
        self._end = end
        self._camera: HikCamera | None = None

    async def ours(self) -> int:
        """Search by our driver and count what is found."""
        return sum([1 async for _ in self._driver.search(1, self._start, self._end)])

    async def plain(self, expected: int) -> int:
        """Read all pages one after the other, and nothing else: nothing is faster."""
        search = str(uuid4()).upper()
        for position in range(0, expected, PAGE):
            body = _SEARCH.format(
                search=search,
                track=TRACK,
                start=self._start.strftime(_DIGITS),
                end=self._end.strftime(_DIGITS),
                page=PAGE,
                position=position,
            )
            async with self._session.post(self._recorder.url + PATH, data=body) as response:
                response.raise_for_status()
                await response.read()
        return expected

    async def pyhik(self) -> int:
        """Search by pyHik, which reads no second page: again from the last recording found on."""
        return await asyncio.to_thread(self._search_by_pyhik)

    def _search_by_pyhik(self) -> int:
        if self._camera is None:
            self._camera = HikCamera(self._recorder.url, usr=USER, pwd=PASSWORD)
        found: set[str] = set()
        start = self._start.replace(tzinfo=None)
        end = self._end.replace(tzinfo=None)
        while True:
            answer = self._camera.search_recordings(TRACK, start, end, max_results=PAGE)
            fresh = {one.playback_uri for one in answer} - found
            if not fresh:
                return len(found)
            found |= fresh
            start = max(one.start_time.replace(tzinfo=None) for one in answer)


def _figures(timed: dict[str, list[tuple[float, int]]], expected: int) -> list[Figure]:
    walls = {who: median(wall for wall, _ in runs) for who, runs in timed.items()}
    found = min(count for _, count in timed["ours"])
    theirs = min(count for _, count in timed["pyhik"])
    pages = -(-expected // PAGE)
    conditions = f"{expected} recordings of one channel, {LATENCY_MS} ms per request"
    return [
        Figure(
            name="search.wall",
            value=walls["ours"],
            beside=walls["plain"],
            beside_is=f"{pages} pages of {PAGE}, read plainly one after the other",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND),
            conditions=f"{conditions}; pages x latency alone {pages * LATENCY_MS / 1000:.1f} s",
        ),
        Figure(
            name="search.wall_beside_pyhik",
            value=walls["ours"],
            beside=walls["pyhik"],
            beside_is=f"pyHik, which found {theirs}",
            unit="s",
            aim=Aim(measure=Measure.RATIO, at_most=BOUND, own=True),
            conditions=conditions,
        ),
        Figure(
            name="search.missed",
            value=abs(expected - found),
            beside=abs(expected - theirs),
            beside_is="pyHik",
            unit="recordings",
            aim=Aim(measure=Measure.VALUE, at_most=0, firm=True),
            conditions=conditions,
        ),
    ]
