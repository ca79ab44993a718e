"""Which days hold recordings (section 11 of the notes): one request for a month."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from xml.etree.ElementTree import Element

from ..clock import DeviceClock
from ..errors import DeviceFaultError, InvalidAnswerError
from ..models import RecordedDay, Right
from . import xml
from .faults import RefusedRequestError
from .transport import Request, Transport, document

DAY = timedelta(days=1)
MAX_MONTHS = 240
# One search a day where there is no calendar.
MAX_SEARCHED_DAYS = 400

type Exists = Callable[[int, datetime, datetime], Awaitable[bool]]


def read_days(root: Element) -> frozenset[int]:
    """Read a trackDailyDistribution: the days of the month that hold recordings."""
    days = set()
    for element in xml.items(root, "day"):
        number = xml.integer(element, "dayOfMonth") or xml.integer(element, "id")
        if number is not None and 1 <= number <= 31 and xml.boolean(element, "record"):
            days.add(number)
    return frozenset(days)


def month_request(track: int, year: int, month: int) -> Request[frozenset[int]]:
    """Return the request for one month of the device's own calendar."""
    return Request(
        method="POST",
        path=f"/ISAPI/ContentMgmt/record/tracks/{track}/dailyDistribution",
        body=(
            '<?xml version="1.0" encoding="utf-8"?>\n<trackDailyParam version="1.0">'
            f"<year>{year}</year><monthOfYear>{month}</monthOfYear></trackDailyParam>"
        ).encode(),
        decode=document(read_days),
        right=Right.PLAYBACK,
    )


class Calendar:
    """Tells recorded days, by the device's calendar or where it has none by a search for each day."""

    def __init__(self, transport: Transport, exists: Exists) -> None:
        """Initialize."""
        self._transport = transport
        self._exists = exists
        self._refused: set[int] = set()

    async def recorded_days(
        self, track: int, start: datetime, end: datetime, device: DeviceClock
    ) -> tuple[RecordedDay, ...]:
        """Return the device's days that touch [start, end) and hold recordings, oldest first."""
        days = await self.listed_days(track, start, end, device)
        if days is None:
            return await self._by_search(track, *_dates(start, end, device), device)
        return days

    async def listed_days(
        self, track: int, start: datetime, end: datetime, device: DeviceClock
    ) -> tuple[RecordedDay, ...] | None:
        """Return the recorded days by the device's calendar, None where it has none."""
        if start >= end:
            return ()
        if track in self._refused:
            return None
        try:
            return await self._by_month(track, *_dates(start, end, device), device)
        except RefusedRequestError, InvalidAnswerError:
            self._refused.add(track)
            return None
        except DeviceFaultError:
            # It may answer the next time.
            return None

    async def _by_month(
        self, track: int, first: date, last: date, device: DeviceClock
    ) -> tuple[RecordedDay, ...]:
        found = []
        for year, month in _months(first, last):
            days = await self._transport.send(month_request(track, year, month))
            for number in sorted(days):
                day = day_of(date(year, month, 1), number)
                if day is not None and first <= day <= last:
                    found.append(span_of(day, device))
        return tuple(found)

    async def _by_search(
        self, track: int, first: date, last: date, device: DeviceClock
    ) -> tuple[RecordedDay, ...]:
        found = []
        for number in range(min((last - first).days + 1, MAX_SEARCHED_DAYS)):
            day = span_of(first + number * DAY, device)
            if await self._exists(track, day.start, day.end):
                found.append(day)
        return tuple(found)


def span_of(day: date, device: DeviceClock) -> RecordedDay:
    """Return a day of the device's calendar as a span of UTC."""
    midnight = datetime.combine(day, time())
    return RecordedDay(start=device.from_wall(midnight), end=device.from_wall(midnight + DAY))


def _dates(start: datetime, end: datetime, device: DeviceClock) -> tuple[date, date]:
    """Return the first and the last day that a span touches; the future holds none."""
    end = min(end, datetime.now(UTC) + DAY)
    return device.wall(start).date(), device.wall(end - timedelta.resolution).date()


def _months(first: date, last: date) -> Iterator[tuple[int, int]]:
    year, month = first.year, first.month
    for _ in range(MAX_MONTHS):
        if (year, month) > (last.year, last.month):
            return
        yield year, month
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def months_back(day: date) -> Iterator[date]:
    """Yield a day of each month back from that of a day, within bounds."""
    for _ in range(MAX_MONTHS):
        yield day
        day = day.replace(day=1) - DAY


def months_onward(first: date, last: date) -> Iterator[date]:
    """Yield the first of each month from that of a day to that of another."""
    return (date(year, month, 1) for year, month in _months(first, last))


def day_of(month: date, number: int) -> date | None:
    """Return a day of the month that holds a day, None where it has no such day."""
    try:
        return month.replace(day=number)
    except ValueError:
        return None
