"""The addresses of recorders that were added by a name: by these the network knows them."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
import socket

from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER

from .const import DOMAIN, LOGGER
from .discovery.models import FoundDevice

RESOLVE_SECONDS = 3
"""A person may wait for this; who asks by multicast waits in vain where nobody has the name."""

type Names = Mapping[str, frozenset[str]]
"""By address, the names that recorders of ours at it were added by."""


async def async_names(hass: HomeAssistant) -> Names:
    """Return where the names of our recorders lead now; a name that nobody knows leads nowhere."""
    hosts = {
        entry.data[CONF_HOST]
        for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)
    }
    names = [host for host in hosts if not is_address(host)]
    found: defaultdict[str, set[str]] = defaultdict(set)
    answers = await asyncio.gather(*(_addresses(hass, name) for name in names))
    for name, addresses in zip(names, answers, strict=True):
        for address in addresses:
            found[address].add(name)
    return {address: frozenset(known) for address, known in found.items()}


def with_names(device: FoundDevice, names: Names) -> FoundDevice:
    """Return a device as one that answers to the names of its addresses as well."""
    known = {name for host in device.hosts for name in names.get(host, ())}
    return replace(device, other_hosts=(*device.other_hosts, *sorted(known - device.hosts)))


async def async_leads_to(hass: HomeAssistant, name: str, address: str) -> bool:
    """Return whether a name leads to an address now."""
    return address in await _addresses(hass, name)


async def _addresses(hass: HomeAssistant, name: str) -> set[str]:
    # Home Assistant's own, which also knows the names that are told by multicast. It is made with the first session.
    if (resolver := hass.data.get(DATA_RESOLVER)) is None:
        return set()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            return {one["host"] for one in await resolver.resolve(name, family=socket.AF_UNSPEC)}
    except OSError as error:
        LOGGER.debug("Nobody knows where %s is: %s", name, error)
        return set()


def is_address(host: str) -> bool:
    """Return whether a host is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
