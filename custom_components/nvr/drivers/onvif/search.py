"""Finding recordings: what tracks have, as recordings in UTC (section 8.2 of the notes)."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..clock import DeviceClock
from ..days import DAY, dates_of, span_of
from ..models import ClockConvention, RecordedDay, Recording, RecordingKind, StreamName
from ..reading import Reader, Recheck, digits_of, windows
from .catalogue import Catalogue
from .containers import Container
from .history import History
from .labels import Labels
from .pieces import Piece, pieces, widened
from .track_states import Span
from .transport import Transport

# A search costs three requests however little it finds; devices are slow over long times.
WINDOW = timedelta(days=3)
# For the calendar pieces need not be told apart.
CALENDAR_WINDOW = timedelta(days=31)
# What reaches so near to now may have grown since.
RECENT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Recordings in order, what their times were taken to mean, and one that is later than now, if there is one."""

    recordings: Sequence[Recording]
    convention: ClockConvention
    future: datetime | None


class Searches:
    """Searches one device."""

    def __init__(
        self, transport: Transport, catalogue: Catalogue, history: History, labels: Labels
    ) -> None:
        """Initialize."""
        self._transport = transport
        self._catalogue = catalogue
        self._history = history
        self._labels = labels

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
        latest = datetime.min.replace(tzinfo=UTC)
        for start, end in windows(spans, WINDOW):
            found = await self._found(channel, start, end, stream)
            if found.future is not None and await recheck():
                found = await self._found(channel, start, end, stream)
            if found.future is not None:
                self._labels.learn_times([found.future])
            if found.convention is not self._labels.convention:
                # This has taught what times mean, or somebody has learned it while the device was asked.
                found = await self._found(channel, start, end, stream)
            # What reaches over the edge comes twice. Where times have come to mean something else it may also be read as
            # older than what was yielded by then, which stands.
            fresh = [one for one in found.recordings if one.start > latest]
            latest = max((one.start for one in fresh), default=latest)
            for recording in fresh:
                if kinds is None or kinds & recording.kinds:
                    yield recording

    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        """Return the device's days that touch [start, end) and hold recordings, oldest first."""
        if start >= end:
            return ()
        # Asking for containers may teach what times mean.
        _, containers = await self._containers(channel, StreamName.MAIN, end)
        device = self._labels.device
        first, last = _reach(containers, device)
        start, end = max(start, first or start), min(end, last or end, datetime.now(UTC) + DAY)
        dates: set[date] = set()
        while start < end:
            stop = min(start + CALENDAR_WINDOW, end)
            # The midnight after the last belongs to the day before.
            wanted = dates_of(start, end, device)
            for span in await self._spans(containers, start, stop, device):
                dates |= set(_dates(span, start, stop, device))
            dates = {day for day in dates if day <= wanted[1]}
            start = stop
        return tuple(span_of(day, device) for day in sorted(dates))

    async def _found(
        self, channel: int, start: datetime, end: datetime, stream: StreamName
    ) -> _Found:
        shown, containers = await self._containers(channel, stream, end)
        device = self._labels.device
        first, last = widened(*digits_of(device, start, end))
        by_token = await self._history.spans(containers, first, last, device, self._transport)
        now = _device_now(device)
        listed: list[Piece] = []
        for token, spans in by_token.items():
            for span in spans:
                listed += pieces(span, token, last, now)
        listed = _apart(listed, now.replace(tzinfo=None))
        reader = Reader(device, start, end)
        recordings = [
            recording
            for piece in listed
            if (recording := reader.read(piece, channel, shown)) is not None
        ]
        future = max((piece.start for piece in listed), default=None)
        return _Found(
            recordings=recordings,
            convention=device.convention,
            future=future.replace(tzinfo=UTC) if reader.saw_future and future else None,
        )

    async def _containers(
        self, channel: int, stream: StreamName, end: datetime
    ) -> tuple[StreamName, tuple[Container, ...]]:
        """Return a stream's containers, or those of another where somebody asks for the main one and there is none."""
        fresh = end > datetime.now(UTC) - RECENT
        by_stream = await self._catalogue.of(channel, self._transport, fresh=fresh)
        if stream in by_stream or stream is not StreamName.MAIN or not by_stream:
            return stream, by_stream.get(stream, ())
        other = next(one for one in StreamName if one in by_stream)
        return other, by_stream[other]

    async def _spans(
        self, containers: Sequence[Container], start: datetime, end: datetime, device: DeviceClock
    ) -> list[tuple[datetime, datetime]]:
        """Return when there is footage, in UTC."""
        first, last = (one.replace(tzinfo=UTC) for one in digits_of(device, start, end))
        by_token = await self._history.spans(containers, first, last, device, self._transport)
        now = _device_now(device)
        return [
            _in_utc(span, min(now, last), device) for spans in by_token.values() for span in spans
        ]


def _in_utc(span: Span, limit: datetime, device: DeviceClock) -> tuple[datetime, datetime]:
    start, end = span
    # What is allotted ahead holds nothing yet.
    reached = limit if end is None or start < limit < end else end
    begin, stop = (device.to_utc(one.replace(tzinfo=None)) for one in (start, reached))
    return begin, stop


def _apart(listed: Iterable[Piece], now: datetime) -> list[Piece]:
    """Return recordings in order, without those that lie within another: containers may overlap."""
    # How far ahead one is allotted says nothing; what goes on reaches further than what has ended.
    going_on = now + timedelta.resolution

    def reached(piece: Piece) -> datetime:
        return min(piece.end, going_on) if piece.start < now else piece.end

    kept: list[Piece] = []
    longest_first = sorted(listed, key=reached, reverse=True)
    for piece in sorted(longest_first, key=lambda one: one.start):
        if not kept or reached(piece) > reached(kept[-1]):
            kept.append(piece)
    return kept


def _reach(
    containers: Iterable[Container], device: DeviceClock
) -> tuple[datetime | None, datetime | None]:
    """Return between which moments all footage lies, as far as containers tell."""
    listed = [*containers]
    begins = [one.begins for one in listed if one.begins is not None]
    ends = [one.ends for one in listed if one.ends is not None and one.writes is False]
    first, last = (
        None
        if len(told) < len(listed) or not told
        else device.to_utc(choose(told).replace(tzinfo=None))
        for told, choose in ((begins, min), (ends, max))
    )
    return first, None if last is None else last + timedelta(seconds=1)


def _dates(
    span: tuple[datetime, datetime], start: datetime, end: datetime, device: DeviceClock
) -> Iterator[date]:
    """Yield the device's days on which a span has a part between two moments."""
    begin, stop = max(span[0], start), min(span[1], end)
    if begin >= stop:
        return
    day, last = device.wall(begin).date(), device.wall(stop - timedelta.resolution).date()
    while day <= last:
        yield day
        day += DAY


def _device_now(device: DeviceClock) -> datetime:
    return device.to_device(datetime.now(UTC)).replace(tzinfo=UTC, fold=0)
