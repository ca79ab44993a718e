"""A simulated recorder and a driver for it, whatever they speak."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import ClientSession

from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver, Memory
from custom_components.nvr.drivers.models import Connection, RecorderState, Recording, StreamName
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES

from .conftest import Clock
from .fake_web import client

USER = "admin"
PASSWORD = "s3:cr@t/%&#"
# Search answers count whole seconds of a clock that is a fraction of one off; both are rounded.
EXACT = timedelta(seconds=1.6)


@dataclass
class Pair:
    """A simulated recorder and a driver for it."""

    box: RecorderBox
    driver: Driver
    connection: Connection
    http: ClientSession

    @property
    def requests(self) -> int:
        """How many requests the recorder has seen."""
        return self.box.recorder.requests.count("*")

    async def found(
        self, channel: int, start: datetime, end: datetime, stream: StreamName = StreamName.MAIN
    ) -> list[Recording]:
        """Return the recordings that the driver finds."""
        return [entry async for entry in self.driver.search(channel, start, end, stream=stream)]

    def expected(self, channel: int, start: datetime, end: datetime) -> list[datetime]:
        """Return the true starts of recordings by the simulator's own rule."""
        recordings = self.box.recorder.schedule.recordings(channel, 1, start, end)
        return [recording.start for recording in recordings]

    async def settled(self, clock: Clock) -> RecorderState:
        """Return the state when all has been asked that the first minutes are for."""
        await self.driver.connect()
        for _ in range(8):
            clock.now += 60
            state = await self.driver.poll()
        return state


@asynccontextmanager
async def paired(name: str, memory: Memory | None = None) -> AsyncIterator[Pair]:
    """Plug in a personality, and make a driver for it that has asked nothing yet."""
    box = RecorderBox(PERSONALITIES[name](Options(user=USER, password=PASSWORD)))
    async with box, client() as http:
        connection = Connection(host=box.host, port=box.http_port, username=USER, password=PASSWORD)
        driver = make_driver(name.partition("/")[0], connection, http, memory or {})
        try:
            yield Pair(box, driver, connection, http)
        finally:
            await driver.close()
