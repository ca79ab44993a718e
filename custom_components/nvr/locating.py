"""Where at an address a recorder answers: by HTTP, by HTTPS, at the ports that recorders are found at."""

import asyncio
from collections.abc import Iterable
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


class Door(NamedTuple):
    """A port, and whether TLS is spoken there."""

    port: int
    tls: bool


OWN_DOORS = (Door(HTTP_PORT, tls=False), Door(HTTPS_PORT, tls=True))

OTHER_DOORS = (
    Door(8000, tls=False),
    Door(8080, tls=False),
    Door(2020, tls=False),
    Door(8899, tls=False),
    Door(81, tls=False),
    Door(88, tls=False),
    Door(8443, tls=True),
)
"""Those that recorders come with, or are moved to."""

LOOK_SECONDS = 15
"""A person waits for this; a firewall that swallows what is sent to a port must not keep him."""


class Site(NamedTuple):
    """A web interface that a recorder answers at; ``connection`` has no credentials yet."""

    vendor: str
    connection: Connection

    @property
    def door(self) -> Door:
        """Where it is."""
        own = HTTPS_PORT if self.connection.tls else HTTP_PORT
        return Door(self.connection.port or own, self.connection.tls)


async def async_locate(
    hass: HomeAssistant, address: Address, hints: Iterable[Door] = ()
) -> tuple[Site, ...]:
    """Return where a recorder answers at an address: the best plain and the best encrypted place, plain first.

    Behind a port forwarding there may be recorders of several makers: then it is both places of the one, and then
    of the next. Two of one maker can't be told apart before a login.

    Credentials are not needed, and none are sent. Where the address names a port, no other is tried. A maker's own
    interface is better than one that many share. ``hints`` are doors that the device was heard to name: they are
    better than others, but no reason to overlook those. What is told is mostly the plain one.

    Raises:
        DriverError: None answers there, or what does is no recorder that we know.
    """
    if address.port is not None:
        doors = (Door(address.port, tls=False), Door(address.port, tls=True))
        return _best(await _look(hass, address, doors))
    hinted = tuple(hints)
    first = await _look(hass, address, tuple(dict.fromkeys((*hinted, *OWN_DOORS))))
    if any(isinstance(seen, Site) and (_is_deep(seen) or seen.door in hinted) for seen in first):
        return _best(first)
    others = tuple(door for door in OTHER_DOORS if door not in hinted)
    return _best([*first, *await _look(hass, address, others)])


def of_first_maker(sites: tuple[Site, ...]) -> tuple[Site, ...]:
    """Return the places of the first recorder, of those that answer at one address."""
    return tuple(site for site in sites if site.vendor == sites[0].vendor)


async def _look(
    hass: HomeAssistant, address: Address, doors: Iterable[Door]
) -> list[Site | DriverError]:
    """Look at several ports at once; those of the wrong scheme are left out."""
    wanted = [door for door in doors if address.tls in (None, door.tls)]
    return await asyncio.gather(
        *(_look_at(hass, address.host, door.port, tls=door.tls) for door in wanted)
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
    if not sites:
        raise _most_telling([error for error in seen if isinstance(error, DriverError)])
    best = {(site.vendor, site.connection.tls): site for site in reversed(sites)}
    vendors = dict.fromkeys(site.vendor for site in sites)
    return tuple(
        best[vendor, tls] for vendor in vendors for tls in (False, True) if (vendor, tls) in best
    )


def _most_telling(errors: list[DriverError]) -> DriverError:
    for kind in (TlsRequiredError, UnknownDeviceError):
        for error in errors:
            if isinstance(error, kind):
                return error
    return errors[0]
