"""Adding a recorder, logging in again, moving it."""

import asyncio
from dataclasses import replace
from typing import Any
from unittest.mock import AsyncMock

from aiohttp import ClientSession
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.const import (
    CONF_AREAS,
    CONF_CHANNELS,
    CONF_ENCRYPTION,
    CONF_HIDDEN_CHANNELS,
    CONF_RECORDER,
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VENDOR,
    CONF_VERIFY_TLS,
    DOMAIN,
    SECTION_CONNECTION,
)
from custom_components.nvr.discovery.models import FoundDevice
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
from custom_components.nvr.drivers.models import Connection, Right
from custom_components.nvr.setup_pictures import async_register_picture_view
from tests.fake_driver import (
    MAC,
    PASSWORD,
    RECORDER,
    SERIAL,
    FakeDriver,
    offline,
    recorder_state,
)
from tests.flow_fixtures import Site
from tests.flow_walk import open_flow, post, send, settled, suggested, walk

CREDENTIALS: dict[str, Any] = {CONF_USERNAME: "admin", CONF_PASSWORD: PASSWORD}
ANSWERS: dict[str, dict[str, Any]] = {
    "user": {CONF_HOST: "192.0.2.7"},
    "credentials": CREDENTIALS,
    "report": {},
}


async def at_credentials(hass: HomeAssistant, host: str = "192.0.2.7") -> ConfigFlowResult:
    """Go as far as to the form that asks for credentials."""
    flow = await walk(hass, await open_flow(hass), {"user": {CONF_HOST: host}})
    assert flow["step_id"] == "credentials"
    return flow


async def add(hass: HomeAssistant, **answers: dict[str, Any]) -> ConfigFlowResult:
    """Go as far as possible, with some forms filled otherwise."""
    return await walk(hass, await open_flow(hass), {**ANSWERS, **answers})


def fields_of(result: ConfigFlowResult) -> dict[str, Any]:
    """Return the fields of a form."""
    schema = result["data_schema"]
    assert schema is not None
    return {str(key): field for key, field in schema.schema.items()}


async def test_adds_a_recorder(hass: HomeAssistant, site: Site, set_up: AsyncMock) -> None:
    flow = await open_flow(hass)
    assert (flow["type"], flow["step_id"]) == (FlowResultType.FORM, "user")
    assert not flow["errors"]
    # Nothing was found, so there is nothing to pick from.
    assert list(fields_of(flow)) == [CONF_HOST]
    flow = await send(hass, flow, ANSWERS["user"])
    assert flow["step_id"] == "credentials"
    assert flow["description_placeholders"] == {
        "name": "192.0.2.7",
        "model": "fake",
        "address": "192.0.2.7",
    }
    assert site.driver.calls == {}
    flow = await send(hass, flow, CREDENTIALS)
    assert flow["step_id"] == "report"
    result = await send(hass, flow, {})
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
    assert result["options"] == {CONF_HIDDEN_CHANNELS: [], CONF_AREAS: True}
    assert site.driver.calls["connect"] == 1
    assert site.driver.closed
    assert site.sessions[0].closed
    assert len(set_up.mock_calls) == 1


async def test_channels_that_are_not_picked_are_hidden(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    result = await add(hass, report={CONF_CHANNELS: ["1", "3"], CONF_AREAS: False})
    assert result["options"] == {CONF_HIDDEN_CHANNELS: [2], CONF_AREAS: False}


async def test_recorder_without_channels_is_added(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = replace(recorder_state(), channels=())
    result = await add(hass)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["options"][CONF_HIDDEN_CHANNELS] == []


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
    site.schemes = {tls}
    result = await add(hass, user={CONF_HOST: typed})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["data"][CONF_HOST], result["data"][CONF_PORT]) == (host, port)
    assert result["data"][CONF_TLS] is tls
    connection = site.connections[0]
    assert (connection.host, connection.port, connection.tls) == (host, port, tls)


@pytest.mark.parametrize(
    ("way", "tls", "verified"),
    [(None, True, False), ("trust", True, False), ("verify", True, True), ("plain", False, False)],
)
async def test_encryption_is_used_where_it_is_offered_unless_told_otherwise(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, way: str | None, tls: bool, verified: bool
) -> None:
    site.schemes = {False, True}
    chosen = {} if way is None else {CONF_ENCRYPTION: way}
    result = await add(
        hass, credentials={**CREDENTIALS, SECTION_CONNECTION: {**chosen, CONF_RTSP_PORT: 10554.0}}
    )
    assert (result["data"][CONF_TLS], result["data"][CONF_VERIFY_TLS]) == (tls, verified)
    assert result["data"][CONF_RTSP_PORT] == 10554
    assert isinstance(result["data"][CONF_RTSP_PORT], int)
    connection = site.connections[0]
    assert (connection.rtsp_port, connection.tls, connection.verify_tls) == (10554, tls, verified)


async def test_recorder_without_serial_is_known_by_its_mac(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="", name=""))
    result = await add(hass)
    assert result["result"].unique_id == MAC
    assert result["title"] == "NVR-16"


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
    flow = await at_credentials(hass)
    seen = flow["description_placeholders"] or {}
    typed = {**CREDENTIALS, SECTION_CONNECTION: {CONF_RTSP_PORT: 1554, CONF_ENCRYPTION: "plain"}}
    result = await send(hass, flow, typed)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": key}
    assert result["description_placeholders"] == {**seen, **placeholders}
    # One login for each time that the form is sent.
    assert site.driver.calls == {"connect": 1}
    assert site.driver.closed
    assert site.sessions[0].closed
    # What was typed stays; the password has to be typed again.
    assert suggested(result) == {
        CONF_USERNAME: "admin",
        SECTION_CONNECTION: {CONF_RTSP_PORT: 1554, CONF_ENCRYPTION: "plain"},
    }

    site.driver.error = None
    result = await walk(hass, await send(hass, flow, typed), ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_recorder_without_any_picture_is_added(
    hass: HomeAssistant, site: Site, set_up: AsyncMock
) -> None:
    site.driver.answer = recorder_state(offline(1))
    assert (await add(hass))["type"] is FlowResultType.CREATE_ENTRY
    assert site.driver.calls == {"connect": 1}


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (UnknownDeviceError("a printer"), "unknown_device"),
        (CannotConnectError("nobody"), "cannot_connect"),
        (TlsRequiredError("go there"), "tls_required"),
    ],
)
async def test_nothing_logs_in_where_no_recorder_is_recognised(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, error: DriverError, key: str
) -> None:
    recognise, site.recognise.side_effect = site.recognise.side_effect, error
    result = await add(hass)
    assert result["step_id"] == "user"
    assert result["errors"] == {"base": key}
    assert suggested(result) == {CONF_HOST: "192.0.2.7"}
    assert site.driver.calls == {}
    assert all(call.args[1].closed for call in site.recognise.mock_calls)

    site.recognise.side_effect = recognise
    result = await walk(hass, await send(hass, result, ANSWERS["user"]), ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_ports_that_swallow_everything_keep_nobody_waiting(
    hass: HomeAssistant, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.locating.LOOK_SECONDS", 0)

    async def silence(connection: Connection, session: ClientSession) -> str:
        await asyncio.Event().wait()
        raise AssertionError

    site.recognise.side_effect = silence
    assert (await add(hass))["errors"] == {"base": "cannot_connect"}


async def test_mistake_of_ours_ends_the_flow(hass: HomeAssistant, site: Site) -> None:
    site.recognise.side_effect = ZeroDivisionError("a mistake")
    result = await add(hass)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "internal_error")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "rtsp://192.0.2.7",
        "http://admin:x@192.0.2.7",
        "a:b:c d",
        "44:19:b6:00:00:01",
        "192.0.2.7:80:80",
        "http://[nvr:80:80]/",
    ],
)
async def test_what_is_no_address_is_told_at_its_field(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, typed: str
) -> None:
    result = await add(hass, user={CONF_HOST: typed})
    assert result["errors"] == {CONF_HOST: "invalid_host"}
    assert site.recognise.mock_calls == []
    result = await walk(hass, await send(hass, result, ANSWERS["user"]), ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_recorder_without_any_identity_is_refused(hass: HomeAssistant, site: Site) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="", mac=None))
    result = await add(hass)
    assert result["step_id"] == "credentials"
    assert result["errors"] == {"base": "no_identity"}


async def test_same_address_is_known_without_a_login(
    hass: HomeAssistant, site: Site, loaded_entry: MockConfigEntry
) -> None:
    calls = dict(site.driver.calls)
    result = await add(hass, user={CONF_HOST: "127.0.0.1:8080"})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert site.driver.calls == calls


@pytest.mark.parametrize("asked_since", [False, True])
async def test_recorder_in_the_place_of_another_is_added(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    site: Site,
    asked_since: bool,
) -> None:
    if asked_since:
        driver.error = InvalidAnswerError("another recorder answers")
        await loaded_entry.runtime_data.coordinator.async_refresh()
        driver.error = None
    else:
        await hass.config_entries.async_unload(loaded_entry.entry_id)
    site.driver = FakeDriver()
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="NEW"))
    result = await add(hass, user={CONF_HOST: "127.0.0.1:8080"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "NEW"


async def test_same_recorder_at_another_address_is_known(
    hass: HomeAssistant, site: Site, entry: MockConfigEntry
) -> None:
    result = await add(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_waiting_is_shown(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def slowly(connection: Connection, session: ClientSession) -> str:
        await go_on.wait()
        return "fake"

    site.recognise.side_effect = slowly
    flow = await open_flow(hass)
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"], ANSWERS["user"])
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    assert shown["progress_action"] == "recognise"
    # A page that is loaded anew shows the same.
    shown = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert shown["type"] is FlowResultType.SHOW_PROGRESS
    go_on.set()
    result = await walk(hass, await settled(hass, shown), ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_form_goes_to_the_browser_and_comes_back(
    hass: HomeAssistant, site: Site, set_up: AsyncMock, hass_client: ClientSessionGenerator
) -> None:
    """The web interface needs the schema as JSON, and programs may leave the folded part out."""
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, DOMAIN, {})
    # The test's web server takes no views later, as the real one does.
    async_register_picture_view(hass)
    site.found = (FoundDevice(vendor="fake", host="192.0.2.8", name="NVR-16", serial="A"),)
    client = await hass_client()

    flow = await post(hass, client, "", handler=DOMAIN, show_advanced_options=False)
    path = f"/{flow['flow_id']}"
    assert [field["name"] for field in flow["data_schema"]] == [CONF_RECORDER, CONF_HOST]
    flow = await post(hass, client, path)
    fields = {field["name"]: field for field in flow["data_schema"]}
    assert fields[CONF_PASSWORD]["selector"]["text"]["type"] == "password"
    assert fields[SECTION_CONNECTION]["type"] == "expandable"
    assert fields[SECTION_CONNECTION]["expanded"] is False
    flow = await post(hass, client, path, **CREDENTIALS)
    assert flow["step_id"] == "report"
    assert (await post(hass, client, path))["type"] == "create_entry"
