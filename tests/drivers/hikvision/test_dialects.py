"""Forms of searches: found once, kept, found again, and never looked for without end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
import re
from typing import override

from aiohttp import web
import pytest

from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision import asking as asking_module
from custom_components.nvr.drivers.hikvision.dialects import DIALECTS, NAMED
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import StreamName

from .fake_isapi import (
    SEARCH,
    FakeIsapi,
    Footage,
    plugged,
    status_error,
)
from .searching import DAY, HOUR, MINUTE, WINTER, Nameless, continuous, digits, found

pytestmark = pytest.mark.usefixtures("coarse_clock")


def has(*patterns: str) -> Callable[[str], bool]:
    return lambda body: all(re.search(pattern, body) for pattern in patterns)


def most(limit: int) -> Callable[[str], bool]:
    return lambda body: int(re.findall(r"<maxResults>(\d+)<", body)[0]) <= limit


def window(limit: timedelta) -> Callable[[str], bool]:
    def takes(body: str) -> bool:
        times = re.findall(r"Time>([^<]{19})", body)
        start, end = (datetime.fromisoformat(time) for time in times)
        return end - start <= limit

    return takes


def all_of(*takes: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda body: all(take(body) for take in takes)


GUID = "[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}"
NXI = has(f"^<CMSearchDescription><searchID>{{{GUID}}}</searchID>", "^(?!.*metadataList)")

FORMS = {
    "plain": lambda body: True,
    "the DS-7616NXI of V4.84": NXI,
    "numbers": has(r"<searchID>\d+</searchID>"),
    "lower case": has(f"<searchID>{GUID.replace('A-F', 'a-f')}<"),
    "track ids": has("<trackIDList>", 'version="1.0" xmlns="http://www.hikvision.com'),
    "filters": has("<metadataList>", "<contentTypeList>.*<maxResults>.*Postion>0"),
    "local times": has(r"<startTime>[^<]*\d</startTime>", "<trackIDList>"),
    "offsets": has(r"<startTime>[^<]*[+-]\d\d:\d\d</startTime>"),
    "four at once": has(f"<searchID>{{{GUID}}}<", "<trackIDList>", "isapi.org", "metadataList"),
}


@pytest.mark.parametrize("takes", FORMS.values(), ids=FORMS)
async def test_every_form_is_found_once_and_kept(takes: Callable[[str], bool]) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3), takes_body=takes)
    async with plugged(fake) as (driver, session):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        tried = len(fake.searches)
        await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.searches) == tried + 1
        again = HikvisionDriver(fake.connection(), session, driver.memory, LoginGuard())
        await again.connect()
        assert len(await found(again, WINTER, WINTER + HOUR)) == 3
        assert len(fake.searches) == tried + 2


def test_what_is_likely_comes_first_and_there_is_an_end() -> None:
    assert len(NAMED) == len(DIALECTS) < 200
    distances = [dialect.distance for dialect in DIALECTS]
    assert distances == sorted(distances)


async def test_pages_that_are_too_large() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 30), takes_body=most(12))
    async with plugged(fake) as (driver, session):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 30
        tried = len(fake.searches)
        again = HikvisionDriver(fake.connection(), session, driver.memory, LoginGuard())
        await again.connect()
        assert len(await found(again, WINTER, WINTER + HOUR)) == 30
        assert len(fake.searches) == tried + 3


async def test_pages_of_one() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3), takes_body=most(1))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3


async def test_windows_that_are_too_wide_for_a_device_with_a_form_of_its_own() -> None:
    takes = all_of(window(7 * HOUR), NXI, most(20))
    fake = FakeIsapi(footage=continuous(WINTER, 48, HOUR), takes_body=takes)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + 2 * DAY)) == 48
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + DAY)) == 24
        assert len(fake.searches) == tried + 4


async def test_a_form_that_stops_working_is_looked_for_again_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await found(driver, WINTER, WINTER + HOUR)
        fake.takes_body = FORMS["track ids"]
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        fake.takes_body = lambda body: False
        with pytest.raises(NotSupportedError):
            await found(driver, WINTER, WINTER + HOUR)
        tried = len(fake.searches)
        with pytest.raises(NotSupportedError):
            await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.searches) == tried + 1
        monkeypatch.setattr(asking_module, "monotonic", lambda: 1e12)
        fake.takes_body = FORMS["numbers"]
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3


async def searched_all(driver: HikvisionDriver) -> None:
    for channel in (1, 2):
        with pytest.raises(NotSupportedError):
            _ = [entry async for entry in driver.search(channel, WINTER, WINTER + HOUR)]


async def test_a_device_that_takes_no_form_is_left_alone_for_a_day() -> None:
    fake = FakeIsapi(takes_body=lambda body: False)
    async with plugged(fake) as (driver, session):
        await driver.connect()
        await searched_all(driver)
        # For another channel only what is likely: the first may have been unknown.
        assert len(fake.searches) <= len(DIALECTS) + 10
        tried = len(fake.searches)
        await searched_all(driver)
        assert len(fake.searches) <= tried + 2
        again = HikvisionDriver(fake.connection(), session, driver.memory, LoginGuard())
        await again.connect()
        tried = len(fake.searches)
        await searched_all(again)
        assert len(fake.searches) <= tried + 20
        # The likely ones among them still find what the device takes by now.
        fake.takes_body = has("<trackIDList>")
        third = HikvisionDriver(fake.connection(), session, again.memory, LoginGuard())
        await third.connect()
        await found(third, WINTER, WINTER + HOUR)
        assert "search_took_nothing" not in third.memory


async def test_a_day_later_every_form_is_tried_again() -> None:
    yesterday = datetime.now(UTC) - DAY - MINUTE
    fake = FakeIsapi(footage=continuous(WINTER, 3), takes_body=FORMS["four at once"])
    async with plugged(fake, search_took_nothing=yesterday.isoformat()) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3


async def test_an_unknown_track_does_not_make_the_form_doubtful() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3), takes_body=has("<trackID>101<"))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await found(driver, WINTER, WINTER + HOUR)
        tried = len(fake.searches)
        with pytest.raises(NotSupportedError):
            _ = [entry async for entry in driver.search(2, WINTER, WINTER + HOUR)]
        # The refused one, the harmless one, and whether the form is still good for the other track.
        assert len(fake.searches) == tried + 3
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3


async def test_a_device_that_fails_instead_of_refusing() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3))
    answer = fake.search

    async def search(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        if "<trackIDList>" in body:
            return await answer(request)
        fake.searches.append(body)
        return web.Response(
            status=500, text=status_error(3, "deviceError"), content_type="application/xml"
        )

    fake.routes[f"POST {SEARCH}"] = search
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        tried = len(fake.searches)
        await found(driver, WINTER, WINTER + HOUR)
        assert len(fake.searches) == tried + 1


async def test_the_other_spelling_of_the_position_is_found_and_kept() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 100), position_word="searchResultPosition")
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        assert len(fake.searches) == tried + 3


@pytest.mark.parametrize("newest_first", [False, True])
async def test_positions_that_are_ignored_cost_extra_once(*, newest_first: bool) -> None:
    fake = FakeIsapi(
        footage=continuous(WINTER, 100), ignores_position=True, newest_first=newest_first
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + 2 * HOUR)
        assert [entry.start for entry in recordings] == [WINTER + n * MINUTE for n in range(100)]
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        assert len(fake.searches) <= tried + 4


@pytest.mark.parametrize("page_size", [5, 64])
async def test_positions_that_are_ignored_and_pages_without_order(page_size: int) -> None:
    fake = FakeIsapi(
        footage=continuous(WINTER, 200, timedelta(seconds=20)),
        page_size=page_size,
        ignores_position=True,
        disorder=Random(1),
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 200
    assert len(fake.searches) < 4 * 200 / min(page_size, 40) + 20


async def test_a_page_without_order_before_an_end_that_is_never_told() -> None:
    fake = FakeIsapi(
        footage=continuous(WINTER, 50),
        words=("MORE", "MORE", "MORE"),
        repeats_last=True,
        disorder=Random(1),
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50


async def test_the_end_that_is_never_told_leaves_no_trace() -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 3), words=("MORE", "MORE", "MORE"))
    fake.ignores_position = True
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 3
        assert driver.memory["search_paging"] == "searchResultPostion"


async def test_a_last_page_that_comes_again_is_known_for_it() -> None:
    words = ("MORE", "MORE", "MORE")
    fake = FakeIsapi(footage=continuous(WINTER, 50), words=words, repeats_last=True)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50
        # Two pages, and the second once more.
        assert len(fake.searches) == tried + 3


async def test_results_out_of_order_come_in_order() -> None:
    footage = continuous(WINTER, 9)
    fake = FakeIsapi(footage=footage[5:] + footage[2:5] + footage[:2])
    async with plugged(fake) as (driver, _):
        await driver.connect()
        recordings = await found(driver, WINTER, WINTER + HOUR)
    assert [entry.start for entry in recordings] == [WINTER + n * MINUTE for n in range(9)]


async def test_answers_for_all_tracks_are_sorted_out() -> None:
    mine = Footage(digits(WINTER), digits(WINTER + MINUTE))
    others = [
        Footage(digits(WINTER), digits(WINTER + MINUTE), track=track, name=str(track))
        for track in (201, 301)
    ]
    fake = FakeIsapi(footage=[*others, mine], ignores_tracks=True)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, WINTER, WINTER + HOUR)
        assert "/tracks/101/" in recording.token
        # Nor is the sub stream of the same channel what was asked for, also where nothing else tells it apart.
        sub = Nameless(mine.start, mine.end, track=102)
        main = Nameless(mine.start, mine.end)
        fake.footage = [main, sub]
        for stream, track in (StreamName.MAIN, 101), (StreamName.SUB, 102):
            (recording,) = await found(driver, WINTER, WINTER + HOUR, stream=stream)
            assert f"/tracks/{track}/" in recording.token
        fake.footage = [mine, *others]
        assert await found(driver, WINTER, WINTER + HOUR, stream=StreamName.SUB) == []
        fake.footage = others
        assert await found(driver, WINTER, WINTER + HOUR) == []
        # What the address of another channel plays is that channel, also where it alone recorded.
        fake.footage = others[:1]
        assert await found(driver, WINTER, WINTER + HOUR) == []
        # The other stream's name for everything is a wrong label.
        fake.footage = [mine]
        assert len(await found(driver, WINTER, WINTER + HOUR, stream=StreamName.SUB)) == 1


NOTHING = (
    "<CMSearchResult><responseStatusStrg>NO MATCHES</responseStatusStrg></CMSearchResult>",
    (
        "<CMSearchResult><responseStatus>true</responseStatus><responseStatusStrg>NO_MATCHES"
        "</responseStatusStrg><numOfMatches>0</numOfMatches><matchList> </matchList></CMSearchResult>"
    ),
    (
        "<CMSearchResult><responseStatus>false</responseStatus><responseStatusStrg>No Matches"
        "</responseStatusStrg><matchList/></CMSearchResult>"
    ),
    (
        "<CMSearchResult><responseStatus>false</responseStatus><numOfMatches>0</numOfMatches>"
        "</CMSearchResult>"
    ),
    "<CMSearchResult><responseStatusStrg>OK</responseStatusStrg></CMSearchResult>",
    "<CMSearchResult><responseStatusStrg>MORE</responseStatusStrg><numOfMatches/></CMSearchResult>",
    (
        "<CMSearchResult><responseStatus>false</responseStatus><responseStatusStrg>FAILED"
        "</responseStatusStrg><numOfMatches>0</numOfMatches></CMSearchResult>"
    ),
    '{"CMSearchResult": {"responseStatusStrg": "NO MATCHES", "numOfMatches": 0}}',
)


@pytest.mark.parametrize("answer", NOTHING)
async def test_nothing_found_in_every_form(answer: str) -> None:
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", answer)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        asked = len(fake.seen)
        assert await found(driver, WINTER, WINTER + HOUR) == []
        assert len(fake.seen) == asked + 1


async def test_the_open_recording_without_a_name_comes_once_though_it_grows() -> None:
    now = datetime.now(UTC).replace(microsecond=0)

    class Growing(Footage):
        @property
        @override
        def uri(self) -> str:
            return "rtsp://192.0.2.9/Streaming/tracks/101/"

    first = Growing(digits(now - DAY - HOUR), digits(now + MINUTE))
    fake = FakeIsapi(footage=[first])
    answer = fake.search

    async def search(request: web.Request) -> web.Response:
        fake.footage = [Growing(first.start, fake.footage[0].end + MINUTE)]
        return await answer(request)

    fake.routes[f"POST {SEARCH}"] = search
    async with plugged(fake) as (driver, _):
        await driver.connect()
        assert len(await found(driver, now - 2 * DAY, now)) == 1
