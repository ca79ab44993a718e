"""Recordings of one recorder that are watched at the same time: it sends one at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from custom_components.nvr.footage.playback import Playback, PlaybackBounds
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import Filmed
from .played import recording

NEVER = timedelta(hours=1)
BOUNDS = PlaybackBounds(idle=NEVER, wait=timedelta(seconds=60))


async def let_go(filmed: Filmed) -> None:
    """Wait until no transfer is open."""
    while filmed.open:
        await asyncio.sleep(0.01)


async def test_read_ahead_gives_way_to_who_waits(pool: WorkerPool, tmp_path: Path) -> None:
    first, second = recording(), recording()
    watched = Playback(pool, first.part, tmp_path / "first", bounds=BOUNDS)
    other = Playback(
        pool, second.part, tmp_path / "second", bounds=BOUNDS, on_transfer=watched.give_way
    )
    # Enough for a turn; what follows is read ahead, and its end is not near.
    for number in range(6):
        await watched.segment(number)
    assert first.open == 1
    await other.segment(0)
    await let_go(first)
    # Who watches there goes on when something is missing.
    assert (await watched.segment(100)).exists()
    assert len(first.fetches) == 2
    await watched.close()
    await other.close()


async def test_whole_recording_is_not_sent_again_for_anothers_sake(
    pool: WorkerPool, tmp_path: Path
) -> None:
    first = recording(whole=True)
    bounds = replace(BOUNDS, whole_read_ahead=timedelta(seconds=40), whole_idle=NEVER)
    watched = Playback(pool, first.part, tmp_path, bounds=bounds)
    for number in (0, 10, 20, 30):
        await watched.segment(number)
        watched.give_way()
        await asyncio.sleep(0)
    # It lets go once enough is there for those who watch.
    await let_go(first)
    assert len(first.fetches) == 1
    assert (tmp_path / "39.m4s").exists()
    await watched.close()


async def test_pause_of_a_whole_transfer_is_longer(pool: WorkerPool, tmp_path: Path) -> None:
    bounds = replace(
        BOUNDS,
        read_ahead=timedelta(seconds=8),
        whole_read_ahead=timedelta(seconds=8),
        idle=timedelta(milliseconds=1),
        whole_idle=NEVER,
    )
    whole, cut = recording(whole=True), recording()
    first, second = (
        Playback(pool, filmed.part, tmp_path / str(number), bounds=bounds)
        for number, filmed in enumerate((whole, cut))
    )
    await first.segment(0)
    await second.segment(0)
    await let_go(cut)
    assert whole.open == 1
    await first.close()
    await second.close()


async def test_who_waits_is_not_sent_away(pool: WorkerPool, tmp_path: Path) -> None:
    first, second = recording(), recording()
    watched = Playback(pool, first.part, tmp_path / "first", bounds=BOUNDS)
    other = Playback(
        pool, second.part, tmp_path / "second", bounds=BOUNDS, on_transfer=watched.give_way
    )
    waiting = asyncio.create_task(watched.segment(0))
    await asyncio.sleep(0)
    await other.segment(0)
    assert (await waiting).exists()
    assert len(first.fetches) == 1
    await watched.close()
    await other.close()


async def test_viewer_who_left_gives_way_at_once(pool: WorkerPool, tmp_path: Path) -> None:
    first = recording()
    watched = Playback(pool, first.part, tmp_path / "first", bounds=BOUNDS)
    leaving = asyncio.create_task(watched.segment(0))
    while not first.open:
        await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.wait([leaving])
    watched.give_way()
    await let_go(first)
    assert (await watched.segment(0)).exists()
    await watched.close()
