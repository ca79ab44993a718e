"""What a driver learned is kept over restarts, and goes with the entry."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.memory import DriverMemory, hand_over
from tests.fake_driver import FakeDriver
from tests.polling import poll


async def test_driver_finds_again_what_it_learned(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    hass_storage: dict[str, Any],
) -> None:
    driver.learned = {"search": {"dialect": "v2"}}
    await hass.config_entries.async_setup(entry.entry_id)
    assert driver.initial_memory == {}
    await hass.config_entries.async_reload(entry.entry_id)
    assert driver.initial_memory == {"search": {"dialect": "v2"}}
    assert hass_storage[f"nvr.{entry.entry_id}"]["data"] == {"search": {"dialect": "v2"}}


async def test_memory_is_written_a_little_after_it_changed(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.learned = {"clock": "utc"}
    await poll(hass, freezer)
    await poll(hass, freezer)
    assert hass_storage[f"nvr.{loaded_entry.entry_id}"]["data"] == {"clock": "utc"}


async def test_removal_removes_what_was_remembered(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    hass_storage: dict[str, Any],
) -> None:
    driver.learned = {"search": "v2"}
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    assert f"nvr.{entry.entry_id}" in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    assert f"nvr.{entry.entry_id}" not in hass_storage


async def test_memory_flush_writes_only_what_is_new(
    hass: HomeAssistant, driver: FakeDriver, hass_storage: dict[str, Any]
) -> None:
    memory = DriverMemory(hass, "abc")
    assert await memory.async_load() == {}
    memory.follow(driver)
    await memory.async_flush()
    assert "nvr.abc" not in hass_storage


async def test_what_is_learned_between_polls_is_written_at_unload(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    driver.learned = {"download": "by name"}
    await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert hass_storage[f"nvr.{loaded_entry.entry_id}"]["data"] == {"download": "by name"}


async def test_what_is_learned_between_polls_is_written_at_the_end(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    driver.learned = {"download": "by name"}
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert hass_storage[f"nvr.{loaded_entry.entry_id}"]["data"] == {"download": "by name"}


async def test_what_was_learned_while_a_recorder_was_added_is_taken_over_once(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    hass_storage: dict[str, Any],
) -> None:
    hand_over(hass, "another", {"search": "v1"})
    hand_over(hass, str(entry.unique_id), {"search": "v2"})
    await hass.config_entries.async_setup(entry.entry_id)
    assert driver.initial_memory == {"search": "v2"}
    # What it learned since then is newer, also where that is nothing.
    await hass.config_entries.async_reload(entry.entry_id)
    assert driver.initial_memory == {}


async def test_what_was_learned_while_a_recorder_was_added_survives_a_first_set_up_that_fails(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    hass_storage: dict[str, Any],
) -> None:
    hand_over(hass, str(entry.unique_id), {"search": "v2"})
    driver.error = CannotConnectError("busy")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    driver.error = None
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert driver.initial_memory == {"search": "v2"}
