"""How far each channel's recordings reach, found out a little at a time (section 11 of the notes)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
import logging

from ..days import DAY, day_of, months_back, months_onward, span_of
from ..errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NotSupportedError,
)
from ..models import RecordingExtent, StreamName
from ..reading import digits_of
from .calendar import month_request
from .clock import RecorderClock
from .dialects import SearchTerms, new_search_id
from .facts import ChannelPlace, Facts
from .matches import Match, of_track
from .search import Searches
from .transport import BudgetSpentError, Transport

_LOGGER = logging.getLogger(__name__)

EPOCH = datetime(2000, 1, 2, tzinfo=UTC)
# Backwards from now in growing steps, as answers come oldest first.
FIRST_STEP = timedelta(hours=1)
STEP_FACTOR = 4
FARTHEST = timedelta(days=1600)
# What devices take that refuse wide searches.
NARROW = timedelta(days=11)
# After so many months without recordings the calendar is not followed further back.
MONTHS_WITHOUT = 6
PAGE_SIZE = 40
PAGES_AT_ONCE = 2
ROUND_SECONDS = 600.0

# How devices answer to a search that is too much for them, or to a calendar that they don't have.
REFUSALS = (NotSupportedError, InvalidAnswerError, DeviceFaultError)


@dataclass(slots=True, kw_only=True)
class _Trail:
    """How far one channel's track has been followed; lives on where a round's budget ends."""

    place: ChannelPlace
    stream: StreamName = StreamName.MAIN
    # Whether there is anything, None before that is known.
    holds: bool | None = None
    oldest_done: bool = False
    step: timedelta = FIRST_STEP
    months: Iterator[date] | None = None
    month: date | None = None
    empty_months: int = 0
    first_day: date | None = None
    last_day: date | None = None

    @property
    def track(self) -> int:
        """The track that is asked for."""
        return self.place.stream_id(self.stream)


class Extents:
    """Goes round the channels: first start and last end of each, one channel after the other."""

    def __init__(self, facts: Facts, clock: RecorderClock, searches: Searches) -> None:
        """Initialize."""
        self._facts = facts
        self._clock = clock
        self._searches = searches
        self._queue: list[_Trail] = []
        # Learned on the way: whether the device refuses to search from the beginning of time.
        self._wide_refused = False
        # On which tracks there is no calendar either: nothing tells the oldest there.
        self._no_calendar: set[int] = set()

    async def go_on(self, transport: Transport) -> None:
        """Go on with the round; raises BudgetSpentError while it is not finished.

        Leaves the line to a user's search that is under way.
        """
        unsettled = self._clock.needs_measuring(datetime.now(UTC)) and not self._clock.assumed
        if self._searches.lock.locked() or unsettled:
            raise BudgetSpentError("searches are busy")
        if not self._queue:
            self._queue = [_Trail(place=place) for place in self._facts.places()]
        while self._queue:
            async with self._searches.lock:
                follower = await self._follow(self._queue[0], transport)
            self._queue[:1] = [] if follower is None else [follower]

    async def _follow(self, trail: _Trail, transport: Transport) -> _Trail | None:
        """Find both ends; returns the track to follow instead where this one holds nothing."""
        try:
            if not self._searches.proven:
                # The form that this device takes is found out on a window that nothing objects to.
                await self._latest(trail, datetime.now(UTC) - FIRST_STEP, transport)
            if not trail.oldest_done:
                await self._find_oldest(trail, transport)
                trail.oldest_done = True
            if trail.holds is not False:
                await self._find_newest(trail, transport)
                return None
        except BudgetSpentError, AuthenticationError, CannotConnectError:
            raise
        except DriverError as err:
            # This channel says nothing; its turn comes again in the next round.
            _LOGGER.debug("No word on how far channel %d reaches: %s", trail.place.number, err)
            return None
        if trail.stream is StreamName.MAIN and self._facts.records_sub(trail.place):
            return _Trail(place=trail.place, stream=StreamName.SUB)
        self._facts.extents[trail.place.number] = RecordingExtent()
        return None

    async def _find_oldest(self, trail: _Trail, transport: Transport) -> None:
        """Ask from the beginning of time, or the calendar where that is refused."""
        if not self._wide_refused:
            try:
                trail.holds = await self._first(trail, EPOCH, datetime.now(UTC), transport)
            except REFUSALS:
                self._wide_refused = True
            except CannotConnectError as err:
                # It may be too much for the device rather than gone; the next round tells.
                self._wide_refused = True
                raise BudgetSpentError("no answer to a wide search") from err
            else:
                return
        if trail.track in self._no_calendar:
            return
        try:
            await self._walk_months(trail, transport)
        except REFUSALS as err:
            _LOGGER.debug("Neither wide searches nor a calendar: %s", err)
            self._no_calendar.add(trail.track)
            return
        trail.holds = trail.first_day is not None
        if trail.first_day is not None:
            # Calendars may go on showing a day that has been overwritten.
            start = span_of(trail.first_day, self._clock.device).start
            await self._first(trail, start, start + NARROW, transport)

    async def _walk_months(self, trail: _Trail, transport: Transport) -> None:
        """Find the first and the last recorded day by the calendar, a month at a time."""
        today = self._clock.device.wall(datetime.now(UTC)).date()
        known = self._extent(trail).oldest
        onward = known is not None
        start = today if known is None else self._clock.device.wall(known).date()
        if trail.months is None:
            trail.months = months_onward(start, today) if onward else months_back(start)
            trail.month = next(trail.months, None)
        while trail.month is not None and trail.empty_months < MONTHS_WITHOUT:
            month = trail.month
            numbers = await transport.send(month_request(trail.track, month.year, month.month))
            days = sorted(day for number in numbers if (day := day_of(month, number)) is not None)
            trail.month = next(trail.months, None)
            trail.empty_months += 1
            if days:
                trail.empty_months = 0
                trail.first_day = days[0]
                trail.last_day = trail.last_day or days[-1]
                if onward:
                    return

    async def _find_newest(self, trail: _Trail, transport: Transport) -> None:
        """Look back in growing steps, as answers come oldest first."""
        now = datetime.now(UTC)
        newest = self._extent(trail).newest
        reach = NARROW if self._wide_refused else FARTHEST
        if newest is not None and now - newest < reach:
            await self._latest(trail, newest - FIRST_STEP, transport)
            return
        while trail.step <= reach:
            try:
                if await self._latest(trail, now - trail.step, transport):
                    return
            except REFUSALS:
                if trail.step <= DAY:
                    raise
                self._wide_refused = True
                break
            trail.step *= STEP_FACTOR
        if newest is None and trail.last_day is not None:
            span = span_of(trail.last_day, self._clock.device)
            await self._latest(trail, span.start, transport, end=span.end)

    async def _latest(
        self,
        trail: _Trail,
        start: datetime,
        transport: Transport,
        *,
        end: datetime | None = None,
    ) -> bool:
        """Note the last end after a moment; tells whether there was any."""
        now = datetime.now(UTC)
        matches = await self._matches(trail, start, end or now, transport, most=PAGE_SIZE)
        if not matches:
            return False
        last = max(match.end for match in matches)
        self._keep(
            trail.place, newest=min(_whole(self._clock.device.to_utc(last, near=now)), _whole(now))
        )
        return True

    async def _first(
        self, trail: _Trail, start: datetime, end: datetime, transport: Transport
    ) -> bool:
        """Note the first start between two moments; tells whether there was any."""
        matches = await self._matches(trail, start, end, transport, most=1)
        if not matches:
            return False
        oldest = self._clock.device.to_utc(min(match.start for match in matches))
        self._keep(trail.place, oldest=_whole(oldest))
        return True

    def _extent(self, trail: _Trail) -> RecordingExtent:
        return self._facts.extents.get(trail.place.number, RecordingExtent())

    async def _matches(
        self,
        trail: _Trail,
        start: datetime,
        end: datetime,
        transport: Transport,
        *,
        most: int,
    ) -> list[Match]:
        """Return the first matches of a window, at least one of them if there is any.

        Raises InvalidAnswerError where that is not to be had, and what ``Searches.ask`` raises.
        """
        first, last = digits_of(self._clock.device, start, end)
        terms = SearchTerms(
            track=trail.track,
            start=first,
            end=last,
            position=0,
            most=most,
            id=new_search_id(),
        )
        found: list[Match] = []
        for _ in range(PAGES_AT_ONCE):
            page = await self._searches.ask(terms, transport)
            found += of_track(page.matches, trail.track)
            if (found and most == 1) or not page.more or not page.count:
                return found
            terms = replace(terms, position=terms.position + page.count, most=PAGE_SIZE)
        if not found:
            # Those of this track come later, or there are none: one answer after the other does not tell.
            raise InvalidAnswerError("the answer is full of other tracks' recordings")
        return found

    def _keep(
        self,
        place: ChannelPlace,
        *,
        oldest: datetime | None = None,
        newest: datetime | None = None,
    ) -> None:
        known = self._facts.extents.get(place.number, RecordingExtent())
        self._facts.extents[place.number] = RecordingExtent(
            oldest=oldest or known.oldest, newest=newest or known.newest
        )


def _whole(moment: datetime) -> datetime:
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
