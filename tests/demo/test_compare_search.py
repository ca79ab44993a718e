"""The comparison of a search's answer with the schedule notices every difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.recorders import Span
from demo.steps.search import SearchResult, compare

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
