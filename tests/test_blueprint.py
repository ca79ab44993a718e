"""The blueprint makes an automation that saves clips and tells a phone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_mock_service,
)

from custom_components.nvr.const import EVENT_CLIP_READY
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.library.maker import Patience
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

BLUEPRINT = Path(__file__).resolve().parents[1] / "blueprints/automation/nvr/save_clip.yaml"
DOOR = "binary_sensor.door"


@pytest.fixture
def cutter(driver: FakeDriver) -> Iterator[FakeCutter]:
    """Let each channel record all the time."""
    now = dt_util.utcnow()
    driver.recordings = [
        Recording(
            channel=number,
            stream=StreamName.MAIN,
            start=now - timedelta(hours=1),
            end=now + timedelta(hours=1),
            kinds=frozenset(),
            token="a",
        )
        for number in (1, 2)
    ]
    driver.footage = {"a": (b"video",)}
    cutter = FakeCutter()
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        yield cutter


@pytest.fixture
def phone(hass: HomeAssistant) -> tuple[str, list[ServiceCall]]:
    """Return the id of a phone's device and what it is told."""
    entry = MockConfigEntry(domain="mobile_app")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={("mobile_app", "phone")},
        name="Ada's phone",
    )
    return device.id, async_mock_service(hass, "notify", "mobile_app_ada_s_phone")


async def automate(hass: HomeAssistant, loaded_entry: MockConfigEntry, **inputs: Any) -> None:
    """Make an automation from the blueprint, as the user interface would."""
    loaded_entry.runtime_data.clips.maker.patience = Patience(settle=timedelta())
    target = Path(hass.config.path("blueprints/automation/nvr"))
    target.mkdir(parents=True)
    shutil.copy(BLUEPRINT, target)
    config = {
        "automation": {
            "alias": "Ring",
            "use_blueprint": {
                "path": "nvr/save_clip.yaml",
                "input": {
                    "happening": [{"trigger": "state", "entity_id": DOOR, "to": "on"}],
                    **inputs,
                },
            },
        }
    }
    assert await async_setup_component(hass, "automation", config)
    assert hass.states.is_state("automation.ring", "on")


async def ring(hass: HomeAssistant) -> None:
    hass.states.async_set(DOOR, "off")
    await hass.async_block_till_done()
    hass.states.async_set(DOOR, "on")
    await hass.async_block_till_done(wait_background_tasks=True)


def test_home_assistant_takes_it() -> None:
    blueprint = Blueprint(
        load_yaml_dict(str(BLUEPRINT)), expected_domain="automation", schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith("blueprints/automation/nvr/save_clip.yaml")


async def test_an_attribute_that_changes_is_a_happening_too(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    cutter: FakeCutter,
    freezer: FrozenDateTimeFactory,
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    await automate(
        hass,
        loaded_entry,
        cameras={"entity_id": ["camera.front_door"]},
        before=7,
        after=0,
        happening=[{"trigger": "state", "entity_id": DOOR, "attribute": "bell", "to": "ringing"}],
    )
    hass.states.async_set(DOOR, "on", {"bell": "silent"})
    await hass.async_block_till_done()
    freezer.tick(1800)
    rung = dt_util.utcnow()
    hass.states.async_set(DOOR, "on", {"bell": "ringing"})
    await hass.async_block_till_done(wait_background_tasks=True)
    (event,) = ready
    assert dt_util.parse_datetime(event.data["end"]) == rung


async def test_clips_are_saved_and_the_phone_is_told(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    cutter: FakeCutter,
    phone: tuple[str, list[ServiceCall]],
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    device_id, told = phone
    await automate(
        hass,
        loaded_entry,
        cameras={"entity_id": ["camera.front_door", "camera.yard_sub_stream"]},
        before=7,
        after=0,
        clip_name="Ring",
        phone=device_id,
    )
    await ring(hass)
    assert len(ready) == 2
    assert {event.data["camera"] for event in ready} == {
        "camera.front_door",
        "camera.yard_sub_stream",
    }
    assert all(event.data["path"].endswith("_ring.mp4") for event in ready)
    assert all(event.data["duration"] == 7.0 for event in ready)
    (call,) = told
    assert call.data["title"] == "Clip saved"
    assert "Front door" in call.data["message"]
    assert ", 7 s." in call.data["message"]
    assert call.data["data"]["video"].startswith("/api/nvr/clip/garage_nvr/1_front_door/")
    assert call.data["data"]["url"].startswith("/media-browser/browser/app%2Cmedia-source")
    assert call.data["data"]["clickAction"] == call.data["data"]["url"]
    # The automation's run and its clips belong together.
    assert all(event.context.parent_id or event.context.id for event in ready)


async def test_a_failure_is_told_too(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    cutter: FakeCutter,
    driver: FakeDriver,
    phone: tuple[str, list[ServiceCall]],
) -> None:
    device_id, told = phone
    del driver.footage["a"]
    await automate(
        hass,
        loaded_entry,
        cameras={"entity_id": "camera.front_door"},
        after=0,
        phone=device_id,
    )
    await ring(hass)
    (call,) = told
    assert call.data["title"] == "No clip"
    assert call.data["message"] == "No clip could be saved. The log tells why."


async def test_without_a_phone_other_actions_run(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, cutter: FakeCutter
) -> None:
    told = async_mock_service(hass, "test", "tell")
    await automate(
        hass,
        loaded_entry,
        cameras={"entity_id": "camera.front_door"},
        after=0,
        then=[
            {
                "action": "test.tell",
                "data": {"count": "{{ saved | count }}", "path": "{{ saved[0].path }}"},
            }
        ],
    )
    await ring(hass)
    (call,) = told
    assert call.data["count"] == 1
    assert call.data["path"].endswith("_front_door.mp4")
