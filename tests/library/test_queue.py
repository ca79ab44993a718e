"""Jobs from the wish to the file, and everything that can come between."""

from datetime import datetime
import errno
from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
)

from custom_components.nvr.const import EVENT_CLIP_FAILED, EVENT_CLIP_READY
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    NoFootageError,
)
from custom_components.nvr.drivers.models import Recording
from custom_components.nvr.footage.errors import FootageError, NoSpaceError, NoVideoError
from custom_components.nvr.library.job import ClipRequest, JobPhase
from custom_components.nvr.library.note_box import read_note
from custom_components.nvr.library.queue import JOBS_LIMIT, ClipQueue
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter
from tests.library.wishes import files, request, submit


async def test_a_job_becomes_a_clip(
    hass: HomeAssistant,
    queue: ClipQueue,
    recorded: Recording,
    driver: FakeDriver,
    cutter: FakeCutter,
) -> None:
    ready = async_capture_events(hass, EVENT_CLIP_READY)
    phases: list[JobPhase] = []
    queue.listen(lambda job: phases.append(job.phase))
    cutter.walls = (datetime(2026, 9, 3, 12),)
    wish = request(recorded)
    job = await queue.wait((await submit(queue, wish)).id)

    assert job.phase is JobPhase.DONE
    assert job.clip is not None
    file = Path(job.clip.file)
    local = dt_util.as_local(wish.start)
    assert file.relative_to(queue.folder.root).parts == (
        "garage_nvr",
        "1_front_door",
        local.date().isoformat(),
        f"{local:%H%M%S}_door.mp4",
    )
    assert file.stat().st_size == job.clip.size_bytes
    note = read_note(file)
    assert note is not None
    assert (note.recorder, note.channel, note.channel_name) == ("Garage NVR", 1, "Front door")
    assert (note.start, note.end, note.kinds) == (wish.start, wish.end, recorded.kinds)
    assert files(queue) == [file.name]
    assert list(dict.fromkeys(phases)) == [
        JobPhase.QUEUED,
        JobPhase.FETCHING,
        JobPhase.REMUXING,
        JobPhase.VERIFYING,
        JobPhase.DONE,
    ]
    (event,) = ready
    assert event.context.id == "call"
    assert event.context.parent_id == "parent"
    assert event.data["job_id"] == job.id
    assert event.data["path"] == str(file)
    assert event.data["media_content_id"].startswith("media-source://nvr/clip/garage_nvr/")
    assert driver.footage_times == [(recorded, datetime(2026, 9, 3, 12))]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (NoFootageError("gone"), "no_footage"),
        (AuthenticationError("no", tries_left=3), "invalid_auth_tries"),
        (AccountLockedError("no", seconds_left=90), "account_locked_minutes"),
        (CannotConnectError("gone"), "cannot_connect"),
        (NoVideoError("nothing"), "no_footage"),
        (NoSpaceError("full"), "disk_full"),
        (FootageError("broken"), "footage_broken"),
        (OSError(errno.ENOSPC, "full"), "disk_full"),
        (PermissionError("no"), "clip_not_written"),
    ],
)
async def test_a_failure_names_its_cause_and_leaves_nothing(
    hass: HomeAssistant,
    queue: ClipQueue,
    recorded: Recording,
    cutter: FakeCutter,
    error: Exception,
    cause: str,
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.error = error
    job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.phase is JobPhase.FAILED
    assert job.failure is not None
    assert job.failure.cause == cause
    assert files(queue) == []
    (event,) = failed
    assert event.data["cause"] == cause
    assert cause not in event.data["message"]
    assert event.context.id == "call"


async def test_a_recorder_that_comes_back_is_forgiven(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver
) -> None:
    driver.errors["search"] = CannotConnectError("unplugged")

    async def plug_in(_: float) -> None:
        driver.errors.clear()

    queue.maker._sleep = plug_in
    job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.phase is JobPhase.DONE


async def test_a_span_without_footage_names_the_nearest(
    queue: ClipQueue, recorded: Recording
) -> None:
    job = await queue.wait((await submit(queue, request(recorded, offset=3700))).id)
    assert job.failure is not None
    assert job.failure.cause == "nothing_recorded_nearest"
    assert job.failure.placeholders["end"] == dt_util.as_local(recorded.end).isoformat()


async def test_a_recorder_without_any_footage_has_no_nearest(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver
) -> None:
    driver.recordings = []
    job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.failure is not None
    assert job.failure.cause == "nothing_recorded"


async def test_too_little_room_is_known_before_the_first_byte(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    with patch.object(queue.folder, "free_bytes", return_value=1000):
        job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.failure is not None
    assert job.failure.cause == "not_enough_space"
    assert cutter.paths == []
    assert files(queue) == []


async def test_jobs_are_done_one_after_the_other(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    cutter.gate.clear()
    jobs = [await submit(queue, request(recorded, offset=60 * n)) for n in range(1, 4)]
    await cutter.begun.wait()
    assert len(cutter.paths) == 1
    assert queue.current is not None
    assert queue.current.id == jobs[0].id
    assert [job.phase for job in queue.unfinished] == [
        JobPhase.FETCHING,
        JobPhase.QUEUED,
        JobPhase.QUEUED,
    ]
    cutter.gate.set()
    for job in jobs:
        assert (await queue.wait(job.id)).phase is JobPhase.DONE
    assert queue.unfinished == ()
    assert queue.current is not None
    assert queue.current.id == jobs[-1].id


async def test_a_cancelled_job_leaves_nothing(
    hass: HomeAssistant, queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    failed = async_capture_events(hass, EVENT_CLIP_FAILED)
    cutter.gate.clear()
    job = await submit(queue, request(recorded))
    await cutter.begun.wait()
    assert len(files(queue)) == 1
    assert await queue.cancel(job.id)
    assert (await queue.wait(job.id)).phase is JobPhase.CANCELLED
    assert files(queue) == []
    assert failed[0].data["cause"] == "cancelled"
    assert not await queue.cancel(job.id)
    assert not await queue.cancel("no such job")


async def test_a_queued_job_can_be_cancelled(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    cutter.gate.clear()
    first, second = [await submit(queue, request(recorded, offset=60 * n)) for n in (1, 2)]
    await cutter.begun.wait()
    assert await queue.cancel(second.id)
    cutter.gate.set()
    assert (await queue.wait(first.id)).phase is JobPhase.DONE
    assert len(files(queue)) == 1


async def test_a_full_queue_takes_no_more(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    cutter.gate.clear()
    with patch("custom_components.nvr.library.queue.JOBS_LIMIT", 2):
        for _ in range(2):
            await submit(queue, request(recorded))
        with pytest.raises(ServiceValidationError) as raised:
            await submit(queue, request(recorded))
    assert raised.value.translation_key == "queue_full"
    assert JOBS_LIMIT > 2
    cutter.gate.set()


async def test_a_channel_that_left_the_recorder_ends_its_jobs(
    hass: HomeAssistant, queue: ClipQueue, recorded: Recording
) -> None:
    wish = request(recorded)
    gone = ClipRequest(
        channel=9, stream=wish.stream, start=wish.start, end=wish.end, name=wish.name
    )
    job = await queue.wait((await submit(queue, gone)).id)
    assert job.failure is not None
    assert job.failure.cause == "channel_gone"


async def test_only_the_last_ended_jobs_are_remembered(
    queue: ClipQueue, recorded: Recording
) -> None:
    with patch("custom_components.nvr.library.queue.ENDED_KEPT", 2):
        jobs = [
            await queue.wait((await submit(queue, request(recorded, offset=60 * n))).id)
            for n in range(1, 4)
        ]
    assert [job.id for job in queue.jobs] == [job.id for job in jobs[1:]]
