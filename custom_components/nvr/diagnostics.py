"""What helps to find out why a recorder behaves as it does, without what must stay at home."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
import re
from typing import Any
from urllib.parse import quote

from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .const import CONF_ENDPOINT
from .coordinator import NvrConfigEntry
from .drivers.models import RecorderState
from .guards import guard_state
from .identity import channel_number, recorder_key
from .memory import DriverMemory

# Never shown, whatever they hold: fields of an entry and of the models.
SECRET_KEYS = frozenset(
    {CONF_HOST, CONF_PASSWORD, CONF_USERNAME, CONF_ENDPOINT, "mac", "serial", "unique_id"}
)

# Shorter texts than this say nothing, and would be found in everything.
SHORTEST_SECRET = 3

USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: NvrConfigEntry
) -> dict[str, Any]:
    """Return what is known of a recorder, and how the talk with it goes.

    ``login`` is what the lock-out guard holds, its instants in seconds since 1970. The driver's memory
    names the variants of the protocol that were found to work on this device.
    """
    told = {
        "entry": {
            "data": entry.data,
            "options": entry.options,
            "version": entry.version,
            "state": entry.state,
            "reason": entry.reason,
        },
        "login": guard_state(hass, entry.entry_id),
    }
    if entry.state is not ConfigEntryState.LOADED:
        # Then it is wanted most, though little is known.
        memory = await DriverMemory(hass, entry.entry_id).async_load()
        return Redaction(hass, entry, None).mapping({**told, "driver": {"memory": memory}})
    data = entry.runtime_data
    return Redaction(hass, entry, data.coordinator.data).mapping(
        {
            **told,
            "polling": {
                "succeeded": data.coordinator.last_update_success,
                "last_error": _error(data.coordinator.last_exception),
                "interval": data.coordinator.update_interval,
            },
            "driver": {
                "refused": data.driver.refused,
                "traffic": data.driver.traffic,
                "memory": data.driver.memory,
            },
            "clip_jobs": data.clips.counts,
            "state": data.coordinator.data,
        }
    )


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: NvrConfigEntry, device: dr.AnyDeviceEntry
) -> dict[str, Any]:
    """Return what is known of a channel; for the recorder's own device, all."""
    if entry.state is not ConfigEntryState.LOADED:
        return await async_get_config_entry_diagnostics(hass, entry)
    state = entry.runtime_data.coordinator.data
    number = channel_number(recorder_key(state.recorder), device)
    if number is None:
        return await async_get_config_entry_diagnostics(hass, entry)
    return Redaction(hass, entry, state).mapping(
        {
            "recorder": state.recorder,
            "clock": state.clock,
            "channel": state.channel(number),
            "recordings": state.extents.get(number),
        }
    )


class Redaction:
    """Makes plain JSON of anything we hold, without what identifies a home or opens it."""

    def __init__(
        self, hass: HomeAssistant, entry: NvrConfigEntry, state: RecorderState | None
    ) -> None:
        """Initialize; without a state as long as none is known."""
        devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        self._secrets = sorted(set(_secrets(entry, devices, state)), key=len, reverse=True)

    def mapping(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        """Return a mapping; keys are told like values, since a memory may be kept by serial number."""
        return {
            self.text(str(key)): REDACTED if str(key) in SECRET_KEYS and item else self.plain(item)
            for key, item in value.items()
        }

    def plain(self, value: Any) -> Any:
        """Return any value."""
        if is_dataclass(value) and not isinstance(value, type):
            return self.mapping({one.name: getattr(value, one.name) for one in fields(value)})
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, Iterable):
            return [self.plain(item) for item in value]
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, timedelta):
            return value.total_seconds()
        return value

    def text(self, value: str) -> str:
        """Return a text without the secrets in it, and without any user of an address."""
        for secret in self._secrets:
            value = value.replace(secret, REDACTED)
        return USERINFO.sub(f"{REDACTED}@", value)


def _secrets(
    entry: NvrConfigEntry, devices: Iterable[dr.AnyDeviceEntry], state: RecorderState | None
) -> Iterable[str]:
    """Yield what may stand in no text, in each form that a device or a URL writes it."""
    told = [entry.data[CONF_HOST], entry.data[CONF_PASSWORD], entry.data[CONF_USERNAME]]
    told.append(entry.unique_id)
    macs = [entry.unique_id or ""]
    for device in devices:
        if isinstance(device, dr.DeviceEntry):
            told.append(device.serial_number)
            macs += [value for kind, value in device.connections]
    if state is not None:
        told.append(state.recorder.serial)
        for channel in state.channels:
            told += [channel.serial, channel.host]
            macs.append(channel.mac or "")
        macs.append(state.recorder.mac or "")
    for secret in told:
        if secret and len(secret) >= SHORTEST_SECRET:
            yield secret
            yield quote(secret, safe="")
    for mac in macs:
        if len(mac) < SHORTEST_SECRET:
            continue
        for separator in (":", "", "-"):
            written = mac.replace(":", separator)
            yield written
            yield written.upper()


def _error(error: BaseException | None) -> str | None:
    return None if error is None else f"{type(error).__name__}: {error}"
