"""Playing a saved clip in parts, as recordings are played."""

import asyncio
from datetime import timedelta
import os
from pathlib import Path

from .errors import FootageError, NoVideoError
from .part import duration_ticks
from .playlist import INIT_NAME, SlotPlan, segment_name
from .transfer import result_of
from .workers import WorkerPool

_SLOT = timedelta(seconds=4)
# The pictures that lead in to a clip take less than this, and the first one that is meant lasts longer.
_BEGIN = timedelta(milliseconds=20)
_PART_SECONDS = 60.0


class ClipPlayback:
    """One clip being played, by one or several viewers.

    Each part is made from the clip's file when it is asked for, and stays in ``folder`` as long as its owner
    keeps it.
    """

    def __init__(self, pool: WorkerPool, clip: Path, duration: timedelta, folder: Path) -> None:
        """Initialize; the clip is one of ours."""
        self._pool = pool
        self._clip = clip
        self._folder = folder
        self._turn = asyncio.Lock()
        self.plan = SlotPlan.of(duration, _SLOT, _BEGIN)
        self.longest_gop = timedelta()

    async def init(self) -> Path:
        """Return the file that begins every part. Raises as ``segment`` does."""
        path = self._folder / INIT_NAME
        if not await asyncio.to_thread(_use, self._folder, path):
            await self._make(0)
        return path

    async def segment(self, number: int) -> Path:
        """Return the file of a part.

        Raises:
            FootageError: there is no such part, or it can't be made.
        """
        if not 0 <= number < self.plan.count:
            raise FootageError("no such part")
        path = self._folder / segment_name(number)
        # One after the other: making a part takes moments, and two viewers want the same ones.
        async with self._turn:
            if not await asyncio.to_thread(_use, self._folder, path):
                await self._make(number)
        return path

    async def _make(self, number: int) -> None:
        async with self._pool.worker() as worker:
            await worker.start(
                "clip_part",
                path=str(self._clip),
                folder=str(self._folder),
                number=number,
                slot=duration_ticks(self.plan.length),
                count=self.plan.count,
            )
            result = await result_of(worker, timeout=_PART_SECONDS, on_event=lambda _: None)
        if result.values.get("fits") is not True:
            raise NoVideoError("the clip is another one now")

    def give_way(self) -> None:
        """Do nothing: no recorder is needed."""

    async def close(self) -> None:
        """Do nothing: no part is made unless somebody waits for it."""


def _use(folder: Path, path: Path) -> bool:
    """Note that a part is in use, with what all parts need; False if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for needed in (folder / INIT_NAME, path):
        try:
            os.utime(needed)
        except FileNotFoundError:
            return False
    return True
