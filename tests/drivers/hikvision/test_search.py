"""Searching: pages, guards, windows, kinds, and digits that become UTC."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import re
from typing import override

from aiohttp import web
import pytest

from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    InvalidAnswerError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision import paging as paging_module
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import (
    RecordingKind,
    Right,
    StreamName,
)

from .fake_isapi import (
    SEARCH,
    FakeIsapi,
    Footage,
    plugged,
    status_error,
    whole,
)
from .searching import DAY, HOUR, MINUTE, WINTER, Nameless, continuous, digits, found

pytestmark = pytest.mark.usefixtures("coarse_clock")


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


async def test_what_is_named_otherwise_the_next_day_does_not_come_twice() -> None:
    fake = FakeIsapi(footage=continuous(WINTER - HOUR, 30, 2 * HOUR))
    starts = []
    async with plugged(fake) as (driver, _):
        await driver.connect()
        async for recording in driver.search(1, WINTER, WINTER + 3 * DAY):
            starts.append(recording.start)
            # As where the next day is asked for in another dialect, because this one was refused.
            fake.footage = [
                replace(entry, kind="motion", name=f"other{len(starts)}") for entry in fake.footage
            ]
    assert len(fake.searches) == 3
    assert len(starts) == len(set(starts)) == 30


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
    assert len(fake.searches) <= 5


async def test_only_one_search_is_under_way_at_a_time() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3))
    under_way = most = 0
    first_asked, go_on = asyncio.Event(), asyncio.Event()
    answer = fake.search

    async def search(request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        first_asked.set()
        await go_on.wait()
        try:
            return await answer(request)
        finally:
            under_way -= 1

    fake.routes[f"POST {SEARCH}"] = search
    async with plugged(fake) as (driver, _):
        await driver.connect()
        searches = [
            asyncio.create_task(found(driver, WINTER, WINTER + HOUR)),
            asyncio.create_task(found(driver, WINTER, WINTER + 2 * DAY)),
            asyncio.create_task(driver.recorded_days(1, WINTER, WINTER + DAY)),
        ]
        await first_asked.wait()
        # As long as the recorder takes for the first, polling goes on beside it.
        await driver.poll()
        go_on.set()
        one, two, days = await asyncio.gather(*searches)
    assert most == 1
    assert len(one) == len(two) == 3
    assert days


async def test_a_search_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging_module, "MAX_FOUND", 10)
    fake = FakeIsapi(footage=continuous(WINTER, 50), page_size=2)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(InvalidAnswerError):
            await found(driver, WINTER, WINTER + HOUR)


async def test_hundreds_of_pages_are_read_to_the_end() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 900, timedelta(seconds=4)), page_size=3)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 900


async def test_pages_that_never_bring_anything() -> None:
    fake = FakeIsapi()
    fake.answer(
        f"POST {SEARCH}",
        "<CMSearchResult><responseStatusStrg>MORE</responseStatusStrg><matchList>"
        "<searchMatchItem/></matchList></CMSearchResult>",
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        with pytest.raises(InvalidAnswerError):
            await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.seen) <= asked + 30


async def test_full_pages_without_a_word_are_followed() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 50), words=("", "", ""))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50


@pytest.mark.parametrize("ignores_position", [False, True])
async def test_pages_end_where_their_total_is_reached(*, ignores_position: bool) -> None:
    fake = FakeIsapi(
        footage=continuous(WINTER, 100),
        words=("OK", "OK", "NO MATCHES"),
        page_size=20,
        tells_total=True,
        ignores_position=ignores_position,
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
    assert len(fake.searches) <= tried + 6


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
    monkeypatch.setattr(paging_module, "BUSY_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", status_error(2, "deviceBusy"), 503)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        with pytest.raises(DeviceBusyError):
            await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.seen) == asked + 4


async def test_an_unknown_channel() -> None:
    async with plugged(FakeIsapi()) as (driver, _):
        await driver.connect()
        with pytest.raises(NotSupportedError):
            _ = [entry async for entry in driver.search(9, WINTER, WINTER + HOUR)]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("<foo/>", InvalidAnswerError),
        ("<ResponseStatus><statusCode>1</statusCode></ResponseStatus>", InvalidAnswerError),
        (
            "<CMSearchResult><responseStatusStrg>FAILED</responseStatusStrg></CMSearchResult>",
            DeviceBusyError,
        ),
        (
            "<CMSearchResult><responseStatus>false</responseStatus></CMSearchResult>",
            DeviceBusyError,
        ),
    ],
)
async def test_a_search_that_fails_does_not_say_that_nothing_is_recorded(
    monkeypatch: pytest.MonkeyPatch, body: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(paging_module, "BUSY_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", body)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        with pytest.raises(error):
            await found(driver, WINTER, WINTER + HOUR)


async def test_a_page_of_items_that_make_no_sense_is_not_the_last() -> None:
    class Odd(Footage):
        @property
        @override
        def item(self) -> str:
            return "<searchMatchItem/>"

    footage = continuous(WINTER, 100)
    fake = FakeIsapi(footage=[Odd(entry.start, entry.end) for entry in footage[:45]] + footage[45:])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + 100 * MINUTE)) == 55
    assert len(fake.searches) == 3


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


async def test_what_starts_in_the_same_second_is_told_apart() -> None:
    footage: list[Footage] = [
        Nameless(digits(WINTER), digits(WINTER + n * MINUTE), track=track)
        for track in (301, 101, 201)
        for n in (15, 1, 2)
    ]
    fake = FakeIsapi(footage=footage, ignores_tracks=True)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + HOUR)
    assert {entry.end for entry in recordings} == {WINTER + n * MINUTE for n in (1, 2, 15)}
    assert len(recordings) == 3
    assert all("/tracks/101/" in entry.token for entry in recordings)
