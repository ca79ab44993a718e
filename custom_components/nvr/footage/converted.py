"""Parts of a playback converted to H.264, for browsers that can't decode what the recorder has."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
import os
from pathlib import Path
from typing import Protocol

from .errors import FootageError, NoVideoError, SegmentNotReadyError
from .playlist import INIT_NAME, SlotPlan, segment_name
from .transfer import result_of
from .workers import WorkerPool

CONVERTED = "converted-"
"""What the names of converted parts begin with; they lie beside those they were made from."""

_INIT_NAME = f"{CONVERTED}{INIT_NAME}"
# The slowest machines decode large pictures a few times slower than they play.
_CONVERT_SECONDS = 120.0
_MAX_STEPS_BACK = 8
# Each may take the time of a conversion.
_MAX_OTHERS = 3
_WAIT = timedelta(seconds=25)
# Of how many playbacks the encoder is remembered.
_ENCODERS_LIMIT = 256


class Parts(Protocol):
    """What has parts: a recording or a clip that is being played."""

    plan: SlotPlan

    @property
    def longest_gop(self) -> timedelta:
        """The longest time between two key pictures seen so far; zero before."""

    async def init(self) -> Path:
        """Return the file that begins every part."""

    async def segment(self, number: int) -> Path:
        """Return the file of a part."""


class Converter:
    """Converts one part after the other, for all playbacks: it takes as much of the processor as there is."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._turn = asyncio.Lock()
        self._encoder: str | None = None
        self._encoders: dict[Path, str] = {}

    async def convert(
        self, init: Path, parts: Sequence[Path], target: Path, target_init: Path, number: int
    ) -> bool:
        """Write a converted part. False if more parts before it are needed, back to a key picture.

        Raises FootageError if it can't be converted.
        """
        async with self._turn, self._pool.worker() as worker:
            await worker.start(
                "convert",
                init=str(init),
                parts=[str(path) for path in parts],
                target=str(target),
                target_init=str(target_init),
                number=number,
                encoder=self._encoders.get(target_init, self._encoder),
            )
            result = await result_of(worker, timeout=_CONVERT_SECONDS, on_event=lambda _: None)
        encoder = result.values.get("encoder")
        if isinstance(encoder, str):
            self._learn(target_init, encoder)
        if result.values.get("whole") is not True:
            return False
        if result.values.get("fits") is not True:
            raise NoVideoError("the pictures changed their format")
        return True

    def _learn(self, target_init: Path, encoder: str) -> None:
        """Keep to one encoder for all parts of a playback: each writes another beginning.

        One that refuses the pictures of a playback may well be the best for another.
        """
        self._encoder = self._encoder or encoder
        self._encoders.pop(target_init, None)
        self._encoders[target_init] = encoder
        while len(self._encoders) > _ENCODERS_LIMIT:
            del self._encoders[next(iter(self._encoders))]


@dataclass(slots=True, eq=False)
class _Work:
    """A part that is being converted, and how many wait for it."""

    task: asyncio.Task[Path]
    waiting: int = 0


class ConvertedParts:
    """The parts of a playback as H.264, each converted when it is asked for.

    They are made from the parts that are copied, so the recorder sends nothing twice.
    """

    def __init__(
        self, converter: Converter, parts: Parts, folder: Path, *, wait: timedelta = _WAIT
    ) -> None:
        self._converter = converter
        self._parts = parts
        self._folder = folder
        self._wait = wait
        self._working: dict[int, _Work] = {}
        self._tasks: set[asyncio.Task[Path]] = set()
        self._closed = False
        self.plan = parts.plan

    @property
    def longest_gop(self) -> timedelta:
        """The longest time between two key pictures of what is converted, seen so far."""
        return self._parts.longest_gop

    async def init(self) -> Path:
        """Return the file that begins every converted part. Raises as ``segment`` does."""
        path = self._folder / _INIT_NAME
        if not await asyncio.to_thread(_use, path):
            number = next(iter(self._working), 0)
            try:
                await self._made(number)
            except SegmentNotReadyError:
                raise
            except FootageError as error:
                await self._begin_with_another(number, error)
        return path

    async def _begin_with_another(self, damaged: int, error: FootageError) -> None:
        """Make what begins all parts from another one that is there. Raises ``error`` if none can be converted."""
        found = await asyncio.to_thread(_newest_parts, self._folder)
        for number in [one for one in found if one != damaged][:_MAX_OTHERS]:
            try:
                await self._made(number)
            except SegmentNotReadyError:
                raise
            except FootageError:
                continue
            return
        raise error

    async def segment(self, number: int) -> Path:
        """Return the file of a converted part.

        Raises:
            SegmentNotReadyError: it takes longer than ``wait``; ask again.
            FootageError: there is no such part, or it can't be made.
            DriverError: what the recorder failed with, unchanged.
        """
        if not 0 <= number < self.plan.count:
            raise FootageError("no such part")
        path = self._folder / f"{CONVERTED}{segment_name(number)}"
        if not await asyncio.to_thread(_use, path):
            path = await self._made(number)
        await asyncio.to_thread(_use, self._folder / _INIT_NAME)
        return path

    async def _made(self, number: int) -> Path:
        """Wait until a part is converted. What nobody waits for any more is given up."""
        if self._closed:
            raise FootageError("the playback is closed")
        work = self._working.get(number)
        if work is None:
            work = self._working[number] = _Work(asyncio.create_task(self._make(number)))
            self._tasks.add(work.task)
            work.task.add_done_callback(partial(self._ended, number, work))
        work.waiting += 1
        try:
            done, _ = await asyncio.wait({work.task}, timeout=self._wait.total_seconds())
        except asyncio.CancelledError:
            if work.waiting == 1:
                work.task.cancel()
                # Who comes now has it made anew.
                self._forget(number, work)
            raise
        finally:
            work.waiting -= 1
        if not done or work.task.cancelled():
            raise SegmentNotReadyError("the part is still being converted")
        return work.task.result()

    def _ended(self, number: int, work: _Work, task: asyncio.Task[Path]) -> None:
        self._tasks.discard(task)
        self._forget(number, work)
        # What it failed with is of no interest when all who waited have left.
        if not task.cancelled():
            task.exception()

    def _forget(self, number: int, work: _Work) -> None:
        if self._working.get(number) is work:
            del self._working[number]

    async def _make(self, number: int) -> Path:
        await self._fetch_from_key_picture(number)
        parts: list[Path] = []
        for earlier in range(number, max(number - _MAX_STEPS_BACK, 0) - 1, -1):
            parts.insert(0, await self._parts.segment(earlier))
            # Where the footage ended, a part is called otherwise than one of which there is footage.
            target = self._folder / f"{CONVERTED}{parts[-1].name}"
            if await asyncio.to_thread(_use, target):
                return target
            init = await self._parts.init()
            if await self._converter.convert(
                init, parts, target, self._folder / _INIT_NAME, number
            ):
                return target
        raise NoVideoError("no key picture before the part")

    async def _fetch_from_key_picture(self, number: int) -> None:
        """Let a transfer for a part begin so early that the part's pictures can be decoded.

        A part shorter than a group of pictures needs those before it; fetched later, they would be sent twice.
        """
        steps = -(-self._parts.longest_gop // self.plan.length)
        if steps <= 1 or await asyncio.to_thread((self._folder / segment_name(number)).exists):
            return
        for earlier in range(max(0, number - min(steps, _MAX_STEPS_BACK)), number):
            await self._parts.segment(earlier)

    async def close(self) -> None:
        """End what is being converted. The parts stay. Safe to call twice."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))


def _newest_parts(folder: Path) -> list[int]:
    """Return the numbers of the parts that were copied, the newest first."""
    found: list[tuple[float, int]] = []
    for path in folder.glob(f"*{Path(segment_name(0)).suffix}"):
        if path.stem.isdecimal():
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime, int(path.stem)))
    return [number for _, number in sorted(found, reverse=True)]


def _use(path: Path) -> bool:
    """Note that a part is in use; False if it is not there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True
