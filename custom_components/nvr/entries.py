"""Recorders by the ids of their entries, as media ids, addresses and devices name them."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import NvrConfigEntry


@callback
def recorder_entry(hass: HomeAssistant, entry_id: str) -> NvrConfigEntry | None:
    """Return a recorder's entry, loaded or not; None where it is no recorder's."""
    entry = hass.config_entries.async_get_entry(entry_id)
    return entry if entry is not None and entry.domain == DOMAIN else None


@callback
def loaded_entry(hass: HomeAssistant, entry_id: str) -> NvrConfigEntry | None:
    """Return the entry of a recorder that is loaded at present."""
    entry = recorder_entry(hass, entry_id)
    return entry if entry is not None and entry.state is ConfigEntryState.LOADED else None
