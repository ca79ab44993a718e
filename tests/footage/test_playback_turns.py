"""Recordings of one recorder that are watched at the same time: it sends one at a time."""

import asyncio
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
