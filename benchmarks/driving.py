"""Our driver on a bench's recorder, and a plain HTTP client beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import aiohttp
from aiohttp import DigestAuthMiddleware

from custom_components.nvr.drivers.catalog import make_driver
from custom_components.nvr.drivers.driver import Driver
from custom_components.nvr.drivers.models import Recording

from .recorders import PASSWORD, USER, BenchRecorder

_READ_BYTES = 1 << 20


@asynccontextmanager
async def driver_of(recorder: BenchRecorder) -> AsyncIterator[Driver]:
    """Give a connected driver of a recorder."""
    async with aiohttp.ClientSession() as session:
        driver = make_driver(recorder.vendor, recorder.connection, session, {})
        try:
            await driver.connect()
            yield driver
        finally:
            await driver.close()


@asynccontextmanager
async def plain_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session that logs in by digest and does nothing else of its own."""
    digest = DigestAuthMiddleware(USER, PASSWORD)
    async with aiohttp.ClientSession(
        middlewares=(digest,),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=_READ_BYTES,
    ) as session:
        yield session


async def find(driver: Driver, channel: int, start: datetime, end: datetime) -> list[Recording]:
    """Return the recordings of a span that are closed."""
    return [one async for one in driver.search(channel, start, end) if not one.open]
