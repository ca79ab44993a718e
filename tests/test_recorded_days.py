"""Days are Home Assistant's, whatever the recorder's calendar counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import override
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.models import RecordedDay, Recording, StreamName
from custom_components.nvr.recorded_days import day_span, recorded_days, touched_days
from tests.fake_driver import FakeDriver

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def home(freezer: FrozenDateTimeFactory) -> Iterator[None]:
    """Let Home Assistant be in Berlin, in November 2026."""
    freezer.move_to("2026-11-21T12:00:00+00:00")
    before = dt_util.get_default_time_zone()
    dt_util.set_default_time_zone(BERLIN)
    yield
    dt_util.set_default_time_zone(before)


class Calendar(FakeDriver):
    """A recorder whose days begin when a test says."""

    def __init__(self, offset: timedelta, *recordings: tuple[datetime, timedelta]) -> None:
        """Take the device's zone and what it recorded."""
        super().__init__()
        self.recordings = [
            Recording(
                channel=1,
                stream=StreamName.MAIN,
                start=start,
                end=start + duration,
                kinds=frozenset(),
            )
            for start, duration in recordings
        ]
        self.days: list[RecordedDay] = []
        for one in self.recordings:
            local = one.start + offset
            while local < one.end + offset:
                midnight = datetime(local.year, local.month, local.day, tzinfo=UTC) - offset
                day = RecordedDay(start=midnight, end=midnight + timedelta(days=1))
                if day not in self.days:
                    self.days.append(day)
                local = midnight + timedelta(days=1) + offset
        self.asked: tuple[datetime, datetime] | None = None

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        """Answer what the calendar says."""
        self.asked = start, end
        return tuple(sorted(self.days, key=lambda day: day.start))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


async def test_equal_zones_need_no_search() -> None:
    driver = Calendar(
        timedelta(hours=1), (utc(18, 12), timedelta(hours=1)), (utc(20, 12), timedelta(hours=1))
    )
    assert await recorded_days(driver, 1) == (date(2026, 11, 20), date(2026, 11, 18))
    assert "search" not in driver.calls


async def test_a_day_that_the_recorders_day_only_touches_is_searched() -> None:
    # Noon in Berlin is the evening of a recorder in Tokyo, whose day began on the day before.
    driver = Calendar(timedelta(hours=9), (utc(18, 11), timedelta(minutes=10)))
    assert await recorded_days(driver, 1) == (date(2026, 11, 18),)
    assert driver.calls["search"] == 2
    late = Calendar(timedelta(hours=9), (utc(18, 22, 50), timedelta(minutes=20)))
    assert await recorded_days(late, 1) == (date(2026, 11, 19), date(2026, 11, 18))


async def test_what_lies_between_recorded_days_is_not_searched() -> None:
    driver = Calendar(timedelta(minutes=48), (utc(10, 0), timedelta(days=5)))
    days = await recorded_days(driver, 1)
    assert days == tuple(date(2026, 11, day) for day in (15, 14, 13, 12, 11, 10))
    assert driver.calls["search"] == 2


async def test_who_cannot_be_asked_about_a_day_is_not_called_empty() -> None:
    driver = Calendar(timedelta(hours=9), (utc(18, 11), timedelta(minutes=10)))
    driver.errors["search"] = CannotConnectError("gone")
    assert await recorded_days(driver, 1) == (date(2026, 11, 18), date(2026, 11, 17))


@pytest.mark.parametrize(
    ("oldest", "since"),
    [
        (None, timedelta(days=93)),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), timedelta(days=21)),
        (datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=401)),
    ],
)
async def test_the_calendar_is_asked_as_far_back_as_there_is_footage(
    oldest: datetime | None, since: timedelta
) -> None:
    driver = Calendar(timedelta(hours=1))
    assert await recorded_days(driver, 1, oldest) == ()
    assert driver.asked == (dt_util.utcnow() - since, dt_util.utcnow() + timedelta(days=1))


async def test_only_so_many_days_are_searched() -> None:
    days = [(utc(1, 11) - timedelta(days=2 * n), timedelta(minutes=1)) for n in range(10)]
    driver = Calendar(timedelta(hours=9), *days)
    with patch("custom_components.nvr.recorded_days.CHECKS_LIMIT", 3):
        await recorded_days(driver, 1)
    assert driver.calls["search"] == 3


def test_days_of_a_change_of_the_clock_have_their_true_length() -> None:
    start, end = day_span(date(2026, 10, 25))
    assert end - start == timedelta(hours=25)
    start, end = day_span(date(2026, 3, 29))
    assert end - start == timedelta(hours=23)


def test_a_span_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    start, end = day_span(date(2026, 11, 20))
    assert list(touched_days(start, end)) == [date(2026, 11, 20)]
