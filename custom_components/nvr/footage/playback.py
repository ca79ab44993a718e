"""Playing a recording: its parts, made when they are asked for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
import os
from pathlib import Path

from .errors import FootageError, NoVideoError, SegmentNotReadyError
from .part import FootagePart
from .playlist import INIT_NAME, STILL_NAME, SlotPlan, segment_name, still_name
from .run import PlaybackBounds, Run, Viewing
from .still import place_still
from .workers import Workers

__all__ = ["Playback", "PlaybackBounds"]

_DEFAULT_BOUNDS = PlaybackBounds()


@dataclass(slots=True, eq=False)
class _Waiter:
    """A request for a part. ``run`` is the transfer that it waits for, ``viewer`` whether it shows where one is."""

    number: int
    viewer: bool = True
    run: Run | None = None


class _EndedError(NoVideoError):
    """The footage is known to end before the part."""


class Playback:
    """One recording being played, by one or several viewers.

    At most one transfer runs; viewers of different places have it in turns. Parts stay in ``folder`` as long as its owner keeps them; one that is gone is
    fetched again.
    """

    def __init__(
        self,
        pool: Workers,
        part: FootagePart,
        folder: Path,
        *,
        bounds: PlaybackBounds = _DEFAULT_BOUNDS,
        on_transfer: Callable[[], None] = lambda: None,
    ) -> None:
        """Initialize; ``on_transfer`` is called whenever a transfer is about to begin."""
        self._pool = pool
        self._part = part
        self._folder = folder
        self._bounds = bounds
        self._on_transfer = on_transfer
        self.plan = SlotPlan.of(part.end - part.start, bounds.slot)
        self._run: Run | None = None
        self._viewing = Viewing()
        self._waiters: list[_Waiter] = []
        self._closed = False

    @property
    def longest_gop(self) -> timedelta:
        """The longest time between two key pictures seen so far; zero before."""
        return self._viewing.longest_gop

    async def init(self) -> Path:
        """Return the file that begins every part. Raises as ``segment`` does."""
        number = 0 if self._run is None else self._run.first
        if self._viewing.is_without_footage(number):
            number = 0
        return await self._file(INIT_NAME, _Waiter(number, viewer=False))

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
        try:
            return await self._file(segment_name(number), _Waiter(number))
        except _EndedError:
            return await self._still(number)

    async def _still(self, number: int) -> Path:
        """Return a part beyond the footage, which searches may announce. No transfer is needed for it."""
        path = self._folder / still_name(number)
        try:
            still = await self._file(STILL_NAME, _Waiter(0, viewer=False))
            await asyncio.to_thread(
                place_still, still, self._folder / INIT_NAME, path, number, self.plan.start(number)
            )
        except FileNotFoundError as error:
            raise SegmentNotReadyError("the parts were just removed") from error
        return path

    async def _file(self, name: str, waiter: _Waiter) -> Path:
        if self._closed:
            raise FootageError("the playback is closed")
        path = self._folder / name
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(self._bounds.wait.total_seconds()):
                return await self._arrival(path, waiter)
        except TimeoutError as error:
            raise SegmentNotReadyError("the part is still being fetched") from error
        except asyncio.CancelledError:
            if self._run is not None and self._run is waiter.run:
                self._run.abandoned = True
            raise
        finally:
            self._waiters.remove(waiter)
            # It may be another's turn now.
            self._viewing.announce()

    async def _arrival(self, path: Path, waiter: _Waiter) -> Path:
        while not self._closed:
            signal, run = self._viewing.signal, self._run
            # Whether the transfer is over is asked before the file, which may come in between.
            over = run is None or run.done
            if run is not None and waiter.viewer:
                run.want(waiter.number)
            if await asyncio.to_thread(_use, self._folder, path):
                return path
            if run is not self._run or signal.is_set():
                continue
            if self._viewing.is_without_footage(waiter.number):
                raise _EndedError("there is no footage at this place")
            if over and run is not None and run is waiter.run and not run.idle:
                raise run.error or NoVideoError("there is no footage at this place")
            if self._may_begin(waiter):
                self._begin(waiter)
            else:
                if run is not None and run.reaches(waiter.number):
                    waiter.run = run
                await signal.wait()
        raise FootageError("the playback is closed")

    def _may_begin(self, waiter: _Waiter) -> bool:
        """Return whether a transfer is to begin for a waiter: none comes by its part, and it is its turn.

        Those who wait longer go first. A transfer is not taken from a viewer before it has brought something.
        """
        run = self._run
        if self._waiters[0] is not waiter:
            return False
        return run is None or run.done or (run.had_turn and not run.reaches(waiter.number))

    def _begin(self, waiter: _Waiter) -> None:
        before = self._run
        self._run = waiter.run = Run(
            self._pool,
            self._part,
            self._folder,
            self.plan,
            self._bounds,
            self._viewing,
            waiter.number,
        )
        self._on_transfer()
        self._run.begin(after=before)
        self._viewing.announce()

    def give_way(self) -> None:
        """Let go of the recorder for another's sake, if nobody waits here and enough came for those who watch.

        What is missing later is fetched when it is asked for.
        """
        run = self._run
        if run is not None and not run.done and not self._waiters:
            run.give_way()

    async def close(self) -> None:
        """End the transfer. The parts stay. Safe to call twice."""
        self._closed = True
        run, self._run = self._run, None
        self._viewing.announce()
        if run is not None:
            await run.stop()


def _use(folder: Path, path: Path) -> bool:
    """Note that a part is in use; False if it is not there. What all parts need is used with each."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    for needed in (INIT_NAME, STILL_NAME):
        with suppress(FileNotFoundError):
            os.utime(folder / needed)
    return True
