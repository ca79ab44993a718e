"""A recorder that was given another address is found there by itself, and only then."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_DHCP, SOURCE_SSDP, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.aiohttp_client import DATA_RESOLVER, async_get_clientsession
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import AuthenticationError, CannotConnectError
from custom_components.nvr.guards import async_guard_of
from custom_components.nvr.moving import DATA_PURSUITS, LOOKS_BY_NAME, PAUSES_SECONDS
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import MAC, RECORDER, FakeDriver, recorder_state
from tests.flow_fixtures import Site

NEW_IP = "192.0.2.9"
OLD_IP: str = ENTRY_DATA[CONF_HOST]


async def seen(hass: HomeAssistant, mac: str = MAC, ip: str = NEW_IP) -> Any:
    """Let Home Assistant see that a device was given an address."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_DHCP},
        data=DhcpServiceInfo(ip=ip, hostname="nvr", macaddress=mac.replace(":", "")),
    )


@pytest.fixture
def site(site: Site) -> Site:
    """Let somebody of its own answer elsewhere: the recorder, as long as a test says nothing else."""
    site.driver = FakeDriver()
    return site


@pytest.fixture
async def gone(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry, site: Site
) -> MockConfigEntry:
    """Let the recorder be no longer where it was; the last poll, a moment ago, found it there."""
    driver.error_at[OLD_IP] = CannotConnectError("no route")
    return loaded_entry


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float) -> None:
    """Let time pass, and everything happen that is due."""
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


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
    # It is offered as a new one.
    assert (await seen(hass, mac="aa:bb:cc:dd:ee:ff"))["step_id"] == "credentials"
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


async def test_it_is_looked_for_until_it_has_booted(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site, freezer: FrozenDateTimeFactory
) -> None:
    nobody(site)
    assert (await seen(hass))["reason"] == "cannot_connect"
    for seconds in PAUSES_SECONDS[:-1]:
        await pass_time(hass, freezer, seconds)
    assert gone.data == ENTRY_DATA
    site.driver.error = None
    await pass_time(hass, freezer, PAUSES_SECONDS[-1])
    assert gone.data == {**ENTRY_DATA, CONF_HOST: NEW_IP}
    assert gone.state is ConfigEntryState.LOADED


async def test_it_is_looked_for_while_it_has_not_left_its_old_address(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    site: Site,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert (await seen(hass))["reason"] == "already_configured"
    driver.error_at[OLD_IP] = CannotConnectError("no route")
    await pass_time(hass, freezer, PAUSES_SECONDS[0])
    assert loaded_entry.data[CONF_HOST] == NEW_IP


async def tell_of_old_address_by_ssdp(hass: HomeAssistant) -> None:
    """Let somebody announce himself where the recorder was, without saying who he is."""
    told = SsdpServiceInfo(
        ssdp_usn="uuid:1",
        ssdp_st="upnp:rootdevice",
        ssdp_location=f"http://{OLD_IP}:49152/description.xml",
        upnp={},
    )
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_SSDP}, data=told
    )
    assert result["reason"] == "already_configured"


async def tell_of_old_address_by_dhcp(hass: HomeAssistant) -> None:
    """Let the recorder ask for the address that it had."""
    await seen(hass, ip=OLD_IP)


@pytest.mark.parametrize(
    ("tell", "address"),
    [(tell_of_old_address_by_ssdp, NEW_IP), (tell_of_old_address_by_dhcp, OLD_IP)],
)
async def test_only_who_says_to_be_it_ends_the_search_from_its_old_address(
    hass: HomeAssistant,
    gone: MockConfigEntry,
    site: Site,
    freezer: FrozenDateTimeFactory,
    tell: Callable[[HomeAssistant], Awaitable[None]],
    address: str,
) -> None:
    nobody(site)
    await seen(hass)
    await tell(hass)
    site.driver.error = None
    await pass_time(hass, freezer, PAUSES_SECONDS[0])
    assert gone.data[CONF_HOST] == address


async def test_nobody_is_asked_for_ever(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site, freezer: FrozenDateTimeFactory
) -> None:
    nobody(site)
    await seen(hass)
    for seconds in (*PAUSES_SECONDS, 3600, 3600):
        await pass_time(hass, freezer, seconds)
    assert len(site.connections) == 1 + len(PAUSES_SECONDS)
    assert not hass.data[DATA_PURSUITS]


async def test_it_is_no_longer_looked_for_when_it_answers_where_it_was(
    hass: HomeAssistant,
    driver: FakeDriver,
    gone: MockConfigEntry,
    site: Site,
    freezer: FrozenDateTimeFactory,
) -> None:
    nobody(site)
    await seen(hass)
    driver.error_at.clear()
    await pass_time(hass, freezer, PAUSES_SECONDS[0])
    site.driver.error = None
    for seconds in PAUSES_SECONDS[1:]:
        await pass_time(hass, freezer, seconds)
    assert gone.data == ENTRY_DATA
    assert len(site.connections) == 1


async def test_a_removed_recorder_is_looked_for_nowhere(
    hass: HomeAssistant, gone: MockConfigEntry, site: Site, freezer: FrozenDateTimeFactory
) -> None:
    nobody(site)
    await seen(hass)
    await hass.config_entries.async_remove(gone.entry_id)
    await pass_time(hass, freezer, PAUSES_SECONDS[0])
    assert len(site.connections) == 1


async def test_a_password_is_not_given_away_there(
    hass: HomeAssistant, gone: MockConfigEntry, driver: FakeDriver, site: Site
) -> None:
    await seen(hass)
    await hass.async_block_till_done()
    assert [connection.digest_only for connection in site.connections] == [True]
    assert driver.connection.host == NEW_IP
    assert not driver.connection.digest_only


async def test_what_a_stranger_at_the_old_address_refused_is_tried_at_the_new_one(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry, site: Site
) -> None:
    driver.error_at[OLD_IP] = AuthenticationError("a camera that was given the address")
    guard = await async_guard_of(hass, loaded_entry.entry_id)
    for _ in range(2):
        guard.refuse(AuthenticationError("refused"))
    assert (await seen(hass))["reason"] == "recorder_moved"
    await hass.async_block_till_done()
    assert loaded_entry.state is ConfigEntryState.LOADED
    assert not (await async_guard_of(hass, loaded_entry.entry_id)).refused


@pytest.mark.parametrize(("refused_before", "tries"), [(True, 1), (False, 2)])
async def test_a_refusal_there_is_not_asked_for_again_and_again(
    hass: HomeAssistant,
    gone: MockConfigEntry,
    site: Site,
    freezer: FrozenDateTimeFactory,
    refused_before: bool,
    tries: int,
) -> None:
    """A recorder that boots refuses right passwords; who was refused before has no such excuse."""
    if refused_before:
        (await async_guard_of(hass, gone.entry_id)).refuse(AuthenticationError("refused"))
    site.driver.error = AuthenticationError("refused")
    assert (await seen(hass))["reason"] == "cannot_connect"
    for seconds in PAUSES_SECONDS:
        await pass_time(hass, freezer, seconds)
    for _ in range(3):
        await seen(hass)
    assert site.driver.calls == {"connect": tries}
    assert gone.data == ENTRY_DATA


NAME = "recorder.home"


class TestName:
    """A recorder that a user gave by a name, which leads to it wherever it is, if the router keeps it up."""

    @pytest.fixture
    async def leads_to(self, hass: HomeAssistant) -> AsyncIterator[list[str]]:
        """Say where names lead."""
        addresses: list[str] = []

        async def resolve(name: str, *, family: int) -> list[dict[str, str]]:
            assert name == NAME
            return [{"host": address} for address in addresses]

        async_get_clientsession(hass)
        with patch.object(hass.data[DATA_RESOLVER], "resolve", resolve):
            yield addresses

    @pytest.fixture
    async def gone(
        self,
        hass: HomeAssistant,
        leads_to: list[str],
        entry: MockConfigEntry,
        gone: MockConfigEntry,
        driver: FakeDriver,
    ) -> MockConfigEntry:
        """Let it be no longer where the name leads to."""
        hass.config_entries.async_update_entry(entry, data={**ENTRY_DATA, CONF_HOST: NAME})
        await hass.config_entries.async_reload(entry.entry_id)
        driver.error_at = {NAME: CannotConnectError("no route")}
        return gone

    async def test_it_is_kept_where_it_leads_to_the_recorder(
        self,
        hass: HomeAssistant,
        gone: MockConfigEntry,
        site: Site,
        leads_to: list[str],
        driver: FakeDriver,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        leads_to.append(OLD_IP)
        await seen(hass)
        leads_to[:] = [NEW_IP]
        await pass_time(hass, freezer, PAUSES_SECONDS[0])
        driver.error_at.clear()
        await pass_time(hass, freezer, PAUSES_SECONDS[1])
        assert gone.data == {**ENTRY_DATA, CONF_HOST: NAME}
        assert [one.host for one in site.connections] == [NAME]

    async def test_it_is_given_up_where_it_leads_elsewhere_for_long(
        self,
        hass: HomeAssistant,
        gone: MockConfigEntry,
        site: Site,
        leads_to: list[str],
        freezer: FrozenDateTimeFactory,
    ) -> None:
        leads_to.append(OLD_IP)
        assert (await seen(hass))["reason"] == "cannot_connect"
        assert site.connections == []
        for seconds in PAUSES_SECONDS[:LOOKS_BY_NAME]:
            assert gone.data[CONF_HOST] == NAME
            await pass_time(hass, freezer, seconds)
        assert gone.data == {**ENTRY_DATA, CONF_HOST: NEW_IP}
        assert gone.state is ConfigEntryState.LOADED
