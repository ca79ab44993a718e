"""Logging in to a recorder again, and changing how it is reached."""

from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import (
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VERIFY_TLS,
    SECTION_STREAMS,
)
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
)
from custom_components.nvr.guards import async_guard_of
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import PASSWORD, RECORDER, recorder_state
from tests.flow_fixtures import Site
from tests.flow_walk import send, suggested

FORM: dict[str, Any] = {
    CONF_HOST: "192.0.2.7",
    CONF_USERNAME: "admin",
    CONF_PASSWORD: PASSWORD,
    CONF_TLS: False,
    CONF_VERIFY_TLS: False,
    SECTION_STREAMS: {},
}


async def reconfigure(
    hass: HomeAssistant, flow: ConfigFlowResult, **changes: Any
) -> ConfigFlowResult:
    """Send the form that changes where a recorder is."""
    return await send(hass, flow, {**FORM, **changes})


async def test_reauth(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    (await async_guard_of(hass, entry.entry_id)).refuse(AuthenticationError("old password"))
    flow = await entry.start_reauth_flow(hass)
    assert flow["step_id"] == "reauth_confirm"
    assert flow["description_placeholders"] is not None
    assert flow["description_placeholders"]["name"] == "Garage NVR"
    assert suggested(flow) == {CONF_USERNAME: "admin"}

    credentials = {CONF_USERNAME: "viewer", CONF_PASSWORD: "new one"}
    site.driver.error = AuthenticationError("x", tries_left=2)
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], credentials)
    assert result["errors"] == {"base": "invalid_auth_tries"}
    assert result["description_placeholders"] == {"name": "Garage NVR", "tries": "2"}
    assert suggested(result) == {CONF_USERNAME: "viewer"}

    site.driver.error = None
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], credentials)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert entry.data == {**ENTRY_DATA, **credentials}
    assert entry.state is ConfigEntryState.LOADED
    assert not (await async_guard_of(hass, entry.entry_id)).refused


async def test_reauth_at_another_recorder_changes_nothing(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER"))
    flow = await entry.start_reauth_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {CONF_USERNAME: "admin", CONF_PASSWORD: "new one"}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_recorder"
    assert entry.data == ENTRY_DATA


async def test_reconfigure(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
) -> None:
    flow = await entry.start_reconfigure_flow(hass)
    assert flow["step_id"] == "reconfigure"
    assert suggested(flow) == {
        CONF_HOST: "127.0.0.1:8080",
        CONF_USERNAME: "admin",
        CONF_TLS: False,
        CONF_VERIFY_TLS: False,
        SECTION_STREAMS: {},
    }
    site.driver.error = CannotConnectError("nobody there")
    result = await reconfigure(hass, flow)
    assert result["errors"] == {"base": "cannot_connect"}
    assert suggested(result)[CONF_HOST] == "192.0.2.7"

    site.driver.error = None
    result = await reconfigure(hass, flow, **{SECTION_STREAMS: {CONF_RTSP_PORT: 8554}})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {
        **ENTRY_DATA,
        CONF_HOST: "192.0.2.7",
        CONF_PORT: None,
        CONF_RTSP_PORT: 8554,
    }
    await hass.async_block_till_done()


async def test_reconfigure_shows_what_is_stored(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    data = {**ENTRY_DATA, CONF_HOST: "fe80::1", CONF_RTSP_PORT: 8554, CONF_TLS: True}
    hass.config_entries.async_update_entry(entry, data=data)
    values = suggested(await entry.start_reconfigure_flow(hass))
    assert values[CONF_HOST] == "[fe80::1]:8080"
    assert values[SECTION_STREAMS] == {CONF_RTSP_PORT: 8554}
    assert values[CONF_TLS] is True

    hass.config_entries.async_update_entry(entry, data={**data, CONF_PORT: None})
    assert suggested(await entry.start_reconfigure_flow(hass))[CONF_HOST] == "fe80::1"


async def test_reconfigure_to_another_recorder_changes_nothing(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER"))
    result = await reconfigure(hass, await entry.start_reconfigure_flow(hass))
    assert result["reason"] == "wrong_recorder"
    assert entry.data == ENTRY_DATA


async def test_what_is_no_address_is_told_at_its_field(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    flow = await entry.start_reconfigure_flow(hass)
    result = await reconfigure(hass, flow, **{CONF_HOST: "rtsp://192.0.2.7"})
    assert result["errors"] == {CONF_HOST: "invalid_host"}
    assert site.connections == []
