"""From changes of tracks to recordings."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.onvif.containers import Container, Track
from custom_components.nvr.drivers.onvif.pieces import PIECE, pieces, widened
from custom_components.nvr.drivers.onvif.track_states import (
    Span,
    read_states,
    spans,
    track_states,
)

from .answers import event, tree

NOON = datetime(2026, 7, 24, 12, tzinfo=UTC)
BEGIN = NOON - timedelta(hours=2)
R1 = Container(token="R1")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(minutes: float, present: bool, *, start: bool = False, track: str = "VIDEO001") -> str:
    return event(f"{at(minutes):%Y-%m-%dT%H:%M:%SZ}", present, start=start, track=track)


def found(*events: str, container: Container = R1) -> list[Span]:
    return spans(read_states(tree("".join(events))), container, BEGIN)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([told(0, True), told(5, False)], [(at(0), at(5))], id="one"),
        pytest.param([told(5, False), told(0, True)], [(at(0), at(5))], id="backwards"),
        pytest.param([told(0, True)], [(at(0), None)], id="goes on"),
        pytest.param([told(5, False)], [(BEGIN, at(5))], id="began before"),
        pytest.param(
            [told(-120, True, start=True), told(5, False)], [(BEGIN, at(5))], id="told at the start"
        ),
        pytest.param([told(-120, False, start=True)], [], id="none at the start"),
        pytest.param(
            [told(-120, False, start=True), told(5, False)], [], id="none, and none again"
        ),
        pytest.param(
            [told(0, True), told(0, True), told(5, False), told(5, False)],
            [(at(0), at(5))],
            id="each twice",
        ),
        pytest.param(
            [told(0, True), told(5, False), told(5, True), told(9, False)],
            [(at(0), at(9))],
            id="files that touch",
        ),
        pytest.param(
            [told(0, True), told(5, False), told(6, True), told(9, False)],
            [(at(0), at(5)), (at(6), at(9))],
            id="two",
        ),
        pytest.param(
            [
                told(0, True),
                told(5, False),
                told(3, True, track="VIDEO002"),
                told(7, False, track="VIDEO002"),
            ],
            [(at(0), at(7))],
            id="tracks that overlap",
        ),
    ],
)
def test_changes_make_spans(events: list[str], expected: list[Span]) -> None:
    assert found(*events) == expected


def test_parts_of_seconds_are_not_asked_for() -> None:
    part = timedelta(microseconds=370_000)
    asked = track_states(NOON + part, NOON + part, ["R1"], filtered=True).begin.arguments
    assert asked["StartPoint"] == NOON
    assert asked["EndPoint"] == NOON + timedelta(seconds=1)
    asked = track_states(NOON, NOON, ["R1"], filtered=True).begin.arguments
    assert asked["StartPoint"] == asked["EndPoint"] == NOON


def test_sound_alone_is_no_footage() -> None:
    container = Container(
        token="R1", tracks=(Track(token="VIDEO001", kind="video"), Track(token="A", kind="audio"))
    )
    events = [told(0, True), told(5, False), told(0, True, track="A"), told(9, False, track="A")]
    assert found(*events, container=container) == [(at(0), at(5))]


def test_a_container_that_is_written_says_it_where_its_tracks_say_nothing() -> None:
    whole = {"topic": "tns1:RecordingHistory/Recording/State", "data": "IsRecording"}
    events = [
        event("2026-07-24T12:00:00Z", True, **whole),  # type: ignore[arg-type]  # named above
        event("2026-07-24T12:09:00Z", False, **whole),  # type: ignore[arg-type]  # named above
    ]
    assert found(*events) == [(at(0), at(9))]
    assert found(*events, told(0, True), told(5, False)) == [(at(0), at(5))]


@pytest.mark.parametrize(
    "events",
    [
        event("2026-07-24T12:00:00Z", True, container="R2"),
        event("2026-07-24T12:00:00Z", True, data="IsMotion", topic="tns1:RuleEngine/Motion"),
        event("yesterday", True),
        "<tt:Result/>",
        "<tt:Result><tt:Event><wsnt:Message/></tt:Event></tt:Result>",
    ],
    ids=["of another", "motion", "no time", "empty", "no message"],
)
def test_what_tells_nothing_is_passed_over(events: str) -> None:
    assert found(events) == []


def test_prefixes_of_topics_mean_nothing() -> None:
    odd = event("2026-07-24T12:00:00Z", True, topic="ns9:RecordingHistory/ns9:Track/State")
    assert found(odd, told(5, False)) == [(at(0), at(5))]


def cut(span: Span, first: datetime, last: datetime, now: datetime) -> list[tuple[str, str]]:
    first, last = widened(first.replace(tzinfo=None), last.replace(tzinfo=None))
    start, end = span
    if start >= last or (end is not None and end <= first):
        return []
    seen = (max(start, first), end if end is not None and end <= last else None)
    return [
        (f"{one.start:%H:%M}", f"{one.end:%H:%M}")
        for one in pieces(seen, "R1", last, now)
        if one.end > first.replace(tzinfo=None) + PIECE
    ]


def test_what_is_short_stays_whole() -> None:
    span = at(50), at(109)
    assert cut(span, at(0), at(120), at(600)) == [("12:50", "13:49")]


def test_what_is_long_is_cut_at_full_hours() -> None:
    span = at(-10), at(130)
    expected = [("11:50", "12:00"), ("12:00", "13:00"), ("13:00", "14:00"), ("14:00", "14:10")]
    assert cut(span, at(-10), at(130), at(600)) == expected


def test_what_goes_on_ends_later_than_now() -> None:
    span = at(-10), None
    [*whole, last] = cut(span, at(-10), at(125), at(125))
    assert whole == [("11:50", "12:00"), ("12:00", "13:00"), ("13:00", "14:00")]
    assert last == ("14:00", "15:05")


def test_what_is_allotted_ahead_begins_before_now() -> None:
    [*whole, last] = cut((at(-10), at(240)), at(-10), at(240), at(125))
    assert whole == [("11:50", "12:00"), ("12:00", "13:00"), ("13:00", "14:00")]
    assert last == ("14:00", "16:00")
    assert cut((at(-10), at(110)), at(-10), at(240), at(20)) == [("11:50", "13:50")]
    # What lies in times to come looks as if the clock were read wrongly, and is left so.
    assert cut((at(150), at(170)), at(0), at(240), at(125)) == [("14:30", "14:50")]


@pytest.mark.parametrize("length", [20, 59, 60, 61, 150])
@pytest.mark.parametrize("begin", [0, 1, 30, 59])
def test_where_it_is_cut_does_not_depend_on_what_is_searched(begin: int, length: int) -> None:
    span = at(begin), at(begin + length)
    whole = cut(span, at(-60), at(400), at(600))
    for minute in range(begin, begin + length, 7):
        hour = f"{at(minute):%H:%M}"
        part = cut(span, at(minute), at(minute) + timedelta(seconds=1), at(600))
        assert [one for one in part if one[0] <= hour < one[1]] == [
            one for one in whole if one[0] <= hour < one[1]
        ]


def test_what_was_so_since_ever_was_so_at_the_beginning() -> None:
    since = event("1970-01-01T00:03:15Z", True, start=True)
    assert found(since, told(5, False))[0][1] == at(5)
    assert found(since, told(5, False))[0][0] < BEGIN
    assert found(event("1970-01-01T00:03:15Z", True), told(5, True)) == [(at(5), None)]
