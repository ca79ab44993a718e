"""Simulated recorders, added to a Home Assistant as a user would."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.nvr.const import CONF_AREAS, DOMAIN, SECTION_CONNECTION
from custom_components.nvr.coordinator import NvrConfigEntry
from simulator.box import RecorderBox
from tests.flow_walk import open_flow, walk

PASSWORD = "s3:cr@t/%&#"


def login(password: str = PASSWORD, **connection: Any) -> dict[str, Any]:
    """Return the filled form that asks for credentials; what isn't given of its folded part is left as it is."""
    return {CONF_USERNAME: "admin", CONF_PASSWORD: password, SECTION_CONNECTION: connection}


async def submit(
    hass: HomeAssistant, box: RecorderBox, credentials: dict[str, Any] | None = None
) -> Any:
    """Go through the flow that adds a recorder, as far as it goes."""
    answers: dict[str, dict[str, Any]] = {
        "user": {CONF_HOST: box.url},
        "credentials": credentials or login(),
        "report": {CONF_AREAS: False},
    }
    with (
        patch("custom_components.nvr.config_flow.async_scan", return_value=()),
        # Pictures of all cameras take their time; none is looked at here.
        patch("custom_components.nvr.trial.PICTURES_LIMIT", 1),
    ):
        return await walk(hass, await open_flow(hass), answers)


async def add(hass: HomeAssistant, box: RecorderBox) -> NvrConfigEntry:
    """Add a recorder whose password is ours, and wait until it is set up."""
    # What the account may do is tried by tests that are about it.
    with patch("custom_components.nvr.trial.TRIAL_SECONDS", 0):
        result = await submit(hass, box)
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
