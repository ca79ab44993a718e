"""What became of a channel's clips is seen by everybody who sees its camera."""

from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.errors import CannotConnectError, NoFootageError
from custom_components.nvr.drivers.models import Recording
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

FRONT_EVENT = "event.front_door_clip"
YARD_EVENT = "event.yard_clip"


async def save(hass: HomeAssistant, recording: Recording, cutter: FakeCutter) -> None:
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        await hass.services.async_call(
            DOMAIN,
            "download_clip",
            {
                "entity_id": "camera.front_door",
                "start": recording.start,
                "end": recording.end,
                "wait": True,
            },
            blocking=True,
        )


async def test_ready(
    hass: HomeAssistant, recording: Recording, loaded_entry: MockConfigEntry
) -> None:
    for entity_id in (FRONT_EVENT, YARD_EVENT):
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.state == "unknown"
    await save(hass, recording, FakeCutter())
    state = hass.states.get(FRONT_EVENT)
    assert state is not None
    assert state.attributes["event_type"] == "clip_ready"
    assert state.attributes["path"].endswith("_front_door.mp4")
    assert state.attributes["camera"] == "camera.front_door"
    other = hass.states.get(YARD_EVENT)
    assert other is not None
    assert other.state == "unknown"


async def test_failed(
    hass: HomeAssistant, recording: Recording, loaded_entry: MockConfigEntry
) -> None:
    cutter = FakeCutter()
    cutter.error = NoFootageError("overwritten")
    with pytest.raises(Exception, match="overwritten"):
        await save(hass, recording, cutter)
    state = hass.states.get(FRONT_EVENT)
    assert state is not None
    assert state.attributes["event_type"] == "clip_failed"
    assert state.attributes["cause"] == "no_footage"


async def test_it_is_there_while_the_recorder_is_not(
    hass: HomeAssistant, driver: FakeDriver, loaded_entry: MockConfigEntry
) -> None:
    driver.error = CannotConnectError("unplugged")
    await loaded_entry.runtime_data.coordinator.async_refresh()
    state = hass.states.get(FRONT_EVENT)
    assert state is not None
    assert state.state == "unknown"
