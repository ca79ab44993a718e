"""Whether recorder, channels and streams are there."""

from dataclasses import replace

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import AuthenticationError, CannotConnectError
from custom_components.nvr.drivers.models import Channel, OfflineReason, StreamName
from tests.fake_driver import SERIAL, FakeDriver, channel, offline, recorder_state, stream
from tests.polling import poll


def shown(hass: HomeAssistant, entity_id: str) -> State:
    """Return what a binary sensor shows."""
    state = hass.states.get(f"binary_sensor.{entity_id}")
    assert state is not None, entity_id
    return state


@pytest.mark.parametrize(
    ("entity_id", "expected"),
    [
        ("garage_nvr_reachable", "on"),
        ("front_door_online", "on"),
        ("front_door_recording", "on"),
        ("front_door_main_stream_alive", "on"),
        ("yard_sub_stream_alive", "on"),
        ("camera_3_online", "off"),
        ("camera_3_recording", "off"),
    ],
)
async def test_values(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, entity_id: str, expected: str
) -> None:
    assert shown(hass, entity_id).state == expected


@pytest.mark.parametrize("error", [CannotConnectError("unplugged"), AuthenticationError("no")])
async def test_unreachable_recorder_is_told_when_all_else_is_unavailable(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    error: CannotConnectError,
) -> None:
    driver.error = error
    await poll(hass, freezer)
    assert shown(hass, "garage_nvr_reachable").state == "off"
    assert shown(hass, "front_door_online").state == "unavailable"
    driver.error = None
    await poll(hass, freezer)
    assert shown(hass, "garage_nvr_reachable").state == "on"
    assert shown(hass, "front_door_online").state == "on"


async def test_offline_channel_tells_the_reason(
    hass: HomeAssistant, loaded_entry: MockConfigEntry
) -> None:
    gone = shown(hass, "camera_3_online").attributes
    assert gone["reason"] == "unreachable"
    assert gone["reason_device"] == "NET_UNREACHABLE"
    assert shown(hass, "front_door_online").attributes["reason"] is None


async def test_a_lost_channel_does_not_tell_whether_its_stream_is_alive(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    driver.answer = recorder_state(offline(1))
    await poll(hass, freezer)
    assert shown(hass, "front_door_main_stream_alive").state == "unavailable"


async def test_online_channel_without_pictures(
    hass: HomeAssistant,
    driver: FakeDriver,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    dead = replace(
        channel(1, "Front door"),
        streams=(stream(StreamName.MAIN, alive=False), stream(StreamName.SUB, alive=None)),
    )
    driver.answer = recorder_state(dead)
    await poll(hass, freezer)
    assert shown(hass, "front_door_online").state == "on"
    assert shown(hass, "front_door_main_stream_alive").state == "off"


@pytest.mark.parametrize("online", [True, False, None])
async def test_what_a_recorder_never_says_is_absent(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    driver: FakeDriver,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    online: bool | None,
) -> None:
    def silent(one: Channel) -> Channel:
        streams = tuple(replace(stream, alive=None) for stream in one.streams)
        return replace(one, online=online, recording=None, streams=streams)

    driver.answer = recorder_state(silent(replace(channel(1), reason=OfflineReason.UNKNOWN)))
    await hass.config_entries.async_setup(entry.entry_id)
    for key in ("1_recording", "1_main_alive"):
        unique_id = f"{SERIAL}_{key}"
        assert entity_registry.async_get_entity_id("binary_sensor", DOMAIN, unique_id) is None
    states = {True: "on", False: "off", None: "unknown"}
    assert shown(hass, "camera_1_online").state == states[online]
