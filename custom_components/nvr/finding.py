"""Finding out who answers at an address, before anything is kept of it."""

from asyncio import timeout
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .connection import recorder_session
from .const import LOGGER
from .drivers.catalog import make_driver, recognise
from .drivers.driver import Driver
from .drivers.errors import DriverError, NotPermittedError
from .drivers.guard import LoginGuard
from .drivers.models import Connection, Recorder, RecorderState
from .trust import async_trusting

# A person waits for this; a snapshot of a camera far away may take seconds.
RIGHTS_CHECK_SECONDS = 8


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
    *,
    rights: bool = True,
) -> Found:
    """Log in once and learn who answers.

    ``guard`` is that of credentials that have been used before, ``rights`` whether it is tried as well what
    the account may do.

    Raises:
        DriverError: It doesn't answer, refuses us, or is no recorder that we know.
    """
    async with logged_in(hass, connection, guard) as found:
        if rights:
            await check_rights(found.driver, found.state)
    return Found(found.vendor, found.state.recorder, found.connection)


async def check_rights(driver: Driver, state: RecorderState) -> None:
    """Try a live picture and a question for recordings, which an account may lack the rights for.

    Whatever else goes wrong is no reason to refuse a recorder: a camera may be slow, a disk missing.

    Raises:
        NotPermittedError: The account may not do one of them.
    """
    # Recorders keep from a viewer which cameras are connected: then one of which nothing is known has to do.
    channels = [one for one in state.channels if one.online is not False and one.streams]
    if not channels:
        return
    channel = max(channels, key=lambda one: one.online is True)
    now = dt_util.utcnow()
    try:
        async with timeout(RIGHTS_CHECK_SECONDS):
            with suppress_but_rights():
                await driver.recorded_days(channel.number, now - timedelta(days=1), now)
            with suppress_but_rights():
                await driver.snapshot(channel.number, channel.streams[-1].name)
    except TimeoutError:
        LOGGER.debug("The rights of the account couldn't be checked in time")


@contextmanager
def suppress_but_rights() -> Iterator[None]:
    """Let pass of all driver errors only that a right is missing."""
    try:
        yield
    except NotPermittedError:
        raise
    except DriverError as error:
        LOGGER.debug("The rights of the account couldn't be checked: %s", error)
