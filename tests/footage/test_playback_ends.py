"""A playback shows still pictures where a recording has no footage."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from custom_components.nvr.footage import run
from custom_components.nvr.footage.errors import (
    NoVideoError,
    SegmentNotReadyError,
)
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import NOON
from .played import SLOT, bytes_of, load, recording
from .sent import Sent


async def test_hole_in_the_footage_shows_a_still_picture(pool: WorkerPool, tmp_path: Path) -> None:
    one, two = recording(20), recording(60)
    two.start = two.source.key_frame_at_or_before(NOON + timedelta(seconds=40))

    def chunks() -> list[bytes]:
        return [*bytes_of(one, NOON), *bytes_of(two, two.start)]

    sent = Sent(chunks, NOON, NOON + timedelta(seconds=60))
    playback = Playback(pool, sent.part, tmp_path)
    segments = [await load(playback, number) for number in range(15)]
    assert all(segment.times for segment in segments)
    assert (
        segments[7].filmed == [segments[4].filmed[0] + timedelta(seconds=2)]
        or len(segments[7].filmed) == 1
    )
    assert segments[7].times == [28.0]
    assert segments[11].times[0] == pytest.approx(
        (segments[11].filmed[0] - NOON).total_seconds(), abs=0.001
    )
    await playback.close()


@pytest.mark.parametrize("whole", [False, True])
async def test_footage_that_ends_early_is_filled_up_with_still_parts(
    pool: WorkerPool, tmp_path: Path, whole: bool
) -> None:
    """A player gives up at a part that fails; and asking again must not cost the recorder a transfer."""
    filmed = recording(33, whole=whole)
    playback = Playback(pool, replace(filmed.part, end=NOON + timedelta(seconds=60)), tmp_path)
    for number in [*range(15), *range(14, 8, -1)]:
        await playback.segment(number)
    assert len(filmed.fetches) == 1
    segments = [await load(playback, number) for number in range(15)]
    assert len(segments[8].times) > 1
    assert [segment.times for segment in segments[9:]] == [[4.0 * n] for n in range(9, 15)]
    # The last key picture stays on screen.
    newest = max(segments[8].filmed)
    for segment in segments[9:]:
        assert newest - timedelta(seconds=2) <= segment.filmed[0] <= newest
    sound = [time for segment in segments for time in segment.sound]
    assert all(0 < b - a < 2 * 0.064 + 0.001 for a, b in pairwise(sound))
    assert len(filmed.fetches) == 1
    await playback.close()


@pytest.mark.parametrize("broke_off", [False, True])
async def test_transfer_that_broke_off_is_no_end_yet(
    pool: WorkerPool, tmp_path: Path, broke_off: bool
) -> None:
    filmed = recording(33, truncated=broke_off)
    playback = Playback(pool, replace(filmed.part, end=NOON + timedelta(minutes=1)), tmp_path)
    await playback.segment(8)
    async with asyncio.timeout(30):
        while filmed.open:
            await asyncio.sleep(0.01)
    filmed.end = NOON + timedelta(minutes=1)
    assert (len((await load(playback, 10)).times) > 1) is broke_off
    await playback.close()


async def test_device_that_always_announces_more(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(33, truncated=True, whole=True)
    playback = Playback(pool, replace(filmed.part, end=NOON + timedelta(minutes=2)), tmp_path)
    await playback.segment(0)
    fetched = []
    for _ in range(5):
        with suppress(SegmentNotReadyError):
            assert len((await load(playback, 20)).times) == 1
        fetched.append(len(filmed.fetches))
    assert fetched[-1] <= 2
    await playback.close()


@pytest.mark.parametrize("whole", [False, True])
async def test_transfers_that_break_off_at_once_end_nothing(
    pool: WorkerPool, tmp_path: Path, whole: bool
) -> None:
    """A still picture from the beginning would stand for what the recorder has and did not send."""
    filmed, begun = recording(60, whole=whole), recording(6, whole=whole)
    playback = Playback(pool, replace(filmed.part, fetch=begun.part.fetch), tmp_path)
    await playback.segment(0)
    await playback.close()
    first = NOON if whole else NOON + timedelta(seconds=48)
    broken = recording(60, whole=whole, truncated=True)
    broken.end = first + timedelta(seconds=0.1)
    watched = Playback(pool, replace(filmed.part, fetch=broken.part.fetch), tmp_path)
    for _ in range(3 if whole else 1):
        with pytest.raises(SegmentNotReadyError):
            await watched.segment(12)
    broken.end = filmed.end
    assert len((await load(watched, 12)).times) > 1
    await watched.close()


async def test_jump_beyond_the_footage(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(20)
    playback = Playback(pool, replace(filmed.part, end=NOON + timedelta(minutes=10)), tmp_path)
    for number in (100, 101, 100, 149):
        assert (await load(playback, number)).times == [number * SLOT]
    # One for the place jumped to, one for the picture.
    assert len(filmed.fetches) == 2
    assert len((await load(playback, 3)).times) > 1
    await playback.close()


async def test_end_of_the_footage_is_looked_for_again_after_a_while(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recorder may have been busy, or be recording still."""
    filmed = recording(20)
    playback = Playback(pool, replace(filmed.part, end=NOON + timedelta(minutes=1)), tmp_path)
    assert len((await load(playback, 8)).times) == 1
    filmed.end = NOON + timedelta(minutes=1)
    assert len((await load(playback, 8)).times) == 1
    monkeypatch.setattr(run, "_END_SECONDS", 0.0)
    assert len((await load(playback, 8)).times) > 1
    await playback.close()


async def test_no_footage_at_all(pool: WorkerPool, tmp_path: Path) -> None:
    sent = Sent(list)
    playback = Playback(pool, sent.part, tmp_path)
    with pytest.raises(NoVideoError):
        await playback.init()
    for number in (0, 0, 7):
        with pytest.raises(NoVideoError):
            await playback.segment(number)
    assert len(sent.streams) == 1
    await playback.close()
    await playback.close()
