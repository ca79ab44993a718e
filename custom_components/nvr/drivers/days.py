"""Days and months of a device's own calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from .clock import DeviceClock
from .models import RecordedDay

DAY = timedelta(days=1)
MAX_MONTHS = 240


def span_of(day: date, device: DeviceClock) -> RecordedDay:
    """Return a day of the device's calendar as a span of UTC."""
    midnight = datetime.combine(day, time())
    return RecordedDay(start=device.from_wall(midnight), end=device.from_wall(midnight + DAY))


def dates_of(start: datetime, end: datetime, device: DeviceClock) -> tuple[date, date]:
    """Return the first and the last day that a span touches; the future holds none."""
    end = min(end, datetime.now(UTC) + DAY)
    return device.wall(start).date(), device.wall(end - timedelta.resolution).date()


def months_of(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Yield the years and months from that of a day to that of another, within bounds."""
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
    return (date(year, month, 1) for year, month in months_of(first, last))


def day_of(month: date, number: int) -> date | None:
    """Return a day of the month that holds a day, None where it has no such day."""
    try:
        return month.replace(day=number)
    except ValueError:
        return None
