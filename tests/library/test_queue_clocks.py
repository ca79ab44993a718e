"""A recorder whose clock turns out, by its footage, to be another than was thought."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest

from custom_components.nvr.drivers.models import FootageClock, Recording
from custom_components.nvr.footage.errors import NoVideoError
from custom_components.nvr.library.job import JobPhase
from custom_components.nvr.library.queue import ClipQueue
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter
from tests.library.wishes import request, submit

WALL = datetime(2026, 9, 3, 12)


class Clock:
    """What the driver knows of the clock; it learns from footage."""

    def __init__(self, cutter: FakeCutter, learnt: timedelta) -> None:
        self.offset = timedelta(hours=2)
        self.learnt = learnt
        self.noted: list[datetime] = []
        self._cutter = cutter

    def footage_clock(self, recording: Recording) -> FootageClock:
        return FootageClock(offsets=(self.offset,), expected=recording.start)

    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        self.noted.append(wall)
        if self.learnt:
            self._cutter.error = None
        self.offset += self.learnt


@pytest.mark.parametrize(
    ("learnt", "phase", "tries"),
    [
        (timedelta(hours=-2), JobPhase.DONE, 2),
        (timedelta(milliseconds=20), JobPhase.FAILED, 1),
        (timedelta(), JobPhase.FAILED, 1),
    ],
)
async def test_a_clip_that_shows_nothing_is_cut_again_by_the_right_clock(
    queue: ClipQueue,
    recorded: Recording,
    driver: FakeDriver,
    cutter: FakeCutter,
    learnt: timedelta,
    phase: JobPhase,
    tries: int,
) -> None:
    clock = Clock(cutter, learnt)
    cutter.error = NoVideoError("no picture in the asked span")
    cutter.error.first_walls = (WALL,)
    with (
        patch.object(driver, "footage_clock", clock.footage_clock),
        patch.object(driver, "note_footage_time", clock.note_footage_time),
    ):
        job = await queue.wait((await submit(queue, request(recorded))).id)
    assert job.phase is phase
    assert clock.noted == [WALL]
    assert len(cutter.paths) == tries
