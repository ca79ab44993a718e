"""Finding out who answers at an address, before anything is kept of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from homeassistant.core import HomeAssistant

from .connection import recorder_session
from .drivers.catalog import make_driver, recognise
from .drivers.driver import Driver
from .drivers.guard import LoginGuard
from .drivers.models import Connection, Recorder, RecorderState
from .trust import async_trusting


class Found(NamedTuple):
    """The recorder that accepted a login, which vendor's driver speaks to it, and by which connection."""

    vendor: str
    recorder: Recorder
    connection: Connection


class LoggedIn(NamedTuple):
    """A recorder that accepted a login a moment ago, the driver that holds it, and by which connection."""

    vendor: str
    driver: Driver
    state: RecorderState
    connection: Connection


@asynccontextmanager
async def logged_in(
    hass: HomeAssistant, connection: Connection, guard: LoginGuard | None = None
) -> AsyncIterator[LoggedIn]:
    """Log in once to whoever answers, and leave again at the end.

    ``guard`` is that of credentials that have been used before. Where the connection is to trust a certificate
    and doesn't know which, that is the one that is shown now.

    Raises:
        DriverError: It doesn't answer, refuses us, or is no recorder that we know.
    """
    connection = await async_trusting(hass, connection)
    session = recorder_session(hass, auto_cleanup=False)
    try:
        vendor = await recognise(connection, session)
        driver = make_driver(vendor, connection, session, {}, guard)
        try:
            yield LoggedIn(vendor, driver, await driver.connect(), connection)
        finally:
            await driver.close()
    finally:
        session.detach()


async def find_recorder(
    hass: HomeAssistant,
    connection: Connection,
    guard: LoginGuard | None = None,
) -> Found:
    """Log in once and learn who answers.

    ``guard`` is that of credentials that have been used before.

    Raises:
        DriverError: It doesn't answer, refuses us, or is no recorder that we know.
    """
    async with logged_in(hass, connection, guard) as found:
        return Found(found.vendor, found.state.recorder, found.connection)
