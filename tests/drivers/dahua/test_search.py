"""Searches: what firmware differs about, and that nothing is left on the device."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web
import pytest

from custom_components.nvr.drivers.clock import DeviceClock, parse_posix_zone
from custom_components.nvr.drivers.dahua.memory import (
    SEARCH_BASE,
    SEARCH_COUNTS_MORE,
    SEARCH_ENDS_REFUSED,
    SEARCHED_BY,
)
from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    NotPermittedError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import RecordingKind, StreamName
from tests.drivers.fake_web import FakeWeb

from .fake_files import File, blocks
from .searching import DAY, HOUR, MINUTE, NOON, Device, utc

SEARCH = "/cgi-bin/mediaFileFind.cgi"


@pytest.fixture(params=["cgi", "rpc"])
def either(request: pytest.FixtureRequest, device: Device) -> Device:
    """Return the device, served by either family of requests."""
    device.files.rpc = request.param == "rpc"
    device.files.cgi = request.param == "cgi"
    return device


async def test_all_of_a_day_is_found_in_order(either: Device) -> None:
    either.files.files = blocks(NOON, 48) + blocks(NOON, 3, channel=1)
    found = await either.found()
    assert [recording.start for recording in found] == [
        utc(NOON + n * MINUTE * 30) for n in range(48)
    ]
    first = found[0]
    assert first.end == utc(NOON + 30 * MINUTE)
    assert first.kinds == {RecordingKind.CONTINUOUS}
    assert first.size_bytes == 1_000_000
    assert (first.start_device, first.end_device) == ("2026-07-14 12:00:00", "2026-07-14 12:30:00")
    assert first.token == either.files.files[0].path
    assert not first.open


@pytest.mark.parametrize("end", ["zero", "error", "500"])
@pytest.mark.parametrize("page", [100, 7, 1])
async def test_pages_are_short_and_end_somehow(device: Device, end: str, page: int) -> None:
    device.files.files = blocks(NOON, 23)
    device.files.end, device.files.page = end, page
    assert len(await device.starts()) == 23
    assert device.memory.flag(SEARCH_ENDS_REFUSED) is (None if end == "zero" else True)
    # Known by now: one search, of which the last page is the refusal.
    device.files.calls.clear()
    assert len(await device.starts()) == 23
    assert device.files.calls.count("factory.create") == 1


async def test_a_refusal_in_the_middle_is_not_the_end(device: Device, fake: FakeWeb) -> None:
    device.files.files = blocks(NOON, 40)
    device.files.page = 10
    answer, failures = fake.routes[SEARCH], 1

    async def failing(request: web.Request) -> web.StreamResponse:
        nonlocal failures
        if failures and device.files.calls.count("findNextFile") == 2:
            failures -= 1
            return web.Response(text="Error", status=500)
        return await answer(request)

    fake.routes[SEARCH] = failing
    assert len(await device.starts()) == 40


async def test_items_are_counted_whatever_is_said(device: Device) -> None:
    device.files.files = blocks(NOON, 5)
    device.files.overstates = True
    assert len(await device.starts()) == 5
    assert device.memory.flag(SEARCH_COUNTS_MORE)
    # Known by now: nothing is lacking, and one search is enough.
    device.files.calls.clear()
    assert len(await device.starts()) == 5
    assert device.files.calls.count("factory.create") == 1


def once_cut(fake: FakeWeb, device: Device, action: str, keep: Callable[[bytes], bytes]) -> None:
    """Let a part of one answer be lost on its way, without a length that would tell."""
    answer = fake.routes[SEARCH]
    lost = False

    async def cutting(request: web.Request) -> web.StreamResponse:
        nonlocal lost
        whole = await answer(request)
        if lost or request.query["action"] != action:
            return whole
        lost = True
        assert isinstance(whole, web.Response)
        assert isinstance(whole.body, bytes)
        return web.Response(body=keep(whole.body))

    fake.routes[SEARCH] = cutting


@pytest.mark.parametrize(
    "keep",
    [
        lambda body: body[: len(body) // 2],
        lambda body: body.partition(b"items")[0],
        lambda body: b"rubbish\r\n",
    ],
    ids=["half", "none", "nonsense"],
)
async def test_a_page_that_was_cut_hides_nothing(
    device: Device, fake: FakeWeb, keep: Callable[[bytes], bytes]
) -> None:
    device.files.files = blocks(NOON, 23)
    once_cut(fake, device, "findNextFile", keep)
    assert await device.starts() == [NOON + n * MINUTE * 30 for n in range(23)]
    assert not device.memory.flag(SEARCH_COUNTS_MORE)


async def test_a_number_that_was_cut_is_no_word_on_what_is_recorded(
    device: Device, fake: FakeWeb
) -> None:
    device.files.files = blocks(NOON, 23)
    once_cut(fake, device, "factory.create", lambda body: body.strip()[:-1] + b"\r\n")
    assert len(await device.starts()) == 23
    # What was made under a number that nobody heard is left to the device.
    assert device.files.searches.popitem()[0] == 123


async def test_a_last_page_that_comes_again_and_again(device: Device) -> None:
    device.files.files = blocks(NOON, 12)
    device.files.page, device.files.repeats = 5, True
    assert len(await device.starts()) == 12


@pytest.mark.parametrize("form", ["twelve_hours", "unpadded"])
async def test_times_as_locales_write_them(device: Device, form: str) -> None:
    device.files.files = blocks(datetime(2026, 7, 4, 0, 5), 2)
    setattr(device.files, form, True)
    found = await device.found(datetime(2026, 7, 4), datetime(2026, 7, 4, 1))
    assert [recording.start for recording in found] == [
        utc(datetime(2026, 7, 4, 0, 5)),
        utc(datetime(2026, 7, 4, 0, 35)),
    ]


async def test_pictures_and_other_streams_are_left_out(either: Device) -> None:
    either.files.files = [
        File(NOON, NOON + MINUTE),
        File(NOON, NOON + MINUTE, type="jpg"),
        File(NOON, NOON + MINUTE, stream="Extra1"),
        File(NOON + MINUTE, NOON + 2 * MINUTE, type="mp4"),
    ]
    assert len(await either.starts()) == 2
    sub = await either.found(stream=StreamName.SUB)
    assert [recording.stream for recording in sub] == [StreamName.SUB]
    assert not await either.found(stream=StreamName.THIRD)


async def test_kinds_are_picked_out_of_the_answer(either: Device) -> None:
    either.files.files = [
        File(NOON, NOON + MINUTE),
        File(NOON + MINUTE, NOON + 2 * MINUTE, flags=("Event",), events=("VideoMotion",)),
    ]
    found = await either.found(kinds=frozenset({RecordingKind.MOTION}))
    assert [recording.start for recording in found] == [utc(NOON + MINUTE)]


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("none", ["ok", "error"])
async def test_channels_counted_from_either_number(device: Device, base: int, none: str) -> None:
    device.files.cgi_base, device.files.none = base, none
    # The first holds nothing: what the neighbour has is not to be taken for it.
    device.files.files = blocks(NOON, 3, channel=1)
    assert await device.starts(channel=1) == []
    assert len(await device.starts(channel=2)) == 3
    assert device.memory.text(SEARCH_BASE.format("cgi")) == str(base)
    assert await device.starts(channel=1) == []
    assert await device.starts(channel=3) == []
    # It is asked for by that number alone from now on.
    device.files.calls.clear()
    assert len(await device.starts(channel=2)) == 3
    assert device.files.calls.count("findFile") == 1


async def test_the_neighbours_answer_tells_the_number_too(device: Device) -> None:
    device.files.files = blocks(NOON, 3)
    assert await device.starts(channel=2) == []
    assert device.memory.text(SEARCH_BASE.format("cgi")) == "1"


@pytest.mark.parametrize("base", [0, 1])
async def test_a_camera_has_no_neighbours(device: Device, base: int) -> None:
    device.alone = True
    device.files.channels, device.files.cgi_base = 1, base
    device.files.label_shift = 1
    device.files.files = blocks(NOON, 2)
    assert len(await device.starts()) == 2
    assert device.memory.text(SEARCH_BASE.format("cgi")) == str(base)


async def test_answers_without_labels_are_taken_for_what_was_asked(device: Device) -> None:
    device.files.labels = False
    device.files.files = blocks(NOON, 2)
    assert len(await device.starts()) == 2


async def test_silence_decides_nothing(device: Device, fake: FakeWeb) -> None:
    answer = fake.routes[SEARCH]
    fake.answer(SEARCH, "Error\r\nBad Request!", status=503)
    with pytest.raises(DeviceBusyError):
        await device.starts()
    assert device.memory.text(SEARCH_BASE.format("cgi")) is None
    fake.routes[SEARCH] = answer


@pytest.mark.parametrize("none", ["ok", "error"])
async def test_nothing_recorded_is_no_failure(either: Device, none: str) -> None:
    either.files.none = none
    assert await either.starts() == []


async def test_a_session_comes_before_single_logins(device: Device) -> None:
    device.files.rpc = True
    device.files.files = blocks(NOON, 2)
    assert len(await device.starts()) == 2
    assert device.files.calls[0] == "mediaFileFind.factory.create"
    assert device.files.logins == 1


async def test_a_session_is_left_where_it_finds_nothing(device: Device) -> None:
    device.files.rpc = device.files.rpc_refuses = True
    device.files.files = blocks(NOON, 2)
    assert len(await device.starts()) == 2
    assert device.memory.text(SEARCHED_BY) == "cgi"
    device.files.calls.clear()
    assert len(await device.starts()) == 2
    assert "mediaFileFind.factory.create" not in device.files.calls


async def test_old_firmware_calls_the_list_items(device: Device) -> None:
    device.files.rpc, device.files.list_name = True, "items"
    device.files.files = blocks(NOON, 2)
    assert len(await device.starts()) == 2


async def test_a_search_that_the_device_lost_is_begun_anew(device: Device) -> None:
    device.files.rpc, device.files.page, device.files.lost_after = True, 5, 1
    device.files.files = blocks(NOON, 12)
    assert len(await device.starts()) == 12


async def test_all_objects_in_use_is_no_empty_disk(device: Device) -> None:
    device.files.files = blocks(NOON, 1)
    assert await device.starts()
    device.files.objects_at_most = 0
    with pytest.raises(DeviceBusyError):
        await device.starts()


async def test_a_device_without_searches(device: Device) -> None:
    device.files.cgi = False
    with pytest.raises(NotSupportedError):
        await device.starts()


async def test_an_account_without_the_right(device: Device, fake: FakeWeb) -> None:
    fake.answer(SEARCH, "Authority:check failure.\r\n", status=403)
    with pytest.raises(NotPermittedError):
        await device.starts()


@pytest.mark.parametrize("action", ["factory.create", "findFile", "findNextFile", "close"])
async def test_who_stops_waiting_leaves_nothing_behind(
    device: Device, fake: FakeWeb, action: str
) -> None:
    device.files.files = blocks(NOON, 1)
    answer = fake.routes[SEARCH]
    asked, released = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        if request.query["action"] == action:
            asked.set()
            await released.wait()
        return await answer(request)

    fake.routes[SEARCH] = slow
    searching = asyncio.create_task(device.starts())
    await asked.wait()
    searching.cancel()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await searching
    await device.searches.close()
    assert device.files.calls[-2:] == ["close", "destroy"]


async def test_what_is_left_in_the_middle_is_ended(device: Device) -> None:
    device.files.files = blocks(NOON, 30)
    spans = [(utc(NOON), utc(NOON + DAY))]
    search = device.searches.search(1, spans, StreamName.MAIN, None, _never)
    async for _ in search:
        break
    await search.aclose()  # type: ignore[attr-defined] # a generator
    assert device.files.calls[-1] == "destroy"


async def _never() -> bool:
    return False


async def test_long_spans_are_searched_by_weeks(device: Device) -> None:
    starts = [NOON - number * 12 * HOUR for number in range(60)]
    device.files.files = [File(start, start + 13 * HOUR) for start in reversed(starts)]
    found = await device.found(NOON - 29 * DAY, NOON)
    # What reaches over the edge of a week comes once.
    assert len(found) == len({recording.start for recording in found}) == 59
    assert device.files.calls.count("factory.create") == 5


async def test_days_that_follow_each_other_are_searched_at_once(device: Device) -> None:
    device.files.files = blocks(NOON - 12 * HOUR, 5 * 48)
    days = [(utc(NOON + n * DAY), utc(NOON + (n + 1) * DAY)) for n in (0, 1, 2, 30, 31)]
    search = device.searches.search(1, days, StreamName.MAIN, None, _never)
    assert len([recording async for recording in search]) == 3 * 48
    assert device.files.calls.count("factory.create") == 2


async def test_a_block_that_crosses_midnight_belongs_to_both_days(either: Device) -> None:
    midnight = datetime(2026, 7, 15)
    either.files.files = [File(midnight - 10 * MINUTE, midnight + 20 * MINUTE)]
    for start, end in (midnight - DAY, midnight), (midnight, midnight + DAY):
        found = await either.found(start, end)
        assert [recording.start for recording in found] == [utc(midnight - 10 * MINUTE)]


async def test_the_block_that_is_written_is_open(either: Device) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    here = (now + HOUR).replace(tzinfo=None)
    either.files.files = [
        File(here - 70 * MINUTE, here - 40 * MINUTE),
        File(here - 40 * MINUTE, here - timedelta(seconds=20)),
    ]
    older, newest = await either.found(here - 2 * HOUR, here)
    assert not older.open
    assert newest.open
    assert newest.end == now - timedelta(seconds=20)
    assert (newest.size_bytes, newest.allotted_bytes) == (None, 1_000_000)
    # Some are allotted ahead.
    either.files.files[1].end = here + 10 * MINUTE
    _, newest = await either.found(here - 2 * HOUR, here)
    assert newest.open
    assert abs(newest.end - now) < MINUTE


async def test_the_repeated_hour_is_told_by_the_order(device: Device) -> None:
    zone = parse_posix_zone("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")
    device.clock = DeviceClock(zone=zone)
    # 2025-10-26: 02:00 to 03:00 comes twice.
    first = datetime(2025, 10, 26, 1, 30)
    device.files.files = [
        File(first, first + 30 * MINUTE),
        File(first + 30 * MINUTE, first + HOUR),
        File(first + HOUR, datetime(2025, 10, 26, 2)),
        File(datetime(2025, 10, 26, 2), datetime(2025, 10, 26, 2, 30)),
        File(datetime(2025, 10, 26, 2, 30), datetime(2025, 10, 26, 3)),
    ]
    start = datetime(2025, 10, 25, 23, 30, tzinfo=UTC)
    found = [
        recording
        async for recording in device.searches.search(
            1, [(start, start + 4 * HOUR)], StreamName.MAIN, None, _never
        )
    ]
    assert [recording.start - start for recording in found] == [n * 30 * MINUTE for n in range(5)]
    assert all(recording.duration == 30 * MINUTE for recording in found)


async def test_recorded_in_the_future_has_the_clock_looked_at(device: Device) -> None:
    here = (datetime.now(UTC) + HOUR).replace(tzinfo=None, microsecond=0)
    device.files.files = [File(here + HOUR, here + 2 * HOUR)]
    assert await device.found(here, here + 3 * HOUR) == []
    assert device.rechecks == 1


async def test_whether_there_is_anything_costs_one_page(device: Device) -> None:
    device.files.files = blocks(NOON, 48)
    assert await device.searches.exists(1, utc(NOON), utc(NOON + DAY))
    assert device.files.calls.count("findNextFile") == 1
    assert not await device.searches.exists(1, utc(NOON + 2 * DAY), utc(NOON + 3 * DAY))


async def test_what_could_not_be_ended_is_ended_later(device: Device, fake: FakeWeb) -> None:
    """There is room for few searches, and what is left takes it until the device reboots."""
    device.files.files = blocks(NOON, 3)
    answer, deaf = fake.routes[SEARCH], True

    async def failing(request: web.Request) -> web.StreamResponse:
        if deaf and request.query["action"] in ("close", "destroy"):
            return web.Response(text="Error", status=503)
        return await answer(request)

    fake.routes[SEARCH] = failing
    for _ in range(2):
        assert len(await device.starts()) == 3
    assert device.files.searches
    deaf = False
    assert len(await device.starts()) == 3
    assert not device.files.searches


@pytest.mark.parametrize("lost", [1, 2])
async def test_what_may_not_be_closed_is_not_destroyed_yet(
    device: Device, fake: FakeWeb, lost: int
) -> None:
    """What is destroyed without having been closed takes its room until the device reboots."""
    device.files.files = blocks(NOON, 3)
    answer = fake.routes[SEARCH]
    left, done = lost, []

    async def failing(request: web.Request) -> web.StreamResponse:
        nonlocal left
        action = request.query["action"]
        if action == "close" and left:
            left -= 1
            return web.Response(text="Error", status=503)
        if action in ("close", "destroy"):
            done.append((action, request.query["object"]))
        return await answer(request)

    fake.routes[SEARCH] = failing
    for _ in range(lost + 1):
        assert len(await device.starts()) == 3
    assert not device.files.searches
    closed = [number for action, number in done if action == "close"]
    destroyed = [number for action, number in done if action == "destroy"]
    assert sorted(closed) == sorted(destroyed)
    assert len(closed) == lost + 1
