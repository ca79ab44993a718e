"""Where at an address a recorder answers: by HTTP, by HTTPS, at the ports that recorders are found at."""

import asyncio
from typing import NamedTuple

from homeassistant.core import HomeAssistant

from .address import Address
from .connection import recorder_session
from .const import LOGGER
from .drivers.catalog import VENDORS, recognise
from .drivers.errors import (
    CannotConnectError,
    DriverError,
    TlsRequiredError,
    UnknownDeviceError,
)
from .drivers.models import Connection
from .trust import async_trusting

HTTP_PORT = 80
HTTPS_PORT = 443

OTHER_DOORS = (
    (8000, False),
    (8080, False),
    (2020, False),
    (8899, False),
    (81, False),
    (88, False),
    (8443, True),
)
"""Ports that recorders come with, or are moved to, and whether they speak TLS there."""

LOOK_SECONDS = 15
"""A person waits for this; a firewall that swallows what is sent to a port must not keep him."""


class Site(NamedTuple):
    """A web interface that a recorder answers at; ``connection`` has no credentials yet."""

    vendor: str
    connection: Connection


async def async_locate(hass: HomeAssistant, address: Address) -> tuple[Site, ...]:
    """Return where a recorder answers at an address: the best plain and the best encrypted place, plain first.

    Credentials are not needed, and none are sent. Where the address names a port, no other is tried. A maker's own
    interface is better than one that many share.

    Raises:
        DriverError: None answers there, or what does is no recorder that we know.
    """
    if address.port is not None:
        return _best(await _look(hass, address, ((address.port, False), (address.port, True))))
    first = await _look(hass, address, ((HTTP_PORT, False), (HTTPS_PORT, True)))
    if any(isinstance(seen, Site) and _is_deep(seen) for seen in first):
        return _best(first)
    return _best([*first, *await _look(hass, address, OTHER_DOORS)])


async def _look(
    hass: HomeAssistant, address: Address, doors: tuple[tuple[int, bool], ...]
) -> list[Site | DriverError]:
    """Look at several ports at once; those of the wrong scheme are left out."""
    wanted = [(port, tls) for port, tls in doors if address.tls in (None, tls)]
    return await asyncio.gather(
        *(_look_at(hass, address.host, port, tls=tls) for port, tls in wanted)
    )


async def _look_at(hass: HomeAssistant, host: str, port: int, *, tls: bool) -> Site | DriverError:
    own = port == (HTTPS_PORT if tls else HTTP_PORT)
    connection = Connection(
        host=host, port=None if own else port, tls=tls, username="", password=""
    )
    session = recorder_session(hass, auto_cleanup=False)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            connection = await async_trusting(hass, connection)
            return Site(await recognise(connection, session), connection)
    except TimeoutError:
        return CannotConnectError("it took too long to answer")
    except DriverError as error:
        LOGGER.debug("No recorder at %s:%s: %s", host, port, error)
        return error
    finally:
        session.detach()


def _is_deep(site: Site) -> bool:
    return site.vendor != VENDORS[-1]


def _best(seen: list[Site | DriverError]) -> tuple[Site, ...]:
    sites = [site for site in seen if isinstance(site, Site)]
    # Those of a maker's own hide the common one beside them: it would be the same recorder, less well known.
    sites = [site for site in sites if _is_deep(site)] or sites
    best = {site.connection.tls: site for site in reversed(sites)}
    if not best:
        raise _most_telling([error for error in seen if isinstance(error, DriverError)])
    return tuple(best[tls] for tls in sorted(best))


def _most_telling(errors: list[DriverError]) -> DriverError:
    for kind in (TlsRequiredError, UnknownDeviceError):
        for error in errors:
            if isinstance(error, kind):
                return error
    return errors[0]
