"""Making a clip: a span of footage as an MP4 file."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from .errors import FootageError
from .part import TICKS_PER_SECOND, FootagePart, instant_of, ticks_of, wall_of
from .transfer import exchange_part, result_of
from .worker.wire import JsonObject, JsonValue
from .workers import Message, Worker, Workers

type Phase = Literal["fetching", "remuxing", "verifying"]
type Span = tuple[datetime, datetime]

# Recorders cut at key pictures and by clocks that count whole seconds: more is asked for than is kept.
_LEAD = timedelta(seconds=3)
_TAIL = timedelta(seconds=4)
# Footage ends so much before its recording does where nothing is wrong: searches count whole seconds, and slow
# streams have a picture in two.
_NEAR_END = timedelta(seconds=2)
# Moving the index to the front and verifying read the file again; the slowest disks write 2 MB a second.
_FINISH_SECONDS = 120.0
_FINISH_BYTES_PER_SECOND = 2_000_000


@dataclass(frozen=True, slots=True)
class ClipProgress:
    """How far a clip is. ``fraction`` is of the current phase, None where it can't be told."""

    phase: Phase
    fraction: float | None
    received_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """What a finished clip is.

    ``start`` is when its first picture was taken, ``end`` when its last one leaves the screen, both UTC.
    ``duration`` (seconds) is shorter than their difference where footage is missing in between: the clip skips
    such holes. ``missing`` names what of the asked span the recorder did not have. ``exact`` is False if the
    footage carries no clock that can be believed or read, so that the times are right to about a second only.
    ``format_changed`` tells that it ends before the asked end because the pictures changed their format
    there, which one file can't hold. ``first_walls`` holds for each part the device's wall clock at the first
    key picture seen, None where it says none or the part was not needed.
    """

    start: datetime
    end: datetime
    duration: float
    video_codec: str
    audio_codec: str | None
    width: int
    height: int
    exact: bool
    format_changed: bool = False
    missing: tuple[Span, ...]
    first_walls: tuple[datetime | None, ...]


async def make_clip(
    pool: Workers,
    parts: Sequence[FootagePart],
    start: datetime,
    end: datetime,
    path: Path,
    *,
    progress: Callable[[ClipProgress], None] | None = None,
) -> ClipReport:
    """Write the footage of [start, end) as an MP4 to ``path``, verified.

    The first picture shown is the one that was on screen at ``start``, the last the one before ``end``.
    Video is copied, sound becomes AAC, the index stands first. Whatever fails, and when cancelled, no
    file is left at ``path``.

    Raises:
        NoVideoError: the recordings hold no picture of that span.
        FootageError: any other failure of ours; its subclasses say which.
        DriverError: what ``fetch`` raised, unchanged.
    """
    async with pool.worker() as worker:
        making = _Making(worker, parts, start, end, progress)
        try:
            return await making.make(path)
        except BaseException as error:
            if isinstance(error, FootageError):
                error.first_walls = tuple(making.walls)
            # Also when cancelled once more: the file goes when nobody writes to it any longer.
            await asyncio.shield(asyncio.create_task(_discard(worker, path)))
            raise


async def _discard(worker: Worker, path: Path) -> None:
    await worker.settle()
    await asyncio.to_thread(path.unlink, missing_ok=True)


class _Making:
    """One clip being made."""

    def __init__(
        self,
        worker: Worker,
        parts: Sequence[FootagePart],
        start: datetime,
        end: datetime,
        progress: Callable[[ClipProgress], None] | None,
    ) -> None:
        self._worker = worker
        self._parts = parts
        self._start = start
        self._end = end
        self._on_progress = progress
        self._progress = ClipProgress("fetching", 0.0, 0)
        self._covered: datetime | None = None
        self.walls: list[datetime | None] = [None] * len(parts)
        self._exact = True

    async def make(self, path: Path) -> ClipReport:
        await self._worker.start(
            "clip", path=str(path), start=ticks_of(self._start), end=ticks_of(self._end)
        )
        order = sorted(range(len(self._parts)), key=lambda n: (self._parts[n].start, n))
        for place, number in enumerate(order):
            following = [self._parts[later] for later in order[place + 1 :]]
            if await self._part(number, following):
                break
        self._tell(replace(self._progress, phase="remuxing", fraction=None))
        await self._worker.finish()
        allowed = _FINISH_SECONDS + self._progress.received_bytes / _FINISH_BYTES_PER_SECOND
        result = await result_of(self._worker, timeout=allowed, on_event=self._event)
        return self._report(result.values)

    def _needed(self, part: FootagePart) -> bool:
        covered = self._covered
        return (
            part.start < self._end + _TAIL
            and part.end > self._start - _LEAD
            and (covered is None or part.end > covered)
        )

    async def _part(self, number: int, following: Sequence[FootagePart]) -> bool:
        """Read one recording; True when the clip needs no more."""
        part = self._parts[number]
        if not self._needed(part):
            return False
        more = any(self._needed(later) for later in following)
        # What is held back for it can be joined with another transfer of the same recording.
        values = await self._read(number, part, more=more or part.again is not None)
        again = part.again
        if (
            again is not None
            and self._is_short(again.due, part, following, values)
            and again.is_worth_while()
        ):
            before, further = self._covered, None
            try:
                values = await self._read(number, replace(part, fetch=again.fetch), more=more)
                further = self._further(before, again.due, values)
            finally:
                again.judge(more=further)
        return values.get("complete") is True

    def _is_short(
        self,
        due: datetime,
        part: FootagePart,
        following: Sequence[FootagePart],
        values: JsonObject,
    ) -> bool:
        """Return whether a transfer ended before what is due, and no other recording has the rest."""
        if values.get("complete") is True:
            return False
        reached = max(self._start, part.start, self._covered or part.start)
        joined = any(later.start <= reached + _NEAR_END for later in following)
        return not joined and reached < min(due - _NEAR_END, self._end)

    def _further(self, before: datetime | None, due: datetime, values: JsonObject) -> bool | None:
        """Return whether another transfer brought more than the first, None where so little lacked that it says nothing.

        One that ends a clip because its pictures have another format completes it, too, and brings nothing.
        """
        gained = timedelta()
        if self._covered is not None and self._covered != before:
            gained = self._covered - (before or self._start)
        if gained > _NEAR_END or (gained and values.get("complete") is True):
            return True
        lacked = min(due, self._end) - max(self._start, before or self._start)
        return False if lacked > _NEAR_END else None

    async def _read(self, number: int, part: FootagePart, *, more: bool) -> JsonObject:
        """Read a recording from where it is wanted; return what the worker says of it."""
        wanted = self._start if self._covered is None else max(self._start, self._covered)
        begin = max(part.start, wanted - _LEAD)
        values = await self._exchange(part, begin, more=more)
        if values.get("retry") is True:
            # No clock in the footage, and the device chose where to begin: only the recording's start is known.
            values = await self._exchange(part, part.start, more=more)
        wall = values.get("first_wall")
        if isinstance(wall, int):
            self.walls[number] = wall_of(wall)
        self._take_newest(values)
        if values.get("seen") is True:
            exact = values.get("exact") is True and part.current_clock().fine
            self._exact = self._exact and exact
        return values

    async def _exchange(self, part: FootagePart, begin: datetime, *, more: bool) -> JsonObject:
        message = await exchange_part(
            self._worker,
            part,
            (begin, min(part.end, self._end + _TAIL)),
            more=more,
            on_bytes=self._received,
            on_event=self._event,
        )
        return message.values

    def _take_newest(self, values: JsonObject) -> None:
        newest = values.get("newest")
        if isinstance(newest, int):
            self._covered = instant_of(newest)

    def _received(self, size: int) -> None:
        self._progress = replace(
            self._progress, received_bytes=self._progress.received_bytes + size
        )

    def _event(self, message: Message) -> None:
        if message.values.get("event") == "verifying":
            self._tell(replace(self._progress, phase="verifying", fraction=None))
        elif message.values.get("event") == "progress":
            self._take_newest(message.values)
            if self._covered is not None:
                fraction = (self._covered - self._start) / (self._end - self._start)
                self._tell(replace(self._progress, fraction=min(max(fraction, 0.0), 1.0)))

    def _tell(self, progress: ClipProgress) -> None:
        self._progress = progress
        if self._on_progress is not None:
            self._on_progress(progress)

    def _report(self, values: JsonObject) -> ClipReport:
        missing = values["missing"]
        if not isinstance(missing, list):
            raise FootageError("the worker's report makes no sense")
        return ClipReport(
            start=instant_of(_whole(values["start"])),
            end=instant_of(_whole(values["end"])),
            duration=_whole(values["duration"]) / TICKS_PER_SECOND,
            video_codec=str(values["video_codec"]),
            audio_codec=None if values["audio_codec"] is None else str(values["audio_codec"]),
            width=_whole(values["width"]),
            height=_whole(values["height"]),
            exact=self._exact,
            format_changed=values.get("format_changed") is True,
            missing=tuple(_span(span) for span in missing),
            first_walls=tuple(self.walls),
        )


def _whole(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise FootageError("the worker's report makes no sense")
    return value


def _span(value: JsonValue) -> Span:
    start, end = cast("list[JsonValue]", value)
    return instant_of(_whole(start)), instant_of(_whole(end))
