"""What a user may choose of a recorder that is set up, and what becomes of it."""

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import RELOAD_AFTER_UPDATE_DELAY, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.nvr.const import (
    CONF_AREAS,
    CONF_CHANNELS,
    CONF_DEFAULT_STREAMS,
    CONF_FREE_GIGABYTES,
    CONF_HIDDEN_CHANNELS,
    CONF_MEDIA_FOLDER,
    CONF_QUEUE_LIMIT,
    DOMAIN,
    SECTION_DEFAULT_STREAMS,
    SECTION_LIMITS,
)
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.identity import channel_identifier
from custom_components.nvr.shared import DATA_LIBRARY, media_folder
from tests.action_fixtures import FRONT
from tests.entry_fixtures import ENTRY_DATA
from tests.fake_driver import SERIAL, FakeDriver, channel, recorder_state

YARD, YARD_SUB = "camera.yard", "camera.yard_sub_stream"


async def open_options(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the form."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    return form


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **chosen: Any) -> None:
    """Send the form with some fields filled otherwise, and wait until the entry is set up anew."""
    await send(hass, await open_options(hass, entry), **chosen)


async def send(hass: HomeAssistant, form: Any, **chosen: Any) -> None:
    """Send a form that is open with some fields filled otherwise, and wait as well."""
    result: Any = await hass.config_entries.options.async_configure(form["flow_id"], chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


def fields_of(form: Any) -> dict[str, Any]:
    """Return the fields of a form with what they are filled with."""
    return {
        str(key): key.default() if callable(key.default) else None
        for key in form["data_schema"].schema
    }


def has_device(hass: HomeAssistant, entry: MockConfigEntry, number: int) -> bool:
    """Return whether a channel has a device."""
    wanted = channel_identifier(SERIAL, number)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return any(wanted in device.identifiers for device in devices)


async def test_nothing_changes_where_nothing_is_chosen(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    form = await open_options(hass, loaded_entry)
    assert fields_of(form) == {
        CONF_CHANNELS: ["1", "2", "3"],
        SECTION_DEFAULT_STREAMS: {},
        CONF_MEDIA_FOLDER: "local",
        SECTION_LIMITS: {},
    }
    cameras = set(hass.states.async_entity_ids("camera"))
    await choose(hass, loaded_entry)
    assert loaded_entry.state is ConfigEntryState.LOADED
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == []
    assert set(hass.states.async_entity_ids("camera")) == cameras


async def test_channel_that_nobody_wants_goes_and_comes_back(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    await choose(hass, loaded_entry, **{CONF_CHANNELS: ["1", "3"]})
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == [2]
    assert not has_device(hass, loaded_entry, 2)
    assert hass.states.get(YARD_SUB) is None
    assert hass.states.get(FRONT) is not None
    # It can be picked again, as the form shows what the recorder lists.
    form = await open_options(hass, loaded_entry)
    assert fields_of(form)[CONF_CHANNELS] == ["1", "3"]
    await choose(hass, loaded_entry, **{CONF_CHANNELS: ["1", "2", "3"]})
    assert has_device(hass, loaded_entry, 2)
    assert hass.states.get(YARD_SUB) is not None


async def test_recorder_of_which_nobody_wants_a_channel_has_no_device_of_any(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    await choose(hass, loaded_entry, **{CONF_CHANNELS: []})
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == [1, 2, 3]
    assert not any(has_device(hass, loaded_entry, number) for number in (1, 2, 3))
    assert hass.states.async_entity_ids("camera") == []


async def test_new_channel_appears_whatever_is_hidden(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    await choose(hass, loaded_entry, **{CONF_CHANNELS: ["1"]})
    driver.answer = recorder_state(channel(1), channel(2), channel(3), channel(4, "Attic"))
    await loaded_entry.runtime_data.coordinator.async_refresh()
    await hass.async_block_till_done()
    assert has_device(hass, loaded_entry, 4)
    assert not has_device(hass, loaded_entry, 2)


async def test_default_stream_is_the_camera_that_is_enabled(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    # Its main stream is H.265, so that the sub stream suits most people.
    assert entity_registry.entities[YARD].disabled_by is er.RegistryEntryDisabler.INTEGRATION
    await choose(hass, loaded_entry, **{SECTION_DEFAULT_STREAMS: {"2 · Yard": "main"}})
    assert loaded_entry.options[CONF_DEFAULT_STREAMS]["2"] == "main"
    assert hass.states.get(YARD) is not None
    assert hass.states.get(YARD_SUB) is None
    assert entity_registry.entities[YARD_SUB].disabled_by is er.RegistryEntryDisabler.INTEGRATION


async def test_default_stream_sets_the_entry_up_anew_once(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, made_drivers: list[FakeDriver]
) -> None:
    await choose(hass, loaded_entry, **{SECTION_DEFAULT_STREAMS: {"2 · Yard": "main"}})
    assert len(made_drivers) == 2
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=RELOAD_AFTER_UPDATE_DELAY + 1))
    await hass.async_block_till_done()
    assert len(made_drivers) == 2


@pytest.mark.parametrize(
    "disabled_by", [er.RegistryEntryDisabler.USER, er.RegistryEntryDisabler.DEVICE, None]
)
async def test_camera_that_a_user_disabled_or_enabled_stays_so(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
    disabled_by: er.RegistryEntryDisabler | None,
) -> None:
    entity_registry.async_update_entity(YARD, disabled_by=disabled_by)
    changes = async_capture_events(hass, er.EVENT_ENTITY_REGISTRY_UPDATED)
    await choose(hass, loaded_entry, **{SECTION_DEFAULT_STREAMS: {"2 · Yard": "main"}})
    assert entity_registry.entities[YARD].disabled_by is disabled_by
    assert YARD not in {change.data["entity_id"] for change in changes}


async def test_media_folder_is_one_for_all_recorders(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    other = MockConfigEntry(domain=DOMAIN, unique_id="OTHER", data=ENTRY_DATA)
    other.add_to_hass(hass)
    hass.config.media_dirs["nas"] = hass.config.path("nas")
    await choose(hass, loaded_entry, **{CONF_MEDIA_FOLDER: "nas"})
    assert media_folder(hass) == ("nas", hass.config.path("nas"))
    assert other.options[CONF_MEDIA_FOLDER] == "nas"
    # One that is gone counts no more.
    del hass.config.media_dirs["nas"]
    assert media_folder(hass)[0] == "local"


async def test_limits(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    await choose(
        hass, loaded_entry, **{SECTION_LIMITS: {CONF_QUEUE_LIMIT: 1, CONF_FREE_GIGABYTES: 50_000}}
    )
    assert hass.data[DATA_LIBRARY].reserve_bytes == 50_000_000_000_000
    assert loaded_entry.runtime_data.clips.unfinished == ()


async def test_recorder_that_is_not_loaded_keeps_its_channels(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_HIDDEN_CHANNELS: [2]})
    form = await open_options(hass, entry)
    assert list(fields_of(form)) == [CONF_MEDIA_FOLDER, SECTION_LIMITS]
    result: Any = await hass.config_entries.options.async_configure(
        form["flow_id"], {SECTION_LIMITS: {CONF_QUEUE_LIMIT: 5}}
    )
    assert result["data"][CONF_HIDDEN_CHANNELS] == [2]
    assert result["data"][CONF_QUEUE_LIMIT] == 5


async def test_recorder_that_comes_while_the_form_is_open_is_asked_nothing_more(
    hass: HomeAssistant, entry: MockConfigEntry, driver: FakeDriver, made_drivers: list[FakeDriver]
) -> None:
    driver.error = CannotConnectError("refused")
    hass.config_entries.async_update_entry(entry, options={CONF_HIDDEN_CHANNELS: [2]})
    assert not await hass.config_entries.async_setup(entry.entry_id)
    form = await open_options(hass, entry)
    driver.error = None
    assert await hass.config_entries.async_reload(entry.entry_id)
    await send(hass, form, **{SECTION_LIMITS: {CONF_QUEUE_LIMIT: 5}})
    assert entry.options[CONF_HIDDEN_CHANNELS] == [2]
    assert entry.options[CONF_QUEUE_LIMIT] == 5


async def test_recorder_that_goes_while_the_form_is_open_keeps_what_is_chosen(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    driver: FakeDriver,
    entity_registry: er.EntityRegistry,
) -> None:
    form = await open_options(hass, loaded_entry)
    driver.error = CannotConnectError("refused")
    assert not await hass.config_entries.async_reload(loaded_entry.entry_id)
    await send(
        hass,
        form,
        **{CONF_CHANNELS: ["2", "3"], SECTION_DEFAULT_STREAMS: {"2 · Yard": "main"}},
    )
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == [1]
    assert loaded_entry.options[CONF_DEFAULT_STREAMS]["2"] == "main"
    assert entity_registry.entities[YARD].disabled_by is None


async def test_form_is_about_the_channels_that_it_shows(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    form = await open_options(hass, loaded_entry)
    renamed, new = channel(2, "Court", main_codec="H.265"), channel(4, "Attic")
    driver.answer = recorder_state(channel(1), renamed, channel(3), new)
    await loaded_entry.runtime_data.coordinator.async_refresh()
    await send(hass, form, **{SECTION_DEFAULT_STREAMS: {"2 · Yard": "main"}})
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == []
    assert loaded_entry.options[CONF_DEFAULT_STREAMS]["2"] == "main"


async def test_what_was_chosen_of_a_channel_that_is_not_listed_now_stays(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, driver: FakeDriver
) -> None:
    hidden = {CONF_HIDDEN_CHANNELS: [3, 9], CONF_DEFAULT_STREAMS: {"9": "sub"}}
    hass.config_entries.async_update_entry(loaded_entry, options=hidden)
    await choose(hass, loaded_entry, **{CONF_CHANNELS: ["1", "3"]})
    assert loaded_entry.options[CONF_HIDDEN_CHANNELS] == [2, 9]
    assert loaded_entry.options[CONF_DEFAULT_STREAMS]["9"] == "sub"


@pytest.mark.parametrize(("wanted", "area"), [(True, "Front door"), (False, None)])
async def test_area_of_a_new_camera_comes_from_its_name(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    wanted: bool,
    area: str | None,
    made_drivers: list[FakeDriver],
) -> None:
    hass.config_entries.async_update_entry(entry, options={CONF_AREAS: wanted})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    wanted_id = channel_identifier(SERIAL, 1)
    (device,) = (
        one
        for one in dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        if wanted_id in one.identifiers
    )
    known = None if device.area_id is None else area_registry.async_get_area(device.area_id)
    assert (None if known is None else known.name) == area
