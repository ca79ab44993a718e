"""One transfer of a playback: from where a viewer jumped to, onward."""

import asyncio
from collections.abc import AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from ..drivers.errors import DriverError
from .errors import FootageError, NoVideoError, SegmentNotReadyError
from .part import TICKS_PER_SECOND, FootagePart, broke_off, duration_ticks, sends_whole, ticks_of
from .playlist import SlotPlan
from .transfer import conversation, part_order, stop_task
from .worker.wire import JsonObject, JsonValue, Kind
from .workers import Worker, Workers

# Devices cut by clocks that count whole seconds.
_LEAD = timedelta(seconds=2)
_END_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackBounds:
    """How a playback behaves.

    ``slot`` is the nominal length of a part; it should not be shorter than the stream's longest group of
    pictures. Fetching pauses ``read_ahead`` beyond the newest part asked for (``whole_read_ahead``
    where the device can't cut, because a transfer begun anew there starts over), and a pause longer than
    ``idle`` (``whole_idle``) ends the transfer. ``wait`` is how long a request waits for its part.
    A part at most ``jump_slots`` beyond what has arrived is waited for; one further off is fetched anew.
    Where several viewers watch different places, each has the recorder to itself until ``turn`` of
    footage came; a viewer who just left or jumped keeps nobody waiting.
    """

    slot: timedelta = timedelta(seconds=4)
    read_ahead: timedelta = timedelta(minutes=2)
    whole_read_ahead: timedelta = timedelta(minutes=10)
    idle: timedelta = timedelta(seconds=15)
    whole_idle: timedelta = timedelta(seconds=15)
    wait: timedelta = timedelta(seconds=20)
    jump_slots: int = 3
    turn: timedelta = timedelta(seconds=20)


@dataclass(slots=True)
class Viewing:
    """What a playback and its transfers know together.

    ``end`` is the first part that a transfer, complete to the recording's end, had no footage for. It is
    known for some minutes: a recorder may have been too busy to send all, or still be recording. ``unfit``
    are parts whose pictures can't follow those that the playback began with, because the camera was set otherwise.
    """

    end: int | None = None
    ended: float = 0.0
    doubtful_end: int | None = None
    unfit: set[int] = field(default_factory=set)
    sound: list[JsonValue] | bool | None = None
    longest_gop: timedelta = timedelta()
    signal: asyncio.Event = field(default_factory=asyncio.Event)

    def end_at(self, number: int) -> None:
        """Note where the footage turned out to end."""
        self.end, self.ended = number, asyncio.get_running_loop().time()

    def is_without_footage(self, number: int) -> bool:
        """Return whether a part is known to have no footage that can be shown."""
        if number in self.unfit:
            return True
        known = asyncio.get_running_loop().time() - self.ended < _END_SECONDS
        return known and self.end is not None and number >= self.end

    def announce(self) -> None:
        """Wake all who wait on ``signal``; the next change has a new one."""
        signal, self.signal = self.signal, asyncio.Event()
        signal.set()


class _IdleError(Exception):
    """Nobody wanted more for a while."""


class Run:
    """Fetches from slot ``first`` on and has a worker make the parts."""

    def __init__(
        self,
        pool: Workers,
        part: FootagePart,
        folder: Path,
        plan: SlotPlan,
        bounds: PlaybackBounds,
        viewing: Viewing,
        first: int,
    ) -> None:
        self._pool = pool
        self._part = part
        self._folder = folder
        self._plan = plan
        self._bounds = bounds
        self._viewing = viewing
        self.first = first
        self._head = first
        self._whole: bool | None = None
        self._stream: object = None
        self._task: asyncio.Task[None] | None = None
        self._wanted = first
        self._since = asyncio.get_running_loop().time()
        self._paused = False
        self._gives_way = False
        self.abandoned = True
        self.done = False
        self.idle = False
        self.error: FootageError | DriverError | None = None

    def begin(self, *, after: Run | None) -> None:
        """Start, as soon as the run before has let go of the recorder."""
        self._task = asyncio.create_task(self._go(after))

    def reaches(self, number: int) -> bool:
        """Return whether waiting for a part of this run is better than fetching it anew."""
        if self.done or number < self._head:
            return False
        return self._whole is True or number <= self._head + self._bounds.jump_slots

    def want(self, number: int) -> None:
        """Note that a viewer is at a part of this run, there already or soon to come."""
        if self.first <= number < self._head or self.reaches(number):
            self._wanted = max(self._wanted, number)
            self.abandoned = False

    @property
    def had_turn(self) -> bool:
        """Whether others may have the recorder now: enough came for those who watch here, or they left."""
        bounds = self._bounds
        waited = asyncio.get_running_loop().time() - self._since
        return (
            self.abandoned
            or self._paused
            or self._head - self.first >= bounds.turn // self._plan.length
            # A recorder as slow as this can't serve two.
            or waited > 2 * bounds.wait.total_seconds()
        )

    def give_way(self) -> None:
        """Let go of the recorder for another's sake, as soon as those who watch here have had their turn.

        A device that sends whole recordings would begin anew next time, so there that is when enough was read ahead.
        """
        if self._whole and not self._paused and not self.abandoned:
            self._gives_way = True
        elif self.had_turn:
            self.let_go()

    def let_go(self) -> None:
        """End the transfer without waiting for that, as if nobody had wanted more for a while."""
        self.idle = True
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """End the transfer and wait for it. Safe to call twice."""
        if self._task is not None:
            await stop_task(self._task)

    async def _go(self, after: Run | None) -> None:
        try:
            if after is not None:
                await after.stop()
            async with self._pool.worker() as worker:
                await self._transfer(worker)
        except _IdleError:
            self.idle = True
        except NoVideoError as error:
            self.error = error
            self._ended(self.first)
        except (FootageError, DriverError) as error:
            self.error = error
        finally:
            self.done = True
            self._viewing.announce()

    async def _transfer(self, worker: Worker) -> None:
        part = self._part
        begin = max(part.start, part.start + self._plan.start(self.first) - _LEAD)
        async with part.fetch(begin, part.end) as stream:
            self._stream = stream
            self._whole = sends_whole(stream)
            if self._whole:
                # All of it comes by; what comes by is kept.
                self.first = self._head = 0
            self._viewing.announce()
            await worker.start(
                "playback",
                folder=str(self._folder),
                origin=ticks_of(part.start),
                slot=duration_ticks(self._plan.length),
                count=self._plan.count,
                first=self.first,
                sound=self._viewing.sound,
            )
            await worker.send_part(**part_order(part, begin, whole=self._whole))
            feeding = asyncio.create_task(self._feed(worker, stream))
            try:
                async with aclosing(conversation(worker, feeding)) as messages:
                    async for message in messages:
                        if message.kind is Kind.RESULT:
                            self._ended(message.values.get("end"))
                            return
                        self._made(message.values)
            finally:
                await stop_task(feeding)

    async def _feed(self, worker: Worker, stream: AsyncIterable[bytes]) -> None:
        async for chunk in stream:
            await self._gate()
            await worker.send_data(chunk)
        await worker.end_part()

    async def _gate(self) -> None:
        """Hold back what lies too far beyond the viewers. Raises _IdleError when they don't come closer."""
        bounds = self._bounds
        ahead = bounds.whole_read_ahead if self._whole else bounds.read_ahead
        idle = bounds.whole_idle if self._whole else bounds.idle
        slots = max(1, ahead // self._plan.length)
        try:
            async with asyncio.timeout(None) as limit:
                while self._head > self._wanted + slots:
                    if self._gives_way:
                        raise _IdleError
                    if limit.when() is None:
                        self._paused = True
                        self._viewing.announce()
                        now = asyncio.get_running_loop().time()
                        limit.reschedule(now + idle.total_seconds())
                    await self._viewing.signal.wait()
        except TimeoutError as error:
            raise _IdleError from error
        self._paused = False

    def _ended(self, end: JsonValue) -> None:
        """Note where the footage ends, if the device sent all it has.

        Some announce more than they have; so a transfer that broke off is believed when another ends there too,
        unless not even the first part came: of that a recording consists at least.
        """
        if not isinstance(end, int):
            return
        viewing = self._viewing
        if not broke_off(self._stream) or (end > 0 and end == viewing.doubtful_end):
            viewing.end_at(end)
        else:
            viewing.doubtful_end = end
            self.error = SegmentNotReadyError("the transfer broke off")

    def _made(self, values: JsonObject) -> None:
        number, sound, gop = values.get("number"), values.get("sound"), values.get("longest_gop")
        if not isinstance(number, int) or not isinstance(gop, int):
            return
        self._head = max(self._head, number + 1)
        viewing = self._viewing
        if values.get("fits") is False:
            viewing.unfit.add(number)
        if isinstance(sound, list):
            viewing.sound = sound
        else:
            viewing.sound = False
        viewing.longest_gop = max(viewing.longest_gop, timedelta(seconds=gop / TICKS_PER_SECOND))
        viewing.announce()
