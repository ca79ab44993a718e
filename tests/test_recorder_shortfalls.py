"""Recorders whose downloads end before the footage that they have, with real workers and real files."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.nvr.coordinator import NvrConfigEntry
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.core.transfer import Length
from simulator.footage.decoded import pattern_of
from simulator.hikvision.personalities import BLUEPRINTS
from simulator.hikvision.personalities.blueprint import Blueprint
from tests.action_fixtures import act
from tests.boxes import PASSWORD, add, main_camera

LENGTH = timedelta(seconds=8)
FRAME = timedelta(milliseconds=40)
# Where nothing in the footage tells the time.
ABOUT = timedelta(seconds=1.5)

BREAKING = BLUEPRINTS["hikvision/breaking"]
UNDERSTATED = BLUEPRINTS["hikvision/understated"]
HALVING = replace(
    BREAKING,
    firmware=replace(BREAKING.firmware, download_length=Length.ABSENT, download_breaks=1),
)
"""Each download ends in the middle as if that were all: playback has the rest."""


@asynccontextmanager
async def added(
    hass: HomeAssistant, blueprint: Blueprint
) -> AsyncIterator[tuple[NvrConfigEntry, str]]:
    """Plug in a recorder and add it; give it with the main camera of channel 1."""
    async with RecorderBox(blueprint.build(Options(password=PASSWORD))) as box:
        entry = await add(hass, box)
        entry.runtime_data.clips.maker._sleep = lambda _: asyncio.sleep(0)
        yield entry, main_camera(hass, entry)


def ago(**span: float) -> datetime:
    return dt_util.utcnow().replace(microsecond=0) - timedelta(**span)


async def clip(hass: HomeAssistant, camera: str, start: datetime) -> Any:
    answer = await act(hass, "download_clip", entity_id=camera, start=start, end=start + LENGTH)
    return answer[camera]


def shown(path: str) -> list[datetime]:
    """Return when each picture that a player shows was filmed."""
    with av.open(str(Path(path))) as container:
        return [pattern_of(frame).instant for frame in container.decode(video=0)]


def assert_whole(answer: Any, start: datetime, within: timedelta = FRAME) -> None:
    assert answer["phase"] == "done", answer
    assert answer["missing"] == []
    pictures = shown(answer["path"])
    assert abs(pictures[0] - start) <= within
    assert abs(pictures[-1] + FRAME - (start + LENGTH)) <= within
    steps = {later - sooner for sooner, later in pairwise(pictures)}
    assert max(steps) <= 2 * FRAME


async def test_what_broke_off_is_fetched_to_its_end(hass: HomeAssistant) -> None:
    async with added(hass, BREAKING) as (entry, camera):
        for hours in (2, 3, 4):
            start = ago(hours=hours)
            assert_whole(await clip(hass, camera, start), start)
        # A transfer that broke off says nothing of those to come.
        assert "playback_brings_more" not in entry.runtime_data.coordinator.driver.memory


async def test_what_is_longer_than_it_says_is_played(hass: HomeAssistant) -> None:
    async with added(hass, UNDERSTATED) as (_, camera):
        start = ago(hours=2)
        assert_whole(await clip(hass, camera, start), start, ABOUT)


async def test_downloads_that_lack_what_is_played_are_done_without(hass: HomeAssistant) -> None:
    async with added(hass, HALVING) as (entry, camera):
        driver = entry.runtime_data.coordinator.driver
        for hours, known in ((2, None), (4, True), (6, True)):
            start = ago(hours=hours)
            assert_whole(await clip(hass, camera, start), start)
            assert driver.memory.get("playback_brings_more") is known
