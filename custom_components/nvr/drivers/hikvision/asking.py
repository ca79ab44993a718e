"""Asking for one page of a search in the form that a device takes, which is found out once and remembered.

A refusal does not say what is wrong: the form, the size of the window, that of the page, or the track. So the form is
looked for by the most harmless question there is, a short window and a single result; what is then
still refused is the size (section 10 of the notes).
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import logging
from time import monotonic

from ..answer import SEARCH
from ..errors import DeviceFaultError, NotSupportedError
from ..models import ClockConvention, Right
from .clock import RecorderClock
from .dialects import DIALECTS, NAMED, Dialect, Paging, SearchTerms, new_search_id
from .faults import RefusedRequestError
from .matches import Page, read_page
from .memory import (
    SEARCH_DIALECT,
    SEARCH_ENDS_REPEATING,
    SEARCH_PAGE,
    SEARCH_PAGING,
    SEARCH_TOOK_NOTHING,
    DeviceMemory,
)
from .transport import Document, Request, Transport

_LOGGER = logging.getLogger(__name__)

SEARCH_PATH = "/ISAPI/ContentMgmt/search"
# What the vendor's own page uses; some firmware refuses more than 64.
PAGE_SIZE = 40
SMALLER_PAGES = (20, 10, 5, 1)
NARROWEST = timedelta(hours=1)
# A device that takes no form is left alone for a while: nothing there is to be searched.
HOPELESS_SECONDS = 3600.0
# Pages may have been made smaller by mere bad luck; what is kept for ever costs for ever.
LOOK_AGAIN_SECONDS = 24 * 3600.0
TRACKS_TRIED = 3
# Where a device fails instead of refusing, only what is likely is tried.
LIKELY = 1


class Asking:
    """Finds and keeps the form of searches that one device takes."""

    def __init__(self, transport: Transport, clock: RecorderClock, memory: DeviceMemory) -> None:
        """Initialize."""
        self._transport = transport
        self._clock = clock
        self._memory = memory
        self._form = NAMED.get(memory.text(SEARCH_DIALECT) or "", DIALECTS[0])
        self._proven = False
        # Goes on where a round's budget ended in the middle.
        self._tried: set[str] = set()
        self._most = _page_size(memory.text(SEARCH_PAGE))
        self._look_again = monotonic() + LOOK_AGAIN_SECONDS
        self._good: SearchTerms | None = None
        self._hopeless: dict[int, float] = {}

    @property
    def proven(self) -> bool:
        """Whether the form is known that this device takes."""
        return self._proven

    @property
    def paging(self) -> Paging:
        """How this device is asked for the next page."""
        try:
            return Paging(self._memory.text(SEARCH_PAGING) or Paging.OFFICIAL)
        except ValueError:
            return Paging.OFFICIAL

    def page_with(self, paging: Paging) -> None:
        """Keep how this device is asked for the next page."""
        self._memory.keep(SEARCH_PAGING, paging.value)

    @property
    def ends_repeating(self) -> bool:
        """Whether this device is known to repeat its last page instead of telling that it was the last."""
        return bool(self._memory.flag(SEARCH_ENDS_REPEATING))

    @ends_repeating.setter
    def ends_repeating(self, seen: bool) -> None:
        """Keep what was seen."""
        if seen:
            self._memory.keep(SEARCH_ENDS_REPEATING, True)

    async def ask(self, terms: SearchTerms, transport: Transport | None = None) -> Page:
        """Ask for one page.

        Raises RefusedRequestError where the window is too wide or the track unknown, NotSupportedError where no
        form is taken, NotPermittedError, DeviceBusyError.
        """
        carrier = transport or self._transport
        terms = replace(terms, suffix=self._suffix(terms))
        if (page := await self._with_larger_page(terms, carrier)) is not None:
            return page
        try:
            return self._settled(terms, await self._send(self._form, terms, carrier))
        except RefusedRequestError as err:
            if not err.fault.is_malformed:
                raise
            return await self._mend(terms, carrier, err)
        except DeviceFaultError as err:
            if self._proven or self._is_hopeless(terms.track):
                raise
            return await self._mend(terms, carrier, err)

    async def _mend(
        self,
        terms: SearchTerms,
        carrier: Transport,
        refusal: RefusedRequestError | DeviceFaultError,
    ) -> Page:
        """Ask again after a refusal in the form that is taken, with the size that is taken."""
        refused = self._form
        if not await self._find(_harmless(terms), carrier, refusal):
            raise refusal
        if self._form != refused:
            try:
                return self._settled(terms, await self._send(self._form, terms, carrier))
            except RefusedRequestError as err:
                if not err.fault.is_malformed:
                    raise
                refusal = err
        elif terms.most > 1 and not isinstance(refusal, DeviceFaultError):
            # Nothing was wrong with the form. A device in trouble refuses what it takes the next time.
            try:
                return self._settled(terms, await self._send(self._form, terms, carrier))
            except RefusedRequestError as err:
                if not err.fault.is_malformed:
                    raise
                refusal = err
        if terms.most == 1 or isinstance(refusal, DeviceFaultError):
            raise refusal
        single = await self._send(self._form, replace(terms, most=1), carrier)
        # The window is taken, so that the page was too large.
        for most in SMALLER_PAGES:
            if most >= self._most:
                continue
            page = single
            if most > 1:
                try:
                    page = await self._send(self._form, replace(terms, most=most), carrier)
                except RefusedRequestError as err:
                    if not err.fault.is_malformed:
                        raise
                    continue
            self._most = most
            self._memory.keep(SEARCH_PAGE, str(most))
            self._look_again = monotonic() + LOOK_AGAIN_SECONDS
            return self._settled(terms, page)
        raise refusal

    async def _with_larger_page(self, terms: SearchTerms, carrier: Transport) -> Page | None:
        """Ask for a page of the usual size once a day where a smaller one is kept; None where it is refused."""
        now = monotonic()
        if self._most >= min(PAGE_SIZE, terms.most) or terms.position or now < self._look_again:
            return None
        self._look_again = now + LOOK_AGAIN_SECONDS
        try:
            page = await self._send(self._form, terms, carrier, limit=PAGE_SIZE)
        except RefusedRequestError as err:
            if not err.fault.is_malformed:
                raise
            return None
        self._most = PAGE_SIZE
        self._memory.forget(SEARCH_PAGE)
        return self._settled(terms, page)

    async def _find(
        self,
        terms: SearchTerms,
        carrier: Transport,
        refusal: RefusedRequestError | DeviceFaultError,
    ) -> bool:
        """Find the form that is taken, beginning with the one that was; tell whether there is one."""
        if self._is_hopeless(terms.track):
            return False
        only_likely = isinstance(refusal, DeviceFaultError) or self._took_nothing()
        forms = sorted(DIALECTS, key=lambda form: form != self._form)
        for form in forms:
            if form.name in self._tried or (only_likely and form.distance > LIKELY):
                continue
            try:
                page = await self._send(form, terms, carrier)
            except RefusedRequestError as err:
                if not err.fault.is_malformed:
                    raise
            except DeviceFaultError:
                pass
            else:
                self._form = form
                self._tried.clear()
                self._settled(terms, page)
                return True
            self._tried.add(form.name)
            if form == self._form and self._proven and await self._is_about_track(terms, carrier):
                break
        self._tried.clear()
        if self._proven or isinstance(refusal, DeviceFaultError):
            self._hopeless[terms.track] = monotonic() + HOPELESS_SECONDS
            return False
        self._hopeless[terms.track] = monotonic() + LOOK_AGAIN_SECONDS
        if not only_likely:
            self._memory.keep(SEARCH_TOOK_NOTHING, datetime.now(UTC).isoformat())
        raise NotSupportedError("the recorder takes no form of search") from refusal

    def _took_nothing(self) -> bool:
        """Whether every form was refused within a day, of a device that never took one.

        It may have been for the track; so what is likely is still tried on others.
        """
        if self._proven:
            return False
        try:
            tried = datetime.fromisoformat(self._memory.text(SEARCH_TOOK_NOTHING) or "")
            passed = datetime.now(UTC) - tried
        except TypeError, ValueError:
            return False
        return timedelta(0) <= passed < timedelta(seconds=LOOK_AGAIN_SECONDS)

    async def _is_about_track(self, terms: SearchTerms, carrier: Transport) -> bool:
        """Whether the form is still good for another track, so that this one is unknown to the device."""
        if self._good is None or self._good.track == terms.track:
            return False
        try:
            await self._send(self._form, replace(self._good, id=new_search_id()), carrier)
        except RefusedRequestError as err:
            if not err.fault.is_malformed:
                raise
            return False
        return True

    def _settled(self, terms: SearchTerms, page: Page) -> Page:
        """Note that a question was answered."""
        self._proven = True
        self._good = _harmless(terms)
        self._memory.forget(SEARCH_TOOK_NOTHING)
        if self._memory.text(SEARCH_DIALECT) != self._form.name:
            _LOGGER.debug("Searches are asked for as %s", self._form.name)
            self._memory.keep(SEARCH_DIALECT, self._form.name)
        return page

    async def _send(
        self, form: Dialect, terms: SearchTerms, carrier: Transport, *, limit: int | None = None
    ) -> Page:
        asked = replace(terms, most=min(terms.most, limit or self._most))
        page = await carrier.send(
            Request(
                method="POST",
                path=SEARCH_PATH,
                body=form.body(asked, self.paging),
                decode=Document(read_page),
                limits=SEARCH,
                right=Right.PLAYBACK,
            )
        )
        if page.total is not None and page.count and asked.position + page.count < page.total:
            # Some call every page that was given in full the last one.
            return replace(page, more=True)
        if page.more is not None:
            return page
        # Without a word on it, a full page is followed by another.
        return replace(page, more=page.count >= asked.most)

    def _is_hopeless(self, track: int) -> bool:
        now = monotonic()
        alive = {number for number, until in self._hopeless.items() if now < until}
        return track in alive or (not self._proven and len(alive) >= TRACKS_TRIED)

    def _suffix(self, terms: SearchTerms) -> str:
        """Return the offset that makes the digits of a search the moment they stand for."""
        device = self._clock.device
        offset = None
        if device.convention is not ClockConvention.UTC:
            offset = device.zone.utcoffset(terms.start.replace(tzinfo=device.zone))
        minutes = 0 if offset is None else offset // timedelta(minutes=1)
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _harmless(terms: SearchTerms) -> SearchTerms:
    """Return what no device objects to for its size."""
    start = max(terms.start, terms.end - NARROWEST)
    return replace(terms, start=start, position=0, most=1, id=new_search_id())


def _page_size(text: str | None) -> int:
    return int(text) if text in {str(size) for size in SMALLER_PAGES} else PAGE_SIZE
