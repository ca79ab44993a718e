"""Sessions in which a device looks for something: begun, asked page by page, and always ended (section 8.2 of the notes).

Devices have room for few of them, often for one. Some never say that they are done, some say it at once and send
nothing, some send the same again and again: what came until then is taken.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import SEARCH, HungUpError
from ..errors import CannotConnectError, DeviceBusyError, DriverError, InvalidAnswerError
from ..inquiry import ABSENT
from ..models import Right
from .question import Question, seconds
from .service import Service
from .transport import Transport

RESULTS_AT_ONCE = 100
# For how long a device may wait for results before it says that there are none yet.
WAIT = seconds(5)
# At least ten seconds have to be kept; longer is for slow networks, and devices shorten it.
KEEP_ALIVE = seconds(60)
MAX_RESULTS = 20_000
MAX_PAGES = 500
MAX_OTHERS = MAX_PAGES * RESULTS_AT_ONCE
# A device that is done without saying so answers with nothing.
EMPTY_PAGES = 3
TOTAL_SECONDS = 90.0
MAX_TOKEN = 1024
MAX_UNENDED = 4

_DONE = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """Some results; ``done`` says that no more will come.

    ``others`` tells those apart of which nothing was read: devices that know no filters tell all that happened.
    """

    items: tuple[T, ...]
    done: bool
    others: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found[T]:
    """All results without repetitions, in the device's order.

    ``complete`` where the device said that there are no more, ``refused`` where it would not tell the others.
    """

    items: tuple[T, ...]
    complete: bool
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search[T]:
    """What to look for: how a session is begun, and how its results are called and read."""

    begin: Question[str]
    results: str
    read: Callable[[Element], tuple[T, ...]]

    def page(self, token: str) -> Question[Page[T]]:
        """Return the question for the next results."""
        return Question(
            service=Service.SEARCH,
            operation=self.results,
            arguments={"SearchToken": token, "MaxResults": RESULTS_AT_ONCE, "WaitTime": WAIT},
            read=self._read_page,
            limits=SEARCH,
            right=Right.PLAYBACK,
            # What a lost answer told is told to nobody again: the next one tells what follows.
            repeats=False,
        )

    def _read_page(self, answer: Element) -> Page[T]:
        listed = xml.find(answer, "ResultList")
        place = answer if listed is None else listed
        state = (xml.text(place, "SearchState") or "").casefold()
        items = self.read(place)
        told = [one for one in place if xml.local(one) != "SearchState"]
        others = [_digest(one) for one in told] if len(told) > len(items) else []
        return Page(items=items, done=state == _DONE, others=frozenset(others))


class _PageLostError(Exception):
    """What a page held was lost on its way, and the next one tells what follows."""

    def __init__(self, error: DriverError) -> None:
        """Initialize with what went wrong."""
        super().__init__(str(error))
        self.error = error


class FindSessions:
    """Looks for things on one device, for one after the other."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Initialize; ``now`` counts seconds."""
        self._now = now
        self._lock = asyncio.Lock()
        self._closed = False
        # Ends what runs.
        self._end: Callable[[], Awaitable[bool]] | None = None
        # What the device could not be told to end: it may have no room for another until that is over.
        self._unended: deque[str] = deque(maxlen=MAX_UNENDED)

    async def close(self) -> None:
        """End what runs, as nobody can any more when the driver is closed, and begin nothing any more."""
        self._closed = True
        if self._end is not None:
            await self._end()

    async def find[T: Hashable](
        self, search: Search[T], transport: Transport, pages: int = MAX_PAGES
    ) -> Found[T]:
        """Return what a device finds, as far as so many pages hold it. Raises DriverError where it doesn't look at all.

        Where it refuses in the middle twice, that is all there is; where a page is lost on its way twice, nobody
        knows. Costs two requests more than there are pages, and one for each session that could not be ended before.
        """
        async with self._lock:
            if self._closed:
                raise CannotConnectError("the driver has been closed")
            while self._unended and await transport.end(end_search(self._unended[0])):
                self._unended.popleft()
            try:
                found = await self._session(search, transport, pages)
                # One that has started anew knows no sessions any more. What it refuses again is not to be had.
                if not found.refused:
                    return found
            except _PageLostError:
                pass
            try:
                return await self._session(search, transport, pages)
            except _PageLostError as err:
                raise err.error from err

    async def _session[T: Hashable](
        self, search: Search[T], transport: Transport, pages: int
    ) -> Found[T]:
        token = await transport.ask(search.begin)
        self._end = partial(transport.end, end_search(token))
        try:
            return await self._results(search, token, transport, pages)
        finally:
            end, self._end = self._end, None
            if not (self._closed or await end()):
                self._unended.append(token)

    async def _results[T: Hashable](
        self, search: Search[T], token: str, transport: Transport, pages: int
    ) -> Found[T]:
        found: dict[T, None] = {}
        others: set[int] = set()
        empty = 0
        deadline = self._now() + TOTAL_SECONDS
        for _ in range(pages):
            try:
                page = await transport.ask(search.page(token))
            except (InvalidAnswerError, HungUpError) as err:
                raise _PageLostError(err) from err
            except ABSENT:
                # What passes leaves open what there is, and is raised.
                if not found:
                    raise
                return Found(items=tuple(found), complete=False, refused=True)
            known = len(found) + len(others)
            found.update(dict.fromkeys(page.items))
            others |= page.others
            if page.done:
                return Found(items=tuple(found), complete=True)
            empty = 0 if len(found) + len(others) > known else empty + 1
            many = len(found) >= MAX_RESULTS or len(others) >= MAX_OTHERS
            if empty >= EMPTY_PAGES or many or self._now() >= deadline:
                break
        return Found(items=tuple(found), complete=False)


def _digest(result: Element) -> int:
    """Return what tells a result from others; events have most of what they say in attributes."""
    return hash(tuple((one.text, *sorted(one.items())) for one in result.iter()))


def read_token(answer: Element) -> str:
    """Read what a session is called. Raises InvalidAnswerError, DeviceBusyError for none."""
    token = xml.text(answer, "SearchToken")
    if token is None:
        raise DeviceBusyError("the device began no search")
    if len(token) > MAX_TOKEN:
        raise InvalidAnswerError("the device calls a search by too long a name")
    return token


def end_search(token: str) -> Question[None]:
    """Return what ends a session; one that is done may be gone already."""
    return Question(
        service=Service.SEARCH,
        operation="EndSearch",
        arguments={"SearchToken": token},
        read=lambda answer: None,
        right=Right.PLAYBACK,
    )
