"""Saving clips of recorders that go offline or are loaded anew meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.library.job import JobPhase
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

FRONT = "camera.front_door"
OFFLINE = "camera.camera_3"


@pytest.fixture(autouse=True)
def cutter() -> Iterator[FakeCutter]:
    cutter = FakeCutter()
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        yield cutter


@pytest.fixture(autouse=True)
def recordings(driver: FakeDriver) -> list[Recording]:
    """Let all channels have an hour that ended an hour ago."""
    end = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=1)
    driver.recordings = [
        Recording(
            channel=number,
            stream=StreamName.MAIN,
            start=end - timedelta(hours=1),
            end=end,
            kinds=frozenset(),
            token="a",
        )
        for number in (1, 2, 3)
    ]
    driver.footage = {"a": (b"video",)}
    return driver.recordings


async def download(hass: HomeAssistant, recording: Recording, camera: str, **data: Any) -> Any:
    """Save ten seconds; return what is answered for the camera."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "download_clip",
        {
            "entity_id": camera,
            "start": recording.start.isoformat(),
            "end": (recording.start + timedelta(seconds=10)).isoformat(),
            **data,
        },
        blocking=True,
        return_response=True,
    )
    return answer[camera]


async def test_a_camera_that_is_offline_since_the_start_has_clips(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, recordings: list[Recording]
) -> None:
    state = hass.states.get(OFFLINE)
    assert state is not None
    assert state.state == "unavailable"
    answer = await download(hass, recordings[2], OFFLINE)
    assert answer["phase"] == "done"
    assert Path(answer["path"]).exists()


class SlowSearch:
    """A recorder that answers the first search only when the test wants it to."""

    def __init__(self, driver: FakeDriver) -> None:
        """Initialize."""
        self.asked, self.answer = asyncio.Event(), asyncio.Event()
        self._search = driver.search

    async def __call__(self, *args: Any, **options: Any) -> AsyncIterator[Recording]:
        """Search."""
        self.asked.set()
        await self.answer.wait()
        async for recording in self._search(*args, **options):
            yield recording


async def test_a_recorder_loaded_anew_while_it_is_asked_has_the_job(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    driver: FakeDriver,
    recordings: list[Recording],
) -> None:
    slow = SlowSearch(driver)
    with patch.object(driver, "search", slow):
        call = hass.async_create_task(download(hass, recordings[0], FRONT, wait=False))
        await slow.asked.wait()
        assert await hass.config_entries.async_reload(loaded_entry.entry_id)
        slow.answer.set()
        answer = await call
    job = await loaded_entry.runtime_data.clips.wait(answer["job_id"])
    assert job.phase is JobPhase.DONE


async def test_a_recorder_unloaded_while_it_is_asked_says_so(
    hass: HomeAssistant,
    loaded_entry: MockConfigEntry,
    driver: FakeDriver,
    recordings: list[Recording],
) -> None:
    slow = SlowSearch(driver)
    with patch.object(driver, "search", slow):
        call = hass.async_create_task(download(hass, recordings[0], FRONT))
        await slow.asked.wait()
        assert await hass.config_entries.async_unload(loaded_entry.entry_id)
        slow.answer.set()
        with pytest.raises(HomeAssistantError) as raised:
            await call
    assert raised.value.translation_key == "recorder_not_loaded"
