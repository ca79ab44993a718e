"""Finding recordings: files of answers become recordings in UTC (section 8 of the notes)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from ..clock import DeviceClock
from ..days import DAY
from ..memory import DeviceMemory
from ..models import Recording, RecordingKind, StreamName
from ..reading import SECOND, Reader, Recheck, digits_to_search, in_order, windows
from .asking import Asking
from .finder import CgiFinder, Condition, Finder, RpcFinder
from .items import Item, Key
from .transport import LiveTransport

# A search costs five requests however little it finds, and a page holds two days of blocks of half an hour.
WINDOW = timedelta(days=7)
# The end of the file under way grows by and by.
STILL_GROWING = timedelta(minutes=2)


class Searches:
    """Searches one device, one search at a time: it has room for few."""

    def __init__(
        self,
        transport: LiveTransport,
        clock: Callable[[], DeviceClock],
        memory: DeviceMemory,
        alone: Callable[[], bool],
    ) -> None:
        """Initialize; ``clock`` returns what is known of the device's clock.

        ``alone`` tells whether the device has a single channel.
        """
        self._transport = transport
        self._clock = clock
        self._rpc, self._cgi = RpcFinder(transport.rpc), CgiFinder(transport.cgi)
        self.asking = Asking(self._finders, memory, alone)
        self.lock = asyncio.Lock()

    async def search(
        self,
        channel: int,
        spans: Iterable[tuple[datetime, datetime]],
        stream: StreamName,
        kinds: frozenset[RecordingKind] | None,
        recheck: Recheck,
    ) -> AsyncIterator[Recording]:
        """Yield the recordings of a channel (from 1) that overlap spans in order, oldest first, without duplicates.

        ``recheck`` measures the clock again where something was recorded later than now, and tells whether that
        changed anything.
        """
        seen: set[Key] = set()
        growing = self._growing()
        for start, end in windows(spans, WINDOW):
            found, future = self._read(
                await self._items(channel, start, end, stream), channel, start, end
            )
            if future and await recheck():
                found, _ = self._read(
                    await self._items(channel, start, end, stream), channel, start, end
                )
            keyed = {item.key(growing): recording for item, recording in found}
            fresh = [recording for key, recording in keyed.items() if key not in seen]
            # What reaches over the edge comes twice; older ones can't come again.
            seen = set(keyed)
            for recording in sorted(fresh, key=lambda recording: recording.start):
                if kinds is None or kinds & recording.kinds:
                    yield recording

    async def exists(self, channel: int, start: datetime, end: datetime) -> bool:
        """Return whether anything was recorded between two moments (true UTC)."""
        first, last = digits_to_search([self._clock()], start, end)
        async with self.lock:
            item = await self.asking.first(Condition(channel=channel - 1, start=first, end=last))
        return item is not None and item.end > first and item.start < last

    async def recorded_dates(self, channel: int, first: date, last: date) -> frozenset[date]:
        """Return the days from the first to the last, by the device's calendar, on which anything is recorded."""
        main = await self._dates_of(StreamName.MAIN, channel, first, last)
        # Some record the sub stream of a channel only.
        return main or await self._dates_of(StreamName.SUB, channel, first, last)

    async def _dates_of(
        self, stream: StreamName, channel: int, first: date, last: date
    ) -> frozenset[date]:
        found: set[date] = set()
        end = datetime.combine(last + DAY, time())
        at: datetime | None = datetime.combine(first, time())
        while at is not None and at < end:
            condition = Condition(channel=channel - 1, start=at, end=end - SECOND, stream=stream)
            async with self.lock:
                read = await self.asking.sparsely(condition)
                items = read.items
                if read.dense and items and items[0].start > items[-1].start:
                    # Newest first: what is left lies on the other side.
                    items = tuple(await self.asking.all(condition, end))
            for item in items:
                found |= set(_dates(item, first, last))
            at = _behind(at, items) if read.dense and items is read.items else None
        return frozenset(found)

    async def close(self) -> None:
        """End on the device what was begun there."""
        await self.asking.objects.close()

    def _finders(self) -> tuple[Finder, ...]:
        if self._transport.rpc.available is False:
            return (self._cgi,)
        if self._transport.prefers_rpc:
            return self._rpc, self._cgi
        return self._cgi, self._rpc

    async def _items(
        self, channel: int, start: datetime, end: datetime, stream: StreamName
    ) -> list[Item]:
        first, last = digits_to_search([self._clock()], start, end)
        async with self.lock:
            items = await self.asking.all(
                Condition(channel=channel - 1, start=first, end=last, stream=stream),
                self._growing(),
            )
        return in_order(items)

    def _growing(self) -> datetime:
        """Return the digits from which on ends of recordings may still move."""
        return self._clock().to_device(datetime.now(UTC) - STILL_GROWING).replace(fold=0)

    def _read(
        self, items: list[Item], channel: int, start: datetime, end: datetime
    ) -> tuple[list[tuple[Item, Recording]], bool]:
        """Return recordings with what they are read from, and whether anything was recorded later than now."""
        reader = Reader(self._clock(), start, end)
        found = [
            (item, recording)
            for item in items
            if (recording := reader.read(item, channel, item.stream)) is not None
        ]
        if found:
            item, last = found[-1]
            found[-1] = item, _opened(last)
        return found, reader.saw_future


def _behind(at: datetime, items: Iterable[Item]) -> datetime:
    """Return the midnight behind files: what is left of their last day makes no difference."""
    last = max((item.start for item in items), default=at)
    return datetime.combine(max(last, at).date() + DAY, time())


def _dates(item: Item, first: date, last: date) -> Iterator[date]:
    """Yield the days between two that a file touches."""
    day = max(item.start.date(), first)
    while day <= min(last, (item.end - SECOND).date()):
        yield day
        day += DAY


def _opened(newest: Recording) -> Recording:
    """Return the newest recording, open where it may still be growing: its end comes after the footage."""
    if newest.open or newest.end < datetime.now(UTC) - STILL_GROWING:
        return newest
    return replace(newest, open=True, size_bytes=None, allotted_bytes=newest.size_bytes)
