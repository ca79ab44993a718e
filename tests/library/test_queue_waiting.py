"""Footage that is yet to be written is waited for, and holds up nobody else."""

import asyncio
from datetime import datetime, timedelta
import shutil

from homeassistant.util import dt as dt_util

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.library.job import ClipRequest, JobPhase
from custom_components.nvr.library.queue import ClipQueue
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter
from tests.library.wishes import HASTY, files, request, submit


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


async def test_footage_that_was_listed_too_early_holds_up_nobody(
    queue: ClipQueue, recorded: Recording, driver: FakeDriver, cutter: FakeCutter
) -> None:
    now = dt_util.utcnow()
    driver.recordings.append(_open(recorded, now - timedelta(minutes=5), now))
    slept, wake = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        slept.set()
        await wake.wait()

    queue.maker._sleep = sleep
    cutter.late = [timedelta(seconds=5)]
    late = await submit(queue, request(driver.recordings[-1], offset=200, seconds=99))
    await slept.wait()
    assert files(queue) == []
    other = await queue.wait((await submit(queue, request(recorded))).id)
    assert other.phase is JobPhase.DONE
    assert queue.unfinished[0].phase is JobPhase.WAITING_FOR_FOOTAGE
    wake.set()
    job = await queue.wait(late.id)
    assert job.phase is JobPhase.DONE
    # However often it is tried, it was taken up once.
    assert job.starts == 1


async def test_a_day_that_is_removed_between_two_attempts_is_made_again(
    queue: ClipQueue, recorded: Recording, cutter: FakeCutter
) -> None:
    async def come_back(_: float) -> None:
        cutter.error = None
        # As when the last saved clip of the day is deleted meanwhile.
        shutil.rmtree(queue.folder.root, ignore_errors=True)

    queue.maker._sleep = come_back
    cutter.error = CannotConnectError("unplugged")
    job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.phase is JobPhase.DONE
    assert len(cutter.paths) == 2
    assert len(files(queue)) == 1
