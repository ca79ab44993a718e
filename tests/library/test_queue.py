"""Jobs from the wish to the file, and everything that can come between."""

import asyncio
from datetime import datetime, timedelta
import errno
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.nvr.const import DOMAIN, EVENT_CLIP_FAILED, EVENT_CLIP_READY
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    NoFootageError,
)
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName
from custom_components.nvr.footage.errors import FootageError, NoSpaceError, NoVideoError
from custom_components.nvr.library.job import ClipRequest, Job, JobPhase
from custom_components.nvr.library.maker import Patience
from custom_components.nvr.library.note_box import read_note
from custom_components.nvr.library.queue import JOBS_LIMIT, ClipQueue
from custom_components.nvr.shared import DATA_LIBRARY
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

HASTY = Patience(
    settle=timedelta(),
    ask_again=timedelta(seconds=1),
    wait_limit=timedelta(minutes=3),
    retries=(timedelta(), timedelta()),
)
CONTEXT = Context(user_id=None, parent_id="parent", id="call")


@pytest.fixture
def recorded(driver: FakeDriver) -> Recording:
    """Let the recorder have an hour of channel 1, which ended an hour ago."""
    end = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=1)
    recording = Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=end - timedelta(hours=1),
        end=end,
        kinds=frozenset({RecordingKind.MOTION}),
        size_bytes=1_000_000,
        token="a",
    )
    driver.recordings = [recording]
    driver.footage = {"a": (b"video",)}
    return recording


@pytest.fixture
def cutter() -> FakeCutter:
    return FakeCutter()


@pytest.fixture
def queue(hass: HomeAssistant, loaded_entry: MockConfigEntry, cutter: FakeCutter) -> Any:
    """Return the queue of the loaded recorder, which waits for nothing."""
    queue = loaded_entry.runtime_data.clips
    queue.maker.patience = HASTY
    queue.maker._sleep = lambda _: asyncio.sleep(0)
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        yield queue


def request(recording: Recording, offset: float = 60, seconds: float = 30) -> ClipRequest:
    start = recording.start + timedelta(seconds=offset)
    return ClipRequest(
        channel=recording.channel,
        stream=recording.stream,
        start=start,
        end=start + timedelta(seconds=seconds),
        name="door",
    )


async def submit(queue: ClipQueue, wish: ClipRequest) -> Job:
    return await queue.submit(wish, "camera.front_door", CONTEXT)


def files(queue: ClipQueue) -> list[str]:
    """Return the names of all files below the library's folder, hidden ones too."""
    return sorted(path.name for path in queue.folder.root.rglob("*") if path.is_file())


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


async def test_the_end_of_the_span_is_waited_for(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver
) -> None:
    now = dt_util.utcnow()
    wish = ClipRequest(
        channel=1,
        stream=StreamName.MAIN,
        start=now - timedelta(seconds=20),
        end=now - timedelta(seconds=5),
        name="door",
    )
    waits = 0

    async def write_on(_: float) -> None:
        nonlocal waits
        waits += 1
        if waits == 3:
            driver.recordings.append(_open(recorded, wish.start - timedelta(minutes=1), wish.end))

    queue.maker._sleep = write_on
    phases: list[JobPhase] = []
    queue.listen(lambda job: phases.append(job.phase))
    job = await queue.wait((await submit(queue, wish)).id)
    assert job.phase is JobPhase.DONE
    assert job.waited
    assert JobPhase.WAITING_FOR_FOOTAGE in phases


async def test_waiting_has_an_end(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver
) -> None:
    now = dt_util.utcnow()
    clock = now

    async def pass_time(_: float) -> None:
        nonlocal clock
        clock += timedelta(seconds=10)

    queue.maker._sleep = pass_time
    queue.maker._now = lambda: clock
    driver.recordings.append(
        _open(recorded, now - timedelta(minutes=5), now - timedelta(seconds=60))
    )
    wish = ClipRequest(
        channel=1,
        stream=StreamName.MAIN,
        start=now - timedelta(seconds=90),
        end=now - timedelta(seconds=20),
        name="door",
    )
    job = await queue.wait((await submit(queue, wish)).id)
    assert job.phase is JobPhase.DONE
    assert clock >= wish.end + HASTY.wait_limit


async def test_footage_that_was_listed_before_it_was_written_is_fetched_again(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver, cutter: FakeCutter
) -> None:
    now = dt_util.utcnow()
    driver.recordings.append(_open(recorded, now - timedelta(minutes=5), now))
    wish = ClipRequest(
        channel=1,
        stream=StreamName.MAIN,
        start=now - timedelta(seconds=60),
        end=now - timedelta(seconds=1),
        name="door",
    )
    cutter.late = [timedelta(seconds=5), timedelta(seconds=2), timedelta()]
    job = await queue.wait((await submit(queue, wish)).id)
    assert job.phase is JobPhase.DONE
    assert job.clip is not None
    assert job.clip.end == wish.end
    assert len(cutter.paths) == 3


def _open(recording: Recording, start: datetime, end: datetime) -> Recording:
    return Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=end,
        kinds=recording.kinds,
        open=True,
        token="a",
    )


async def test_a_waiting_job_does_not_hold_up_the_others(
    queue: ClipQueue, recorded: Recording
) -> None:
    waiting = asyncio.Event()
    now = dt_util.utcnow()

    async def wait(_: float) -> None:
        await waiting.wait()

    queue.maker._sleep = wait
    first = await submit(
        queue,
        ClipRequest(
            channel=1,
            stream=StreamName.MAIN,
            start=now - timedelta(seconds=10),
            end=now + timedelta(seconds=600),
            name="door",
        ),
    )
    second = await submit(queue, request(recorded))
    assert (await queue.wait(second.id)).phase is JobPhase.DONE
    assert queue.current is not None
    assert (queue.current.id, queue.current.phase) == (first.id, JobPhase.WAITING_FOR_FOOTAGE)
    assert await queue.cancel(first.id)


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
