"""Logging in to a recorder again, and changing how it is reached."""

from dataclasses import replace
from html import unescape
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import (
    CONF_ENCRYPTION,
    CONF_ENDPOINT,
    CONF_FINGERPRINT,
    CONF_OLD_TLS,
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VERIFY_TLS,
    DOMAIN,
    SECTION_CONNECTION,
)
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    CertificateChangedError,
    NotPermittedError,
)
from custom_components.nvr.guards import async_guard_of
from custom_components.nvr.trust import readable_fingerprint
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import PASSWORD, RECORDER, recorder_state
from tests.flow_fixtures import FINGERPRINT, Site
from tests.flow_walk import send, settled, suggested

NEW_HOST = "192.0.2.7"
OTHER = "0" * 64
PINNED: dict[str, Any] = {
    **ENTRY_DATA,
    CONF_PORT: None,
    CONF_TLS: True,
    CONF_FINGERPRINT: OTHER,
    CONF_OLD_TLS: False,
}


def login(**connection: Any) -> dict[str, Any]:
    """Return the filled form that asks for credentials."""
    return {CONF_USERNAME: "admin", CONF_PASSWORD: PASSWORD, SECTION_CONNECTION: connection}


async def at_credentials(
    hass: HomeAssistant, entry: MockConfigEntry, host: str = NEW_HOST
) -> ConfigFlowResult:
    """Say where a recorder is now."""
    flow = await send(hass, await entry.start_reconfigure_flow(hass), {CONF_HOST: host})
    assert flow["step_id"] == "credentials"
    return flow


async def choose(hass: HomeAssistant, flow: ConfigFlowResult, choice: str) -> ConfigFlowResult:
    """Pick something of a menu."""
    return await send(hass, flow, {"next_step_id": choice})


def asked_to_repair(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Return whether a repair asks about the recorder's certificate."""
    issue = f"certificate_changed_{entry.entry_id}"
    return ir.async_get(hass).async_get_issue(DOMAIN, issue) is not None


async def reconfigure(
    hass: HomeAssistant, entry: MockConfigEntry, **connection: Any
) -> ConfigFlowResult:
    """Go all the way, to a recorder that speaks plain alone."""
    flow = await send(hass, await at_credentials(hass, entry), login(**connection))
    assert (flow["type"], flow["step_id"]) == (FlowResultType.MENU, "plain")
    return await choose(hass, flow, "login")


class TestReauth:
    """The recorder refuses the stored credentials."""

    async def test_reauth(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        (await async_guard_of(hass, entry.entry_id)).refuse(AuthenticationError("old password"))
        flow = await entry.start_reauth_flow(hass)
        assert flow["step_id"] == "reauth_confirm"
        assert flow["description_placeholders"] is not None
        assert flow["description_placeholders"]["name"] == "Garage NVR"
        assert suggested(flow) == {CONF_USERNAME: "admin"}

        credentials = {CONF_USERNAME: "viewer", CONF_PASSWORD: "new one"}
        site.driver.error = AuthenticationError("x", tries_left=2)
        result = await send(hass, flow, credentials)
        assert result["errors"] == {"base": "invalid_auth_tries"}
        assert result["description_placeholders"] == {"name": "Garage NVR", "tries": "2"}
        assert suggested(result) == {CONF_USERNAME: "viewer"}

        site.driver.error = None
        result = await send(hass, flow, credentials)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reauth_successful"
        await hass.async_block_till_done()
        assert entry.data == {**ENTRY_DATA, **credentials}
        assert entry.state is ConfigEntryState.LOADED
        assert not (await async_guard_of(hass, entry.entry_id)).refused

    async def test_name_is_shown_as_it_is(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry
    ) -> None:
        hass.config_entries.async_update_entry(entry, title="[NVR](http://evil.example) <1>")
        shown = (await entry.start_reauth_flow(hass))["description_placeholders"] or {}
        assert not set("[]()<>.:/") & set(shown["name"])
        assert unescape(shown["name"]) == "[NVR](http://evil.example) <1>"

    @pytest.mark.parametrize("method", ["snapshot", "recorded_days", "search"])
    async def test_rights_that_are_no_need_to_add_a_recorder_are_none_to_keep_it(
        self,
        hass: HomeAssistant,
        site: Site,
        entry: MockConfigEntry,
        set_up: AsyncMock,
        method: str,
    ) -> None:
        site.driver.errors[method] = NotPermittedError("403")
        flow = await entry.start_reauth_flow(hass)
        result = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: "new one"})
        assert result["reason"] == "reauth_successful"

    async def test_at_another_recorder_changes_nothing(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry
    ) -> None:
        site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER"))
        flow = await entry.start_reauth_flow(hass)
        result = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: "new one"})
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "wrong_recorder"
        assert entry.data == ENTRY_DATA

    async def test_another_certificate_is_asked_about_first(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        hass.config_entries.async_update_entry(entry, data=PINNED)
        site.schemes = {True}
        flow = await entry.start_reauth_flow(hass)
        site.driver.error = CertificateChangedError("x", trusted=OTHER, seen=FINGERPRINT)
        flow = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: "new one"})
        assert flow["step_id"] == "changed_certificate"
        assert entry.data == PINNED
        assert not asked_to_repair(hass, entry)
        site.driver.error = None
        assert (await send(hass, flow, {}))["reason"] == "reauth_successful"
        assert entry.data == {**PINNED, CONF_PASSWORD: "new one", CONF_FINGERPRINT: FINGERPRINT}


class TestAddress:
    """The recorder is somewhere else, or spoken to otherwise."""

    async def test_reconfigure(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        flow = await entry.start_reconfigure_flow(hass)
        assert flow["step_id"] == "reconfigure"
        assert suggested(flow) == {CONF_HOST: "127.0.0.1:8080"}
        flow = await send(hass, flow, {CONF_HOST: NEW_HOST})
        assert flow["step_id"] == "credentials"
        assert flow["description_placeholders"] == {
            "name": "Garage NVR",
            "model": "fake",
            "address": NEW_HOST,
        }
        assert suggested(flow) == {
            CONF_USERNAME: "admin",
            SECTION_CONNECTION: {CONF_ENCRYPTION: "plain"},
        }
        assert site.driver.calls == {}
        flow = await send(hass, flow, login(**{CONF_RTSP_PORT: 8554}))
        assert flow["step_id"] == "plain"
        assert site.driver.calls == {}
        result = await choose(hass, flow, "login")
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reconfigure_successful"
        assert entry.data == {
            **ENTRY_DATA,
            CONF_HOST: NEW_HOST,
            CONF_PORT: None,
            CONF_RTSP_PORT: 8554,
        }
        await hass.async_block_till_done()

    async def test_by_what_it_is_heard_in_the_network_is_kept(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        data = {**entry.data, CONF_ENDPOINT: "urn:uuid:1"}
        hass.config_entries.async_update_entry(entry, data=data)
        result = await reconfigure(hass, entry)
        assert result["reason"] == "reconfigure_successful"
        assert entry.data[CONF_ENDPOINT] == "urn:uuid:1"

    async def test_long_steps_show_progress(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        """What takes no time is over before anything is shown; a real recorder does take some."""
        seen: list[str] = []
        flow = await entry.start_reconfigure_flow(hass)
        site.pause()
        for answer in ({CONF_HOST: NEW_HOST}, login(), {"next_step_id": "login"}):
            flow = await hass.config_entries.flow.async_configure(flow["flow_id"], answer)
            if flow["type"] is FlowResultType.SHOW_PROGRESS:
                seen.append(flow["progress_action"])
            flow = await settled(hass, flow)
        assert seen == ["recognise", "login"]
        assert flow["reason"] == "reconfigure_successful"

    async def test_ports_are_probed(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        site.closed_ports = {None}
        assert (await reconfigure(hass, entry))["reason"] == "reconfigure_successful"
        assert (entry.data[CONF_HOST], entry.data[CONF_PORT]) == (NEW_HOST, 8000)

    async def test_an_address_may_name_scheme_and_port(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        site.schemes = {False, True}
        flow = await at_credentials(hass, entry, f"http://{NEW_HOST}:81/doc/page/login.asp")
        flow = await send(hass, flow, login())
        await choose(hass, flow, "login")
        assert (entry.data[CONF_PORT], entry.data[CONF_TLS]) == (81, False)

    async def test_where_nobody_answers_another_address_can_be_typed(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        site.schemes = set()
        flow = await entry.start_reconfigure_flow(hass)
        result = await send(hass, flow, {CONF_HOST: NEW_HOST})
        assert (result["step_id"], result["errors"]) == ("reconfigure", {"base": "cannot_connect"})
        assert suggested(result) == {CONF_HOST: NEW_HOST}
        site.schemes = {False}
        assert (await send(hass, result, {CONF_HOST: NEW_HOST}))["step_id"] == "credentials"

    async def test_what_goes_wrong_at_the_login_is_told_at_the_credentials(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        site.driver.error = CannotConnectError("gone")
        result = await reconfigure(hass, entry)
        assert (result["step_id"], result["errors"]) == ("credentials", {"base": "cannot_connect"})
        assert entry.data == ENTRY_DATA

    async def test_shows_what_is_stored(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry
    ) -> None:
        site.schemes = {True}
        data = {
            **ENTRY_DATA,
            CONF_HOST: "fe80::1",
            CONF_RTSP_PORT: 8554,
            CONF_TLS: True,
            CONF_VERIFY_TLS: True,
        }
        hass.config_entries.async_update_entry(entry, data=data)
        flow = await entry.start_reconfigure_flow(hass)
        assert suggested(flow) == {CONF_HOST: "[fe80::1]:8080"}
        flow = await send(hass, flow, suggested(flow))
        assert suggested(flow)[SECTION_CONNECTION] == {
            CONF_ENCRYPTION: "verify",
            CONF_RTSP_PORT: 8554,
        }
        hass.config_entries.async_update_entry(entry, data={**data, CONF_PORT: None})
        assert suggested(await entry.start_reconfigure_flow(hass))[CONF_HOST] == "fe80::1"

    async def test_to_another_recorder_changes_nothing(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry
    ) -> None:
        site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER"))
        assert (await reconfigure(hass, entry))["reason"] == "wrong_recorder"
        assert entry.data == ENTRY_DATA

    async def test_a_password_goes_to_no_other_maker_at_its_address(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        site.schemes = {False, True}
        site.vendors = {(None, True): "another"}
        # The other one is all that answers encrypted.
        await reconfigure(hass, entry)
        assert [one.tls for one in site.connections] == [False]

    async def test_what_is_no_address_is_told_at_its_field(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry
    ) -> None:
        flow = await entry.start_reconfigure_flow(hass)
        result = await send(hass, flow, {CONF_HOST: "rtsp://192.0.2.7"})
        assert result["errors"] == {CONF_HOST: "invalid_host"}
        assert site.connections == []


class TestTrust:
    """Nobody is trusted, and nothing is sent so that all can read it, without a question."""

    @pytest.fixture
    def site(self, site: Site) -> Site:
        """Let the recorder speak TLS as well."""
        site.schemes = {False, True}
        return site

    async def test_plain_can_be_taken_back(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        flow = await at_credentials(hass, entry)
        flow = await send(hass, flow, login(encryption="plain"))
        assert flow["step_id"] == "plain"
        flow = await choose(hass, flow, "credentials")
        assert flow["step_id"] == "credentials"
        flow = await send(hass, flow, login(encryption="trust"))
        assert flow["step_id"] == "certificate"
        assert site.driver.calls == {}

    async def test_the_first_certificate_is_shown(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        flow = await send(hass, await at_credentials(hass, entry), login(encryption="trust"))
        assert flow["step_id"] == "certificate"
        assert flow["description_placeholders"] == {
            "address": NEW_HOST,
            "seen": readable_fingerprint(FINGERPRINT),
        }
        assert (await send(hass, flow, {}))["reason"] == "reconfigure_successful"
        assert entry.data == {
            **PINNED,
            CONF_HOST: NEW_HOST,
            CONF_FINGERPRINT: FINGERPRINT,
        }

    async def test_the_trusted_certificate_needs_no_question(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        data = {**PINNED, CONF_FINGERPRINT: FINGERPRINT}
        hass.config_entries.async_update_entry(entry, data=data)
        result = await send(hass, await at_credentials(hass, entry), login(encryption="trust"))
        assert result["reason"] == "reconfigure_successful"
        assert entry.data == {**data, CONF_HOST: NEW_HOST}

    async def test_a_verified_certificate_needs_none_either(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        hass.config_entries.async_update_entry(entry, data=PINNED)
        result = await send(hass, await at_credentials(hass, entry), login(encryption="verify"))
        assert result["reason"] == "reconfigure_successful"
        assert entry.data[CONF_VERIFY_TLS] is True
        assert CONF_FINGERPRINT not in entry.data

    async def test_another_certificate_is_asked_about_and_changes_nothing_before(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        hass.config_entries.async_update_entry(entry, data=PINNED)
        flow = await send(hass, await at_credentials(hass, entry), login())
        assert flow["step_id"] == "changed_certificate"
        assert flow["description_placeholders"] == {
            "name": "Garage NVR",
            "trusted": readable_fingerprint(OTHER),
            "seen": readable_fingerprint(FINGERPRINT),
        }
        assert site.driver.calls == {}
        hass.config_entries.flow.async_abort(flow["flow_id"])
        assert entry.data == PINNED
        assert not asked_to_repair(hass, entry)

        flow = await send(hass, await at_credentials(hass, entry), login())
        assert (await send(hass, flow, {}))["reason"] == "reconfigure_successful"
        assert entry.data == {**PINNED, CONF_HOST: NEW_HOST, CONF_FINGERPRINT: FINGERPRINT}

    async def test_one_that_changes_before_the_login_is_asked_about_too(
        self, hass: HomeAssistant, site: Site, entry: MockConfigEntry, set_up: AsyncMock
    ) -> None:
        data = {**PINNED, CONF_FINGERPRINT: FINGERPRINT}
        hass.config_entries.async_update_entry(entry, data=data)
        site.driver.error = CertificateChangedError("x", trusted=FINGERPRINT, seen=OTHER)
        flow = await send(hass, await at_credentials(hass, entry), login())
        assert flow["step_id"] == "changed_certificate"
        site.driver.error = None
        assert (await send(hass, flow, {}))["reason"] == "reconfigure_successful"
        assert site.connections[-1].fingerprint == entry.data[CONF_FINGERPRINT] == OTHER
