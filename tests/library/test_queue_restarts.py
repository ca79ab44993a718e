"""Jobs outlive reloads and restarts, and end with their recorder."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.nvr.const import DOMAIN, EVENT_CLIP_FAILED, EVENT_CLIP_READY
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.library.job import Caller, Job, JobPhase
from custom_components.nvr.library.queue import ClipQueue
from custom_components.nvr.shared import DATA_LIBRARY
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter
from tests.library.wishes import files, request, submit


def kept_job(recorded: Recording, number: int) -> Job:
    """Return a job as an earlier run of Home Assistant left it."""
    return Job(
        id=str(number),
        request=request(recorded, offset=60 * number),
        entity_id="camera.front_door",
        caller=Caller(context_id="call"),
        created=recorded.end,
    )


def keep(hass_storage: dict[str, Any], entry: MockConfigEntry, *jobs: Job) -> str:
    """Let an earlier run of Home Assistant have left these jobs unfinished."""
    key = f"{DOMAIN}.{entry.entry_id}.jobs"
    hass_storage[key] = {
        "version": 1,
        "key": key,
        "data": {"jobs": [job.as_dict() for job in jobs]},
    }
    return key


async def test_a_reload_takes_up_unfinished_jobs_again(
    hass: HomeAssistant,
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
    cutter: FakeCutter,
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    cutter.gate.clear()
    jobs = [await submit(queue, request(recorded, offset=60 * n)) for n in (1, 2)]
    await cutter.begun.wait()
    waiter = hass.async_create_task(queue.wait(jobs[0].id))
    await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(loaded_entry.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await waiter
    assert raised.value.translation_key == "recorder_unloaded"
    assert files(queue) == []

    cutter.gate.set()
    assert await hass.config_entries.async_setup(loaded_entry.entry_id)
    again: ClipQueue = loaded_entry.runtime_data.clips
    for job in jobs:
        assert (await again.wait(job.id)).phase is JobPhase.DONE
    assert [event.data["job_id"] for event in ready] == [job.id for job in jobs]
    # The context of the call outlives the reload.
    assert {event.context.id for event in ready} == {"call"}


async def test_a_job_that_ends_home_assistant_is_not_tried_for_ever(
    hass: HomeAssistant,
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
    cutter: FakeCutter,
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.gate.clear()
    job = await submit(queue, request(recorded))
    for _ in range(3):
        await cutter.begun.wait()
        cutter.begun.clear()
        assert await hass.config_entries.async_reload(loaded_entry.entry_id)
    await hass.async_block_till_done()
    (event,) = failed
    assert event.data["job_id"] == job.id
    assert event.data["cause"] == "interrupted"


async def test_done_jobs_are_not_done_again(
    hass: HomeAssistant,
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
    cutter: FakeCutter,
) -> None:
    await queue.wait((await submit(queue, request(recorded))).id)
    assert await hass.config_entries.async_reload(loaded_entry.entry_id)
    await hass.async_block_till_done()
    assert len(cutter.paths) == 1
    assert loaded_entry.runtime_data.clips.jobs == ()


async def test_kept_nonsense_is_dropped(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    caplog: pytest.LogCaptureFixture,
) -> None:
    key = f"{DOMAIN}.{entry.entry_id}.jobs"
    hass_storage[key] = {"version": 1, "key": key, "data": {"jobs": [{"id": "x"}]}}
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.clips.jobs == ()
    assert "can't be read and is dropped" in caplog.text


async def test_removal_forgets_jobs_and_keeps_clips(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
) -> None:
    await queue.wait((await submit(queue, request(recorded))).id)
    await hass.config_entries.async_remove(loaded_entry.entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{loaded_entry.entry_id}.jobs" not in hass_storage
    assert len(files(queue)) == 1


async def test_left_overs_of_a_crash_go_at_the_start(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    caplog: pytest.LogCaptureFixture,
) -> None:
    day = Path(hass.config.media_dirs["local"]) / "nvr/garage_nvr/1_front_door/2026-09-03"
    day.mkdir(parents=True)
    (day / ".214703_door.mp4.part").write_bytes(b"half")
    (day / "214703_other.mp4").write_bytes(b"whole")
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert [path.name for path in day.iterdir()] == ["214703_other.mp4"]
    assert hass.data[DATA_LIBRARY].root == day.parents[2]
    (day / "214703_other.mp4").unlink()


async def test_a_restart_in_the_middle_of_the_first_job_loses_none(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    made_drivers: list[FakeDriver],
    recorded: Recording,
    cutter: FakeCutter,
) -> None:
    cutter.gate.clear()
    kept = [kept_job(recorded, number) for number in range(3)]
    key = keep(hass_storage, entry, *kept)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await cutter.begun.wait()
    # What stands here now is all that a Home Assistant knows which starts after a power cut.
    assert [job["id"] for job in hass_storage[key]["data"]["jobs"]] == ["0", "1", "2"]


@pytest.mark.parametrize("loaded", [True, False])
async def test_removal_ends_jobs_with_the_cause(
    hass: HomeAssistant,
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
    cutter: FakeCutter,
    loaded: bool,
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.gate.clear()
    jobs = [await submit(queue, request(recorded, offset=60 * n)) for n in (1, 2)]
    waiter = hass.async_create_task(queue.wait(jobs[1].id))
    if not loaded:
        assert await hass.config_entries.async_unload(loaded_entry.entry_id)
    await hass.config_entries.async_remove(loaded_entry.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await waiter
    if loaded:
        assert raised.value.translation_key == "recorder_removed"
    assert [event.data["job_id"] for event in failed] == [job.id for job in jobs]
    assert {event.data["cause"] for event in failed} == {"recorder_removed"}
    assert {event.context.id for event in failed} == {"call"}
    assert files(queue) == []


async def test_an_unloaded_recorder_takes_no_jobs(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    queue: ClipQueue,
    loaded_entry: MockConfigEntry,
    recorded: Recording,
    cutter: FakeCutter,
) -> None:
    cutter.gate.clear()
    job = await submit(queue, request(recorded))
    assert await hass.config_entries.async_reload(loaded_entry.entry_id)
    with pytest.raises(HomeAssistantError) as raised:
        await submit(queue, request(recorded, offset=120))
    assert raised.value.translation_key == "recorder_unloaded"
    with pytest.raises(HomeAssistantError) as raised:
        await queue.wait(job.id)
    assert raised.value.translation_key == "recorder_unloaded"
    # What is kept belongs to the queue that is loaded now.
    kept = hass_storage[f"{DOMAIN}.{loaded_entry.entry_id}.jobs"]["data"]["jobs"]
    assert [job["id"] for job in kept] == [job.id]
