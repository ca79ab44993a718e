"""Looking for recorders in the network: now and then, and whenever somebody asks.

The first entry starts it, for Home Assistant loads an integration that others made for entries and flows
alone; without entries that are enabled it ends. What else it is told of devices, by DHCP for one, goes to
the flow by itself.
"""

import asyncio
from datetime import datetime, timedelta

from homeassistant.components import network
from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import discovery_flow
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .coordinator import NvrConfigEntry
from .discovery.models import FoundDevice
from .discovery.scan import scan
from .drivers.catalog import VENDORS
from .host_names import async_names, with_names
from .known_devices import entry_of, is_behind, is_ignored, keep_endpoint
from .moving import async_follow

FIRST_SCAN = timedelta(minutes=15)
"""After the first entry: a house that boots after a power cut is busy until then."""

SCAN_INTERVAL = timedelta(hours=6)

DEVICE = "device"
"""Under which the data of a discovery flow hold the `FoundDevice`."""

_KEY_VERSION = 1


class _Scanner:
    """Scans once for all who ask at the same time, and by itself as long as there are entries."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize."""
        self._hass = hass
        self._running: asyncio.Task[tuple[FoundDevice, ...]] | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None

    async def scan(self) -> tuple[FoundDevice, ...]:
        """Return what answers now, of those that there is a driver for."""
        if self._running is None or self._running.done():
            self._running = self._hass.async_create_background_task(
                self._scan(), f"{DOMAIN} scan of the network"
            )
        # Whoever leaves, by closing a flow, leaves the scan to the others.
        return await asyncio.shield(self._running)

    async def _scan(self) -> tuple[FoundDevice, ...]:
        found = await scan(
            f"{one['address']}/{one['network_prefix']}"
            for adapter in await network.async_get_adapters(self._hass)
            if adapter["enabled"]
            for one in adapter["ipv4"]
        )
        LOGGER.debug("Found in the network: %s", found)
        return tuple(one for one in found if one.vendor in VENDORS)

    @callback
    def keep_on(self) -> None:
        """Scan after a while and then again and again, if that isn't so already."""
        if self._stop_waiting is None:
            self._wait(FIRST_SCAN)

    @callback
    def stop(self) -> None:
        """Scan no more, unless somebody asks."""
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    @callback
    def _wait(self, pause: timedelta) -> None:
        self._stop_waiting = async_call_later(
            self._hass,
            pause,
            HassJob(self._begin, f"{DOMAIN} scan of the network", cancel_on_shutdown=True),
        )

    @callback
    def _begin(self, _: datetime) -> None:
        self._stop_waiting = None
        if not _wanted(self._hass):
            return
        self._wait(SCAN_INTERVAL)
        self._hass.async_create_background_task(self._look(), f"{DOMAIN} discovery")

    async def _look(self) -> None:
        names = await async_names(self._hass)
        heard = await self.scan()
        for one in heard:
            found = with_names(one, names)
            if (entry := entry_of(self._hass, found)) is not None:
                keep_endpoint(self._hass, entry, found, heard)
                await _follow(self._hass, entry, found)
            elif not is_ignored(self._hass, found) and not is_behind(self._hass, found):
                _offer(self._hass, one)


DATA_SCANNER: HassKey[_Scanner] = HassKey(f"{DOMAIN}_scanner")


async def async_scan(hass: HomeAssistant) -> tuple[FoundDevice, ...]:
    """Return the devices that answer now and may be added, recorders first, after some seconds.

    Also those that a user once ignored: who asks for a list wants to see all.
    """
    found = await _scanner(hass).scan()
    names = await async_names(hass)
    return tuple(
        one
        for one in found
        if entry_of(hass, known := with_names(one, names)) is None and not is_behind(hass, known)
    )


@callback
def keep_scanning(hass: HomeAssistant) -> None:
    """Look for new recorders, and for known ones with new addresses, as long as there are entries."""
    _scanner(hass).keep_on()


@callback
def stop_scanning_if_unwanted(hass: HomeAssistant) -> None:
    """Stop when the last entry has gone."""
    if not _wanted(hass):
        _scanner(hass).stop()


@callback
def _scanner(hass: HomeAssistant) -> _Scanner:
    if (scanner := hass.data.get(DATA_SCANNER)) is None:
        scanner = hass.data[DATA_SCANNER] = _Scanner(hass)
    return scanner


def _wanted(hass: HomeAssistant) -> bool:
    return hass.config_entries.async_has_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )


async def _follow(hass: HomeAssistant, entry: NvrConfigEntry, found: FoundDevice) -> None:
    """Follow a recorder of ours that is not where it was. One that is may well have two addresses."""
    if entry.disabled_by is not None or entry.data[CONF_HOST] in found.hosts:
        return
    if (
        entry.state is ConfigEntryState.LOADED
        and entry.runtime_data.coordinator.last_update_success
    ):
        return
    LOGGER.debug("%s answered from %s", entry.title, found.host)
    await async_follow(hass, entry, found.host)


@callback
def _offer(hass: HomeAssistant, found: FoundDevice) -> None:
    discovery_flow.async_create_flow(
        hass,
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={DEVICE: found},
        discovery_key=discovery_flow.DiscoveryKey(
            domain=DOMAIN, key=found.key, version=_KEY_VERSION
        ),
    )
