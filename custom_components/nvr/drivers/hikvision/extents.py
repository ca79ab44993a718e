"""How far each channel's recordings reach, found out a little at a time (section 11 of the notes)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..errors import AuthenticationError, CannotConnectError, DriverError
from ..models import RecordingExtent, StreamName
from .clock import RecorderClock
from .dialects import SearchTerms, new_search_id
from .facts import ChannelPlace, Facts
from .matches import Match
from .search import Searches, digits_of
from .transport import BudgetSpentError, Transport

EPOCH = datetime(2000, 1, 2, tzinfo=UTC)
# Backwards from now in growing steps, as answers come oldest first.
FIRST_STEP = timedelta(hours=1)
STEP_FACTOR = 4
FARTHEST = timedelta(days=400)
PAGE_SIZE = 40
PAGES_AT_ONCE = 2
ROUND_SECONDS = 600.0


class Extents:
    """Goes round the channels: first start and last end of each, one channel after the other."""

    def __init__(self, facts: Facts, clock: RecorderClock, searches: Searches) -> None:
        """Initialize."""
        self._facts = facts
        self._clock = clock
        self._searches = searches
        self._queue: list[ChannelPlace] = []
        self._step = FIRST_STEP
        self._oldest_done = False

    async def go_on(self, transport: Transport) -> None:
        """Go on with the round; raises BudgetSpentError while it is not finished.

        Leaves the line to a user's search that is under way.
        """
        unsettled = self._clock.needs_measuring(datetime.now(UTC)) and not self._clock.assumed
        if self._searches.lock.locked() or unsettled:
            raise BudgetSpentError("searches are busy")
        if not self._queue:
            self._queue = list(self._facts.places())
        while self._queue:
            async with self._searches.lock:
                await self._one(self._queue[0], transport)
            self._queue.pop(0)
            self._step = FIRST_STEP
            self._oldest_done = False

    async def _one(self, place: ChannelPlace, transport: Transport) -> None:
        try:
            if not self._oldest_done:
                await self._find_oldest(place, transport)
                self._oldest_done = True
            await self._find_newest(place, transport)
        except BudgetSpentError, AuthenticationError, CannotConnectError:
            raise
        except DriverError:
            # This channel says nothing; its turn comes again in the next round.
            return

    async def _find_oldest(self, place: ChannelPlace, transport: Transport) -> None:
        matches = await self._matches(place, EPOCH, datetime.now(UTC), transport, most=1)
        if not matches:
            self._facts.extents[place.number] = RecordingExtent()
            return
        oldest = self._clock.device.to_utc(min(match.start for match in matches))
        self._keep(place, oldest=_whole(oldest))

    async def _find_newest(self, place: ChannelPlace, transport: Transport) -> None:
        now = datetime.now(UTC)
        known = self._facts.extents.get(place.number, RecordingExtent())
        if known.oldest is None:
            return
        if known.newest is not None and now - known.newest < FARTHEST:
            await self._latest(place, known.newest - FIRST_STEP, transport)
            return
        while self._step <= FARTHEST * STEP_FACTOR:
            if await self._latest(place, now - self._step, transport):
                return
            self._step *= STEP_FACTOR

    async def _latest(self, place: ChannelPlace, start: datetime, transport: Transport) -> bool:
        """Note the last end after a moment; tells whether there was any."""
        now = datetime.now(UTC)
        matches = await self._matches(place, start, now, transport, most=PAGE_SIZE)
        if not matches:
            return False
        last = max(match.end for match in matches)
        self._keep(
            place, newest=min(_whole(self._clock.device.to_utc(last, near=now)), _whole(now))
        )
        return True

    async def _matches(
        self,
        place: ChannelPlace,
        start: datetime,
        end: datetime,
        transport: Transport,
        *,
        most: int,
    ) -> list[Match]:
        first, last = digits_of(self._clock.device, start, end)
        terms = SearchTerms(
            track=place.stream_id(StreamName.MAIN),
            start=first,
            end=last,
            position=0,
            most=most,
            id=new_search_id(),
        )
        found: list[Match] = []
        for _ in range(PAGES_AT_ONCE):
            page = await self._searches.ask(terms, transport)
            found += page.matches
            if most == 1 or not page.more or not page.count:
                break
            terms = replace(terms, position=terms.position + page.count)
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
