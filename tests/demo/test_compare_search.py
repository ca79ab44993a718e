"""The comparison of a search's answer with the schedule notices every difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.recorders import Span
from demo.steps.search import SearchResult, compare
from simulator.core.personality import Listing

START = datetime(2026, 10, 25, tzinfo=UTC)
END = START + timedelta(hours=1)
FIRST = Span(
    start=START + timedelta(minutes=10),
    end=START + timedelta(minutes=20),
    kind="continuous",
    open=False,
)
SECOND = Span(
    start=START + timedelta(minutes=30),
    end=START + timedelta(minutes=31),
    kind="line crossing",
    open=False,
)


def told(span: Span, **changed: Any) -> dict[str, Any]:
    return {
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "kinds": [span.kind.replace(" ", "_")],
    } | changed


def compared(*recordings: dict[str, Any], complete: bool = True) -> SearchResult:
    answer = {"recordings": list(recordings), "complete": complete}
    return compare("camera.door", [FIRST, SECOND], answer, START, END)


def test_the_right_answer_is_right() -> None:
    result = compared(told(FIRST), told(SECOND))
    assert result.ok
    assert result.found == result.expected == 2


@pytest.mark.parametrize(
    "answered",
    [
        [told(FIRST)],
        [told(FIRST), told(SECOND), told(SECOND)],
        [told(SECOND), told(FIRST)],
        [told(FIRST), told(SECOND, kinds=["motion"])],
        [told(FIRST, start=(FIRST.start + timedelta(minutes=12)).isoformat()), told(SECOND)],
        [told(FIRST, end=(FIRST.end + timedelta(seconds=5)).isoformat()), told(SECOND)],
    ],
    ids=["missing", "twice", "unsorted", "other kind", "other start", "other end"],
)
def test_a_wrong_answer_is_not(answered: list[dict[str, Any]]) -> None:
    assert not compared(*answered).ok


@pytest.mark.parametrize("beyond", [timedelta(seconds=2.3), timedelta(seconds=1.7)])
@pytest.mark.parametrize("cut_off", [timedelta(seconds=0.9), timedelta(seconds=-0.5)])
def test_bounds_are_met_however_seconds_are_rounded(beyond: timedelta, cut_off: timedelta) -> None:
    first = replace(FIRST, start=START - timedelta(minutes=1), end=START + beyond)
    last = replace(SECOND, start=END - beyond, end=END + timedelta(minutes=1))
    answer = {
        "recordings": [
            told(first, end=(first.end - cut_off).isoformat()),
            told(last, start=(last.start + cut_off).isoformat()),
        ],
        "complete": True,
    }
    result = compare("camera.door", [first, last], answer, START, END)
    assert result.wrong == []
    assert result.found == result.expected


def test_what_is_missing_at_a_bound_is_missed() -> None:
    first = replace(FIRST, start=START - timedelta(minutes=1), end=START + timedelta(seconds=3))
    nothing = {"recordings": [], "complete": True}
    assert compare("camera.door", [first], nothing, START, END).wrong


def test_an_answer_that_says_it_is_not_complete_is_not_right() -> None:
    assert not compared(told(FIRST), told(SECOND), complete=False).ok


def of_footage(
    expected: list[Span], *told: tuple[float, float], listing: Listing = Listing.FOOTAGE
) -> SearchResult:
    """Compare with an answer that holds footage from one minute to another, time and again."""
    recordings = [
        {"start": at(begin).isoformat(), "end": at(stop).isoformat(), "kinds": ["other"]}
        for begin, stop in told
    ]
    answer = {"recordings": recordings, "complete": True}
    return compare("camera.door", expected, answer, START, END, listing)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def test_footage_may_be_cut_as_anybody_likes() -> None:
    second = replace(SECOND, start=FIRST.end - timedelta(seconds=3), end=at(40))
    result = of_footage([FIRST, second], (10, 15), (15, 40))
    assert result.ok
    assert result.found == result.expected == 2


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([(10, 20)], 1),
        ([(10, 15), (15.1, 20), (30, 31)], 1),
        ([(10, 20.1), (30, 31)], 2),
        ([(10, 20), (25, 26), (30, 31)], 2),
        ([(10, 31)], 2),
        ([(30, 31), (10, 20)], 2),
    ],
    ids=["missing", "torn", "too long", "made up", "without the gap", "unsorted"],
)
def test_wrong_footage_is_noticed(told: list[tuple[float, float]], found: int) -> None:
    result = of_footage([FIRST, SECOND], *told)
    assert (result.found, result.ok) == (found, False)


def test_where_reach_alone_is_told_gaps_are_not() -> None:
    assert of_footage([FIRST, SECOND], (0, 60), listing=Listing.REACH).ok
    assert not of_footage([FIRST, SECOND], (0, 30), listing=Listing.REACH).ok


def test_who_tells_nothing_has_to_say_so() -> None:
    said = {"recordings": [], "complete": False, "error": "it has no Profile G"}
    assert compare("camera.door", [], said, START, END, Listing.NOTHING).ok
    assert not compare("camera.door", [], said | {"error": ""}, START, END, Listing.NOTHING).ok
    nothing = {"recordings": [], "complete": True}
    assert not compare("camera.door", [], nothing, START, END, Listing.NOTHING).ok
