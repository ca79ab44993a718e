"""The action that finds recordings: what callers may give, and what they get."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import (
    ServiceValidationError,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
import voluptuous as vol

from custom_components.nvr.drivers.errors import DeviceBusyError
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.library.queue import ClipQueue
from tests.action_fixtures import FRONT, FRONT_SUB, OFFLINE, YARD, act, device_of, span
from tests.fake_driver import FakeDriver


class TestSearch:
    """nvr.search_recordings."""

    async def test_answers_for_each_camera(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        answer = await act(
            hass,
            "search_recordings",
            entity_id=[FRONT, OFFLINE],
            start=(recorded.start - timedelta(hours=1)).isoformat(),
        )
        assert set(answer) == {FRONT, OFFLINE}
        assert answer[FRONT]["complete"] is True
        (found,) = answer[FRONT]["recordings"]
        assert found["start"] == dt_util.as_local(recorded.start).isoformat()
        assert found["end"] == dt_util.as_local(recorded.end).isoformat()
        assert found["kinds"] == ["continuous", "motion"]
        assert found["duration"] == 3600.0
        assert found["size"] == 1_000_000
        assert found["media_content_id"].startswith("media-source://nvr/recording/")

    async def test_a_naive_time_is_home_assistants(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        local = dt_util.as_local(recorded.end).replace(tzinfo=None)
        data: dict[str, Any] = {
            "entity_id": FRONT,
            "start": local,
            "end": local + timedelta(minutes=5),
        }
        answer = await act(hass, "search_recordings", **data)
        assert answer[FRONT]["recordings"] == []
        data["start"] = local - timedelta(seconds=1)
        answer = await act(hass, "search_recordings", **data)
        assert len(answer[FRONT]["recordings"]) == 1

    async def test_kinds_choose(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        for kinds, count in ((["person"], 0), (["person", "motion"], 1), ("motion", 1)):
            answer = await act(
                hass, "search_recordings", entity_id=FRONT, kinds=kinds, **span(recorded)
            )
            assert len(answer[FRONT]["recordings"]) == count
        with pytest.raises(vol.Invalid):
            await act(
                hass, "search_recordings", entity_id=FRONT, kinds=["boredom"], **span(recorded)
            )

    async def test_a_short_limit_says_where_the_answer_stops(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, driver: FakeDriver
    ) -> None:
        later = recorded.end + timedelta(minutes=1)
        driver.recordings.append(
            Recording(
                channel=1,
                stream=StreamName.MAIN,
                start=later,
                end=later + timedelta(minutes=1),
                kinds=frozenset(),
            )
        )
        answer = await act(
            hass, "search_recordings", entity_id=FRONT, start=recorded.start, limit=1
        )
        assert len(answer[FRONT]["recordings"]) == 1
        assert answer[FRONT]["complete"] is False
        assert answer[FRONT]["complete_until"] == dt_util.as_local(later).isoformat()

    async def test_one_cameras_failure_hides_no_other_answer(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, driver: FakeDriver
    ) -> None:
        search = driver.search

        def fail_for_two(channel: int, *args: Any, **options: Any) -> Any:
            if channel == 2:
                raise DeviceBusyError("busy")
            return search(channel, *args, **options)

        with patch.object(driver, "search", fail_for_two):
            answer = await act(
                hass, "search_recordings", entity_id=[FRONT, YARD], start=recorded.start
            )
        assert len(answer[FRONT]["recordings"]) == 1
        assert answer[YARD]["recordings"] == []
        assert answer[YARD]["complete"] is False
        assert answer[YARD]["error"] == "The recorder is too busy at the moment"

    async def test_nor_does_what_nobody_foresaw(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        driver: FakeDriver,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        search = driver.search

        def fail_for_two(channel: int, *args: Any, **options: Any) -> Any:
            if channel == 2:
                raise KeyError("unforeseen")
            return search(channel, *args, **options)

        with patch.object(driver, "search", fail_for_two):
            answer = await act(
                hass, "search_recordings", entity_id=[FRONT, YARD], start=recorded.start
            )
        assert len(answer[FRONT]["recordings"]) == 1
        assert answer[YARD]["complete"] is False
        assert answer[YARD]["error"] == "The recorder's answer makes no sense"
        assert f"The search of {YARD} failed" in caplog.text
        assert "unforeseen" in caplog.text

    async def test_a_recorder_means_all_its_channels(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording, loaded_entry: Any
    ) -> None:
        answer = await act(
            hass,
            "search_recordings",
            device_id=loaded_entry.runtime_data.device_id,
            **span(recorded),
        )
        # The second channel's main stream is H.265, so its sub stream is the camera that is enabled.
        assert set(answer) == {FRONT, "camera.yard_sub_stream", OFFLINE}

    async def test_a_channel_without_cameras_is_called_by_its_name(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        device = device_of(hass, FRONT)
        registry = er.async_get(hass)
        for entity_id in (FRONT, FRONT_SUB):
            registry.async_remove(entity_id)
        answer = await act(hass, "search_recordings", device_id=device, **span(recorded))
        assert list(answer) == ["Front door"]

    async def test_an_area_means_the_cameras_in_it(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        area = ar.async_get(hass).async_create("Garden")
        dr.async_get(hass).async_update_device(device_of(hass, YARD), area_id=area.id)
        answer = await act(hass, "search_recordings", area_id=area.id, **span(recorded))
        assert list(answer) == ["camera.yard_sub_stream"]

    async def test_a_disabled_camera_can_be_asked_for(
        self, hass: HomeAssistant, queue: ClipQueue, recorded: Recording
    ) -> None:
        answer = await act(hass, "search_recordings", entity_id=YARD, **span(recorded))
        assert len(answer[YARD]["recordings"]) == 1

    async def test_an_unloaded_recorder_says_so(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        loaded_entry: MockConfigEntry,
    ) -> None:
        await hass.config_entries.async_unload(loaded_entry.entry_id)
        answer = await act(hass, "search_recordings", entity_id=FRONT, **span(recorded))
        assert answer[FRONT]["complete"] is False
        assert answer[FRONT]["error"] == f"The recorder of {FRONT} is not loaded"

    @pytest.mark.parametrize(
        ("data", "key"),
        [
            ({"entity_id": "camera.elsewhere"}, "not_a_camera"),
            ({"entity_id": "sensor.garage_nvr_clip_job"}, "not_a_camera"),
            ({"device_id": "elsewhere"}, "not_a_recorder"),
            ({"area_id": "nowhere"}, "no_cameras"),
            ({}, "no_cameras"),
            ({"entity_id": FRONT, "end": "2020-01-01T00:00:00"}, "end_before_start"),
            ({"entity_id": FRONT, "start": "2199-01-01T00:00:00"}, "start_in_future"),
            ({"entity_id": FRONT, "end": "2199-01-01T00:00:00"}, "search_too_long"),
            ({"entity_id": FRONT, "start": "0001-01-01T00:00:00"}, "no_such_time"),
        ],
    )
    async def test_wrong_input_is_named(
        self,
        hass: HomeAssistant,
        queue: ClipQueue,
        recorded: Recording,
        data: dict[str, Any],
        key: str,
    ) -> None:
        with pytest.raises(ServiceValidationError) as raised:
            await act(hass, "search_recordings", **{"start": recorded.start, **data})
        assert raised.value.translation_key == key
