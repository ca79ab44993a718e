"""Which days hold recordings (section 8 of the notes): one call for a month, where the device has a calendar."""

from calendar import monthrange
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from functools import partial
import logging
from time import monotonic

from ..budget import Budget
from ..clock import DeviceClock
from ..days import DAY, dates_of, months_of, span_of
from ..driver import JsonValue
from ..errors import (
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from ..memory import DeviceMemory
from ..models import RecordedDay, Right
from .memory import BITMAP_SHIFT, WORK_DIRECTORY
from .objects import DeviceObjects
from .question import Call
from .rpc import Rpc
from .tree import Tree, at, integer

_LOGGER = logging.getLogger(__name__)

SERVICE = "workDirectory"
# What recorders and cameras call the place where they record.
DIRECTORIES = ("/", "/dev/mmc0", "/mnt/sd", "/mnt/dvr")
# Where there is no calendar, the days are gathered from what is recorded: so many at most.
MAX_SEARCHED_DAYS = 400
# Bit 1 stands for the first day as a rule; by some reports it may be bit 0.
SHIFTS = (1, 0)
REFUSED_SECONDS = 3600.0
# The newest month may only just have begun.
MONTHS_TRIED = 2
NIGHT = timedelta(hours=2)

_NO_WORD = (
    NotSupportedError,
    NoFootageError,
    DeviceFaultError,
    InvalidAnswerError,
)

type Month = tuple[int, int]
type Searched = Callable[[int, date, date], Awaitable[frozenset[date]]]
type Exists = Callable[[int, datetime, datetime], Awaitable[bool]]


class Calendar:
    """Tells recorded days, by the device's calendar or where it has none by what is recorded."""

    def __init__(
        self,
        rpc: Rpc,
        objects: DeviceObjects,
        memory: DeviceMemory,
        searched: Searched,
        exists: Exists,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``searched`` gathers the days of a channel on which something is recorded."""
        self._rpc = rpc
        self._objects = objects
        self._memory = memory
        self._searched = searched
        self._exists = exists
        self._now = now
        self._refused_until = float("-inf")

    async def recorded_days(
        self, channel: int, start: datetime, end: datetime, device: DeviceClock
    ) -> tuple[RecordedDay, ...]:
        """Return the device's days that touch [start, end) and hold recordings, oldest first."""
        days = await self.listed_days(channel, start, end, device)
        if days is None:
            first, last = dates_of(start, end, device)
            first = max(first, last - MAX_SEARCHED_DAYS * DAY)
            found = await self._searched(channel, first, last)
            days = tuple(span_of(day, device) for day in sorted(found))
        return days

    async def listed_days(
        self, channel: int, start: datetime, end: datetime, device: DeviceClock
    ) -> tuple[RecordedDay, ...] | None:
        """Return the recorded days by the device's calendar, None where it has none."""
        if start >= end:
            return ()
        if self._now() < self._refused_until or self._rpc.available is False:
            return None
        first, last = dates_of(start, end, device)
        months = list(months_of(first, last))
        for directory in self._directories():
            try:
                bitmaps = await self._bitmaps(directory, channel - 1, months)
            except (*_NO_WORD, NotPermittedError) as err:
                _LOGGER.debug("No calendar of %s: %s", directory, err)
                continue
            if not any(bitmaps.values()):
                # It may be that of a place where nothing is recorded.
                continue
            self._memory.keep(WORK_DIRECTORY, directory)
            days = await self._days(bitmaps, channel, device)
            return tuple(span_of(day, device) for day in days if first <= day <= last)
        if self._memory.text(WORK_DIRECTORY) is None:
            self._refused_until = self._now() + REFUSED_SECONDS
            return None
        try:
            return None if await self._exists(channel, start, end) else ()
        except (*_NO_WORD, NotPermittedError):
            return None

    def _directories(self) -> tuple[str, ...]:
        known = self._memory.text(WORK_DIRECTORY)
        return DIRECTORIES if known is None else (known,)

    async def _bitmaps(
        self, directory: str, index: int, months: list[Month]
    ) -> Mapping[Month, int]:
        """Return the calendar of each month that holds anything, the oldest first.

        Raises DriverError where there is no word on any: an error means that a month holds nothing, or that there
        is no calendar at all, which is only known where there has been one.
        """
        found: dict[Month, int] = {}
        proven = self._memory.text(WORK_DIRECTORY) is not None
        errors: list[DriverError] = []
        async with self._open(directory) as number:
            # The newest is the likeliest to hold anything.
            for month in reversed(months):
                try:
                    bitmap = _read_bitmap(await self._ask(number, index, month))
                except _NO_WORD as err:
                    errors.append(err)
                    if not found and not proven and len(errors) >= MONTHS_TRIED:
                        break
                else:
                    found[month] = bitmap & _days_and_one(month)
        if errors and not found and not proven:
            raise errors[0]
        return dict(sorted(found.items()))

    @asynccontextmanager
    async def _open(self, directory: str) -> AsyncIterator[int]:
        async def make(budget: Budget | None) -> int:
            call = _call("factory.instance", {"name": directory})
            number = integer((await self._rpc.call(call, budget)).result)
            if number is None:
                raise InvalidAnswerError("the recorder has no such directory")
            return number

        def end(number: int) -> Callable[[Budget | None], Awaitable[object]]:
            return partial(self._rpc.call, _call("destroy", None, number))

        async with self._objects.open(make, (end,)) as number:
            yield number

    async def _ask(self, number: int, index: int, month: Month) -> Tree:
        condition: JsonValue = {
            "Channel": index,
            "Types": ["dav"],
            "Events": ["*"],
            "Year": month[0],
            "Month": month[1],
        }
        call = _call("getBitmapEx", {"condition": condition}, number)
        return (await self._rpc.call(call)).params

    async def _days(
        self, bitmaps: Mapping[Month, int], channel: int, device: DeviceClock
    ) -> list[date]:
        """Return the days for which bits stand."""
        shift = await self._shift(bitmaps, channel, device)
        return [
            date(year, month, number)
            for (year, month), bitmap in bitmaps.items()
            for number in range(1, monthrange(year, month)[1] + 1)
            if bitmap >> (number - 1 + shift) & 1
        ]

    async def _shift(self, bitmaps: Mapping[Month, int], channel: int, device: DeviceClock) -> int:
        """Return which bit stands for the first day; found out once, where it can be told."""
        kept = self._memory.text(BITMAP_SHIFT)
        for shift_known in SHIFTS:
            if kept == str(shift_known):
                return shift_known
        shift: int | None = None
        for (year, month), bitmap in bitmaps.items():
            if bitmap & 1:
                shift = 0
            elif bitmap >> monthrange(year, month)[1] & 1:
                shift = 1
        if shift is None:
            shift = await self._shift_by_search(bitmaps, channel, device)
        if shift is None:
            return SHIFTS[0]
        self._memory.keep(BITMAP_SHIFT, str(shift))
        return shift

    async def _shift_by_search(
        self, bitmaps: Mapping[Month, int], channel: int, device: DeviceClock
    ) -> int | None:
        """Return which bit stands for the first day, by whether the day behind the last bit holds anything."""
        last = max((month for month, bitmap in bitmaps.items() if bitmap), default=None)
        if last is None:
            return None
        highest = bitmaps[last].bit_length() - 1
        behind = span_of(date(*last, highest + 1), device)
        try:
            # What began the day before may reach into it.
            return 0 if await self._exists(channel, behind.start + NIGHT, behind.end) else 1
        except (*_NO_WORD, NotPermittedError):
            return None


def _call(verb: str, params: JsonValue, number: int | None = None) -> Call:
    return Call(method=f"{SERVICE}.{verb}", params=params, object=number, right=Right.PLAYBACK)


def _read_bitmap(tree: Tree) -> int:
    """Read the answer for a month. Raises InvalidAnswerError."""
    bitmap = integer(tree, "bitmap")
    if bitmap is None:
        bitmap = integer(at(tree, "bitmap"), 0)
    if bitmap is None or bitmap < 0:
        raise InvalidAnswerError("the calendar makes no sense")
    return bitmap


def _days_and_one(month: Month) -> int:
    """Return the bits that may stand for days of a month, by whichever bit is the first."""
    return (1 << monthrange(*month)[1] + 1) - 1
