"""Which guard judges an entry's credentials, and for how long: over drivers, reloads and restarts."""

import asyncio
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import AccountLockedError, AuthenticationError
from custom_components.nvr.drivers.guard import MAX_LOCK_SECONDS, RETRY_AFTER_SECONDS
from custom_components.nvr.guards import (
    DATA_GUARDS,
    MOST_ADDRESSES,
    async_forget_guard,
    async_guard_elsewhere,
    async_guard_of,
    guard_state,
)
from tests.fake_driver import FakeDriver
from tests.flow_fixtures import Site
from tests.flow_walk import send


async def restart(hass: HomeAssistant, entry: MockConfigEntry | None = None) -> None:
    """Let everything be forgotten but what is stored, and set up as a start does."""
    await hass.async_block_till_done()
    if entry is not None:
        await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop(DATA_GUARDS, None)
    if entry is not None:
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()


async def test_each_entry_has_its_own(hass: HomeAssistant) -> None:
    guard = await async_guard_of(hass, "a")
    assert await async_guard_of(hass, "a") is guard
    assert await async_guard_of(hass, "b") is not guard
    await async_forget_guard(hass, "a")
    await async_forget_guard(hass, "a")
    assert await async_guard_of(hass, "a") is not guard


async def test_who_asks_at_the_same_time_gets_the_same(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    load = Store.async_load

    async def read_slowly(store: Store[Any]) -> Any:
        found = await load(store)
        await asyncio.sleep(0)
        return found

    (await async_guard_of(hass, "a")).refuse(AuthenticationError("refused"))
    await restart(hass)
    with patch.object(Store, "async_load", read_slowly):
        one, other = await asyncio.gather(async_guard_of(hass, "a"), async_guard_of(hass, "a"))
        assert one is other
        await restart(hass)
        _, new = await asyncio.gather(async_forget_guard(hass, "a"), async_guard_of(hass, "a"))
    assert one.refused
    assert not new.refused


async def test_what_was_refused_elsewhere_is_not_tried_there_after_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    (await async_guard_of(hass, "a")).refuse(AuthenticationError("refused"))
    elsewhere = await async_guard_elsewhere(hass, "a", "192.0.2.9")
    assert elsewhere is not None
    elsewhere.check()
    elsewhere.refuse(AuthenticationError("refused"))
    await restart(hass)
    elsewhere = await async_guard_elsewhere(hass, "a", "192.0.2.9")
    assert elsewhere is not None
    assert elsewhere.final
    await async_forget_guard(hass, "a")
    elsewhere = await async_guard_elsewhere(hass, "a", "192.0.2.9")
    assert elsewhere is not None
    assert not elsewhere.refused


async def test_credentials_are_tried_at_few_addresses(hass: HomeAssistant) -> None:
    hosts = [f"192.0.2.{number}" for number in range(MOST_ADDRESSES + 2)]
    guards = [await async_guard_elsewhere(hass, "a", host) for host in hosts]
    assert None not in guards[:MOST_ADDRESSES]
    assert guards[MOST_ADDRESSES:] == [None, None]


async def test_credentials_of_an_entry_count_as_proven(hass: HomeAssistant) -> None:
    """They get one more try, unlike ones that never worked."""
    guard = await async_guard_of(hass, "a")
    guard.refuse(AuthenticationError("booting"))
    assert guard.refused
    assert not guard.final


async def test_nothing_is_stored_as_long_as_all_is_well(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    (await async_guard_of(hass, "a")).accept()
    await hass.async_block_till_done()
    assert hass_storage == {}


async def test_what_was_judged_outlives_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    guard = await async_guard_of(hass, "a")
    guard.refuse(AccountLockedError("locked", seconds_left=600))
    await restart(hass)
    freezer.tick(300)
    again = await async_guard_of(hass, "a")
    assert again is not guard
    assert again.refused
    with pytest.raises(AccountLockedError) as raised:
        again.check()
    assert raised.value.seconds_left is not None
    assert 0 < raised.value.seconds_left <= 600


async def test_a_login_on_its_way_when_home_assistant_was_killed_counts(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    (await async_guard_of(hass, "a")).refuse(AuthenticationError("refused"))
    tries = 0
    for _ in range(10):
        await restart(hass)
        freezer.tick(MAX_LOCK_SECONDS)
        guard = await async_guard_of(hass, "a")
        try:
            guard.check()
        except AuthenticationError:
            continue
        tries += 1
        await restart(hass)
    assert tries <= 3
    assert guard.final


async def test_other_credentials_are_judged_anew_also_after_a_restart(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    guard = await async_guard_of(hass, "a")
    guard.refuse(AuthenticationError("refused"))
    await hass.async_block_till_done()
    assert "nvr.a.guard" in hass_storage
    await async_forget_guard(hass, "a")
    guard.refuse(AuthenticationError("the driver before has not been closed yet"))
    await restart(hass)
    assert "nvr.a.guard" not in hass_storage
    assert not (await async_guard_of(hass, "a")).refused


async def test_a_file_of_nonsense_is_no_refusal(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage["nvr.a.guard"] = {"version": 1, "data": {"phase": "asleep", "try_at": "soon"}}
    assert not (await async_guard_of(hass, "a")).refused


async def test_reloads_and_restarts_buy_no_try(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    site: Site,
) -> None:
    driver.error = AuthenticationError("another password")
    driver.calls.clear()
    for _ in range(4):
        await restart(hass, loaded_entry)
        await hass.config_entries.async_reload(loaded_entry.entry_id)
    assert sum(driver.calls.values()) == 1
    assert loaded_entry.state is ConfigEntryState.SETUP_RETRY
    freezer.tick(RETRY_AFTER_SECONDS + 1)
    (await async_guard_of(hass, loaded_entry.entry_id))._try_at = 0.0
    await hass.config_entries.async_reload(loaded_entry.entry_id)
    assert sum(driver.calls.values()) == 2
    for _ in range(4):
        freezer.tick(MAX_LOCK_SECONDS)
        await restart(hass, loaded_entry)
        await hass.config_entries.async_reload(loaded_entry.entry_id)
    assert sum(driver.calls.values()) == 2
    assert loaded_entry.state is ConfigEntryState.SETUP_ERROR
    state = guard_state(hass, loaded_entry.entry_id)
    assert state is not None
    assert state["phase"] == "silent"

    (flow,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    driver.error = None
    result = await send(hass, flow, {CONF_USERNAME: "admin", CONF_PASSWORD: "right"})
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert loaded_entry.state is ConfigEntryState.LOADED
    await restart(hass, loaded_entry)
    assert loaded_entry.state is ConfigEntryState.LOADED


async def test_a_removed_recorder_leaves_nothing(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
) -> None:
    driver.set_refused(True)
    await hass.async_block_till_done()
    assert f"nvr.{loaded_entry.entry_id}.guard" in hass_storage
    await hass.config_entries.async_remove(loaded_entry.entry_id)
    await hass.async_block_till_done()
    assert [key for key in hass_storage if key.startswith("nvr")] == []
