"""Simulated recorders, added to a Home Assistant as a user would."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.coordinator import NvrConfigEntry
from simulator.box import RecorderBox

PASSWORD = "s3:cr@t/%&#"


async def add(hass: HomeAssistant, box: RecorderBox) -> NvrConfigEntry:
    """Add a recorder whose password is ours, and wait until it is set up."""
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    form = {CONF_HOST: box.url, CONF_USERNAME: "admin", CONF_PASSWORD: PASSWORD}
    result: Any = await hass.config_entries.flow.async_configure(flow["flow_id"], form)
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    entry: ConfigEntry[Any] = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    return entry


def main_camera(hass: HomeAssistant, entry: NvrConfigEntry) -> str:
    """Return the camera of the main stream of a recorder's first channel."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "camera", DOMAIN, f"{entry.unique_id}_1_main"
    )
    assert entity_id is not None
    return entity_id
