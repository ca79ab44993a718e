"""On which days of Home Assistant's calendar a channel recorded.

A recorder answers for the days of its own calendar, which begin at other instants than Home
Assistant's when zones or clocks differ.
"""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from homeassistant.util import dt as dt_util

from .drivers.driver import Driver
from .drivers.models import RecordedDay, StreamName
from .recordings import find_recordings

LOOKBACK = timedelta(days=92)
"""How far back days are listed where the recorder has not yet told its oldest recording."""

LONGEST_LOOKBACK = timedelta(days=400)
"""How far back days are listed at most: a calendar costs a request for each month."""

CHECKS_LIMIT = 60
"""Most days whose holding anything is asked for one by one."""

_DAY = timedelta(days=1)


def day_span(day: date) -> tuple[datetime, datetime]:
    """Return the beginning and the end in UTC of a day in Home Assistant's zone."""
    zone = dt_util.get_default_time_zone()
    start, end = (datetime.combine(one, time.min, zone) for one in (day, day + _DAY))
    return dt_util.as_utc(start), dt_util.as_utc(end)


def touched_days(start: datetime, end: datetime) -> Iterable[date]:
    """Yield the days in Home Assistant's zone that a span touches."""
    day = dt_util.as_local(start).date()
    last = dt_util.as_local(end - timedelta(microseconds=1)).date()
    while day <= last:
        yield day
        day += _DAY


async def recorded_days(
    driver: Driver, channel: int, oldest: datetime | None = None
) -> tuple[date, ...]:
    """Return the days in Home Assistant's zone on which a channel recorded, newest first.

    A day all of which the recorder's own recorded days cover is taken to hold something. One that
    they cover in part only is searched.

    Raises:
        DriverError: The recorder can't be asked.
    """
    now = dt_util.utcnow()
    since = now - LOOKBACK if oldest is None else max(oldest, now - LONGEST_LOOKBACK)
    # Tomorrow belongs to it: the recorder's clock may be ahead.
    spans = await driver.recorded_days(channel, since - _DAY, now + _DAY)
    covered = _coverage(spans)
    unsure = [day for day, seconds in covered.items() if seconds < _length(day)]
    checked = sorted(unsure, reverse=True)[:CHECKS_LIMIT]
    holding = await asyncio.gather(*(_holds_something(driver, channel, day) for day in checked))
    empty = {day for day, holds in zip(checked, holding, strict=True) if not holds}
    return tuple(sorted(covered.keys() - empty, reverse=True))


def _coverage(spans: Iterable[RecordedDay]) -> dict[date, float]:
    """Return for each day how many seconds of it lie in recorded days of the recorder."""
    covered: dict[date, float] = {}
    for span in spans:
        for day in touched_days(span.start, span.end):
            start, end = day_span(day)
            shared = min(end, span.end) - max(start, span.start)
            covered[day] = covered.get(day, 0.0) + shared.total_seconds()
    return covered


def _length(day: date) -> float:
    start, end = day_span(day)
    return (end - start).total_seconds()


async def _holds_something(driver: Driver, channel: int, day: date) -> bool:
    start, end = day_span(day)
    found = await find_recordings(driver, channel, start, end, stream=StreamName.MAIN, limit=1)
    # Who can't be asked about a day is not called empty on it.
    return bool(found.recordings) or found.error is not None
