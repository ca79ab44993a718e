"""The cards of devices that may be added: they go when there is no reason for them any more."""

from collections.abc import Collection, Iterator
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import DOMAIN, LOGGER
from .coordinator import NvrConfigEntry
from .discovery.models import FoundDevice
from .discovery_info import device_of_dhcp, device_of_ssdp, device_of_zeroconf, is_same
from .host_names import Names, async_names, with_names
from .known_devices import entry_of, is_behind
from .scanning import DEVICE

_KINDS = (dict, DhcpServiceInfo, SsdpServiceInfo, ZeroconfServiceInfo)


@callback
def keep_offers_new(hass: HomeAssistant, entry: NvrConfigEntry) -> None:
    """Offer neither a recorder nor the cameras behind it any more, whenever it is loaded.

    They may have been told of in several ways, of which Home Assistant ends the one that was used.
    """

    @callback
    def withdraw() -> None:
        if entry.state is ConfigEntryState.LOADED:
            entry.async_create_background_task(hass, _async_withdraw(hass), f"{DOMAIN} offers")

    entry.async_on_unload(entry.async_on_state_change(withdraw))


@callback
def offered_elsewhere(hass: HomeAssistant, device: FoundDevice) -> frozenset[FoundDevice]:
    """Return as what a device is offered at addresses that it doesn't tell any more."""
    offered: set[FoundDevice] = set()

    def note(told: object) -> bool:
        one = _device(told)
        if one is not None and not one.hosts & device.hosts and is_same(one, device):
            offered.add(one)
        return False

    for kind in _KINDS:
        hass.config_entries.flow.async_progress_by_init_data_type(kind, note)
    return frozenset(offered)


@callback
def withdraw_offers(hass: HomeAssistant, devices: Collection[FoundDevice]) -> None:
    """Offer these no more; what a user has opened stays."""
    for kind in _KINDS:
        for flow in hass.config_entries.flow.async_progress_by_init_data_type(
            kind, lambda told: _device(told) in devices
        ):
            if flow["handler"] == DOMAIN and not flow["context"].get("dismiss_protected"):
                hass.config_entries.flow.async_abort(flow["flow_id"])


async def _async_withdraw(hass: HomeAssistant) -> None:
    names = await async_names(hass)
    for flow_id in list(_needless(hass, names)):
        LOGGER.debug("The offer %s is needless", flow_id)
        hass.config_entries.flow.async_abort(flow_id)


def _needless(hass: HomeAssistant, names: Names) -> Iterator[str]:
    entries = hass.config_entries
    for kind in _KINDS:
        for flow in entries.flow.async_progress_by_init_data_type(
            kind, partial(_is_known, hass, names)
        ):
            unique_id = flow["context"].get("unique_id")
            # One that adds an entry right now has yet to end by itself.
            adds = unique_id is not None and entries.async_entry_for_domain_unique_id(
                DOMAIN, unique_id
            )
            if flow["handler"] == DOMAIN and not adds:
                yield flow["flow_id"]


def _is_known(hass: HomeAssistant, names: Names, told: object) -> bool:
    if (device := _device(told)) is None:
        return False
    device = with_names(device, names)
    return entry_of(hass, device) is not None or is_behind(hass, device)


def _device(told: object) -> FoundDevice | None:
    """Return the device that a flow began with."""
    match told:
        case dict():
            device = told.get(DEVICE)
            return device if isinstance(device, FoundDevice) else None
        case DhcpServiceInfo():
            return device_of_dhcp(told)
        case SsdpServiceInfo():
            return device_of_ssdp(told)
        case ZeroconfServiceInfo():
            return device_of_zeroconf(told)
        case _:
            return None
