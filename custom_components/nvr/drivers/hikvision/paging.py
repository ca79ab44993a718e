"""From page to page of a search, whatever a device makes of positions (section 10 of the notes)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ..errors import DeviceBusyError, InvalidAnswerError
from .asking import PAGE_SIZE, Asking
from .dialects import Paging, SearchTerms, new_search_id
from .matches import Key, Match, Page
from .transport import BudgetSpentError

# However many pages they take, what is recorded counts; pages without anything new are no pages.
MAX_FOUND = 40_000
MAX_BARREN = 25
SECOND = timedelta(seconds=1)
BUSY_PAUSES_SECONDS = (1.0, 2.0, 5.0)


class Pages:
    """All that one search finds, gathered page by page."""

    def __init__(self, asking: Asking) -> None:
        """Initialize."""
        self._asking = asking

    async def all(
        self,
        track: int,
        start: datetime,
        end: datetime,
        growing: datetime,
        until: Callable[[tuple[Match, ...]], bool] | None = None,
    ) -> list[Match]:
        """Return all matches between two moments in digits, in the device's order.

        Ends from ``growing`` on may move from page to page. Pages after one of which ``until`` says so are not
        asked for.

        Raises InvalidAnswerError where the search does not come to an end, and what ``Asking`` raises.
        """
        found: dict[Key, Match] = {}
        ahead = [first_page(track, start, end)]
        proven = self._asking.paging
        led_on = False
        barren = fullest = 0
        in_order = True
        while barren < MAX_BARREN and len(found) < MAX_FOUND:
            terms = ahead.pop()
            page = await patiently(self._asking, terms)
            fullest = max(fullest, page.count)
            in_order = in_order and _is_in_order(page)
            keyed = {match.key(growing): match for match in page.matches}
            fresh = {key: match for key, match in keyed.items() if key not in found}
            if fresh and found:
                proven, led_on = self._asking.paging, True
            found |= fresh
            if until is not None and until(page.matches):
                return list(found.values())
            barren = 0 if fresh else barren + 1
            if page.count and page.more:
                # A page on which nothing makes sense is no repeated one.
                repeated = not fresh and bool(page.matches)
                if not repeated or not self._asking.ends_repeating:
                    # Where a page isn't full, nothing was left out, whatever the device says.
                    halve = None if in_order else page.count == fullest
                    ahead += self._following(terms, page, repeated=repeated, halve=halve)
            if not ahead:
                if self._asking.paging is not proven:
                    # There was no more, whatever was said: where pages had led on before, it is the last that repeats.
                    self._asking.page_with(proven)
                    self._asking.ends_repeating = led_on and proven is not Paging.RESTART
                return list(found.values())
        raise InvalidAnswerError("the search does not come to an end")

    def _following(
        self,
        terms: SearchTerms,
        page: Page,
        *,
        repeated: bool,
        halve: bool | None,
    ) -> list[SearchTerms]:
        """Return what to ask next, the last one first; nothing where there is no way on.

        ``halve`` is None where the device has an order to go by.
        """
        if self._asking.paging is Paging.RESTART:
            return _beyond(terms, page, repeated=repeated, halve=halve)
        if not repeated:
            return [replace(terms, position=terms.position + page.count)]
        # The same page again: the position is spelled otherwise here, or there is none.
        if self._asking.paging is Paging.OFFICIAL:
            self._asking.page_with(Paging.CORRECT)
            return [terms]
        self._asking.page_with(Paging.RESTART)
        return _beyond(terms, page, repeated=False, halve=halve)


async def patiently(asking: Asking, terms: SearchTerms) -> Page:
    """Ask for one page, and again where the device is busy: after 1, 2 and 5 seconds."""
    for pause in BUSY_PAUSES_SECONDS:
        try:
            return await asking.ask(terms)
        except BudgetSpentError:
            raise
        except DeviceBusyError:
            await asyncio.sleep(pause)
    return await asking.ask(terms)


def first_page(track: int, start: datetime, end: datetime, *, most: int = PAGE_SIZE) -> SearchTerms:
    """Return what to ask first."""
    return SearchTerms(track=track, start=start, end=end, position=0, most=most, id=new_search_id())


def _beyond(
    terms: SearchTerms, page: Page, *, repeated: bool, halve: bool | None
) -> list[SearchTerms]:
    """Return new searches for what lies beyond a page, on the side to which the device's order leads."""
    starts = [match.start for match in page.matches]
    if not starts:
        return []
    if halve is not None:
        # What was left out may lie anywhere.
        return _halves(terms) if halve else []
    if starts[0] > starts[-1]:
        end = min(starts)
        return [first_page(terms.track, terms.start, end)] if terms.start < end < terms.end else []
    # What began a second later overlaps the new window; where that gives the same again, so does its end.
    step = max(starts) + SECOND
    if repeated:
        step = max(min(match.end, terms.end) for match in page.matches)
    return [first_page(terms.track, step, terms.end)] if terms.start < step < terms.end else []


def _is_in_order(page: Page) -> bool:
    starts = [match.start for match in page.matches]
    return starts in (sorted(starts), sorted(starts, reverse=True))


def _halves(terms: SearchTerms) -> list[SearchTerms]:
    """Return searches for both halves of what was searched, the earlier one last."""
    middle = (terms.start + (terms.end - terms.start) / 2).replace(microsecond=0)
    if not terms.start < middle < terms.end:
        return []
    return [
        first_page(terms.track, middle, terms.end),
        first_page(terms.track, terms.start, middle),
    ]
