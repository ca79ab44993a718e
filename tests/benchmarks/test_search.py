"""Which recordings a search lacks, also where it tells several as one."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.search import lacking

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


def span(start: float, end: float) -> tuple[datetime, datetime]:
    return NOON + timedelta(seconds=start), NOON + timedelta(seconds=end)


RECORDED = [span(0.4, 10), span(10, 20), span(40, 50.7)]


@pytest.mark.parametrize(
    ("found", "count"),
    [
        (RECORDED, 0),
        ([span(0, 20), span(40, 50)], 0),
        ([span(0, 10), span(40, 50)], 1),
        ([span(0, 20), span(40, 47)], 1),
        ([span(5, 20), span(40, 50)], 1),
        ([span(10, 20)], 2),
        ([], 3),
    ],
)
def test_what_a_search_lacks(found: list[tuple[datetime, datetime]], count: int) -> None:
    assert lacking(RECORDED, found) == count
