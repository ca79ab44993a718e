"""Jobs that are interrupted at the worst moment: whatever happens, no half file and no lie stays."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.nvr.const import EVENT_CLIP_FAILED, EVENT_CLIP_READY
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.footage.errors import FootageError
from custom_components.nvr.library.job import JobPhase
from custom_components.nvr.library.queue import ClipQueue
from tests.fake_footage import FakeCutter
from tests.library.wishes import files, request, submit

LONGEST_HOLD_SECONDS = 20


class Hold:
    """A step of the library whose thread has done its work, but does not come back yet."""

    def __init__(self) -> None:
        """Initialize."""
        self.reached = asyncio.Event()
        self.release = threading.Event()


@contextmanager
def held(hass: HomeAssistant, queue: ClipQueue, step: str) -> Iterator[Hold]:
    """Hold a step of the folder until the test lets it go."""
    hold, work = Hold(), getattr(queue.folder, step)

    def slow(*args: Any) -> Any:
        result = work(*args)
        hass.loop.call_soon_threadsafe(hold.reached.set)
        hold.release.wait(LONGEST_HOLD_SECONDS)
        return result

    with patch.object(queue.folder, step, slow):
        try:
            yield hold
        finally:
            hold.release.set()


async def test_cancelled_while_its_place_is_reserved(
    hass: HomeAssistant, queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    cutter.gate.clear()
    with held(hass, queue, "reserve") as hold:
        job = await submit(queue, request(recorded))
        await hold.reached.wait()
        cancelling = hass.async_create_task(queue.cancel(job.id))
        await asyncio.sleep(0)
        hold.release.set()
        assert await cancelling
    assert (await queue.wait(job.id)).phase is JobPhase.CANCELLED
    assert files(queue) == []


async def test_cancelled_when_the_clip_already_shows(
    hass: HomeAssistant, queue: ClipQueue, recorded: Recording
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    with held(hass, queue, "publish") as hold:
        job = await submit(queue, request(recorded))
        await hold.reached.wait()
        cancelling = hass.async_create_task(queue.cancel(job.id))
        await asyncio.sleep(0)
        hold.release.set()
        # There was nothing left to cancel.
        assert not await cancelling
    assert (await queue.wait(job.id)).phase is JobPhase.DONE
    assert len(files(queue)) == 1
    assert (len(ready), len(failed)) == (1, 0)


async def test_unloaded_when_the_clip_already_shows(
    hass: HomeAssistant,
    queue: ClipQueue,
    recorded: Recording,
    loaded_entry: MockConfigEntry,
    cutter: FakeCutter,
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    with held(hass, queue, "publish") as hold:
        await submit(queue, request(recorded))
        await hold.reached.wait()
        closing = hass.async_create_task(queue.close())
        await asyncio.sleep(0)
        hold.release.set()
        await closing
    assert await hass.config_entries.async_reload(loaded_entry.entry_id)
    await hass.async_block_till_done()
    assert len(cutter.paths) == 1
    assert len(files(queue)) == 1
    assert len(ready) == 1


async def test_unloaded_while_a_cancelled_job_is_cleared_away(
    hass: HomeAssistant, queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.gate.clear()
    with held(hass, queue, "discard") as hold:
        job = await submit(queue, request(recorded))
        await cutter.begun.wait()
        cancelling = hass.async_create_task(queue.cancel(job.id))
        await hold.reached.wait()
        closing = hass.async_create_task(queue.close())
        await asyncio.sleep(0)
        # Unloading waits for what is under way.
        assert not closing.done()
        assert failed == []
        hold.release.set()
        await closing
        assert await cancelling
    assert failed[0].data["cause"] == "cancelled"
    assert files(queue) == []


async def test_a_mistake_of_ours_ends_the_job_and_is_logged(
    hass: HomeAssistant,
    queue: ClipQueue,
    recorded: Recording,
    cutter: FakeCutter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.error = ZeroDivisionError("secret")
    job = await submit(queue, request(recorded))
    ended = await queue.wait(job.id)
    assert ended.phase is JobPhase.FAILED
    assert failed[0].data["cause"] == "internal_error"
    assert "secret" not in failed[0].data["message"]
    assert caplog.text.count("ZeroDivisionError: secret") == 1
    assert files(queue) == []
    # The next one has its turn.
    cutter.error = FootageError("broken")
    job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.failure is not None
    assert job.failure.cause == "footage_broken"


async def test_an_old_job_that_ends_late_is_remembered(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    with patch("custom_components.nvr.library.queue.ENDED_KEPT", 1):
        cutter.gate.clear()
        old, young = [await submit(queue, request(recorded, offset=60 * n)) for n in (1, 2)]
        assert await queue.cancel(young.id)
        assert await queue.cancel(old.id)
    assert [job.id for job in queue.jobs] == [old.id]
    assert queue.current is not None
    assert queue.current.id == old.id
