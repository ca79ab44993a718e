"""Searches: sessions, pages, events of recordings (section 8.2 of the notes)."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.recordings import Kind, Series
from simulator.core.time_source import TimeSource
from simulator.onvif.traits.answers import TimeText
from simulator.onvif.traits.search import Backward, Filtering
from tests.simulator.instants import NOW

from ..plugged import change
from .client import TSE, TT, WSNT, Reply, Soap, face_of, instant
from .test_device import paths

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"
DAY = timedelta(days=1)
GAPS = "RecordMediaProfile00100"
TRACKS = "tns1:RecordingHistory/Track/State"

type Found = list[tuple[datetime, str, str, bool]]
"""Instant by the device's clock, track, value and whether it is a start state, of each event."""


def scope(token: str) -> str:
    """Hold a search to a recording."""
    return f"<Scope><tt:IncludedRecordings>{token}</tt:IncludedRecordings></Scope>"


def filtered(topic: str) -> str:
    """Ask for a topic."""
    return (
        f'<SearchFilter><n:TopicExpression xmlns:n="{WSNT}" xmlns:tns1="http://www.onvif.org/ver10/topics"'
        f' Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">{topic}'
        "</n:TopicExpression></SearchFilter>"
    )


async def begin(
    soap: Soap,
    start: datetime,
    end: datetime | None,
    *,
    token: str = GAPS,
    topic: str = TRACKS,
    states: bool = True,
    more: str = "",
) -> Reply:
    """Begin a search for events."""
    until = "" if end is None else f"<EndPoint>{end:%Y-%m-%dT%H:%M:%SZ}</EndPoint>"
    return await soap.ask(
        TSE,
        "FindEvents",
        f"<StartPoint>{start:%Y-%m-%dT%H:%M:%SZ}</StartPoint>{until}{scope(token)}"
        f"{filtered(topic) if topic else ''}"
        f"<IncludeStartState>{str(states).lower()}</IncludeStartState>{more}",
    )


async def pages(soap: Soap, begun: Reply, *, most: int = 100, kind: str = "Event") -> list[Reply]:
    """Give all answers up to the one that says that the search is over."""
    found: list[Reply] = []
    while not found or found[-1].text("SearchState") != "Completed":
        found.append(await page(soap, begun, most=most, kind=kind))
        assert len(found) < 200
    return found


async def page(soap: Soap, begun: Reply, *, most: int = 100, kind: str = "Event") -> Reply:
    """Ask for the next results."""
    inner = f"<SearchToken>{begun.text('SearchToken')}</SearchToken><MaxResults>{most}</MaxResults>"
    return await soap.ask(TSE, f"Get{kind}SearchResults", f"{inner}<WaitTime>PT5S</WaitTime>")


def read(replies: list[Reply]) -> Found:
    """Read the events of some answers."""
    found: Found = []
    for reply in replies:
        for result in reply.all("Result"):
            items = {
                each.attrib["Name"]: each.attrib["Value"]
                for each in result.iter(f"{{{TT}}}SimpleItem")
            }
            value = items.get("IsDataPresent") or items.get("IsRecording") or items["IsMotion"]
            time = result.findtext(f"{{{TT}}}Time") or ""
            track = result.findtext(f"{{{TT}}}TrackToken") or ""
            start = result.findtext(f"{{{TT}}}StartStateEvent") == "true"
            found.append((instant(time), track, value, start))
    return found


async def search(
    soap: Soap, start: datetime, end: datetime | None, *, token: str = GAPS, topic: str = TRACKS,
    states: bool = True,
) -> Found:  # fmt: skip
    """Search to the end."""
    return read(
        await pages(soap, await begin(soap, start, end, token=token, topic=topic, states=states))
    )


async def test_recordings_of_whatever_time(soap: Soap) -> None:
    begun = await soap.ask(TSE, "FindRecordings", "<Scope/><KeepAliveTime>PT30S</KeepAliveTime>")
    assert begun.text("SearchToken") == "SearchToken[1]"
    replies = await pages(soap, begun, most=4, kind="Recording")
    tokens = [text for reply in replies for text in reply.texts("RecordingToken")]
    assert (len(replies), len(tokens), len({*tokens})) == (3, 9, 9)
    assert [reply.text("SearchState") for reply in replies] == ["Searching"] * 2 + ["Completed"]


async def test_scopes(soap: Soap) -> None:
    source = "<Scope><tt:IncludedSources><tt:Token>00400</tt:Token></tt:IncludedSources></Scope>"
    begun = await soap.ask(TSE, "FindRecordings", source)
    (reply,) = await pages(soap, begun, kind="Recording")
    assert reply.texts("RecordingToken") == ["RecordMediaProfile00400", "RecordMediaProfile00401"]
    begun = await soap.ask(TSE, "FindRecordings", scope(GAPS))
    (reply,) = await pages(soap, begun, kind="Recording")
    assert reply.texts("RecordingToken") == [GAPS]


async def test_events_tell_where_footage_is(soap: Soap, box: RecorderBox) -> None:
    """Walked as the notes say, they give what is on the disks; seconds are cut off."""
    found = await search(soap, NOW - DAY, NOW)
    pictures = [each for each in found if each[1] == "VIDEO001"]
    assert len(found) == 2 * len(pictures)
    assert [each[3] for each in pictures] == [True] + [False] * (len(pictures) - 1)
    spans = [*box.recorder.schedule.spans(2, 1, NOW - DAY, NOW)]
    offset = box.recorder.clock.offset
    cut = [tuple((each + offset).replace(microsecond=0) for each in span) for span in spans]
    walked, opened = [], None
    for at, _, value, _ in pictures:
        if value == "true":
            opened = at
        elif opened is not None:
            walked.append((opened, at))
            opened = None
    assert len(walked) > 3
    # The first began before the window; nothing was being recorded at its end.
    assert walked[1:] == cut[1:]
    assert opened is None


async def test_a_page_at_a_time_and_nothing_twice(soap: Soap) -> None:
    begun = await begin(soap, NOW - 10 * DAY, NOW)
    replies = await pages(soap, begun, most=7)
    found = read(replies)
    assert len(replies) == -(-len(found) // 7)
    assert len({*found}) == len(found)
    assert found == await search(soap, NOW - 10 * DAY, NOW)
    instants = [each[0] for each in found]
    assert instants == sorted(instants)


async def test_back_in_time(soap: Soap, box: RecorderBox) -> None:
    forth = await search(soap, NOW - DAY, NOW, states=False)
    back = await search(soap, NOW, NOW - DAY, states=False)
    assert [each[0] for each in back] == [each[0] for each in reversed(forth)]
    assert sorted(back) == sorted(forth)
    change(box, backward=Backward.NOTHING)
    assert await search(soap, NOW, NOW - DAY) == []


async def test_without_an_end_it_is_now(soap: Soap) -> None:
    assert await search(soap, NOW - DAY, None) == await search(soap, NOW - DAY, NOW)


async def test_topics(soap: Soap, box: RecorderBox) -> None:
    token = "RecordMediaProfile00000"
    recording = await search(
        soap, NOW - DAY, NOW, token=token, topic="tns1:RecordingHistory/Recording/State"
    )
    assert {each[2] for each in recording} == {"true"}
    motion = await search(soap, NOW - DAY, NOW, token=token, topic="tns1:RuleEngine//.")
    events = [
        each
        for each in box.recorder.schedule.recordings(1, 1, NOW - DAY, NOW)
        if each.series is Series.EVENTS and each.kind is Kind.MOTION
    ]
    assert abs(len(motion) - 2 * len(events)) <= 2
    both = await search(
        soap,
        NOW - DAY,
        NOW,
        token=token,
        topic="tns1:RuleEngine//.|tns1:RecordingHistory/Recording/State",
    )
    assert sorted(both) == sorted(recording + motion)
    assert len(await search(soap, NOW - DAY, NOW, token=token, topic="")) == len(both) + 2
    change(box, finds_motion=False)
    assert await search(soap, NOW - DAY, NOW, token=token, topic="tns1:RuleEngine//.") == []


async def test_what_grows(soap: Soap, time: TimeSource) -> None:
    """The end of what is being recorded is no event; it is told how far it goes by now."""
    token = "RecordMediaProfile00200"
    found = await search(soap, NOW - timedelta(minutes=5), NOW + timedelta(minutes=5), token=token)
    (state, _) = found
    assert (state[2], state[3]) == ("true", True)
    inner = f"<RecordingToken>{token}</RecordingToken>"
    before = await soap.ask(TSE, "GetRecordingInformation", inner)
    time.advance(timedelta(minutes=1))
    after = await soap.ask(TSE, "GetRecordingInformation", inner)
    grown = instant(after.text("LatestRecording")) - instant(before.text("LatestRecording"))
    assert grown == timedelta(minutes=1)


async def test_ends_of_searches(soap: Soap, box: RecorderBox) -> None:
    begun = await begin(soap, NOW - DAY, NOW)
    token = f"<SearchToken>{begun.text('SearchToken')}</SearchToken>"
    ended = await soap.ask(TSE, "EndSearch", token)
    assert instant(ended.text("Endpoint"))
    for name in ("EndSearch", "GetEventSearchResults"):
        gone = await soap.ask(TSE, name, token)
        assert gone.subcodes[1:] == ["InvalidArgVal", "InvalidToken"]
    begun = await begin(soap, NOW - DAY, NOW)
    await pages(soap, begun)
    token = f"<SearchToken>{begun.text('SearchToken')}</SearchToken>"
    assert (await soap.ask(TSE, "EndSearch", token)).subcodes[2] == "InvalidToken"
    change(box, forgets_completed=False)
    begun = await begin(soap, NOW - DAY, NOW)
    await pages(soap, begun)
    token = f"<SearchToken>{begun.text('SearchToken')}</SearchToken>"
    assert (await soap.ask(TSE, "EndSearch", token)).status == 200


async def test_results_are_of_the_search_s_kind(soap: Soap) -> None:
    begun = await begin(soap, NOW - DAY, NOW)
    assert (await page(soap, begun, kind="Recording")).subcodes[2] == "InvalidToken"


async def test_few_searches_at_once(soap: Soap, box: RecorderBox, time: TimeSource) -> None:
    change(box, searches=2)
    kept = "<KeepAliveTime>PT600S</KeepAliveTime>"
    begun = [await begin(soap, NOW - DAY, NOW, more=kept) for _ in range(2)]
    refused = await begin(soap, NOW - DAY, NOW)
    assert (refused.status, refused.subcodes) == (500, ["Receiver", "Action", "ResourceProblem"])
    time.advance(timedelta(seconds=59))
    assert (await page(soap, begun[0], most=1)).status == 200
    # Longer than the device keeps any, asked for or not.
    time.advance(timedelta(seconds=2))
    assert (await page(soap, begun[1])).subcodes[2] == "InvalidToken"
    assert (await page(soap, begun[0])).status == 200
    box.recorder.reboot()
    assert len(face_of(box).device.searches) == 0


async def test_slow_searches(soap: Soap, box: RecorderBox) -> None:
    change(box, empty_pages=3)
    replies = await pages(soap, await begin(soap, NOW - DAY, NOW))
    assert [len(reply.all("Result")) > 0 for reply in replies] == [False] * 3 + [True]
    change(box, empty_pages=0, never_completes=True)
    begun = await begin(soap, NOW - DAY, NOW)
    for _ in range(3):
        assert (await page(soap, begun)).text("SearchState") == "Searching"


async def test_results_are_capped_without_a_word(soap: Soap, box: RecorderBox) -> None:
    change(box, most_results=5)
    assert len(await search(soap, NOW - DAY, NOW)) == 5
    change(box, most_results=None)
    begun = await begin(soap, NOW - DAY, NOW, more="<MaxMatches>3</MaxMatches>")
    assert len(read(await pages(soap, begun))) == 3
    wrong = await begin(soap, NOW - DAY, NOW, more="<MaxMatches>few</MaxMatches>")
    assert wrong.subcodes[1] == "InvalidArgVal"


async def refuse_filters(soap: Soap) -> None:
    assert (await begin(soap, NOW - DAY, NOW)).subcodes[1:] == [
        "InvalidArgVal",
        "InvalidFilterFault",
    ]
    assert (await begin(soap, NOW - DAY, NOW, topic="")).status == 200


async def ignore_filters(soap: Soap) -> None:
    found = await search(soap, NOW - DAY, NOW, token="RecordMediaProfile00000")
    assert len(found) > 3


async def find_nothing(soap: Soap) -> None:
    assert await search(soap, NOW - DAY, NOW) == []


async def tell_no_start(soap: Soap) -> None:
    assert not any(each[3] for each in await search(soap, NOW - DAY, NOW))


async def tell_more(soap: Soap) -> None:
    assert any(each[0] < NOW - DAY for each in await search(soap, NOW - DAY, NOW))


async def tell_in_any_order(soap: Soap) -> None:
    instants = [each[0] for each in await search(soap, NOW - DAY, NOW, states=False)]
    assert instants != sorted(instants)


async def tell_twice(soap: Soap) -> None:
    found = await search(soap, NOW - DAY, NOW, states=False)
    assert len(found) == 2 * len({*found})


async def tell_state_last(soap: Soap) -> None:
    reply = await page(soap, await begin(soap, NOW - DAY, NOW))
    (results,) = reply.all("ResultList")
    assert results[-1].tag == f"{{{TT}}}SearchState"


async def write_dashes(soap: Soap) -> None:
    reply = await page(soap, await begin(soap, NOW - DAY, NOW))
    assert reply.texts("Time")[0].startswith("2026-11-20-12:00:3")


async def write_no_zeros(soap: Soap) -> None:
    reply = await page(soap, await begin(soap, NOW.replace(day=1, hour=5), NOW))
    assert reply.texts("Time")[0] == "2026-11-1T5:0:30Z"


@pytest.mark.parametrize(
    ("trait", "value", "check"),
    [
        ("filtering", Filtering.REFUSED, refuse_filters),
        ("filtering", Filtering.IGNORED, ignore_filters),
        ("finds_events", False, find_nothing),
        ("start_states", False, tell_no_start),
        ("ignores_window", True, tell_more),
        ("unsorted", True, tell_in_any_order),
        ("doubled", True, tell_twice),
        ("state_last", True, tell_state_last),
        ("time_text", TimeText.DASHED, write_dashes),
        ("time_text", TimeText.UNPADDED, write_no_zeros),
    ],
)
async def test_peculiarities(
    soap: Soap,
    box: RecorderBox,
    trait: str,
    value: object,
    check: Callable[[Soap], Awaitable[None]],
) -> None:
    change(box, **{trait: value})
    await check(soap)


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_tells_what_a_real_camera_tells(soap: Soap) -> None:
    dump = (DEVICES / "ipcam-sd-profile-g" / "search_GetRecordingSearchResults.xml").read_bytes()
    real = paths(defusedxml.ElementTree.fromstring(dump))
    begun = await soap.ask(TSE, "FindRecordings", scope(GAPS))
    (reply,) = await pages(soap, begun, kind="Recording")
    assert {each for each in paths(reply.root) ^ real if not each.endswith("Header")} == set()
