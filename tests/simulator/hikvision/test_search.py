"""Search, against the schedule as the rule gives it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import Right
from simulator.core.recordings import Kind, Recording
from tests.simulator.instants import NOW

from .isapi import Found, Isapi, Query, read_matches

DENVER = ZoneInfo("America/Denver")
SLOW = timedelta(minutes=12, milliseconds=370)
DAY = timedelta(days=1)


def scheduled(box: RecorderBox, channel: int, start: datetime, end: datetime) -> list[Recording]:
    """Give what must be found."""
    return list(box.recorder.schedule.recordings(channel, 1, start, end))


def whole_seconds(instant: datetime) -> datetime:
    """Give naive UTC digits as a search answer has them."""
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def denver(instant: datetime) -> datetime:
    """Give the naive digits of the old recorder's clock, by another zone database than its own."""
    return (instant - SLOW).astimezone(DENVER).replace(tzinfo=None, microsecond=0, fold=0)


async def test_finds_what_the_rule_says(current: RecorderBox, current_isapi: Isapi) -> None:
    start, end = NOW - 3 * DAY, NOW
    for channel in (1, 2, 3, 5, 14, 16):
        found = await current_isapi.found(Query(tracks=[channel * 100 + 1], start=start, end=end))
        expected = scheduled(current, channel, start, end)
        assert expected
        assert [(one.start, one.end) for one in found] == [
            (whole_seconds(one.start), whole_seconds(one.end)) for one in expected
        ]


async def test_old_calls_them_by_its_wall_clock_on_both_sides_of_a_change(
    old: RecorderBox, old_isapi: Isapi
) -> None:
    # Clocks in Denver went back on 1 November, 08:00 UTC.
    start, end = datetime(2026, 10, 31, 6, tzinfo=UTC), datetime(2026, 11, 2, 6, tzinfo=UTC)
    found = await old_isapi.found(Query(start=denver(start), end=denver(end)))
    expected = scheduled(old, 1, start, end)
    assert [(one.start, one.end) for one in found] == [
        (denver(one.start), denver(one.end)) for one in expected
    ]
    steps = [after.start - one.start for one, after in pairwise(found)]
    assert sum(step < timedelta() for step in steps) == 1, "its clock has shown one hour twice"


async def test_pages_until_the_end(current_isapi: Isapi) -> None:
    query = Query(start=NOW - 2 * DAY, end=NOW)
    whole = await current_isapi.found(query)
    pages: list[list[Found]] = []
    for position in range(0, len(whole), query.results):
        query.position = position
        root = (await current_isapi.search(query)).root
        pages.append(list(read_matches(root)))
        last = position + query.results >= len(whole)
        assert root.findtext("responseStatusStrg") == ("OK" if last else "MORE")
        assert root.findtext("numOfMatches") == str(len(pages[-1]))
    assert len(pages) > 3
    assert [found for page in pages for found in page] == whole

    query.position = len(whole)
    beyond = (await current_isapi.search(query)).root
    assert beyond.findtext("responseStatusStrg") == "NO MATCHES"
    assert beyond.findtext("responseStatus") == "true"
    assert list(read_matches(beyond)) == []


async def test_a_page_holds_so_many_at_most(current_isapi: Isapi, old_isapi: Isapi) -> None:
    wide = Query(start=NOW - 5 * DAY, end=NOW, results=500)
    answer = await current_isapi.search(wide)
    assert len(list(read_matches(answer.root))) == 64
    assert (await old_isapi.search(wide)).sub_status == "badXmlContent"
    wide.results = 100
    assert len(list(read_matches((await old_isapi.search(wide)).root))) == 40


async def test_the_right_spelling_of_the_position_counts_on_newer_firmware(
    current_isapi: Isapi, old_isapi: Isapi
) -> None:
    for isapi, counts in ((current_isapi, True), (old_isapi, False)):
        query = Query(start=NOW - 2 * DAY, end=NOW)
        first = list(read_matches((await isapi.search(query)).root))
        query.position, query.position_name = 40, "searchResultPosition"
        second = list(read_matches((await isapi.search(query)).root))
        assert (first != second) is counts


async def test_the_file_being_written_ends_in_the_future(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    [*_, newest] = await current_isapi.found(Query(start=NOW - DAY, end=NOW))
    assert newest.start < whole_seconds(NOW) < newest.end
    assert newest.address.endswith(f"&size={1024**3}")
    [dark] = (await current_isapi.found(Query(tracks=[1601], start=NOW - DAY, end=NOW)))[-1:]
    assert dark.end <= whole_seconds(NOW) - timedelta(hours=5)


async def test_finds_kinds(current: RecorderBox, current_isapi: Isapi) -> None:
    query = Query(tracks=[201], start=NOW - DAY, end=NOW)
    everything = await current_isapi.found(query)
    for words, expected in [
        (["/CMR"], {"timing"}),
        (["/MOTION"], {"motion"}),
        (["/AllEvent"], {"motion"}),
        (["/CMR", "/MOTION"], {"timing", "motion"}),
        ([""], {"timing", "motion"}),
    ]:
        query.words = words
        assert await current_isapi.found(query) == [
            one for one in everything if one.word in expected
        ]
    query.words = ["/nonsense"]
    assert await current_isapi.found(query) == []
    smart = await current_isapi.found(Query(tracks=[501], start=NOW - 3 * DAY, end=NOW))
    assert {"linedetection", "fielddetection", "motion"} <= {one.word for one in smart}


async def test_searches_several_tracks_at_once(current: RecorderBox, current_isapi: Isapi) -> None:
    query = Query(tracks=[101, 102, 301], start=NOW - DAY, end=NOW)
    found = await current_isapi.found(query)
    singles = [
        one
        for track in query.tracks
        for one in await current_isapi.found(Query(tracks=[track], start=NOW - DAY, end=NOW))
    ]
    assert {one.track for one in found} == {101, 102, 301}
    assert sorted(found, key=lambda one: one.name) == sorted(singles, key=lambda one: one.name)
    assert found == sorted(found, key=lambda one: one.start)


async def test_oldest_is_found_by_one_request(current: RecorderBox, current_isapi: Isapi) -> None:
    query = Query(start=datetime(2000, 1, 1, tzinfo=UTC), end=NOW, results=1)
    [oldest] = read_matches((await current_isapi.search(query)).root)
    first = scheduled(current, 1, NOW - 365 * DAY, NOW)[0]
    assert oldest.start == whole_seconds(first.start)
    assert timedelta() <= first.start - (NOW - 90 * DAY) < timedelta(hours=1)


async def test_addresses_name_the_box_as_it_sees_itself(
    current_isapi: Isapi, old_isapi: Isapi
) -> None:
    query = Query(start=NOW - DAY, end=NOW)
    new, old = (await current_isapi.found(query))[0], (await old_isapi.found(query))[0]
    assert new.address.startswith("rtsp://192.0.2.64/Streaming/tracks/101/?starttime=2026")
    assert old.address.startswith("rtsp://198.51.100.12:80/Streaming/tracks/101/?starttime=2026")
    assert f"&name={new.name}&" in new.address
    assert f"starttime={new.start:%Y%m%dT%H%M%SZ}&endtime={new.end:%Y%m%dT%H%M%SZ}" in new.address
    assert new.name.isdecimal()
    assert old.name.startswith("ch01_")


@pytest.mark.parametrize(
    "query",
    [
        Query(search_id="1", start=NOW - DAY, end=NOW),
        Query(tracks=[], start=NOW - DAY, end=NOW),
        Query(tracks=[101] * 17, start=NOW - DAY, end=NOW),
        Query(list_name="tracks", start=NOW - DAY, end=NOW),
        Query(position=-1, start=NOW - DAY, end=NOW),
    ],
)
async def test_refuses_what_it_does_not_understand(current_isapi: Isapi, query: Query) -> None:
    answer = await current_isapi.search(query)
    assert (answer.status, answer.sub_status) == (400, "badXmlContent")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("nonsense", "badXmlFormat"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><CMSearchDescription/>", "badXmlFormat"),
        ("<other/>", "badXmlContent"),
        ("<CMSearchDescription/>", "badXmlContent"),
        ("", "badXmlFormat"),
    ],
)
async def test_refuses_other_documents(current_isapi: Isapi, body: str, reason: str) -> None:
    answer = await current_isapi.ask("POST", "ContentMgmt/search", body)
    assert (answer.status, answer.sub_status) == (400, reason)


async def test_order_matters(current_isapi: Isapi) -> None:
    document = Query(start=NOW - DAY, end=NOW).document()
    results = "<maxResults>40</maxResults>"
    moved = document.replace(results, "").replace("<trackList>", f"{results}<trackList>")
    assert (await current_isapi.ask("POST", "ContentMgmt/search", moved)).status == 400
    braces = Query(search_id="{C85AB0C7-F380-0001-E33B-A030EEB671F0}", start=NOW - DAY, end=NOW)
    braces.list_name = "trackIDList"
    assert (await current_isapi.search(braces)).status == 200


async def test_a_search_under_the_same_id_may_ask_something_else(current_isapi: Isapi) -> None:
    one = Query(start=NOW - 2 * DAY, end=NOW)
    await current_isapi.search(one)
    other = Query(tracks=[201], start=NOW - 2 * DAY, end=NOW, position=40)
    assert {found.track for found in read_matches((await current_isapi.search(other)).root)} == {
        201
    }


async def test_needs_the_verb_and_the_right(current: RecorderBox, current_isapi: Isapi) -> None:
    assert (await current_isapi.get("ContentMgmt/search")).sub_status == "methodNotAllowed"
    current.recorder.accounts.users["admin"].rights = frozenset({Right.LIVE})
    answer = await current_isapi.search(Query(start=NOW - DAY, end=NOW))
    assert (answer.status, answer.sub_status) == (403, "lowPrivilege")


async def test_profile_says_how_much_at_once(current_isapi: Isapi, old_isapi: Isapi) -> None:
    for isapi, limit in ((current_isapi, "64"), (old_isapi, "40")):
        root = (await isapi.get("ContentMgmt/search/profile")).root
        assert root.findtext("maxSearchMatchResults") == limit
        assert root.findtext("maxConcurrentSearches") == "1"


async def test_events_are_of_all_kinds_that_the_plan_names(current: RecorderBox) -> None:
    kinds = {one.kind for one in scheduled(current, 5, NOW - 5 * DAY, NOW)}
    assert kinds == {Kind.PERSON, Kind.LINE_CROSSING, Kind.INTRUSION, Kind.MOTION}
