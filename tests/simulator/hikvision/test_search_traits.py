"""The ways in which firmwares understand and answer a search."""

import asyncio
from datetime import timedelta

import pytest

from simulator.box import RecorderBox
from simulator.core.recordings import RecordingPlan
from simulator.core.time_source import TimeSource
from simulator.hikvision.traits.answers import NAMESPACE_NEW, NAMESPACE_OLD
from simulator.hikvision.traits.search import (
    Ending,
    NoMatches,
    OffsetTimes,
    OpenEnd,
    PositionWord,
    SearchId,
    TrackList,
    UnknownTrack,
    Wanted,
)
from tests.simulator.instants import NOW

from ..plugged import change
from .isapi import GUID, Answer, Found, Isapi, Query, read_matches

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
OLD_ATTRIBUTES = f' version="1.0" xmlns="{NAMESPACE_OLD}"'
NEW_ATTRIBUTES = f' version="2.0" xmlns="{NAMESPACE_NEW}"'


def a_day() -> Query:
    """Ask about a day, of which a page shows a part."""
    return Query(start=NOW - DAY, end=NOW)


async def page(isapi: Isapi, query: Query) -> list[Found]:
    """Ask for a page."""
    return list(read_matches((await isapi.search(query)).root))


async def said(isapi: Isapi, query: Query) -> tuple[int, str | None]:
    """Ask, and give the status with what is said of the results."""
    answer = await isapi.search(query)
    return answer.status, answer.root.findtext("responseStatusStrg") or answer.sub_status


@pytest.mark.parametrize(
    ("form", "taken"),
    [
        (SearchId.ANY_GUID, {GUID, "{" + GUID + "}", GUID.lower()}),
        (SearchId.PLAIN, {GUID, GUID.lower()}),
        (SearchId.BRACES, {"{" + GUID + "}"}),
        (SearchId.NUMBER, {"42"}),
    ],
)
async def test_ids_have_a_form(
    current: RecorderBox, current_isapi: Isapi, form: SearchId, taken: set[str]
) -> None:
    change(current, search_ids=form)
    for name in (GUID, "{" + GUID + "}", GUID.lower(), "42", "x"):
        query = a_day()
        query.search_id = name
        assert (await current_isapi.search(query)).status == (200 if name in taken else 400)


@pytest.mark.parametrize("name", TrackList)
async def test_one_name_of_the_track_list_may_be_known(
    current: RecorderBox, current_isapi: Isapi, name: TrackList
) -> None:
    change(current, track_lists=frozenset({name}))
    for list_name in TrackList:
        query = a_day()
        query.list_name = list_name
        assert (await current_isapi.search(query)).status == (200 if list_name is name else 400)


@pytest.mark.parametrize("honoured", [{PositionWord.RIGHT}, {PositionWord.MISSPELT}, set()])
async def test_a_position_may_be_ignored(
    current: RecorderBox, current_isapi: Isapi, honoured: set[PositionWord]
) -> None:
    change(current, position_words=frozenset(honoured))
    first = await page(current_isapi, a_day())
    for word in PositionWord:
        query = a_day()
        query.position_name, query.position = word, len(first)
        assert (await page(current_isapi, query) != first) is (word in honoured)


@pytest.mark.parametrize(
    ("traits", "query", "taken"),
    [
        ({"search_declaration": Wanted.WANTED}, {"declaration": True}, True),
        ({"search_declaration": Wanted.WANTED}, {"declaration": False}, False),
        ({"search_declaration": Wanted.REFUSED}, {"declaration": True}, False),
        ({"search_declaration": Wanted.REFUSED}, {"declaration": False}, True),
        ({"search_attributes": Wanted.WANTED}, {}, False),
        ({"search_attributes": Wanted.WANTED}, {"attributes": OLD_ATTRIBUTES}, True),
        ({"search_attributes": Wanted.REFUSED}, {"attributes": OLD_ATTRIBUTES}, False),
        ({"search_xmlns": NAMESPACE_NEW}, {"attributes": OLD_ATTRIBUTES}, False),
        ({"search_xmlns": NAMESPACE_NEW}, {"attributes": NEW_ATTRIBUTES}, True),
        ({"search_xmlns": NAMESPACE_NEW}, {}, True),
        ({"search_filters": False}, {"words": [""]}, False),
        ({"search_filters": False}, {}, True),
        ({"search_tracks": 1}, {"tracks": [101, 201]}, False),
        ({"offset_times": OffsetTimes.REFUSED}, {"suffix": "+01:00"}, False),
        ({"offset_times": OffsetTimes.REFUSED}, {"suffix": "Z"}, True),
        ({"widest_search": HOUR}, {}, False),
        ({"widest_search": DAY}, {}, True),
        ({"results_refused": 40}, {}, False),
        ({"unknown_track": UnknownTrack.INVALID}, {"tracks": [9901]}, False),
        ({"unknown_track": UnknownTrack.EMPTY}, {"tracks": [9901]}, True),
    ],
)
async def test_firmwares_are_choosy(
    current: RecorderBox,
    current_isapi: Isapi,
    traits: dict[str, object],
    query: dict[str, object],
    taken: bool,
) -> None:
    change(current, **traits)
    asked = a_day()
    for name, value in query.items():
        setattr(asked, name, value)
    answer = await current_isapi.search(asked)
    assert answer.status == (200 if taken else 400), answer.body


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (UnknownTrack.EMPTY, 200),
        (UnknownTrack.INVALID, 400),
        (UnknownTrack.NOT_SUPPORTED, 403),
        (UnknownTrack.ERROR, 500),
    ],
)
async def test_a_track_that_is_not_recorded(
    current: RecorderBox, current_isapi: Isapi, form: UnknownTrack, status: int
) -> None:
    change(current, unknown_track=form)
    query = a_day()
    query.tracks = [103]
    answer = await current_isapi.search(query)
    assert answer.status == status
    assert (b"Invalid track id." in answer.body) is (form is UnknownTrack.INVALID)


@pytest.mark.parametrize(
    ("form", "shift"), [(OffsetTimes.IGNORED, HOUR), (OffsetTimes.HONOURED, timedelta())]
)
async def test_offsets_count_or_not(
    current: RecorderBox, current_isapi: Isapi, form: OffsetTimes, shift: timedelta
) -> None:
    change(current, offset_times=form)
    query = Query(start=NOW - 5 * HOUR, end=NOW - 4 * HOUR)
    asked = Query(start=query.start + HOUR, end=query.end + HOUR, suffix="+01:00")
    query.start, query.end = query.start + shift, query.end + shift
    assert await page(current_isapi, asked) == await page(current_isapi, query)


async def test_recordings_come_late_into_the_index(
    current: RecorderBox, current_isapi: Isapi, time: TimeSource
) -> None:
    newest = (await current_isapi.found(a_day()))[-1]
    change(current, index_latency=timedelta(minutes=30))
    assert newest not in await current_isapi.found(a_day())
    time.advance(timedelta(minutes=30))
    assert newest.start in [found.start for found in await current_isapi.found(a_day())]


async def test_others_are_refused_while_one_searches(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, search_s=0.05)
    answers = await asyncio.gather(*(current_isapi.search(a_day()) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [200, 503, 503]
    change(current, searches_at_once=3)
    answers = await asyncio.gather(*(current_isapi.search(a_day()) for _ in range(3)))
    assert [answer.status for answer in answers] == [200, 200, 200]


async def test_the_end_may_not_be_told(current: RecorderBox, current_isapi: Isapi) -> None:
    whole = await current_isapi.found(a_day())
    beyond = a_day()
    beyond.position = len(whole)
    for ending, results in ((Ending.MORE_EMPTY, []), (Ending.MORE_AGAIN, whole[80:])):
        change(current, search_ending=ending)
        query = a_day()
        query.position = 80
        assert (await said(current_isapi, query))[1] == "MORE"
        assert await page(current_isapi, query) == whole[80:]
        assert (await said(current_isapi, beyond))[1] == "MORE"
        assert await page(current_isapi, beyond) == results


@pytest.mark.parametrize(
    ("form", "word", "count", "matches"),
    [
        (NoMatches.EMPTY_LIST, "NO MATCHES", "0", b"<matchList></matchList>"),
        (NoMatches.WHITESPACE, "NO MATCHES", "0", b"<matchList>\n \n</matchList>"),
        (NoMatches.NO_LIST, "NO MATCHES", "0", None),
        (NoMatches.NO_COUNT, "NO MATCHES", None, None),
        (NoMatches.OK, "OK", "0", b"<matchList></matchList>"),
        (NoMatches.FAILED, "FAILED", "0", None),
    ],
)
async def test_nothing_is_told_in_many_ways(
    current: RecorderBox,
    current_isapi: Isapi,
    form: NoMatches,
    word: str,
    count: str | None,
    matches: bytes | None,
) -> None:
    change(current, no_matches=form)
    answer: Answer = await current_isapi.search(Query(start=NOW + DAY, end=NOW + 2 * DAY))
    assert answer.root.findtext("responseStatusStrg") == word
    assert answer.root.findtext("numOfMatches") == count
    assert (matches or b"matchList") in answer.body or matches is None
    assert (b"matchList" in answer.body) is (matches is not None)


async def test_pages_may_overlap(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, page_overlap=2)
    found = await current_isapi.found(a_day())
    change(current, page_overlap=0)
    whole = await current_isapi.found(a_day())
    assert found[40:42] == found[38:40]
    assert list(dict.fromkeys(one.name for one in found)) == [one.name for one in whole]


async def test_results_may_be_out_of_order(current: RecorderBox, current_isapi: Isapi) -> None:
    whole = await page(current_isapi, a_day())
    change(current, shuffled=True, tells_total=True)
    found = await page(current_isapi, a_day())
    assert found != whole
    assert sorted(found, key=lambda one: one.start) == whole
    total = (await current_isapi.search(a_day())).root.findtext("totalMatches")
    assert total == str(len(await current_isapi.found(a_day())))


async def test_the_sub_stream_may_be_labelled_wrong(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    change(current, sub_labelled_main=True)
    query = a_day()
    query.tracks = [102]
    found = await page(current_isapi, query)
    assert {one.track for one in found} == {101}
    assert all("/tracks/102/?" in one.address for one in found)


@pytest.mark.parametrize(
    ("form", "end"), [(OpenEnd.NOW, timedelta()), (OpenEnd.FAR, timedelta(minutes=358))]
)
async def test_an_open_file_ends_somewhen(
    current: RecorderBox, current_isapi: Isapi, form: OpenEnd, end: timedelta
) -> None:
    change(current, open_end=form)
    newest = (await current_isapi.found(a_day()))[-1]
    assert newest.end == (NOW + end).replace(tzinfo=None, microsecond=0)
    assert f"endtime={newest.end:%Y%m%dT%H%M%SZ}" in newest.address


async def test_addresses_and_kinds_have_forms(current: RecorderBox, current_isapi: Isapi) -> None:
    change(current, descriptor_host="recordType.meta..com", uri_slash=False, uri_has_port=True)
    body = (await current_isapi.search(a_day())).body
    assert b"<metadataDescriptor>recordType.meta..com/timing<" in body
    assert b"rtsp://192.0.2.64:80/Streaming/tracks/101?starttime=" in body


async def test_a_channel_that_is_never_recorded(current: RecorderBox, current_isapi: Isapi) -> None:
    current.recorder.channels[2].plan = RecordingPlan(streams=())
    query = a_day()
    query.tracks = [201]
    assert await said(current_isapi, query) == (200, "NO MATCHES")
    change(current, unknown_track=UnknownTrack.NOT_SUPPORTED)
    assert await said(current_isapi, query) == (403, "notSupport")


async def test_the_oldest_address_ends_with_a_slash(current_isapi: Isapi) -> None:
    answer = await current_isapi.ask("POST", "ContentMgmt/search/", a_day().document())
    assert answer.root.findtext("responseStatusStrg") == "MORE"
