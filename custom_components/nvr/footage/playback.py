"""Playing a recording: its parts, made when they are asked for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
import os
from pathlib import Path

from .errors import FootageError, NoVideoError, SegmentNotReadyError
from .part import FootagePart
from .playlist import INIT_NAME, SlotPlan, segment_name
from .run import PlaybackBounds, Run, Viewing
from .workers import WorkerPool

__all__ = ["Playback", "PlaybackBounds"]

_DEFAULT_BOUNDS = PlaybackBounds()


class Playback:
    """One recording being played, by one or several viewers.

    At most one transfer runs. Parts stay in ``folder`` as long as its owner keeps them; one that is gone is
    fetched again.
    """

    def __init__(
        self,
        pool: WorkerPool,
        part: FootagePart,
        folder: Path,
        *,
        bounds: PlaybackBounds = _DEFAULT_BOUNDS,
    ) -> None:
        self._pool = pool
        self._part = part
        self._folder = folder
        self._bounds = bounds
        self.plan = SlotPlan.of(part.end - part.start, bounds.slot)
        self._run: Run | None = None
        self._viewing = Viewing()
        self._closed = False

    @property
    def longest_gop(self) -> timedelta:
        """The longest time between two key pictures seen so far; zero before."""
        return self._viewing.longest_gop

    def playlist(self, uri: Callable[[str], str]) -> str:
        """Return the HLS playlist of the whole recording, which needs no footage to be there.

        ``uri`` turns the name of a part (``init.mp4``, ``0.m4s`` and so on) into what the player asks for.
        """
        return self.plan.playlist(uri)

    async def init(self) -> Path:
        """Return the file that begins every part. Raises as ``segment`` does."""
        return await self._file(INIT_NAME, self._viewing.wanted)

    async def segment(self, number: int) -> Path:
        """Return the file of a part, fetching it if it is not there.

        The work goes on when the caller is cancelled.

        Raises:
            SegmentNotReadyError: it takes longer than ``bounds.wait``; ask again.
            FootageError: there is no such part, or it can't be made.
            DriverError: what ``fetch`` raised, unchanged.
        """
        if not 0 <= number < self.plan.count:
            raise FootageError("no such part")
        return await self._file(segment_name(number), number)

    async def _file(self, name: str, number: int) -> Path:
        if self._closed:
            raise FootageError("the playback is closed")
        path = self._folder / name
        self._viewing.wanted = number
        self._viewing.announce()
        if await asyncio.to_thread(_use, self._folder, path):
            return path
        self._want(number)
        try:
            async with asyncio.timeout(self._bounds.wait.total_seconds()):
                return await self._arrival(path, number)
        except TimeoutError as error:
            raise SegmentNotReadyError("the part is still being fetched") from error

    async def _arrival(self, path: Path, number: int) -> Path:
        while not self._closed:
            signal, run = self._viewing.signal, self._run
            # Whether the transfer is over is asked before the file, which may come in between.
            over = run is None or run.done
            if await asyncio.to_thread(_use, self._folder, path):
                return path
            if over and run is self._run:
                if run is not None and not run.idle:
                    raise run.error or NoVideoError("there is no footage at this place")
                self._want(number)
            elif not signal.is_set():
                await signal.wait()
        raise FootageError("the playback is closed")

    def _want(self, number: int) -> None:
        """Make sure that a transfer runs which comes by this part."""
        before = self._run
        if self._closed or (before is not None and before.reaches(number)):
            return
        self._run = Run(
            self._pool,
            self._part,
            self._folder,
            self.plan,
            self._bounds,
            self._viewing,
            number,
        )
        self._run.begin(after=before)

    async def close(self) -> None:
        """End the transfer. The parts stay. Safe to call twice."""
        self._closed = True
        run, self._run = self._run, None
        self._viewing.announce()
        if run is not None:
            await run.stop()


def _use(folder: Path, path: Path) -> bool:
    """Note that a part is in use; False if it is not there. The file that begins all parts is used with each."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    with suppress(FileNotFoundError):
        os.utime(folder / INIT_NAME)
    return True
