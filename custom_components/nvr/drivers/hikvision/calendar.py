"""Which days hold recordings (section 11 of the notes): one request for a month."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from xml.etree.ElementTree import Element

from .. import xml
from ..clock import DeviceClock
from ..days import DAY, dates_of, day_of, months_of, span_of
from ..errors import DeviceFaultError, InvalidAnswerError
from ..models import RecordedDay, Right
from .faults import RefusedRequestError
from .transport import Document, Request, Transport

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
        decode=Document(read_days),
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
            return await self._by_search(track, *dates_of(start, end, device), device)
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
            return await self._by_month(track, *dates_of(start, end, device), device)
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
        for year, month in months_of(first, last):
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
