"""Searches have bounds, and say where they stop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, override

import pytest

from custom_components.nvr.drivers.errors import DeviceBusyError, NotSupportedError
from custom_components.nvr.drivers.models import Recording, RecordingExtent, StreamName
from custom_components.nvr.recordings import (
    STEP,
    find_in_steps,
    find_recording,
    find_recordings,
    nearest_recording,
)
from tests.fake_driver import FakeDriver

NOON = datetime(2026, 9, 3, 12, tzinfo=UTC)


def recording(minute: float, minutes: float = 1) -> Recording:
    start = NOON + timedelta(minutes=minute)
    return Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=start + timedelta(minutes=minutes),
        kinds=frozenset(),
    )


class Failing(FakeDriver):
    """A recorder that breaks off after two recordings."""

    @override
    async def search(self, *args: Any, **options: Any) -> AsyncIterator[Recording]:
        for count, one in enumerate(self.recordings):
            if count == 2:
                raise DeviceBusyError("busy")
            yield one


async def test_an_answer_that_breaks_off_keeps_what_it_has() -> None:
    driver = Failing()
    driver.recordings = [recording(n) for n in range(4)]
    found = await find_recordings(driver, 1, NOON, NOON + timedelta(hours=1), limit=10)
    assert len(found.recordings) == 2
    assert isinstance(found.error, DeviceBusyError)
    # Recordings overlap: those not told yet may begin before the last one told has ended.
    assert found.complete_until == driver.recordings[1].start


async def test_the_limit_is_where_the_first_left_out_begins() -> None:
    driver = FakeDriver()
    driver.recordings = [recording(n) for n in range(4)]
    found = await find_recordings(driver, 1, NOON, NOON + timedelta(hours=1), limit=3)
    assert found.complete_until == driver.recordings[3].start
    found = await find_recordings(driver, 1, NOON, NOON + timedelta(hours=1), limit=4)
    assert found.complete_until is None


@pytest.mark.parametrize("limit", [2, 3, 4, 10])
async def test_a_long_search_tells_each_recording_once(limit: int) -> None:
    driver = FakeDriver()
    step = STEP // timedelta(minutes=1)
    driver.recordings = [recording(n) for n in (5, step - 0.5, step + 1, 2 * step + 1)]
    end = NOON + 3 * STEP - timedelta(days=1)
    found = await find_in_steps(driver, 1, NOON, end, limit=limit, seconds=60)
    assert list(found.recordings) == driver.recordings[: len(found.recordings)]
    if found.complete_until is None:
        assert list(found.recordings) == driver.recordings
        assert driver.calls["search"] == 3
    else:
        left = driver.recordings[len(found.recordings) :]
        assert all(one.end > found.complete_until for one in left)
    assert (found.complete_until is None) == (limit >= 4)


class Endless(FakeDriver):
    """A recorder that does not come to an end after its recordings of a span."""

    @override
    async def search(
        self, channel: int, start: datetime, *args: Any, **options: Any
    ) -> AsyncIterator[Recording]:
        async for one in super().search(channel, start, *args, **options):
            yield one
        if start > NOON:
            await asyncio.Event().wait()


async def test_a_search_without_end_says_how_far_it_came() -> None:
    driver = Endless()
    driver.recordings = [recording(1)]
    found = await find_in_steps(driver, 1, NOON, NOON + 3 * STEP, limit=10, seconds=0.05)
    assert list(found.recordings) == driver.recordings
    assert found.complete_until == NOON + STEP
    assert found.error is None


async def test_a_recording_is_found_again_by_what_it_covers() -> None:
    driver = FakeDriver()
    moved = recording(1 / 60, 10)
    driver.recordings = [recording(-5, 5.1), moved, recording(10.1)]
    asked = (NOON, NOON + timedelta(minutes=10))
    assert await find_recording(driver, 1, StreamName.MAIN, *asked) is moved
    driver.recordings = []
    assert await find_recording(driver, 1, StreamName.MAIN, *asked) is None


@pytest.mark.parametrize("grown", [0, 30])
async def test_an_event_is_not_taken_for_the_recording_around_it(grown: float) -> None:
    driver = FakeDriver()
    around, event = recording(-20, 60 + grown), recording(0, 1)
    driver.recordings = [around, event]
    for meant in driver.recordings:
        asked = (meant.start, min(meant.end, NOON + timedelta(minutes=40)))
        assert await find_recording(driver, 1, StreamName.MAIN, *asked) is meant


async def test_few_are_looked_at_to_find_one_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.nvr.recordings.CANDIDATES_LIMIT", 3)
    driver = FakeDriver()
    driver.recordings = [recording(n) for n in range(9)] + [recording(9, 50)]
    found = await find_recording(driver, 1, StreamName.MAIN, NOON, NOON + timedelta(hours=1))
    assert found in driver.recordings[:3]


async def test_a_search_that_breaks_off_finds_none_again() -> None:
    driver = Failing()
    driver.recordings = [recording(n) for n in range(4)]
    with pytest.raises(DeviceBusyError):
        await find_recording(driver, 1, StreamName.MAIN, NOON, NOON + timedelta(hours=1))


DAY = 24 * 60


@pytest.mark.parametrize(
    ("minutes", "extent", "nearest"),
    [
        # By the days of the calendar, before and after.
        ([-20 * DAY, -5 * DAY, 6 * DAY], None, 1),
        ([-7 * DAY, 6 * DAY, 8 * DAY], None, 1),
        ([-40 * DAY], None, None),
        # By what the recorder is known to have at all.
        ([90 * DAY, 91 * DAY], (90 * DAY, 91 * DAY + 1), 0),
        ([-91 * DAY, -90 * DAY], (-91 * DAY, -90 * DAY + 1), 1),
    ],
)
async def test_the_nearest_may_be_days_away(
    minutes: list[float], extent: tuple[float, float] | None, nearest: int | None
) -> None:
    driver = FakeDriver()
    driver.recordings = [recording(minute) for minute in minutes]
    extents = {}
    if extent is not None:
        oldest, newest = (NOON + timedelta(minutes=minute) for minute in extent)
        extents = {1: RecordingExtent(oldest=oldest, newest=newest)}
    driver.answer = replace(driver.answer, extents=extents)
    await driver.connect()
    asked = (NOON, NOON + timedelta(minutes=10))
    found = await nearest_recording(driver, 1, StreamName.MAIN, *asked)
    assert found == (None if nearest is None else driver.recordings[nearest])


async def test_a_recorder_without_a_calendar_has_no_farther_recordings() -> None:
    driver = FakeDriver()
    driver.recordings = [recording(5 * DAY)]
    driver.errors["recorded_days"] = NotSupportedError("no calendar")
    asked = (NOON, NOON + timedelta(minutes=10))
    assert await nearest_recording(driver, 1, StreamName.MAIN, *asked) is None


async def test_the_nearest_is_looked_for_within_a_day() -> None:
    driver = FakeDriver()
    driver.recordings = [recording(-30 * 60), recording(20 * 60)]
    asked = (NOON, NOON + timedelta(minutes=10))
    assert await nearest_recording(driver, 1, StreamName.MAIN, *asked) is driver.recordings[1]
    driver.errors["search"] = DeviceBusyError("busy")
    with pytest.raises(DeviceBusyError):
        await nearest_recording(driver, 1, StreamName.MAIN, *asked)
