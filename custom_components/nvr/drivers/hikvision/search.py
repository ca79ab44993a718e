"""Finding recordings: pages of answers become recordings in UTC (section 10 of the notes)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..answer import SEARCH
from ..clock import DST_REACH, DeviceClock
from ..errors import DeviceBusyError, InvalidAnswerError, NotSupportedError
from ..models import ClockConvention, Recording, RecordingKind, Right, StreamName
from .clock import COINCIDE, RecorderClock
from .dialects import DIALECTS, Dialect, SearchTerms, new_search_id
from .facts import ChannelPlace
from .faults import RefusedRequestError
from .matches import Match, Page, read_page
from .memory import SEARCH_DIALECT, DeviceMemory
from .transport import BudgetSpentError, Request, Transport, document

SEARCH_PATH = "/ISAPI/ContentMgmt/search"
# What the vendor's own page uses; some firmware refuses more than 64.
PAGE_SIZE = 40
MAX_PAGES = 250
# Weeks are refused or time out on some firmware.
WINDOW = timedelta(days=1)
MARGIN = timedelta(seconds=2)
SECOND = timedelta(seconds=1)
BUSY_PAUSES_SECONDS = (1.0, 2.0)

type Settle = Callable[[list[Match]], Awaitable[None]]


class Searches:
    """Searches one device, one search at a time: recorders answer parallel ones with wrong pages."""

    def __init__(self, transport: Transport, clock: RecorderClock, memory: DeviceMemory) -> None:
        """Initialize."""
        self._transport = transport
        self._clock = clock
        self._memory = memory
        self._proven: Dialect | None = None
        # Goes on where a round's budget ended in the middle.
        self._refused: set[str] = set()
        self.lock = asyncio.Lock()

    @property
    def proven(self) -> bool:
        """Whether the form is known that this device takes."""
        return self._proven is not None

    async def search(
        self,
        place: ChannelPlace,
        spans: Iterable[tuple[datetime, datetime]],
        stream: StreamName,
        kinds: frozenset[RecordingKind] | None,
        settle: Settle,
    ) -> AsyncIterator[Recording]:
        """Yield the recordings that overlap spans in order, oldest first, without duplicates.

        ``settle`` is shown what was found while nobody knows what its digits mean.
        """
        seen: set[tuple[datetime, str]] = set()
        for window_start, window_end in windows(spans):
            first, last = self._digits(window_start, window_end)
            async with self.lock:
                matches = await self._matches(place.stream_id(stream), first, last)
            if matches and self._clock.needs_measuring(datetime.now(UTC)):
                await settle(matches)
            found = self._read(matches, place, stream, window_start, window_end)
            fresh = [item for item in found if item[0] not in seen]
            # What reaches over midnight comes twice; older ones can't come again.
            seen = {key for key, _ in found}
            for _, recording in sorted(fresh, key=lambda item: item[1].start):
                if kinds is None or kinds & recording.kinds:
                    yield recording

    async def exists(self, track: int, start: datetime, end: datetime) -> bool:
        """Return whether anything was recorded between two moments (true UTC)."""
        async with self.lock:
            first, last = digits_of(self._clock.device, start, end)
            page = await self._ask_patiently(_terms(track, first, last, most=1))
        return any(match.end > first and match.start < last for match in page.matches)

    async def ask(self, terms: SearchTerms, transport: Transport | None = None) -> Page:
        """Ask for one page, in the form that this device takes.

        Raises NotPermittedError, DeviceBusyError, NotSupportedError where no form is taken.
        """
        carrier = transport or self._transport
        if self._proven is not None:
            return await carrier.send(_request(self._proven, terms))
        known = self._memory.text(SEARCH_DIALECT)
        error: RefusedRequestError | None = None
        for dialect in sorted(DIALECTS, key=lambda entry: entry.name != known):
            if dialect.name in self._refused:
                continue
            try:
                page = await carrier.send(_request(dialect, terms))
            except RefusedRequestError as err:
                if not err.fault.is_malformed:
                    raise
                error = err
                self._refused.add(dialect.name)
                continue
            self._proven = dialect
            self._memory.keep(SEARCH_DIALECT, dialect.name)
            return page
        self._refused.clear()
        raise NotSupportedError("the recorder takes no form of search") from error

    async def ask_in_turn(self, terms: SearchTerms, transport: Transport | None = None) -> Page:
        """Ask for one page when no other search is under way."""
        async with self.lock:
            return await self.ask(terms, transport)

    def _digits(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Return the digits to search between: those of both conventions while that is open."""
        device = self._clock.device
        devices = [device]
        if self._clock.needs_measuring(datetime.now(UTC)):
            conventions = (ClockConvention.WALL, ClockConvention.UTC)
            devices = [device.with_convention(convention) for convention in conventions]
        # Just after the clock was put back, digits name two moments. What was recorded before tells
        # which one is meant: files come in the order in which they were written.
        earlier = start - DST_REACH
        context = earlier if device.offset(earlier) > device.offset(end) else start
        edges = [digits_of(entry, context, end) for entry in devices]
        return min(first for first, _ in edges), max(last for _, last in edges)

    def _read(
        self,
        matches: list[Match],
        place: ChannelPlace,
        stream: StreamName,
        start: datetime,
        end: datetime,
    ) -> list[tuple[tuple[datetime, str], Recording]]:
        reader = _Reader(self._clock.device, start, end)
        found = [
            (match.key, recording)
            for match in matches
            if (recording := reader.read(match, place.number, stream)) is not None
        ]
        if reader.saw_future:
            self._clock.doubt()
        return found

    async def _matches(self, track: int, start: datetime, end: datetime) -> list[Match]:
        """Return all matches between two moments in digits, page after page."""
        found: dict[tuple[datetime, str], Match] = {}
        terms = _terms(track, start, end)
        for _ in range(MAX_PAGES):
            page = await self._ask_patiently(terms)
            fresh = [match for match in page.matches if match.key not in found]
            found |= {match.key: match for match in fresh}
            full = page.count >= terms.most
            if not page.count or not (page.more or (page.more is None and full)):
                return list(found.values())
            # A page on which nothing makes sense is no repeated one.
            if fresh or not page.matches:
                terms = replace(terms, position=terms.position + page.count)
                continue
            # The firmware ignores the position: a new search from the last one found on.
            restart = max(match.start for match in found.values()) + SECOND
            if restart <= terms.start:
                return list(found.values())
            terms = _terms(track, restart, end)
        raise InvalidAnswerError("the search does not come to an end")

    async def _ask_patiently(self, terms: SearchTerms) -> Page:
        for pause in BUSY_PAUSES_SECONDS:
            try:
                return await self.ask(terms)
            except BudgetSpentError:
                raise
            except DeviceBusyError:
                await asyncio.sleep(pause)
        return await self.ask(terms)


class _Reader:
    """Turns matches into recordings, in the order in which the device has them."""

    def __init__(self, device: DeviceClock, start: datetime, end: datetime) -> None:
        self._device = device
        self._start = start
        self._end = end
        self._now = datetime.now(UTC)
        self._last: datetime | None = None
        # Something recorded later than now: the digits do not mean what we think.
        self.saw_future = False

    def read(self, match: Match, channel: int, stream: StreamName) -> Recording | None:
        """Return the recording, None where it lies beside the window."""
        span = self._span(match)
        if span is None:
            return None
        start, end = span
        if start > self._now + COINCIDE:
            self.saw_future = True
            return None
        self._last = start
        is_open = end > self._now
        if is_open:
            # Allotted ahead; what is on disk ends now.
            end = max(self._now.replace(microsecond=0), start)
        if not self._overlaps(start, end):
            return None
        return Recording(
            channel=channel,
            stream=stream,
            start=start,
            end=end,
            kinds=match.kinds,
            # The size of a file being written is that of its allotted block.
            size_bytes=None if is_open else match.size_bytes,
            open=is_open,
            start_device=match.start_text,
            end_device=match.end_text,
            token=match.uri,
        )

    def _span(self, match: Match) -> tuple[datetime, datetime] | None:
        """Return start and end in UTC.

        In the repeated hour digits name two moments: the first that does not go back behind the recording
        before it, or where there is none before it, one inside the window.
        """
        readings = []
        ends = [self._utc(match.end, fold) for fold in (0, 1)]
        for fold in (0, 1):
            start = self._utc(match.start, fold)
            if (end := min((end for end in ends if end >= start), default=None)) is not None:
                readings.append((start, end))
        last = self._last
        if last is None:
            inside = [reading for reading in readings if self._overlaps(*reading)]
            return min(inside or readings, default=None)
        onward = [reading for reading in readings if reading[0] >= last]
        return min(onward or readings, default=None)

    def _overlaps(self, start: datetime, end: datetime) -> bool:
        return end > self._start and start < self._end

    def _utc(self, digits: datetime, fold: int) -> datetime:
        return _whole(self._device.to_utc(digits.replace(fold=fold)))


def windows(
    spans: Iterable[tuple[datetime, datetime]],
) -> Iterator[tuple[datetime, datetime]]:
    """Cut spans into windows that every firmware takes."""
    for start, end in spans:
        at = start
        while at < end:
            stop = min(at + WINDOW, end)
            yield at, stop
            at = stop


def digits_of(device: DeviceClock, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the digits that surely enclose a span, also where the clock was put back inside it."""
    edges = [device.to_device(moment) for moment in (start, end)]
    shift = edges[1] - edges[0] - (end - start)
    first = edges[0] + min(shift, timedelta(0)) - MARGIN
    last = edges[1] - min(shift, timedelta(0)) + MARGIN
    return first.replace(microsecond=0, fold=0), last.replace(microsecond=0, fold=0)


def _terms(track: int, start: datetime, end: datetime, *, most: int = PAGE_SIZE) -> SearchTerms:
    return SearchTerms(track=track, start=start, end=end, position=0, most=most, id=new_search_id())


def _request(dialect: Dialect, terms: SearchTerms) -> Request[Page]:
    return Request(
        method="POST",
        path=SEARCH_PATH,
        body=dialect.body(terms),
        decode=document(read_page),
        limits=SEARCH,
        right=Right.PLAYBACK,
    )


def _whole(moment: datetime) -> datetime:
    """Round to the seconds that search answers count in, so that starts keep still while drift is refined."""
    return (moment + SECOND / 2).replace(microsecond=0)
