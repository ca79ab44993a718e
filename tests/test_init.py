"""Set-up, unload and removal of an entry, and the devices it makes."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.nvr.const import CONF_FINGERPRINT, CONF_TLS, DOMAIN
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    InvalidAnswerError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS
from custom_components.nvr.guards import async_guard_of
from tests.fake_driver import MAC, RECORDER, SERIAL, FakeDriver, channel, recorder_state
from tests.polling import poll


async def test_devices_of_recorder_and_channels(
    device_registry: dr.DeviceRegistry, loaded_entry: MockConfigEntry
) -> None:
    recorder = device_registry.async_get_device_by_identifier(
        (DOMAIN, SERIAL), loaded_entry.entry_id
    )
    assert recorder is not None
    assert recorder.id == loaded_entry.runtime_data.device_id
    assert recorder.name == "Garage NVR"
    assert recorder.manufacturer == "Fake"
    assert recorder.model == "NVR-16"
    assert recorder.sw_version == "V4.61.025"
    assert recorder.hw_version == "0x1"
    assert recorder.serial_number == SERIAL
    assert recorder.connections == {(dr.CONNECTION_NETWORK_MAC, MAC)}
    assert recorder.configuration_url == "http://127.0.0.1:8080"

    yard = device_registry.async_get_device_by_identifier(
        (DOMAIN, f"{SERIAL}_2"), loaded_entry.entry_id
    )
    assert yard is not None
    assert yard.name == "Yard"
    assert yard.via_device_id == recorder.id
    assert yard.model == "CAM-4"
    assert yard.serial_number == "CAM0002"


async def test_configuration_url_follows_tls(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        data={
            **entry.data,
            CONF_TLS: True,
            CONF_FINGERPRINT: "5a" * 32,
            CONF_HOST: "fe80::1",
        },
    )
    await hass.config_entries.async_setup(entry.entry_id)
    recorder = device_registry.async_get(entry.runtime_data.device_id)
    assert isinstance(recorder, dr.DeviceEntry)
    assert recorder.configuration_url == "https://[fe80::1]:8080"


async def test_recorder_without_serial_is_known_by_its_mac(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
) -> None:
    driver.answer = replace(recorder_state(), recorder=replace(RECORDER, serial=""))
    hass.config_entries.async_update_entry(entry, unique_id=MAC)
    await hass.config_entries.async_setup(entry.entry_id)
    assert device_registry.async_get_device_by_identifier((DOMAIN, MAC), entry.entry_id)


async def test_new_channel_appears_and_vanished_one_goes(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    def device(number: int) -> dr.DeviceEntry | None:
        return device_registry.async_get_device_by_identifier(
            (DOMAIN, f"{SERIAL}_{number}"), loaded_entry.entry_id
        )

    driver.answer = recorder_state(channel(1, "Front door"), channel(4, "Garden"))
    await poll(hass, freezer)
    garden = device(4)
    assert garden is not None
    assert garden.name == "Garden"
    assert hass.states.get("camera.garden")
    assert device(2) is None
    assert device(3) is None
    assert entity_registry.async_get_entity_id("camera", DOMAIN, f"{SERIAL}_2_sub") is None
    assert hass.states.get("binary_sensor.yard_online") is None

    # What was removed comes back as whole as it was.
    driver.answer = recorder_state()
    await poll(hass, freezer)
    assert device(2) is not None
    assert hass.states.get("camera.yard_sub_stream")


async def test_empty_channel_list_proves_nothing(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = replace(recorder_state(), channels=())
    await poll(hass, freezer)
    devices = dr.async_entries_for_config_entry(device_registry, loaded_entry.entry_id)
    assert len(devices) == 4
    state = hass.states.get("binary_sensor.yard_online")
    assert state is not None
    assert state.state == "unavailable"


async def test_renamed_channel_renames_its_device(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = recorder_state(channel(1, "Gate"))
    await poll(hass, freezer)
    gate = device_registry.async_get_device_by_identifier(
        (DOMAIN, f"{SERIAL}_1"), loaded_entry.entry_id
    )
    assert gate is not None
    assert gate.name == "Gate"


async def test_the_registry_is_told_only_what_changed(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    before = recorder_state()
    front, yard, garden = before.channels
    with patch.object(
        device_registry, "async_get_or_create", wraps=device_registry.async_get_or_create
    ) as told:
        yard = replace(yard, online=False, recording=False)
        driver.answer = replace(before, channels=(front, yard, garden), disks=())
        await poll(hass, freezer)
        assert told.call_count == 0
        driver.answer = replace(before, channels=(replace(front, name="Gate"), yard, garden))
        await poll(hass, freezer)
        assert [call.kwargs["name"] for call in told.call_args_list] == ["Gate"]
        told.reset_mock()
        driver.answer = replace(driver.answer, recorder=replace(RECORDER, firmware="V5"))
        await poll(hass, freezer)
        assert [call.kwargs["sw_version"] for call in told.call_args_list] == ["V5"]


async def test_delete_button_only_for_what_the_recorder_lists_no_more(
    hass: HomeAssistant,
    device_registry: dr.DeviceRegistry,
    loaded_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    stale = device_registry.async_get_or_create(
        config_entry_id=loaded_entry.entry_id, identifiers={(DOMAIN, f"{SERIAL}_99")}
    )
    listed = device_registry.async_get_device_by_identifier(
        (DOMAIN, f"{SERIAL}_1"), loaded_entry.entry_id
    )
    assert listed is not None
    for device_id, allowed in (
        (stale.id, True),
        (listed.id, False),
        (loaded_entry.runtime_data.device_id, False),
    ):
        answer = await client.remove_device(device_id)
        assert answer["success"] is allowed

    await hass.config_entries.async_unload(loaded_entry.entry_id)
    assert not (await client.remove_device(listed.id))["success"]


async def test_unreachable_recorder_is_tried_again(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.error = CannotConnectError("no route")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    assert driver.closed

    driver.error = None
    freezer.tick(10)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED


async def test_refusal_at_start_gets_one_more_try_after_a_minute_then_reauth(
    hass: HomeAssistant,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.error = AuthenticationError("refused")
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert driver.calls == {"connect": 1}

    # Home Assistant's own quick retries don't reach the recorder.
    freezer.tick(RETRY_AFTER_SECONDS - 1)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "invalid_auth"
    assert driver.calls == {"connect": 1}

    freezer.tick(2)
    await hass.config_entries.async_reload(entry.entry_id)
    assert driver.calls == {"connect": 2}
    assert entry.state is ConfigEntryState.SETUP_ERROR
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH]


async def test_recorder_that_boots_is_forgiven_its_refusal(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
) -> None:
    driver.error = AuthenticationError("booting")
    await poll(hass, freezer)
    driver.error = None
    await poll(hass, freezer)
    assert loaded_entry.runtime_data.coordinator.last_update_success
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert not (await async_guard_of(hass, loaded_entry.entry_id)).refused


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationError("refused", tries_left=3),
        AccountLockedError("locked", seconds_left=30),
    ],
)
async def test_second_refusal_asks_for_credentials_and_ends_the_polls(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    error: AuthenticationError,
) -> None:
    driver.error = error
    await poll(hass, freezer)
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    freezer.tick(RETRY_AFTER_SECONDS + 1)
    await poll(hass, freezer)
    assert len(hass.config_entries.flow.async_progress_by_handler(DOMAIN)) == 1
    polls = driver.calls["poll"]
    await poll(hass, freezer)
    assert driver.calls["poll"] == polls


async def test_outage_is_logged_once_and_recovery_once(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    driver.error = InvalidAnswerError("half an answer")
    for _ in range(3):
        await poll(hass, freezer)
    assert caplog.text.count("Error fetching Garage NVR data") == 1
    driver.error = None
    await poll(hass, freezer)
    assert caplog.text.count("Fetching Garage NVR data recovered") == 1


async def test_set_up_asks_the_recorder_once(
    driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    assert driver.calls == {"connect": 1}


async def test_unload_leaves_nothing_running(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    assert driver.listeners > 0
    assert await hass.config_entries.async_unload(loaded_entry.entry_id)
    await hass.async_block_till_done()
    assert driver.closed
    assert driver.listeners == 0


class TestAnotherRecorder:
    """The recorder's address was given to another one, that knows the same password."""

    OTHER = replace(recorder_state(), recorder=replace(RECORDER, serial="OTHER0002"))

    async def test_is_not_set_up(
        self,
        hass: HomeAssistant,
        device_registry: dr.DeviceRegistry,
        driver: FakeDriver,
        entry: MockConfigEntry,
        made_drivers: list[FakeDriver],
        hass_storage: dict[str, Any],
        freezer: FrozenDateTimeFactory,
    ) -> None:
        driver.answer = self.OTHER
        driver.learned = {"search": "as the other one does"}
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.SETUP_RETRY
        assert entry.error_reason_translation_key == "wrong_recorder"
        assert driver.closed
        assert not dr.async_entries_for_config_entry(device_registry, entry.entry_id)
        assert f"nvr.{entry.entry_id}" not in hass_storage

        driver.answer = recorder_state()
        freezer.tick(10)
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert entry.state is ConfigEntryState.LOADED

    async def test_ends_what_ran(
        self,
        hass: HomeAssistant,
        driver: FakeDriver,
        loaded_entry: MockConfigEntry,
        hass_storage: dict[str, Any],
        freezer: FrozenDateTimeFactory,
    ) -> None:
        driver.answer = self.OTHER
        driver.learned = {"search": "as the other one does"}
        await poll(hass, freezer)
        await poll(hass, freezer)
        assert loaded_entry.state is ConfigEntryState.SETUP_RETRY
        camera = hass.states.get("camera.front_door")
        assert camera is not None
        assert camera.state == "unavailable"
        assert f"nvr.{loaded_entry.entry_id}" not in hass_storage

    async def test_is_asked_who_it_is_after_an_outage(
        self,
        hass: HomeAssistant,
        driver: FakeDriver,
        loaded_entry: MockConfigEntry,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        driver.error = CannotConnectError("unplugged")
        await poll(hass, freezer)
        driver.error = None
        driver.calls.clear()
        await poll(hass, freezer)
        await poll(hass, freezer)
        assert driver.calls == {"connect": 1, "poll": 1}
