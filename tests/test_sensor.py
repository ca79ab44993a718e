"""Sensors of recorder, channels, streams and disks."""

from dataclasses import replace
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import (
    Channel,
    Clock,
    Disk,
    DiskState,
    OfflineReason,
    RecorderState,
    Stream,
    StreamName,
)
from custom_components.nvr.sensor import channel_status, resolution
from tests.fake_driver import SERIAL, FakeDriver, channel, offline, recorder_state
from tests.polling import poll


def value(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of a sensor."""
    state = hass.states.get(f"sensor.{entity_id}")
    assert state is not None, entity_id
    return state.state


def attribute(hass: HomeAssistant, entity_id: str, name: str) -> object:
    """Return an attribute of a sensor."""
    state = hass.states.get(f"sensor.{entity_id}")
    assert state is not None, entity_id
    return state.attributes[name]


@pytest.fixture
def all_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable also what is disabled from the beginning."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


@pytest.mark.usefixtures("all_enabled")
@pytest.mark.parametrize(
    ("entity_id", "expected"),
    [
        ("garage_nvr_clock_offset", "2.0"),
        ("garage_nvr_last_boot", "2026-11-01T06:30:00+00:00"),
        ("garage_nvr_disk_1_state", "ok"),
        ("garage_nvr_disk_1_capacity", "4000.0"),
        ("garage_nvr_disk_1_free", "250.0"),
        ("front_door_status", "online"),
        ("front_door_oldest_recording", "2026-09-01T00:00:00+00:00"),
        ("front_door_newest_recording", "2026-11-21T09:00:00+00:00"),
        ("front_door_main_stream_codec", "H.264"),
        ("front_door_main_stream_resolution", "1920x1080"),
        ("front_door_main_stream_frame_rate", "25.0"),
        ("front_door_main_stream_bitrate", "4096"),
        ("yard_main_stream_codec", "H.265"),
        ("yard_newest_recording", "unknown"),
        ("camera_3_status", "unreachable"),
        ("camera_3_oldest_recording", "unknown"),
    ],
)
async def test_values(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, entity_id: str, expected: str
) -> None:
    assert value(hass, entity_id) == expected


@pytest.mark.usefixtures("all_enabled")
async def test_units(hass: HomeAssistant, loaded_entry: MockConfigEntry) -> None:
    unit = "unit_of_measurement"
    assert attribute(hass, "garage_nvr_disk_1_free", unit) == "GB"
    assert attribute(hass, "garage_nvr_clock_offset", unit) == "s"
    assert attribute(hass, "front_door_main_stream_bitrate", unit) == "kbit/s"
    assert attribute(hass, "front_door_main_stream_frame_rate", unit) == "Hz"


async def test_all_are_diagnostic_and_those_that_few_look_at_are_disabled(
    entity_registry: er.EntityRegistry, loaded_entry: MockConfigEntry
) -> None:
    sensors = {
        entity.unique_id: entity
        for entity in er.async_entries_for_config_entry(entity_registry, loaded_entry.entry_id)
        if entity.domain == "sensor"
    }
    assert {one.entity_category for one in sensors.values()} == {EntityCategory.DIAGNOSTIC}
    assert sensors[f"{SERIAL}_1_sub_codec"].disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert sensors[f"{SERIAL}_1_main_codec"].disabled_by is None
    assert sensors[f"{SERIAL}_1_main_bitrate"].disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert (
        sensors[f"{SERIAL}_1_main_frame_rate"].disabled_by is er.RegistryEntryDisabler.INTEGRATION
    )
    assert sensors[f"{SERIAL}_disk1_disk_free"].disabled_by is None


async def test_recorder_that_does_not_answer(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.error = CannotConnectError("unplugged")
    await poll(hass, freezer)
    for entity_id in ("garage_nvr_disk_1_state", "front_door_status", "camera_3_oldest_recording"):
        assert value(hass, entity_id) == "unavailable"
    driver.error = None
    await poll(hass, freezer)
    assert value(hass, "front_door_status") == "online"


async def test_disk_that_is_new_or_pulled(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    second = Disk(number=2, name="hdd2", state=DiskState.UNKNOWN)
    driver.answer = replace(recorder_state(), disks=(*recorder_state().disks, second))
    await poll(hass, freezer)
    assert value(hass, "garage_nvr_disk_2_state") == "unknown"
    assert value(hass, "garage_nvr_disk_2_free") == "unknown"

    driver.answer = replace(recorder_state(), disks=(second,))
    await poll(hass, freezer)
    assert value(hass, "garage_nvr_disk_1_state") == "unavailable"
    driver.answer = recorder_state()
    await poll(hass, freezer)
    assert value(hass, "garage_nvr_disk_1_state") == "ok"


def bare_state() -> RecorderState:
    """Return the state of a recorder that tells hardly anything."""
    silent = replace(channel(1, "Front door"), streams=(Stream(name=StreamName.MAIN),))
    disk = Disk(number=1, name="hdd1", state=DiskState.OK)
    state = recorder_state(silent)
    return replace(state, clock=Clock(), last_boot=None, extents={}, disks=(disk,))


async def test_what_a_recorder_never_says_is_absent_until_it_does(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = bare_state()
    await hass.config_entries.async_setup(entry.entry_id)
    for key in (
        "clock_offset",
        "last_boot",
        *(f"disk1_disk_{what}" for what in ("capacity", "free")),
        *(f"1_main_{what}" for what in ("codec", "resolution", "frame_rate", "bitrate")),
    ):
        assert entity_registry.async_get_entity_id("sensor", DOMAIN, f"{SERIAL}_{key}") is None

    disks = recorder_state().disks
    driver.answer = replace(bare_state(), clock=Clock(offset=timedelta(minutes=-12)), disks=disks)
    await poll(hass, freezer)
    assert value(hass, "garage_nvr_clock_offset") == "-720.0"
    assert value(hass, "garage_nvr_disk_1_capacity") == "4000.0"

    driver.answer = bare_state()
    await poll(hass, freezer)
    assert value(hass, "garage_nvr_clock_offset") == "unknown"


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (channel(1), "online"),
        (replace(channel(1), online=None, reason=OfflineReason.UNKNOWN), None),
        (offline(1, OfflineReason.WRONG_PASSWORD), "wrong_password"),
        (offline(1, OfflineReason.UNKNOWN), "offline"),
        (replace(offline(1), reason=None), "offline"),
    ],
)
def test_status_of_a_channel(one: Channel, status: str | None) -> None:
    assert channel_status(one) == status


def test_resolution_needs_both_sides() -> None:
    assert resolution(Stream(name=StreamName.MAIN, width=640)) is None
    assert resolution(Stream(name=StreamName.MAIN, width=640, height=360)) == "640x360"


async def test_what_a_lost_channel_no_longer_tells_is_unavailable(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = recorder_state(offline(1))
    await poll(hass, freezer)
    assert value(hass, "front_door_main_stream_codec") == "unavailable"
    assert value(hass, "front_door_status") == "unreachable"


async def test_each_reason_is_a_status_that_exists(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    options = attribute(hass, "front_door_status", "options")
    assert isinstance(options, list)
    for reason in OfflineReason:
        driver.answer = recorder_state(offline(1, reason))
        await poll(hass, freezer)
        assert value(hass, "front_door_status") in options
