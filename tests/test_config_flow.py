"""Adding a recorder, logging in again, moving it."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.const import (
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VENDOR,
    CONF_VERIFY_TLS,
    DOMAIN,
    SECTION_STREAMS,
)
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    CertificateError,
    DeviceBusyError,
    DriverError,
    InvalidAnswerError,
    NotInitialisedError,
    NotPermittedError,
    NotSupportedError,
    TlsRequiredError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.models import Right, StreamName
from custom_components.nvr.guards import async_guard_of
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import MAC, PASSWORD, RECORDER, SERIAL, channel, offline, recorder_state
from tests.flow_fixtures import Site

FORM: dict[str, Any] = {
    CONF_HOST: "192.0.2.7",
    CONF_USERNAME: "admin",
    CONF_PASSWORD: PASSWORD,
    CONF_TLS: False,
    CONF_VERIFY_TLS: False,
    SECTION_STREAMS: {},
}


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def send(hass: HomeAssistant, flow: ConfigFlowResult, **changes: Any) -> ConfigFlowResult:
    """Send the form, with some fields filled otherwise."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], {**FORM, **changes})


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows as filled in."""

    def values(schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in schema.schema.items():
            if hasattr(value, "options") and hasattr(value, "schema"):
                found[str(key)] = values(value.schema)
            elif key.description:
                found[str(key)] = key.description["suggested_value"]
        return found

    return values(result["data_schema"])


async def test_adds_a_recorder(hass: HomeAssistant, site: Site, set_up: AsyncMock) -> None:
    flow = await start(hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    assert not flow["errors"]
    result = await send(hass, flow)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Garage NVR"
    assert result["result"].unique_id == SERIAL
    assert result["data"] == {
        CONF_HOST: "192.0.2.7",
        CONF_PORT: None,
        CONF_TLS: False,
        CONF_VERIFY_TLS: False,
        CONF_USERNAME: "admin",
        CONF_PASSWORD: PASSWORD,
        CONF_RTSP_PORT: None,
        CONF_VENDOR: "fake",
    }
    assert site.driver.calls == {"connect": 1, "recorded_days": 1, "snapshot": 1}
    # The smallest picture is enough.
    assert site.driver.snapshots == [(1, StreamName.SUB, None, None)]
    assert site.driver.closed
    assert site.sessions[0].closed
    assert len(set_up.mock_calls) == 1


@pytest.mark.parametrize(
    ("typed", "host", "port", "tls"),
    [
        ("192.0.2.7:8000", "192.0.2.7", 8000, False),
        (" recorder.example ", "recorder.example", None, False),
        ("https://recorder.example/doc/page/login.asp", "recorder.example", None, True),
        ("HTTP://192.0.2.7:81", "192.0.2.7", 81, False),
    ],
)
async def test_address_may_hold_port_and_scheme(
    hass: HomeAssistant,
    site: Site,
    set_up: AsyncMock,
    typed: str,
    host: str,
    port: int | None,
    tls: bool,
) -> None:
    result = await send(hass, await start(hass), **{CONF_HOST: typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"][CONF_HOST], result["data"][CONF_PORT]) == (host, port)
    assert result["data"][CONF_TLS] is tls
    connection = site.connections[0]
    assert (connection.host, connection.port, connection.tls) == (host, port, tls)


async def test_rtsp_port_and_tls_as_entered(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    result = await send(
        hass,
        await start(hass),
        **{CONF_TLS: True, CONF_VERIFY_TLS: True, SECTION_STREAMS: {CONF_RTSP_PORT: 10554.0}},
    )
    assert result["data"][CONF_RTSP_PORT] == 10554
    assert isinstance(result["data"][CONF_RTSP_PORT], int)
    assert site.connections[0].rtsp_port == 10554
    assert site.connections[0].tls
    assert site.connections[0].verify_tls


async def test_recorder_without_serial_is_known_by_its_mac(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="", name=""))
    result = await send(hass, await start(hass))
    assert result["result"].unique_id == MAC
    assert result["title"] == "NVR-16"


async def test_recorder_without_a_name_or_a_model_is_called_by_its_address(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, name="", model=""))
    assert (await send(hass, await start(hass)))["title"] == "192.0.2.7"


@pytest.mark.parametrize(
    ("error", "key", "placeholders"),
    [
        (CannotConnectError("x"), "cannot_connect", {}),
        (CertificateError("x"), "invalid_certificate", {}),
        (TlsRequiredError("x"), "tls_required", {}),
        (NotInitialisedError("x"), "not_initialised", {}),
        (AuthenticationError("x"), "invalid_auth", {}),
        (AuthenticationError("x", tries_left=4), "invalid_auth_tries", {"tries": "4"}),
        (AccountLockedError("x"), "account_locked", {}),
        (AccountLockedError("x", seconds_left=1741), "account_locked_minutes", {"minutes": "30"}),
        (AccountLockedError("x", seconds_left=0), "account_locked_minutes", {"minutes": "1"}),
        (UnknownDeviceError("x"), "unknown_device", {}),
        (NotPermittedError("x"), "not_permitted", {}),
        (NotPermittedError("x", right=Right.PLAYBACK), "not_permitted_playback", {}),
        (NotPermittedError("x", right=Right.SETTINGS), "not_permitted_settings", {}),
        (NotPermittedError("x", right=Right.LIVE), "not_permitted_live", {}),
        (NotPermittedError("x", right=Right.DOWNLOAD), "not_permitted_download", {}),
        (DeviceBusyError("x"), "device_busy", {}),
        (NotSupportedError("x"), "not_supported", {}),
        (InvalidAnswerError("x"), "invalid_answer", {}),
        (DriverError("x"), "device_error", {}),
    ],
)
async def test_error_is_named_and_put_right(
    hass: HomeAssistant,
    site: Site,
    set_up: AsyncMock,
    error: DriverError,
    key: str,
    placeholders: dict[str, str],
) -> None:
    site.driver.error = error
    flow = await start(hass)
    typed = {
        CONF_HOST: "192.0.2.7:8000",
        CONF_TLS: True,
        SECTION_STREAMS: {CONF_RTSP_PORT: 1554},
    }
    result = await send(hass, flow, **typed)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": key}
    assert result["description_placeholders"] == placeholders
    assert site.driver.calls == {"connect": 1}
    assert site.driver.closed
    assert site.sessions[0].closed
    # What was typed stays; the password has to be typed again.
    assert suggested(result) == {
        CONF_HOST: "192.0.2.7:8000",
        CONF_USERNAME: "admin",
        CONF_TLS: True,
        CONF_VERIFY_TLS: False,
        SECTION_STREAMS: {CONF_RTSP_PORT: 1554},
    }

    site.driver.error = None
    result = await send(hass, flow, **typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("method", "right"), [("recorded_days", Right.PLAYBACK), ("snapshot", Right.LIVE)]
)
async def test_right_that_is_needed_later_is_asked_for_now(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, method: str, right: Right
) -> None:
    flow = await start(hass)
    site.driver.errors[method] = NotPermittedError("403", right=right)
    result = await send(hass, flow)
    assert result["errors"] == {"base": f"not_permitted_{right}"}
    assert site.driver.closed
    del site.driver.errors[method]
    assert (await send(hass, flow))["type"] is FlowResultType.CREATE_ENTRY


async def test_right_is_asked_for_where_it_is_not_told_what_is_online(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = recorder_state(offline(1), replace(channel(2), online=None))
    site.driver.errors["recorded_days"] = NotPermittedError("403", right=Right.PLAYBACK)
    result = await send(hass, await start(hass))
    assert result["errors"] == {"base": "not_permitted_playback"}


@pytest.mark.parametrize("method", ["recorded_days", "snapshot"])
async def test_what_fails_for_another_reason_refuses_no_recorder(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, method: str
) -> None:
    site.driver.errors[method] = DeviceBusyError("later")
    assert (await send(hass, await start(hass)))["type"] is FlowResultType.CREATE_ENTRY


async def test_camera_that_is_too_slow_refuses_no_recorder(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.finding.RIGHTS_CHECK_SECONDS", 0)
    monkeypatch.setattr(site.driver, "snapshot", lambda *args: asyncio.Event().wait())
    assert (await send(hass, await start(hass)))["type"] is FlowResultType.CREATE_ENTRY


async def test_recorder_without_any_picture_is_added(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = recorder_state(offline(1))
    assert (await send(hass, await start(hass)))["type"] is FlowResultType.CREATE_ENTRY
    assert site.driver.calls == {"connect": 1}


async def test_nothing_logs_in_where_no_recorder_is_recognised(
    hass: HomeAssistant, site: Site
) -> None:
    site.recognise.side_effect = UnknownDeviceError("a printer")
    result = await send(hass, await start(hass))
    assert result["errors"] == {"base": "unknown_device"}
    assert site.driver.calls == {}
    (session,) = (call.args[1] for call in site.recognise.mock_calls)
    assert session.closed


@pytest.mark.parametrize("typed", ["", "rtsp://192.0.2.7", "http://admin:x@192.0.2.7", "a:b:c d"])
async def test_what_is_no_address_is_told_at_its_field(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, typed: str
) -> None:
    flow = await start(hass)
    result = await send(hass, flow, **{CONF_HOST: typed})
    assert result["errors"] == {CONF_HOST: "invalid_host"}
    assert site.recognise.mock_calls == []
    assert (await send(hass, flow))["type"] is FlowResultType.CREATE_ENTRY


async def test_recorder_without_any_identity_is_refused(hass: HomeAssistant, site: Site) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="", mac=None))
    result = await send(hass, await start(hass))
    assert result["errors"] == {"base": "no_identity"}


async def test_same_address_is_known_without_a_login(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    result = await send(hass, await start(hass), **{CONF_HOST: "127.0.0.1:8080"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert site.driver.calls == {}


async def test_same_recorder_at_another_address_is_known(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    result = await send(hass, await start(hass))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


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
    result = await send(hass, flow)
    assert result["errors"] == {"base": "cannot_connect"}
    assert suggested(result)[CONF_HOST] == "192.0.2.7"

    site.driver.error = None
    result = await send(hass, flow, **{SECTION_STREAMS: {CONF_RTSP_PORT: 8554}})
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
    result = await send(hass, await entry.start_reconfigure_flow(hass))
    assert result["reason"] == "wrong_recorder"
    assert entry.data == ENTRY_DATA


async def test_form_goes_to_the_browser_and_comes_back(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, hass_client: ClientSessionGenerator
) -> None:
    """The web interface needs the schema as JSON, and programs may leave the folded part out."""
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_client()
    response = await client.post(
        "/api/config/config_entries/flow", json={"handler": DOMAIN, "show_advanced_options": False}
    )
    flow = await response.json()
    fields = {field["name"]: field for field in flow["data_schema"]}
    assert fields[CONF_PASSWORD]["selector"]["text"]["type"] == "password"
    assert fields[SECTION_STREAMS]["type"] == "expandable"
    assert fields[SECTION_STREAMS]["expanded"] is False
    form = {key: value for key, value in FORM.items() if key != SECTION_STREAMS}
    response = await client.post(f"/api/config/config_entries/flow/{flow['flow_id']}", json=form)
    assert (await response.json())["type"] == "create_entry"
