"""How far each channel's recordings reach, found out a few requests at a time (section 8 of the notes)."""

import asyncio
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from time import monotonic

from ..budget import Budget, BudgetSpentError
from ..clock import DeviceClock
from ..errors import AuthenticationError, CannotConnectError, DriverError, NotSupportedError
from ..models import RecordingExtent, StreamName
from ..reading import digits_of
from .asking import Asking
from .finder import Condition
from .items import Item
from .pace import InRounds

_LOGGER = logging.getLogger(__name__)

EPOCH = datetime(2000, 1, 2, tzinfo=UTC)
# Backwards from now in growing steps, where answers come oldest first.
FIRST_STEP = timedelta(hours=1)
STEP_FACTOR = 4
FARTHEST = timedelta(days=1600)
# How often what is known is asked for again: the oldest moves slowly, and costs as much as the newest.
OLDEST_SECONDS = 3600.0
# What is being recorded reaches until now; by how much that may lag behind.
NEWEST_LAGS = timedelta(minutes=10)
# Some record the sub stream of a channel only.
_STREAMS = (StreamName.MAIN, StreamName.SUB)


class Extents:
    """Goes round the channels: first start and last end of each, one channel after the other."""

    def __init__(
        self,
        asking: Asking,
        clock: Callable[[], DeviceClock],
        channels: Callable[[], Iterable[int]],
        extents: MutableMapping[int, RecordingExtent],
        *,
        recording: Callable[[int], bool] = lambda number: False,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``channels`` returns their numbers (from 1), ``extents`` is where what is found goes.

        ``recording`` tells of which it is known that they are being recorded, ``now`` counts seconds.
        """
        self._asking = asking
        self._clock = clock
        self._channels = channels
        self._extents = extents
        self._pace = InRounds()
        self._walking: asyncio.Task[None] | None = None
        self._refuses_newest = False
        self._recording = recording
        self._now = now
        # By channel, when its oldest was found, and in which stream.
        self._oldest_found: dict[int, tuple[float, StreamName]] = {}

    async def go_on(self, budget: Budget) -> None:
        """Go on with the round; raises BudgetSpentError while it is not finished."""
        self._note_recording()
        if self._walking is None:
            self._walking = asyncio.create_task(self._walk())
        self._pace.grant(budget)
        exhausted = asyncio.create_task(self._pace.exhausted())
        try:
            await asyncio.wait((self._walking, exhausted), return_when=asyncio.FIRST_COMPLETED)
        finally:
            exhausted.cancel()
        if not self._walking.done():
            raise BudgetSpentError("how far recordings reach takes more requests")
        walking, self._walking = self._walking, None
        await walking

    async def close(self) -> None:
        """End it; what is open on the device is closed by whoever made it."""
        self._pace.close()
        if self._walking is not None:
            self._walking.cancel()
            await asyncio.gather(self._walking, return_exceptions=True)

    def _note_recording(self) -> None:
        """Note how far the channels reach of which something is recorded now; that costs nothing."""
        now = datetime.now(UTC)
        for number in self._channels():
            known = self._extents.get(number, RecordingExtent())
            lags = known.newest is None or now - known.newest > NEWEST_LAGS
            if lags and self._recording(number):
                self._extents[number] = replace(known, newest=_whole(now))

    async def _walk(self) -> None:
        for number in tuple(self._channels()):
            try:
                self._extents[number] = await self._extent(number)
            except AuthenticationError, CannotConnectError:
                raise
            except DriverError as err:
                # This channel says nothing; its turn comes again in the next round.
                _LOGGER.debug("No word on how far channel %d reaches: %s", number, err)

    async def _extent(self, number: int) -> RecordingExtent:
        """Return how far a channel reaches."""
        found_at, stream = self._oldest_found.get(number, (float("-inf"), StreamName.MAIN))
        if self._now() - found_at < OLDEST_SECONDS:
            known = self._extents.get(number, RecordingExtent())
            return replace(known, newest=await self._newest(number, stream))
        for stream in _STREAMS:
            now = datetime.now(UTC)
            first = await self._asking.first(
                self._condition(number, EPOCH, now, stream), self._pace
            )
            if first is not None:
                self._oldest_found[number] = self._now(), stream
                newest = await self._newest(number, stream)
                return RecordingExtent(
                    oldest=_whole(self._clock().to_utc(first.start)), newest=newest
                )
        return RecordingExtent()

    async def _newest(self, number: int, stream: StreamName) -> datetime | None:
        """Return the last end of a channel that has recordings."""
        if self._recording(number):
            return _whole(datetime.now(UTC))
        if self._asking.sorts and not self._refuses_newest:
            try:
                condition = self._condition(number, EPOCH, datetime.now(UTC), stream)
                last = await self._asking.last(condition, self._pace)
            except NotSupportedError:
                self._refuses_newest = True
            else:
                return self._end_of(last)
        known = self._extents.get(number, RecordingExtent()).newest
        step = FIRST_STEP
        if known is not None:
            step = max(FIRST_STEP, datetime.now(UTC) - known + FIRST_STEP)
        while step <= FARTHEST:
            now = datetime.now(UTC)
            condition = self._condition(number, now - step, now, stream)
            items = await self._asking.all(condition, condition.end, self._pace)
            if items:
                return self._end_of(max(items, key=lambda item: item.end))
            step *= STEP_FACTOR
        return None

    def _condition(
        self, number: int, start: datetime, end: datetime, stream: StreamName
    ) -> Condition:
        first, last = digits_of(self._clock(), start, end)
        return Condition(channel=number - 1, start=first, end=last, stream=stream)

    def _end_of(self, last: Item | None) -> datetime | None:
        if last is None:
            return None
        now = datetime.now(UTC)
        return min(_whole(self._clock().to_utc(last.end, near=now)), _whole(now))


def _whole(moment: datetime) -> datetime:
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
