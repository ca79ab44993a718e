"""Finding recordings: pages of answers become recordings in UTC (section 10 of the notes)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from time import monotonic

from ..clock import HOUR, DeviceClock
from ..models import ClockConvention, Recording, RecordingKind, StreamName
from ..reading import Reader, Recheck, digits_of, digits_to_search, ended, in_order
from .asking import LOOK_AGAIN_SECONDS, Asking
from .clock import RecorderClock
from .dialects import SearchTerms
from .facts import ChannelPlace
from .faults import RefusedRequestError
from .matches import Match, Page, of_track
from .memory import SEARCH_WINDOW, DeviceMemory
from .paging import Pages, first_page, patiently
from .transport import Transport

# Weeks are refused or time out on some firmware, and some takes hours only.
WINDOW = timedelta(days=1)
NARROWER = (timedelta(hours=6), timedelta(hours=1))
# Some write the end of the file under way as now instead of ahead.
STILL_GROWING = timedelta(minutes=2)

type Settle = Callable[[list[Match]], Awaitable[None]]


class Searches:
    """Searches one device, one search at a time: recorders answer parallel ones with wrong pages."""

    def __init__(self, transport: Transport, clock: RecorderClock, memory: DeviceMemory) -> None:
        """Initialize."""
        self._clock = clock
        self._memory = memory
        self._asking = Asking(transport, clock, memory)
        self._pages = Pages(self._asking)
        self._look_again = monotonic() + LOOK_AGAIN_SECONDS
        self.lock = asyncio.Lock()

    @property
    def proven(self) -> bool:
        """Whether the form is known that this device takes."""
        return self._asking.proven

    async def search(
        self,
        place: ChannelPlace,
        spans: Iterable[tuple[datetime, datetime]],
        stream: StreamName,
        kinds: frozenset[RecordingKind] | None,
        settle: Settle,
        recheck: Recheck,
    ) -> AsyncIterator[Recording]:
        """Yield the recordings that overlap spans in order, oldest first, without duplicates.

        ``settle`` is shown what was found while nobody knows what its digits mean. ``recheck`` measures the clock
        again where something was recorded later than now, and tells whether that changed anything.
        """
        seen: set[object] = set()
        growing = self._growing()
        for start, end in spans:
            at = start
            while at < end:
                stop = min(at + self._window, end)
                track = place.stream_id(stream)
                matches, reached = await self._settled(track, at, stop, settle)
                found, future = self._read(matches, place, stream, at, reached)
                if future and await recheck():
                    matches, reached = await self._settled(track, at, stop, settle)
                    found, _ = self._read(matches, place, stream, at, reached)
                at = reached
                keyed = {match.key(growing): recording for match, recording in found}
                fresh = [
                    recording for key, recording in keyed.items() if key.unlabelled not in seen
                ]
                # What reaches over midnight comes twice, also labelled otherwise where a refusal in between led to
                # another dialect; older ones can't come again.
                seen = {key.unlabelled for key in keyed}
                for recording in sorted(fresh, key=lambda recording: recording.start):
                    if kinds is None or kinds & recording.kinds:
                        yield recording

    async def exists(self, track: int, start: datetime, end: datetime) -> bool:
        """Return whether anything was recorded between two moments (true UTC)."""
        async with self.lock:
            first, last = digits_of(self._clock.device, start, end)
            page = await patiently(self._asking, first_page(track, first, last, most=1))
            matches = list(page.matches)
            if page.more and not of_track(matches, track):
                # Not of this track, so that there are as many as all channels have.
                matches = await self._pages.all(
                    track,
                    first,
                    last,
                    self._growing(),
                    until=lambda page: bool(of_track(page, track)),
                )
        return any(match.end > first and match.start < last for match in of_track(matches, track))

    async def ask(self, terms: SearchTerms, transport: Transport | None = None) -> Page:
        """Ask for one page, in the form that this device takes.

        Raises NotPermittedError, DeviceBusyError, NotSupportedError where it is refused in every form.
        """
        return await self._asking.ask(terms, transport)

    async def ask_in_turn(self, terms: SearchTerms, transport: Transport | None = None) -> Page:
        """Ask for one page when no other search is under way."""
        async with self.lock:
            return await self.ask(terms, transport)

    def _digits(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Return the digits to search between: those of both conventions while that is open."""
        return digits_to_search(self._devices(), start, end)

    def _growing(self) -> datetime:
        """Return the digits from which on ends of recordings may still move."""
        now = datetime.now(UTC) - STILL_GROWING
        return min(device.to_device(now) for device in self._devices()).replace(fold=0)

    def _devices(self) -> list[DeviceClock]:
        """Return the clock, in both conventions while that is open."""
        device = self._clock.device
        if not self._clock.needs_measuring(datetime.now(UTC)):
            return [device]
        conventions = (ClockConvention.WALL, ClockConvention.UTC)
        return [device.with_convention(convention) for convention in conventions]

    async def _settled(
        self, track: int, start: datetime, end: datetime, settle: Settle
    ) -> tuple[list[Match], datetime]:
        """Return all matches of a window, or of as much of it as the device takes, with their digits told."""
        async with self.lock:
            matches, reached = await self._within(track, start, end)
        if matches and self._clock.needs_measuring(datetime.now(UTC)):
            await settle(matches)
        return matches, reached

    def _read(
        self,
        matches: list[Match],
        place: ChannelPlace,
        stream: StreamName,
        start: datetime,
        end: datetime,
    ) -> tuple[list[tuple[Match, Recording]], bool]:
        """Return recordings with what they are read from, and whether anything was recorded later than now."""
        reader = Reader(self._clock.device, start, end)
        found = [
            (match, recording)
            for match in in_order(ended(of_track(matches, place.stream_id(stream))))
            if (recording := reader.read(match, place.number, stream)) is not None
        ]
        return found, reader.saw_future

    async def _within(
        self, track: int, start: datetime, end: datetime
    ) -> tuple[list[Match], datetime]:
        """Return all matches of a window, or of as much of its beginning as the device takes at once."""
        narrower = [span for span in NARROWER if span < end - start]
        for span in (end - start, *narrower):
            stop = start + span
            try:
                matches = await self._pages.all(track, *self._digits(start, stop), self._growing())
            except RefusedRequestError as err:
                if not err.fault.is_malformed:
                    raise
                refusal = err
                continue
            if span in narrower:
                self._memory.keep(SEARCH_WINDOW, str(span // HOUR))
                self._look_again = monotonic() + LOOK_AGAIN_SECONDS
            elif (kept := self._kept_window) is not None and span > kept:
                self._memory.forget(SEARCH_WINDOW)
            return matches, stop
        raise refusal

    @property
    def _window(self) -> timedelta:
        """How much is asked for at once: what was taken before, and once a day all again."""
        kept = self._kept_window
        return WINDOW if kept is None or monotonic() >= self._look_again else kept

    @property
    def _kept_window(self) -> timedelta | None:
        known = self._memory.text(SEARCH_WINDOW)
        return next((span for span in NARROWER if str(span // HOUR) == known), None)
