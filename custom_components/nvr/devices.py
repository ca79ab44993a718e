"""The devices of a recorder in Home Assistant: itself, and one for each of its channels."""

from collections.abc import Callable
from functools import partial

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from yarl import URL

from .areas import suggest_area
from .const import CONF_AREAS, CONF_HIDDEN_CHANNELS, CONF_TLS
from .coordinator import NvrConfigEntry
from .drivers.models import Channel, Recorder, RecorderState
from .identity import channel_identifier, channel_number, recorder_identifier, recorder_key


def gone_channels(state: RecorderState, known: set[int]) -> set[int]:
    """Return which of the known channels the recorder positively lists no more.

    An answer that lists no channel at all proves nothing: no recorder is sold without one.
    """
    if not state.channels:
        return set()
    return known - {channel.number for channel in state.channels}


@callback
def register_recorder(hass: HomeAssistant, entry: NvrConfigEntry, recorder: Recorder) -> str:
    """Bring a recorder's device up to date and return its id."""
    url = URL.build(
        scheme="https" if entry.data[CONF_TLS] else "http",
        host=entry.data[CONF_HOST],
        port=entry.data.get(CONF_PORT),
    )
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={recorder_identifier(recorder_key(recorder))},
        connections={(dr.CONNECTION_NETWORK_MAC, recorder.mac)} if recorder.mac else set(),
        name=recorder.title or entry.title,
        manufacturer=recorder.manufacturer or None,
        model=recorder.model or None,
        sw_version=recorder.firmware or None,
        hw_version=recorder.hardware,
        serial_number=recorder.serial or None,
        configuration_url=str(url),
    )
    return device.id


@callback
def keep_devices(hass: HomeAssistant, entry: NvrConfigEntry) -> None:
    """Make the registry show what a loaded recorder lists, now and whenever that changes.

    New channels, changed names, none that is gone or unwanted. The recorder itself was registered before.
    """
    coordinator = entry.runtime_data.coordinator
    recorder = coordinator.data.recorder
    shown: tuple[Channel, ...] = ()

    @callback
    def sync() -> None:
        nonlocal recorder, shown
        state = coordinator.data
        if state.recorder != recorder:
            recorder = state.recorder
            register_recorder(hass, entry, recorder)
        listed = tuple(map(_identity, state.channels))
        for channel in listed:
            if channel not in shown:
                _register_channel(hass, entry, recorder, channel)
        if listed != shown:
            _remove(hass, entry, recorder, partial(gone_channels, state))
        shown = listed

    # What is wanted changes only between two set-ups.
    unwanted = set(entry.options.get(CONF_HIDDEN_CHANNELS, ()))
    _remove(hass, entry, recorder, lambda known: known & unwanted)
    sync()
    entry.async_on_unload(coordinator.async_add_listener(sync))


def _identity(channel: Channel) -> Channel:
    """Return of a channel what its device shows, without what changes from minute to minute."""
    return Channel(
        number=channel.number,
        name=channel.name,
        manufacturer=channel.manufacturer,
        model=channel.model,
        firmware=channel.firmware,
        serial=channel.serial,
    )


def _remove(
    hass: HomeAssistant,
    entry: NvrConfigEntry,
    recorder: Recorder,
    choose: Callable[[set[int]], set[int]],
) -> None:
    """Remove the devices of the channels that are chosen from those that have one."""
    registry = dr.async_get(hass)
    devices = {
        number: device
        for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if (number := channel_number(recorder_key(recorder), device)) is not None
    }
    for number in choose(set(devices)):
        registry.async_remove_device(devices[number].id)


def _register_channel(
    hass: HomeAssistant, entry: NvrConfigEntry, recorder: Recorder, channel: Channel
) -> None:
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={channel_identifier(recorder_key(recorder), channel.number)},
        via_device_id=entry.runtime_data.device_id,
        name=channel.name,
        manufacturer=channel.manufacturer,
        model=channel.model,
        sw_version=channel.firmware,
        serial_number=channel.serial,
        # Counts only when the device is new: whoever moved it wants it there.
        suggested_area=(
            suggest_area(hass, channel.name) if entry.options.get(CONF_AREAS) else None
        ),
    )
