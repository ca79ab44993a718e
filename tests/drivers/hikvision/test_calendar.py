"""Recorded days by the device's calendar, and without one."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
import pytest

from custom_components.nvr.drivers.errors import NotPermittedError
from custom_components.nvr.drivers.models import RecordedDay

from .fake_isapi import FakeIsapi, Footage, device_time, plugged, status_error

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PATH = "/ISAPI/ContentMgmt/record/tracks/101/dailyDistribution"
MOUNTAIN = "MST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"


def calendar(fake: FakeIsapi, *days: int) -> list[str]:
    """Let the device record on these days of every month; returns what it is asked."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append((await request.read()).decode())
        inner = "".join(
            f"<day><id>{n}</id><dayOfMonth>{n}</dayOfMonth><record>{str(n in days).lower()}</record></day>"
            for n in range(1, 32)
        )
        return web.Response(
            text=f"<trackDailyDistribution><dayList>{inner}<day/></dayList></trackDailyDistribution>"
        )

    fake.routes[f"POST {PATH}"] = handler
    return asked


async def test_one_request_shows_a_month() -> None:
    fake = FakeIsapi()
    asked = calendar(fake, 3, 4, 31)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 1, tzinfo=UTC)
        days = await driver.recorded_days(1, start, start + 31 * DAY)
    assert len(asked) == 1
    assert "<year>2026</year><monthOfYear>1</monthOfYear>" in asked[0]
    assert days == tuple(
        RecordedDay(start=start + (n - 1) * DAY, end=start + n * DAY) for n in (3, 4, 31)
    )


async def test_a_person_s_day_touches_two_days_of_the_device() -> None:
    fake = FakeIsapi()
    calendar(fake, *range(1, 32))
    fake.routes["/ISAPI/System/time"] = device_time(-7 * HOUR, MOUNTAIN)  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 3, 8, tzinfo=UTC)
        days = await driver.recorded_days(1, start, start + DAY)
    # The device's 8 March 2026 has 23 hours: the clock goes forward.
    assert [(day.end - day.start) // HOUR for day in days] == [24, 23]
    assert days[0].end == days[1].start
    assert abs(days[1].start - datetime(2026, 3, 8, 7, tzinfo=UTC)) <= timedelta(hours=1, seconds=1)


async def test_months_over_new_year_and_days_that_no_month_has() -> None:
    fake = FakeIsapi()
    asked = calendar(fake, 29, 30, 31)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2025, 12, 31, tzinfo=UTC)
        days = await driver.recorded_days(1, start, datetime(2026, 3, 1, tzinfo=UTC))
    assert len(asked) == 3
    assert [day.start.date().isoformat() for day in days] == [
        "2025-12-31",
        "2026-01-29",
        "2026-01-30",
        "2026-01-31",
    ]


async def test_without_a_calendar_each_day_is_searched() -> None:
    fake = FakeIsapi(footage=[Footage(datetime(2026, 1, 3, 5), datetime(2026, 1, 3, 6))])
    fake.answer(f"POST {PATH}", status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 2, tzinfo=UTC)
        for _ in range(2):
            days = await driver.recorded_days(1, start, start + 3 * DAY)
    assert [day.start for day in days] == [start + DAY]
    assert len(fake.searches) == 6
    assert all("<maxResults>1</maxResults>" in body for body in fake.searches)
    # Asked for the calendar once only.
    assert sum(seen.path == PATH for seen in fake.seen) == 1


async def test_a_calendar_that_fails_on_the_device_is_replaced_for_once() -> None:
    fake = FakeIsapi(footage=[Footage(datetime(2026, 1, 3, 5), datetime(2026, 1, 3, 6))])
    fake.answer(f"POST {PATH}", status_error(3, "deviceError"), 500)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 2, tzinfo=UTC)
        days = await driver.recorded_days(1, start, start + 3 * DAY)
        assert [day.start for day in days] == [start + DAY]
        asked = calendar(fake, 4)
        days = await driver.recorded_days(1, start, start + 3 * DAY)
    assert [day.start for day in days] == [start + 2 * DAY]
    assert asked


async def test_a_channel_that_records_its_sub_stream_only() -> None:
    fake = FakeIsapi(footage=[Footage(datetime(2026, 1, 3, 5), datetime(2026, 1, 3, 6), track=102)])
    for track in (101, 102):
        fake.answer(f"POST {PATH.replace('101', str(track))}", status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 2, tzinfo=UTC)
        days = await driver.recorded_days(1, start, start + 3 * DAY)
    assert [day.start for day in days] == [start + DAY]


async def test_days_of_other_channels_are_not_shown_where_answers_hold_all_tracks() -> None:
    first, second, third = (datetime(2026, 1, day, 5) for day in (2, 3, 4))
    fake = FakeIsapi(
        footage=[
            Footage(first, first + HOUR, track=201),
            *(
                Footage(second + n * MINUTE, second + (n + 1) * MINUTE, track=201)
                for n in range(50)
            ),
            Footage(second + HOUR, second + 2 * HOUR),
            Footage(third, third + HOUR),
        ],
        ignores_tracks=True,
    )
    fake.answer(f"POST {PATH}", status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 2, tzinfo=UTC)
        days = await driver.recorded_days(1, start, start + 4 * DAY)
    assert [day.start for day in days] == [start + DAY, start + 2 * DAY]


async def test_no_days_in_no_time_and_none_in_the_future() -> None:
    fake = FakeIsapi()
    asked = calendar(fake, *range(1, 32))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        assert await driver.recorded_days(1, now, now) == ()
        assert await driver.recorded_days(1, now + 40 * DAY, now + 90 * DAY) == ()
    assert asked == []


async def test_a_missing_right_is_not_taken_for_a_missing_calendar() -> None:
    fake = FakeIsapi()
    fake.answer(f"POST {PATH}", status_error(4, "lowPrivilege"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(NotPermittedError):
            await driver.recorded_days(
                1, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
            )


async def test_a_long_search_skips_days_that_hold_nothing() -> None:
    fake = FakeIsapi(
        footage=[
            Footage(datetime(2026, month, 3, 5), datetime(2026, month, 3, 6)) for month in (1, 3)
        ]
    )
    asked = calendar(fake, 3)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        start = datetime(2026, 1, 1, tzinfo=UTC)
        found = [entry async for entry in driver.search(1, start, start + 89 * DAY)]
        assert [entry.start.month for entry in found] == [1, 3]
        assert (len(asked), len(fake.searches)) == (3, 3)
        # Without a calendar it takes a search for each day.
        fake.answer(f"POST {PATH}", status_error(4, "notSupport"), 403)
        found = [entry async for entry in driver.search(1, start, start + 89 * DAY)]
        assert [entry.start.month for entry in found] == [1, 3]
        assert len(fake.searches) == 3 + 89
