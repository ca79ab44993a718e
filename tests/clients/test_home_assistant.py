"""Home Assistant's own `hikvision` integration, in the same Home Assistant as ours, on the same recorder."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_SSL,
    CONF_USERNAME,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from tests.boxes import PASSWORD, add

from .test_pyhik import change

THEIRS = "hikvision"


@pytest.fixture(params=["hikvision/current", "hikvision/old"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder."""
    async with RecorderBox(PERSONALITIES[request.param](Options(password=PASSWORD))) as plugged:
        # Their thread looks up only when something comes.
        change(plugged, heartbeat_s=0.2)
        yield plugged


async def add_theirs(hass: HomeAssistant, box: RecorderBox) -> ConfigEntry[Any]:
    """Add the recorder to Home Assistant's own integration, as a user would."""
    flow = await hass.config_entries.flow.async_init(THEIRS, context={"source": SOURCE_USER})
    form = {
        CONF_HOST: box.host,
        CONF_PORT: box.http_port,
        CONF_USERNAME: "admin",
        CONF_PASSWORD: PASSWORD,
        CONF_SSL: False,
    }
    result: Any = await hass.config_entries.flow.async_configure(flow["flow_id"], form)
    assert result["type"] == "create_entry", result
    await hass.async_block_till_done()
    entry: ConfigEntry[Any] = result["result"]
    return entry


async def until(hass: HomeAssistant, entity_id: str, wanted: str) -> None:
    """Wait for the state of an entity."""
    reached = asyncio.Event()

    @callback
    def look(_event: Event[EventStateChangedData] | None = None) -> None:
        state = hass.states.get(entity_id)
        if state is not None and state.state == wanted:
            reached.set()

    stop = async_track_state_change_event(hass, entity_id, look)
    look()
    await reached.wait()
    stop()


def motion_sensor(hass: HomeAssistant, entry: ConfigEntry[Any], channel: int) -> str:
    """Give the entity of their motion sensor of a channel."""
    unique_id = f"{entry.unique_id}_Motion_{channel}"
    found = er.async_get(hass).async_get_entity_id("binary_sensor", THEIRS, unique_id)
    assert found is not None
    return found


def available(hass: HomeAssistant, entry: ConfigEntry[Any]) -> set[str]:
    """Give the cameras of an entry that can be watched."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    ids = {entity.entity_id for entity in entities if entity.domain == "camera"}
    return {
        state.entity_id
        for state in hass.states.async_all("camera")
        if state.entity_id in ids and state.state != STATE_UNAVAILABLE
    }


async def test_both_on_one_recorder(
    hass: HomeAssistant, device_registry: dr.DeviceRegistry, box: RecorderBox
) -> None:
    ours = await add(hass, box)
    before = available(hass, ours)
    theirs = await add_theirs(hass, box)
    try:
        assert theirs.state is ConfigEntryState.LOADED
        assert theirs.title == box.recorder.identity.name
        await _motion_comes_and_goes(hass, box, theirs)
        entities = er.async_entries_for_config_entry(er.async_get(hass), theirs.entry_id)
        cameras = [entity for entity in entities if entity.domain == "camera"]
        assert len(cameras) == len(box.recorder.channels)
        # Ours is as it was, and so are the devices of both.
        assert ours.state is ConfigEntryState.LOADED
        assert not hass.config_entries.flow.async_progress()
        for entry in (ours, theirs):
            devices = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
            assert {device.config_entry_id for device in devices} == {entry.entry_id}
            assert len(devices) == len(box.recorder.channels) + 1
        assert available(hass, ours) == before
    finally:
        await hass.config_entries.async_unload(theirs.entry_id)


async def _motion_comes_and_goes(
    hass: HomeAssistant, box: RecorderBox, theirs: ConfigEntry[Any]
) -> None:
    sensor = motion_sensor(hass, theirs, 2)
    await until(hass, sensor, STATE_OFF)
    event = box.recorder.events.begin(EventKind.MOTION, channel=2)
    await until(hass, sensor, STATE_ON)
    other = hass.states.get(motion_sensor(hass, theirs, 1))
    assert other is not None
    assert other.state == STATE_OFF
    box.recorder.events.end(event)
    await until(hass, sensor, STATE_OFF)


async def test_their_trial_of_basic_costs_us_nothing(hass: HomeAssistant, box: RecorderBox) -> None:
    """It counts as a failed login for the address from which we come, too."""
    await add(hass, box)
    before = box.recorder.accounts.failed_logins
    theirs = await add_theirs(hass, box)
    try:
        assert box.recorder.accounts.failed_logins - before <= 2
    finally:
        await hass.config_entries.async_unload(theirs.entry_id)
    assert not hass.config_entries.flow.async_progress()
