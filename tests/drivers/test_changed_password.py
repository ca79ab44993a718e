"""A password that is changed on the recorder: how many refused logins it counts, whatever we were doing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers import login
from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver, Purpose
from custom_components.nvr.drivers.errors import DriverError
from custom_components.nvr.drivers.fetching import PLAYBACK
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.memory import FETCHED_BY
from custom_components.nvr.drivers.models import Connection, Recording
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES

from .conftest import Clock
from .fake_web import client

PASSWORD = "s3:cr@t/%&#"
HOUR = timedelta(hours=1)
# By rule: the one that tells us, and one more try after a minute, as recorders that boot refuse what is right.
MOST_REFUSED = 2
# With nonces that may be used again, that are good once, that say nothing of their age; sessions of RPC2 or none.
NAMES = (
    "dahua/nvr",
    "dahua/current",
    "dahua/dvr",
    "dahua/old",
    "hikvision/current",
    "hikvision/old",
)
# One thing after the other, again and again; "-" lets a minute pass, "restart" makes another driver.
COURSES = (
    "play - play - play - snapshot poll",
    "play restart snapshot play - poll search -",
)


@dataclass
class Watched:
    """A recorder whose password gets changed, and a driver that goes on using it."""

    box: RecorderBox
    connection: Connection
    vendor: str
    http: ClientSession
    clock: Clock
    guard: LoginGuard
    driver: Driver = field(init=False)
    recording: Recording = field(init=False)

    def make(self) -> None:
        """Make a driver that plays over RTSP."""
        memory = {FETCHED_BY: PLAYBACK}
        self.driver = make_driver(self.vendor, self.connection, self.http, memory, self.guard)

    async def start(self) -> None:
        """Use all of it once."""
        self.make()
        await self.driver.connect()
        now = datetime.now(UTC)
        found = self.driver.search(1, now - 3 * HOUR, now - HOUR)
        self.recording = await anext(aiter(found))
        await self.play()
        await self.driver.snapshot(1)

    async def play(self) -> None:
        start = self.recording.start + timedelta(seconds=5)
        end = start + timedelta(seconds=2)
        async with self.driver.download(
            self.recording, start, end, purpose=Purpose.PLAY
        ) as download:
            async for _ in download:
                break

    async def search(self) -> None:
        now = datetime.now(UTC)
        _ = [recording async for recording in self.driver.search(1, now - HOUR, now)]

    async def poll(self) -> None:
        await self.driver.poll()

    async def snapshot(self) -> None:
        await self.driver.snapshot(1)

    async def restart(self) -> None:
        """Go on with another driver, and with what the guard kept."""
        await self.driver.close()
        self.guard = LoginGuard(proven=True, kept=self.guard.kept(), now=self.clock)
        self.make()

    async def go(self, course: str) -> None:
        """Do one thing after the other, whatever fails."""
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "play": self.play,
            "search": self.search,
            "restart": self.restart,
            "poll": self.poll,
            "snapshot": self.snapshot,
        }
        for step in course.split():
            if step == "-":
                self.clock.now += RETRY_AFTER_SECONDS + 1
                continue
            with suppress(DriverError):
                await steps[step]()


@asynccontextmanager
async def watched(name: str, clock: Clock) -> AsyncIterator[Watched]:
    box = RecorderBox(PERSONALITIES[name](Options(password=PASSWORD)))
    async with box, client() as http:
        connection = Connection(
            host=box.host,
            port=box.http_port,
            rtsp_port=box.rtsp_port,
            username="admin",
            password=PASSWORD,
        )
        guard = LoginGuard(proven=True, now=clock)
        vendor = name.partition("/")[0]
        watched = Watched(box, connection, vendor, http, clock, guard)
        await watched.start()
        try:
            yield watched
        finally:
            await watched.driver.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing that is not of the guard."""
    monkeypatch.setattr(login, "SECOND_LOOK_SECONDS", 0)


@pytest.mark.usefixtures("coarse_clock")
@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("name", NAMES)
async def test_all_ways_in_together_are_refused_twice(name: str, course: str, clock: Clock) -> None:
    async with watched(name, clock) as recorder:
        accounts = recorder.box.recorder.accounts
        assert accounts.failed_logins == 0
        accounts.set_password("admin", "another")
        for _ in range(4):
            await recorder.go(course)
        assert accounts.failed_logins == MOST_REFUSED
        assert recorder.guard.final
