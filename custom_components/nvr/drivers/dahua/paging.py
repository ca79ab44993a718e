"""From page to page of a file search, however a device ends it (section 8 of the notes)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from ..errors import DeviceFaultError, InvalidAnswerError, NoFootageError, NotSupportedError
from ..memory import DeviceMemory
from .faults import ObjectLostError
from .finder import PAGE_SIZE, Condition, Finder
from .items import Item, Key, Page
from .memory import SEARCH_COUNTS_MORE, SEARCH_ENDS_REFUSED
from .objects import DeviceObjects
from .pace import AT_ONCE, Pace

# However many pages they take, what is recorded counts; pages without anything new are no pages.
MAX_FOUND = 40_000
MAX_BARREN = 5
SECOND = timedelta(seconds=1)
# Ending a search and beginning another costs as much as some pages.
DENSE_PAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search brought. ``taken`` is whether the device took it: a refusal may mean that there is nothing.

    ``dense`` says that the reading ended within a day of very many files.
    """

    items: tuple[Item, ...] = ()
    taken: bool = True
    dense: bool = False


class Search:
    """One search on the device, in one family of requests."""

    def __init__(
        self, objects: DeviceObjects, finder: Finder, condition: Condition, pace: Pace = AT_ONCE
    ) -> None:
        """Initialize; nothing is asked yet."""
        self._objects = objects
        self._finder = finder
        self._condition = condition
        self._pace = pace
        self.taken = True
        # Whether it ended with a refusal, which may be how this device says that there is no more.
        self.refused = False
        # Whether that came after a full page, where more is likely.
        self.refused_amid = False
        # Whether it went on with what had come before.
        self.repeats = False
        # Whether a page counted more than it printed: some devices always do, any does where an answer is cut.
        self.lacks = False

    async def pages(self, count: int = PAGE_SIZE) -> AsyncGenerator[Page]:
        """Yield the pages that hold anything. To be closed (``aclosing``), which ends the search.

        Raises DriverError where no search can be begun, and where the device stops answering.
        """
        finder, pace = self._finder, self._pace
        async with self._objects.open(finder.create, finder.ends, pace) as number:
            try:
                await pace.run(partial(finder.find, self._condition, number))
            except ObjectLostError:
                raise
            except NoFootageError:
                return
            except NotSupportedError, DeviceFaultError:
                self.taken = False
                return
            full = False
            while page := await self._next(number, count):
                full = page.count >= count
                yield page
            self.refused_amid = self.refused and full

    async def _next(self, number: int, count: int) -> Page | None:
        """Return the next page; a short one is not the last."""
        try:
            page = await self._pace.run(partial(self._finder.next, number, count))
        except ObjectLostError:
            raise
        except NoFootageError:
            return None
        except NotSupportedError, DeviceFaultError:
            self.refused = True
            return None
        self.lacks |= page.lacks
        return page if page.count else None


class Pages:
    """Gathers all that a search finds."""

    def __init__(self, objects: DeviceObjects, memory: DeviceMemory) -> None:
        """Initialize."""
        self._objects = objects
        self._memory = memory

    async def all(
        self, finder: Finder, condition: Condition, growing: datetime, pace: Pace = AT_ONCE
    ) -> Found:
        """Return all items, in the device's order. Ends from ``growing`` on may move from page to page.

        Raises InvalidAnswerError where the search does not come to an end, and what ``Search`` raises.
        """
        found: dict[Key, Item] = {}
        search = await self._gather(finder, condition, growing, found, pace)
        if search.lacks and not self._memory.flag(SEARCH_COUNTS_MORE):
            search, found = await self._again(finder, condition, growing, found, pace)
        taken = search.taken
        ahead: Condition | None = condition
        while ahead is not None and found and self._may_hold_more(search):
            # A refusal may have been the end, or have come before it.
            ahead = _beyond(ahead, list(found.values()))
            if ahead is None:
                break
            before = len(found)
            refused = search.refused
            search = await self._gather(finder, ahead, growing, found, pace)
            if len(found) == before:
                if refused:
                    # It is how this device ends every search.
                    self._memory.keep(SEARCH_ENDS_REFUSED, True)
                break
        return Found(items=tuple(found.values()), taken=taken)

    async def first(
        self,
        finder: Finder,
        condition: Condition,
        count: int,
        pace: Pace = AT_ONCE,
        *,
        enough: int = 1,
    ) -> Found:
        """Return the beginning of what a search finds, with ``enough`` items of the stream, by pages of ``count``."""
        search = Search(self._objects, finder, condition, pace)
        items: list[Item] = []
        lacking = enough
        pages_left = MAX_BARREN
        async with aclosing(search.pages(count)) as pages:
            async for page in pages:
                items += page.items
                lacking -= sum(item.stream is condition.stream for item in page.items)
                pages_left -= 1
                if lacking <= 0 or not pages_left:
                    break
        return Found(items=tuple(items), taken=search.taken)

    async def sparsely(self, finder: Finder, condition: Condition) -> Found:
        """Return items until the end, or until so many of one day that a new search behind it costs less."""
        search = Search(self._objects, finder, condition)
        items: list[Item] = []
        alike = barren = 0
        async with aclosing(search.pages()) as pages:
            async for page in pages:
                days = {item.start.date() for item in page.items}
                alike = (
                    alike + 1 if len(days) == 1 and items and items[-1].start.date() in days else 0
                )
                barren = 0 if page.items and page.items[-1] not in items[-1:] else barren + 1
                items += page.items
                if alike >= DENSE_PAGES or barren >= MAX_BARREN or len(items) > MAX_FOUND:
                    return Found(items=tuple(items), taken=search.taken, dense=True)
        return Found(items=tuple(items), taken=search.taken)

    async def _again(
        self,
        finder: Finder,
        condition: Condition,
        growing: datetime,
        seen: dict[Key, Item],
        pace: Pace,
    ) -> tuple[Search, dict[Key, Item]]:
        """Search once more where pages lack what they count: were they cut, or does this device count so?

        Raises InvalidAnswerError where it lacks something else now, or brings less than before.
        """
        found: dict[Key, Item] = {}
        search = await self._gather(finder, condition, growing, found, pace)
        # A file that was cut may be called otherwise now.
        if len(found) < len(seen) or (search.lacks and found.keys() != seen.keys()):
            raise InvalidAnswerError("the recorder's answers are not whole")
        if search.lacks:
            self._memory.keep(SEARCH_COUNTS_MORE, True)
        return search, found

    async def _gather(
        self,
        finder: Finder,
        condition: Condition,
        growing: datetime,
        found: dict[Key, Item],
        pace: Pace,
    ) -> Search:
        """Add what one search finds."""
        search = Search(self._objects, finder, condition, pace)
        barren = 0
        async with aclosing(search.pages()) as pages:
            async for page in pages:
                before = len(found)
                for item in page.items:
                    found.setdefault(item.key(growing), item)
                barren = 0 if len(found) > before else barren + 1
                if len(found) > MAX_FOUND:
                    raise InvalidAnswerError("the search does not come to an end")
                if barren >= MAX_BARREN:
                    search.repeats = True
                    break
        return search

    def _may_hold_more(self, search: Search) -> bool:
        known = self._memory.flag(SEARCH_ENDS_REFUSED)
        return search.repeats or search.refused_amid or (search.refused and not known)


def _beyond(condition: Condition, items: list[Item]) -> Condition | None:
    """Return a search for what lies beyond items, on the side to which the device's order leads."""
    starts = [item.start for item in items]
    if starts[0] > starts[-1]:
        beyond = replace(condition, end=min(starts))
    else:
        beyond = replace(condition, start=max(starts) + SECOND)
    return beyond if condition != beyond and beyond.start < beyond.end else None
