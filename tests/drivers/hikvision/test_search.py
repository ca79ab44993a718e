"""Searching: pages, guards, windows, kinds, and digits that become UTC."""

from datetime import UTC, datetime, timedelta
import re

import pytest

from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    InvalidAnswerError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision import clock as clock_module, search as search_module
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import (
    ClockConvention,
    Recording,
    RecordingKind,
    Right,
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

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Noon of a day in winter and of one in summer, far enough back for anything.
WINTER = datetime(2026, 1, 14, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 14, 12, tzinfo=UTC)
MOUNTAIN = "MST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"


@pytest.fixture(autouse=True)
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be content with whole seconds; test_clock shows how hundredths are found."""
    monkeypatch.setattr(clock_module, "FINE_ENOUGH", timedelta(seconds=1))


def digits(moment: datetime, offset: timedelta = timedelta()) -> datetime:
    return (moment + offset).replace(tzinfo=None, microsecond=0)


def continuous(start: datetime, count: int, length: timedelta = MINUTE) -> list[Footage]:
    """Return recordings one after the other from a start in digits."""
    first = digits(start)
    return [
        Footage(first + number * length, first + (number + 1) * length) for number in range(count)
    ]


async def found(
    driver: HikvisionDriver,
    start: datetime,
    end: datetime,
    *,
    kinds: frozenset[RecordingKind] | None = None,
    stream: StreamName = StreamName.MAIN,
) -> list[Recording]:
    return [entry async for entry in driver.search(1, start, end, kinds=kinds, stream=stream)]


async def test_all_pages_come_once_and_in_order() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 100))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + 100 * MINUTE)
    assert [entry.start for entry in recordings] == [WINTER + n * MINUTE for n in range(100)]
    assert [entry.end for entry in recordings] == [WINTER + n * MINUTE for n in range(1, 101)]
    assert len(fake.searches) == 3
    ids = {re.search("<searchID>(.*?)</searchID>", body)[1] for body in fake.searches}  # type: ignore[index] # every request has one
    assert len(ids) == 1


async def test_what_a_recording_says() -> None:
    fake = FakeIsapi(footage=[Footage(digits(WINTER), digits(WINTER + HOUR), "motion", 1234)])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, WINTER, WINTER + HOUR)
    assert recording.kinds == {RecordingKind.MOTION}
    assert recording.size_bytes == 1234
    assert (recording.start_device, recording.end_device) == (
        "2026-01-14T12:00:00Z",
        "2026-01-14T13:00:00Z",
    )
    assert (recording.channel, recording.stream, recording.open) == (1, StreamName.MAIN, False)
    assert recording.token.startswith("rtsp://192.0.2.9:80/Streaming/tracks/101/?starttime=")
    assert "192.0.2.9" not in repr(recording)


async def test_a_window_holds_what_overlaps_it() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 10))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(
            driver, WINTER + 3 * MINUTE + timedelta(seconds=30), WINTER + 5 * MINUTE
        )
    assert [entry.start for entry in recordings] == [WINTER + 3 * MINUTE, WINTER + 4 * MINUTE]


async def test_days_are_searched_one_by_one_and_nothing_comes_twice() -> None:
    fake = FakeIsapi(footage=continuous(WINTER - HOUR, 30, 2 * HOUR))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + 3 * DAY)
    assert len(fake.searches) == 3
    starts = [entry.start for entry in recordings]
    assert starts == sorted(set(starts))
    assert len(starts) == 30


async def test_an_empty_window_asks_nothing() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert await found(driver, WINTER, WINTER) == []
    assert not fake.searches


async def test_firmware_that_ignores_the_position() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 100), ignores_position=True)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + 100 * MINUTE)
    assert len(recordings) == 100


async def test_firmware_that_repeats_its_last_page_for_ever() -> None:
    footage = [Footage(digits(WINTER), digits(WINTER + HOUR), size=n) for n in range(3)]
    fake = FakeIsapi(footage=footage, ignores_position=True, words=("MORE", "MORE", "MORE"))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + HOUR)
    assert len(recordings) == 1
    assert len(fake.searches) < 5


async def test_a_search_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MAX_PAGES", 3)
    fake = FakeIsapi(footage=continuous(WINTER, 50), page_size=2)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(InvalidAnswerError):
            await found(driver, WINTER, WINTER + HOUR)


async def test_full_pages_without_a_word_are_followed() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 50), words=("", "", ""))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50


async def test_kinds_are_picked_out() -> None:
    words = ["timing", "motion", "motionOrAlarm", "fielddetection", "whatever", "manual"]
    fake = FakeIsapi(
        footage=[
            Footage(digits(WINTER + n * MINUTE), digits(WINTER + (n + 1) * MINUTE), word)
            for n, word in enumerate(words)
        ]
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        every = await found(driver, WINTER, WINTER + HOUR)
        motion = await found(driver, WINTER, WINTER + HOUR, kinds=frozenset({RecordingKind.MOTION}))
    assert [set(entry.kinds) for entry in every] == [
        {RecordingKind.CONTINUOUS},
        {RecordingKind.MOTION},
        {RecordingKind.MOTION, RecordingKind.ALARM},
        {RecordingKind.INTRUSION},
        {RecordingKind.OTHER},
        {RecordingKind.MANUAL},
    ]
    assert len(motion) == 2


async def test_the_track_asked_for_counts_not_the_label() -> None:
    fake = FakeIsapi(footage=[Footage(digits(WINTER), digits(WINTER + MINUTE), track=102)])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, WINTER, WINTER + HOUR, stream=StreamName.SUB)
    assert (recording.channel, recording.stream) == (1, StreamName.SUB)


async def test_the_recording_under_way_ends_now() -> None:
    now = whole(datetime.now(UTC))
    fake = FakeIsapi(footage=[Footage(digits(now - 5 * MINUTE), digits(now + HOUR))])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, now - HOUR, now + MINUTE)
    assert recording.open
    assert now <= recording.end <= now + MINUTE
    assert recording.size_bytes is None


@pytest.mark.parametrize(
    "takes",
    [
        lambda body: "trackIDList" in body,
        lambda body: "isapi.org" in body,
        lambda body: "<searchID>{" in body and "<?xml" not in body,
    ],
)
async def test_the_form_that_firmware_takes_is_found_and_kept(takes: object) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 1), takes_body=takes)  # type: ignore[arg-type] # a callable
    async with plugged(fake) as (driver, session):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 1
        tried = len(fake.searches)
        await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.searches) == tried + 1
        again = HikvisionDriver(fake.connection(), session, driver.memory, LoginGuard())
        await again.connect()
        await found(again, WINTER, WINTER + HOUR)
        assert len(fake.searches) == tried + 2


async def test_a_recorder_that_takes_no_form() -> None:
    fake = FakeIsapi(takes_body=lambda body: False)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(NotSupportedError):
            await found(driver, WINTER, WINTER + HOUR)


async def test_a_camera_without_a_card_is_asked_once() -> None:
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        with pytest.raises(NotSupportedError):
            await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.seen) == asked + 1


async def test_without_the_right_to_play_back() -> None:
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", status_error(4, "lowPrivilege"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(NotPermittedError) as caught:
            await found(driver, WINTER, WINTER + HOUR)
        assert not driver.refused
    assert caught.value.right is Right.PLAYBACK


async def test_a_busy_recorder_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "BUSY_PAUSES_SECONDS", (0.0, 0.0))
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", status_error(2, "deviceBusy"), 503)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        with pytest.raises(DeviceBusyError):
            await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.seen) == asked + 3


async def test_an_unknown_channel() -> None:
    async with plugged(FakeIsapi()) as (driver, _):
        await driver.connect()
        with pytest.raises(NotSupportedError):
            _ = [entry async for entry in driver.search(9, WINTER, WINTER + HOUR)]


async def test_items_that_make_no_sense_are_left_out() -> None:
    good = Footage(digits(WINTER), digits(WINTER + MINUTE))
    backwards = Footage(digits(WINTER), digits(WINTER - 5 * HOUR))
    fake = FakeIsapi()
    fake.answer(
        f"POST {SEARCH}",
        "<CMSearchResult><responseStatusStrg>OK</responseStatusStrg><matchList>"
        + good.item
        + backwards.item
        + good.item.replace("video", "metadata")
        + good.item.replace("2026-01-14T12:00:00Z", "2026-13-45T12:00:00Z")
        + "<searchMatchItem/></matchList></CMSearchResult>",
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 1


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


async def test_a_search_that_is_refused_measures_nothing() -> None:
    fake = mountain_device(wall=True)
    fake.answer(f"POST {SEARCH}", status_error(4, "lowPrivilege"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(NotPermittedError):
            await found(driver, WINTER, WINTER + HOUR)


async def test_recordings_of_the_future_raise_doubts() -> None:
    fake = mountain_device(wall=False)
    async with plugged(fake, firmware="V4.62.210 build 230619", convention="wall") as (driver, _):
        await driver.connect()
        now = datetime.now(UTC)
        assert await found(driver, now - HOUR, now + 10 * HOUR) == []
        assert "convention" not in driver.memory
        assert len(await found(driver, now - HOUR, now)) == 2
        assert driver.memory["convention"] == "utc"


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
