"""The sensor shows what the queue does, at most once a second."""

from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.library.job import JobPhase
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

SENSOR = "sensor.garage_nvr_clip_job"


def shown(hass: HomeAssistant) -> Any:
    state = hass.states.get(SENSOR)
    assert state is not None
    return state


async def pass_a_second(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(1.1)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_from_idle_to_done(
    hass: HomeAssistant,
    recording: Recording,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert shown(hass).state == "idle"
    assert shown(hass).attributes["queue_length"] == 0
    cutter = FakeCutter()
    cutter.gate.clear()
    queue = loaded_entry.runtime_data.clips
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        await hass.services.async_call(
            DOMAIN,
            "download_clip",
            {
                "entity_id": "camera.front_door",
                "start": recording.start,
                "end": recording.end,
                "wait": False,
            },
            blocking=True,
        )
        await cutter.begun.wait()
        await pass_a_second(hass, freezer)
        state = shown(hass)
        assert state.state == "fetching"
        assert state.attributes["percent"] == 50
        assert state.attributes["queue_length"] == 1
        assert state.attributes["camera"] == "camera.front_door"
        cutter.gate.set()
        await queue.wait(queue.current.id)
    await pass_a_second(hass, freezer)
    state = shown(hass)
    assert state.state == "done"
    assert state.attributes["percent"] == 100
    assert state.attributes["queue_length"] == 0


async def test_at_most_one_change_a_second(
    hass: HomeAssistant,
    recording: Recording,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    changes: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        assert state is not None
        changes.append(state.state)

    async_track_state_change_event(hass, SENSOR, note)
    cutter = FakeCutter()
    cutter.gate.clear()
    queue = loaded_entry.runtime_data.clips
    await pass_a_second(hass, freezer)
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        await hass.services.async_call(
            DOMAIN,
            "download_clip",
            {
                "entity_id": "camera.front_door",
                "start": recording.start,
                "end": recording.end,
                "wait": False,
            },
            blocking=True,
        )
        await cutter.begun.wait()
        for percent in range(100):
            queue._report(queue.current.id, JobPhase.FETCHING, percent / 100)
        await hass.async_block_till_done()
        # Only the first change is shown, until a second has passed.
        assert len(changes) == 1
        await pass_a_second(hass, freezer)
        assert len(changes) == 2
        assert shown(hass).attributes["percent"] == 99
        queue._report(queue.current.id, JobPhase.FETCHING, 1.0)
        # An unload forgets the change that is due.
        assert await hass.config_entries.async_unload(loaded_entry.entry_id)


async def test_a_poll_shows_nothing_before_its_time(
    hass: HomeAssistant,
    recording: Recording,
    loaded_entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    cutter = FakeCutter()
    cutter.gate.clear()
    queue = loaded_entry.runtime_data.clips
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        data = {"entity_id": "camera.front_door", "wait": False}
        span = {"start": recording.start, "end": recording.end}
        await hass.services.async_call(DOMAIN, "download_clip", {**data, **span}, blocking=True)
        await cutter.begun.wait()
        await pass_a_second(hass, freezer)
        assert shown(hass).attributes["percent"] == 50
        queue._report(queue.current.id, JobPhase.FETCHING, 0.6)
        await loaded_entry.runtime_data.coordinator.async_refresh()
        loaded_entry.runtime_data.coordinator.async_update_listeners()
        assert shown(hass).attributes["percent"] == 50
        await pass_a_second(hass, freezer)
        assert shown(hass).attributes["percent"] == 60
        assert await hass.config_entries.async_unload(loaded_entry.entry_id)


async def test_it_is_there_while_the_recorder_is_not(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    driver.error = CannotConnectError("unplugged")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    assert shown(hass).state == "idle"
