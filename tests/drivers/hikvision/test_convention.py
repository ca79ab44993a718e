"""What the digits of search answers mean: measured, doubted, and right on both sides of a clock change."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.errors import (
    NotPermittedError,
)
from custom_components.nvr.drivers.hikvision.clock import RecorderClock
from custom_components.nvr.drivers.hikvision.convention import RETRY_SECONDS, ConventionMeter
from custom_components.nvr.drivers.hikvision.device_time import DeviceTime, Stamp
from custom_components.nvr.drivers.hikvision.dialects import SearchTerms
from custom_components.nvr.drivers.hikvision.matches import Page
from custom_components.nvr.drivers.hikvision.memory import DeviceMemory
from custom_components.nvr.drivers.hikvision.transport import BudgetSpentError
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Recording,
    StreamName,
)

from .fake_isapi import (
    SEARCH,
    FakeIsapi,
    Footage,
    device_time,
    plugged,
    status_error,
    whole,
)
from .searching import HOUR, MINUTE, MOUNTAIN, SUMMER, WINTER, digits, found

pytestmark = pytest.mark.usefixtures("coarse_clock")


def mountain_device(*, wall: bool) -> FakeIsapi:
    """Return a recorder at UTC-7 with DST that is recording now, its clock 12 minutes slow."""
    offset = timedelta(minutes=-12) - (7 * HOUR)
    now = datetime.now(UTC)
    summer = (
        datetime(now.year, 3, 8, 9, tzinfo=UTC) <= now < datetime(now.year, 11, 1, 8, tzinfo=UTC)
    )
    offset += HOUR if summer else timedelta()
    drift = timedelta(minutes=-12)
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(offset, MOUNTAIN, "manual")  # type: ignore[assignment] # a handler
    shown = offset if wall else drift
    fake.footage = [
        Footage(digits(now, shown) - 40 * MINUTE, digits(now, shown) - 20 * MINUTE),
        Footage(digits(now, shown) - 20 * MINUTE, digits(now, shown) + 15 * MINUTE),
    ]
    return fake


@pytest.mark.parametrize(
    ("wall", "convention"), [(True, ClockConvention.WALL), (False, ClockConvention.UTC)]
)
async def test_the_meaning_of_the_digits_is_measured(
    convention: ClockConvention, *, wall: bool
) -> None:
    fake = mountain_device(wall=wall)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        recordings = await found(driver, now - HOUR, now)
        assert driver.memory["convention"] == convention
        state = await driver.poll()
        assert (state.clock.convention, state.clock.time_zone) == (convention, MOUNTAIN)
        assert "101" in state.clock.evidence
        assert state.clock.offset is not None
        assert abs(state.clock.offset + timedelta(minutes=12)) <= timedelta(seconds=1)
    assert [entry.open for entry in recordings] == [False, True]
    assert abs(recordings[0].start - (now - 40 * MINUTE)) <= timedelta(seconds=2)


@pytest.mark.parametrize(
    ("wall", "offset"), [(True, timedelta(hours=8)), (False, timedelta(hours=8))]
)
async def test_east_of_greenwich_it_is_measured_too(offset: timedelta, *, wall: bool) -> None:
    now = datetime.now(UTC)
    fake = FakeIsapi()
    fake.routes["/ISAPI/System/time"] = device_time(offset, "CST-8:00:00")  # type: ignore[assignment] # a handler
    fake.footage = [
        # Around the clock, so that either reading of now is being recorded.
        Footage(digits(now, shift) - 10 * MINUTE, digits(now, shift) + 10 * MINUTE)
        for shift in [n * 20 * MINUTE for n in range(-72, 25 if wall else 1)]
    ]
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await found(driver, now - HOUR, now)
        assert driver.memory["convention"] == ("wall" if wall else "utc")


async def test_where_nothing_is_recorded_nothing_is_measured() -> None:
    fake = mountain_device(wall=True)
    fake.footage = []
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await found(driver, WINTER, WINTER + HOUR)
        asked = len(fake.searches)
        assert "convention" not in driver.memory
        # Nor again at once.
        await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.searches) == asked + 1


async def test_a_budget_that_ends_in_the_middle_goes_on_with_the_next_track() -> None:
    clock = RecorderClock(DeviceMemory({}))
    now = datetime.now(UTC)
    stamp = Stamp(digits=digits(now, -7 * HOUR))
    clock.note_time(now, now, DeviceTime(stamp=stamp, zone="MST+7:00:00"))
    asked: list[int] = []
    left = 0

    async def ask(terms: SearchTerms) -> Page:
        nonlocal left
        if not left:
            raise BudgetSpentError("spent")
        left -= 1
        asked.append(terms.track)
        return Page(matches=(), more=False, count=0)

    seconds = 0.0
    meter = ConventionMeter(clock, lambda: [101, 201, 301], now=lambda: seconds)
    for budget in (3, 3):
        left = budget
        with pytest.raises(BudgetSpentError):
            await meter.ensure(ask)
    left = 3
    await meter.ensure(ask)
    assert asked == [101, 101, 201, 201, 201, 301, 301, 301]
    # All of them proved nothing: not again at once, then from the beginning.
    await meter.ensure(ask)
    seconds += RETRY_SECONDS
    with pytest.raises(BudgetSpentError):
        await meter.ensure(ask)
    assert asked[8:] == [101]


async def test_a_search_that_is_refused_measures_nothing() -> None:
    fake = mountain_device(wall=True)
    fake.answer(f"POST {SEARCH}", status_error(4, "lowPrivilege"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(NotPermittedError):
            await found(driver, WINTER, WINTER + HOUR)


async def test_recordings_of_the_future_let_the_clock_be_measured_again() -> None:
    fake = mountain_device(wall=False)
    async with plugged(fake, firmware="V4.62.210 build 230619", convention="wall") as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        # What was remembered is wrong; the very search that shows it comes out right.
        recordings = await found(driver, now - HOUR, now + 10 * HOUR)
        assert len(recordings) == 2
        assert all(recording.start < now for recording in recordings)
        assert driver.memory["convention"] == "utc"


async def test_a_clock_that_is_put_forward_meanwhile_is_measured_again() -> None:
    now = whole(datetime.now(UTC))
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        ahead = 3 * HOUR
        fake.routes["/ISAPI/System/time"] = device_time(ahead)  # type: ignore[assignment] # a handler
        fake.footage = [Footage(digits(now + ahead - HOUR / 2), digits(now + ahead))]
        (recording,) = await found(driver, now - HOUR, now + 4 * HOUR)
    assert abs(recording.start - (now - HOUR / 2)) <= timedelta(seconds=2)


async def test_a_future_that_measuring_does_not_explain_is_measured_once() -> None:
    now = whole(datetime.now(UTC))
    fake = FakeIsapi(footage=[Footage(digits(now + HOUR), digits(now + 2 * HOUR))])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert await found(driver, now, now + 3 * HOUR) == []
        asked = sum(seen.path == "/ISAPI/System/time" for seen in fake.seen)
        assert await found(driver, now, now + 3 * HOUR) == []
    assert sum(seen.path == "/ISAPI/System/time" for seen in fake.seen) == asked


@pytest.mark.parametrize("noon", [WINTER, SUMMER])
async def test_wall_clock_digits_on_both_sides_of_a_clock_change(noon: datetime) -> None:
    fake = mountain_device(wall=True)
    offset = (-6 if noon is SUMMER else -7) * HOUR - 12 * MINUTE
    fake.footage += [Footage(digits(noon, offset), digits(noon + HOUR, offset))]
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, noon, noon + HOUR)
    assert abs(recording.start - noon) <= timedelta(seconds=1)


async def test_the_hour_that_comes_twice() -> None:
    # 2025-11-02, 08:00 UTC: 02:00 MDT becomes 01:00 MST. Files of twenty minutes through it.
    start = datetime(2025, 11, 2, 6, 40, tzinfo=UTC)
    change = datetime(2025, 11, 2, 8, tzinfo=UTC)
    fake = mountain_device(wall=True)
    fake.routes["/ISAPI/System/time"] = device_time(-7 * HOUR, MOUNTAIN)  # type: ignore[assignment] # a handler

    def wall(moment: datetime) -> datetime:
        return digits(moment, -6 * HOUR if moment < change else -7 * HOUR)

    moments = [start + n * 20 * MINUTE for n in range(9)]
    fake.footage = [
        Footage(wall(at), wall(at + 20 * MINUTE), name=f"file{number}")
        for number, at in enumerate(moments)
    ]
    async with plugged(fake, convention="wall", firmware="V4.62.210 build 230619") as (driver, _):
        await driver.connect()
        recordings = await found(driver, start, start + 3 * HOUR)
        later = await found(driver, change, change + 40 * MINUTE)
    assert [entry.start for entry in recordings] == moments
    assert [entry.start for entry in later] == [change, change + 20 * MINUTE]


async def test_footage_is_the_stronger_evidence() -> None:
    fake = mountain_device(wall=True)
    async with plugged(fake, convention="utc", firmware="V4.62.210 build 230619") as (driver, _):
        await driver.connect()
        recording = Recording(
            channel=1,
            stream=StreamName.MAIN,
            start=WINTER,
            end=WINTER + HOUR,
            kinds=frozenset(),
            start_device="2026-01-14T12:00:00Z",
            end_device="2026-01-14T12:17:00Z",
        )
        driver.note_footage_time(recording, datetime(2026, 1, 14, 12, 0, 0, 480_000))
        assert driver.memory["convention"] == "wall"
        assert driver.memory["convention_by_footage"] is True
        # Searches can't shake it, only other footage.
        driver.note_footage_time(recording, datetime(2026, 1, 14, 5, 0, 1))
        assert driver.memory["convention"] == "utc"
        # What fits neither reading says nothing, nor do digits that are none.
        driver.note_footage_time(recording, datetime(2020, 1, 1))
        assert driver.memory["convention"] == "utc"


async def test_how_to_read_the_clock_in_footage() -> None:
    fake = mountain_device(wall=True)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        recording = (await found(driver, now - HOUR, now))[0]
        clock = driver.footage_clock(recording)
        assert clock.expected == recording.start
        assert min(abs(offset + 7 * HOUR + 12 * MINUTE) for offset in clock.offsets) <= timedelta(
            seconds=1
        ) or min(abs(offset + 6 * HOUR + 12 * MINUTE) for offset in clock.offsets) <= timedelta(
            seconds=1
        )
