"""A recorder that was given another address is found there by itself, and only then."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_DHCP, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import AuthenticationError, CannotConnectError
from custom_components.nvr.guards import async_guard_of
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import MAC, RECORDER, FakeDriver, recorder_state
from tests.flow_fixtures import Site
from tests.polling import poll

NEW_IP = "192.0.2.9"


async def seen(hass: HomeAssistant, mac: str = MAC, ip: str = NEW_IP) -> Any:
    """Let Home Assistant see that a device was given an address."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(ip=ip, hostname="nvr", macaddress=mac.replace(":", "")),
    )


@pytest.fixture
async def gone(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    site: Site,
    freezer: FrozenDateTimeFactory,
) -> MockConfigEntry:
    """Let the recorder be no longer where it was; it answers elsewhere."""
    driver.error = CannotConnectError("no route")
    await poll(hass, freezer)
    driver.error = None
    return loaded_entry


async def test_it_is_followed_with_all_its_entities(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site
) -> None:
    registry = er.async_get(hass)
    before = er.async_entries_for_config_entry(registry, gone.entry_id)
    result = await seen(hass)
    assert result["reason"] == "recorder_moved"
    await hass.async_block_till_done()
    assert gone.data == {**ENTRY_DATA, CONF_HOST: NEW_IP}
    assert gone.state is ConfigEntryState.LOADED
    assert er.async_entries_for_config_entry(registry, gone.entry_id) == before
    assert [connection.host for connection in site.connections] == [NEW_IP]


async def test_one_that_answers_is_left_where_it_is(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, site: Site
) -> None:
    result = await seen(hass)
    assert result["reason"] == "already_configured"
    assert loaded_entry.data == ENTRY_DATA
    assert site.connections == []


async def test_the_address_that_it_has_is_no_news(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site
) -> None:
    assert (await seen(hass, ip=ENTRY_DATA[CONF_HOST]))["reason"] == "already_configured"
    assert site.connections == []


async def test_devices_of_others_are_not_ours(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site
) -> None:
    assert (await seen(hass, mac="aa:bb:cc:dd:ee:ff"))["reason"] == "unknown_device"
    assert site.connections == []


def another(site: Site) -> None:
    site.driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER"))


def nobody(site: Site) -> None:
    site.driver.error = CannotConnectError("nobody")


@pytest.mark.parametrize(
    ("change", "reason"), [(another, "wrong_recorder"), (nobody, "cannot_connect")]
)
async def test_who_answers_is_asked_first(
    hass: HomeAssistant,
    gone: MockConfigEntry,
    site: Site,
    change: Callable[[Site], None],
    reason: str,
) -> None:
    change(site)
    assert (await seen(hass))["reason"] == reason
    assert gone.data == ENTRY_DATA


async def test_a_refused_login_is_not_tried_elsewhere(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site
) -> None:
    guard = await async_guard_of(hass, gone.entry_id)
    guard.refuse(AuthenticationError("refused"))
    assert (await seen(hass))["reason"] == "already_configured"
    assert site.connections == []


async def test_a_refusal_there_counts(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site
) -> None:
    site.driver.error = AuthenticationError("refused")
    assert (await seen(hass))["reason"] == "cannot_connect"
    assert (await async_guard_of(hass, gone.entry_id)).refused
    assert gone.data == ENTRY_DATA
