"""Which of the devices found in the network are set up already, one way or another."""

from collections import Counter
from collections.abc import Collection, Sequence

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .connection import connection_of
from .const import CONF_ENDPOINT, CONF_VENDOR, DOMAIN
from .coordinator import NvrConfigEntry
from .discovery.models import DeviceKind, FoundDevice
from .drivers.models import Channel
from .locating import Site


@callback
def registered_entry(hass: HomeAssistant, mac: str) -> NvrConfigEntry | None:
    """Return the recorder that has a MAC address, None where none of ours has."""
    connections = {(dr.CONNECTION_NETWORK_MAC, dr.format_mac(mac))}
    for device in dr.async_get(hass).async_get_devices(connections=connections):
        entry = hass.config_entries.async_get_entry(device.config_entry_id)
        if entry is not None and entry.domain == DOMAIN:
            return entry
    return None


@callback
def entry_of(hass: HomeAssistant, found: FoundDevice) -> NvrConfigEntry | None:
    """Return the entry of a device that is set up, whatever its address became; None for a new one."""
    if (entry := entry_by_identity(hass, found)) is not None:
        return entry
    ids = _identities(found)
    for entry in _entries(hass):
        # Where a recorder was may be another one by now, which says so. What answers is where it was.
        if (
            entry.data[CONF_HOST] in found.hosts
            and (not ids or _answers(entry))
            and not _is_beside(entry, found)
        ):
            return entry
    return None


@callback
def entry_by_identity(hass: HomeAssistant, found: FoundDevice) -> NvrConfigEntry | None:
    """Return the entry of a device that says to be one that is set up: by serial number, MAC address or endpoint."""
    if found.mac is not None and (entry := registered_entry(hass, found.mac)) is not None:
        return entry
    if ids := _identities(found):
        return next((entry for entry in _entries(hass) if entry.unique_id in ids), None)
    if (endpoint := endpoint_of(found)) is None:
        return None
    known = (entry for entry in _entries(hass) if entry.data.get(CONF_ENDPOINT) == endpoint)
    return next(known, None)


def endpoint_of(found: FoundDevice) -> str | None:
    """Return by what a device is known that tells strangers neither serial number nor MAC address, if by anything."""
    return None if _identities(found) else found.endpoint


@callback
def keep_endpoint(
    hass: HomeAssistant, entry: NvrConfigEntry, found: FoundDevice, heard: Collection[FoundDevice]
) -> None:
    """Keep by what a recorder is known at any address, where it answers and tells strangers nothing else.

    What is kept is right as long as it is ``heard`` anywhere. Some devices make a new one for each answer: theirs is
    kept in vain.
    """
    endpoint = endpoint_of(found)
    if endpoint is None or entry.data[CONF_HOST] not in found.hosts or not _answers(entry):
        return
    if entry.data.get(CONF_ENDPOINT) not in {one.endpoint for one in heard}:
        data = {**entry.data, CONF_ENDPOINT: endpoint}
        hass.config_entries.async_update_entry(entry, data=data)


@callback
def answers_at(hass: HomeAssistant, host: str, port: int | None) -> bool:
    """Return whether a recorder that is set up answers at an address: it did when it was last asked."""
    return any(
        (entry.data[CONF_HOST], entry.data[CONF_PORT]) == (host, port) and _answers(entry)
        for entry in _entries(hass)
    )


@callback
def is_ignored(hass: HomeAssistant, found: FoundDevice) -> bool:
    """Return whether a user wants to hear no more of a device."""
    ids = {found.key, found.serial, found.mac, found.endpoint} - {None}
    return any(
        entry.source == SOURCE_IGNORE and entry.unique_id in ids
        for entry in hass.config_entries.async_entries(DOMAIN)
    )


@callback
def is_behind(hass: HomeAssistant, found: FoundDevice) -> bool:
    """Return whether it is a camera of a recorder that is set up, be its channel wanted here or not.

    A recorder is none, though others may show its channels.
    """
    if found.kind is DeviceKind.RECORDER:
        return False
    return any(
        _is_source(found, state.channels)
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
        if (state := entry.runtime_data.driver.state) is not None
    )


def _is_source(found: FoundDevice, channels: Sequence[Channel]) -> bool:
    """Return whether a device feeds one of a recorder's channels.

    An address says so also while the channel is offline, for a camera that boots tells of itself before the recorder
    has it back. It doesn't where it feeds several channels: it may well be another recorder's, unless the device says
    to be a camera, which has several lenses then.
    """
    sources = Counter(channel.host for channel in channels)
    is_camera = found.kind is DeviceKind.CAMERA
    for channel in channels:
        ids = ((channel.serial, found.serial), (channel.mac, found.mac))
        told = [one == other for one, other in ids if one is not None and other is not None]
        if any(told):
            return True
        if not told and channel.host in found.hosts and (is_camera or sources[channel.host] == 1):
            return True
    return False


def _identities(found: FoundDevice) -> set[str]:
    return {one for one in (found.serial, found.mac) if one is not None}


def _is_beside(entry: NvrConfigEntry, found: FoundDevice) -> bool:
    """Return whether a device at the host of an entry says that it is another one, behind a port of its own.

    Only ports of the same interface say so: hardly any device names its encrypted one, and what many makers share often has its own.
    """
    at = Site(entry.data[CONF_VENDOR], connection_of(entry.data))
    if found.port is None or found.vendor != at.vendor or bool(found.https) != at.door.tls:
        return False
    return found.port != at.door.port


def _answers(entry: NvrConfigEntry) -> bool:
    return (
        entry.state is ConfigEntryState.LOADED
        and entry.runtime_data.coordinator.last_update_success
    )


def _entries(hass: HomeAssistant) -> list[NvrConfigEntry]:
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False)
