"""A recorder that is unloaded in the middle of anything can be set up again at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from homeassistant.components.camera import async_get_image
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options, Personality
from simulator.hikvision import personalities
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, main_camera

FRONT = "camera.front_door"
# How many turns of the event loop the work is let go on; the interval between two grows.
TURNS = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233]


@pytest.fixture(params=[personalities.current, personalities.old], ids=["current", "old"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    personality: Personality = request.param(Options(password=PASSWORD))
    async with RecorderBox(personality) as box:
        yield box


async def test_unloaded_at_any_moment_it_is_set_up_again(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    entry = await add(hass, box)
    camera = main_camera(hass, entry)
    start = dt_util.utcnow() - timedelta(hours=1)
    span: dict[str, Any] = {"start": start, "end": start + timedelta(seconds=2)}

    async def use() -> None:
        with suppress(HomeAssistantError):
            await asyncio.gather(
                entry.runtime_data.coordinator.async_refresh(),
                async_get_image(hass, camera),
                act(hass, "search_recordings", entity_id=camera, **span),
                act(hass, "download_clip", entity_id=camera, **span),
                act(hass, "get_picture", entity_id=camera, instant=start),
            )

    using = []
    for turns in TURNS:
        using.append(hass.async_create_background_task(use(), "use"))
        for _ in range(turns):
            await asyncio.sleep(0)
        assert await hass.config_entries.async_unload(entry.entry_id)
        await hass.config_entries.async_setup(entry.entry_id)
        assert entry.state is ConfigEntryState.LOADED, (turns, entry.reason)
    for task in using:
        task.cancel()
    await asyncio.gather(*using, return_exceptions=True)
    assert box.recorder.accounts.failed_logins == 0
