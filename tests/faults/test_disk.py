"""A full disk is free again when it is said to be."""

import asyncio
from pathlib import Path
from threading import Event

import pytest

from faults import disk
from faults.disk import SmallDisk


async def test_room_stays_free_though_filling_was_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on, done = Event(), Event(), Event()

    def grow(file: Path) -> None:
        begun.set()
        on.wait()
        file.touch()
        done.set()

    monkeypatch.setattr(disk, "_grow", grow)
    small = SmallDisk(tmp_path)
    filling = asyncio.create_task(small.fill())
    await asyncio.to_thread(begun.wait)
    filling.cancel()
    freeing = asyncio.create_task(small.free())
    # Whoever does not wait for the thread is through by now.
    await asyncio.wait({freeing}, timeout=0.2)
    on.set()
    await asyncio.to_thread(done.wait)
    await freeing
    assert not small.full
    assert small.ballast is not None
    assert not small.ballast.exists()
