"""Does a search find exactly what the recorder has?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.api import Api
from demo.entry import Entry
from demo.recorders import SimulatedRecorder, Span

# Recorders tell whole seconds of their own clock, and Home Assistant whole seconds of true time.
TOLERANCE = timedelta(seconds=2)
# At the bounds of a window those whole seconds decide what overlaps it.
MARGIN = timedelta(seconds=2)
LIMIT = 5000
DAY = timedelta(days=1)


@dataclass
class SearchResult:
    """How answers compare with the schedule.

    Attributes:
        expected: how many recordings the schedule has.
        found: how many of them were answered with the right times and kind.
        wrong: what differs, in words.
    """

    expected: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the answers are the schedule."""
        return self.found == self.expected > 0 and not self.wrong

    def add(self, other: SearchResult) -> None:
        """Count another comparison as well."""
        self.expected += other.expected
        self.found += other.found
        self.wrong += other.wrong


async def search(
    api: Api, cameras: list[str], start: datetime, end: datetime, **more: Any
) -> dict[str, Any]:
    """Perform the search action and return its answer by camera."""
    answer: dict[str, Any] = await api.action(
        "nvr",
        "search_recordings",
        entity_id=cameras,
        start=start.isoformat(),
        end=end.isoformat(),
        limit=LIMIT,
        **more,
    )
    return answer


async def compare_search(api: Api, entry: Entry, recorder: SimulatedRecorder) -> SearchResult:
    """Search all cameras over the last day and the days around the change of the clocks."""
    total = SearchResult()
    numbers = {channel.name: channel.number for channel in recorder.channels.values()}
    cameras = {camera.entity_id: numbers[name] for name, camera in entry.cameras.items()}
    async for start, end in windows(recorder):
        going_on = {
            (number, span.start)
            for number in cameras.values()
            for span in await recorder.recordings(number, start, end)
            if span.open
        }
        answers = await search(api, list(cameras), start, end)
        for camera, number in cameras.items():
            # What ended while it was searched for may have been found as it was before.
            expected = [
                replace(span, open=span.open or (number, span.start) in going_on)
                for span in await recorder.recordings(number, start, end)
            ]
            total.add(compare(camera, expected, answers[camera], start, end))
    return total


async def windows(recorder: SimulatedRecorder) -> AsyncIterator[tuple[datetime, datetime]]:
    """Give the spans to search."""
    now = datetime.now(UTC)
    yield now - DAY, now - recorder.index_latency
    yield recorder.clock_change - DAY, recorder.clock_change + DAY


def compare(
    camera: str, expected: list[Span], answer: Any, start: datetime, end: datetime
) -> SearchResult:
    """Compare one camera's answer with the schedule, one recording after the other."""

    def inside(first: datetime, last: datetime) -> bool:
        return first < end - MARGIN and last > start + MARGIN

    answered = [
        (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]), each["kinds"])
        for each in answer["recordings"]
    ]
    left = list(answered)
    result = SearchResult()
    if not answer["complete"]:
        result.wrong.append(f"{camera}: not complete, {answer.get('error')}")
    for span in expected:
        # What lies at a bound by one side's seconds may be beside it by the other's.
        counts = inside(span.start, span.end)
        result.expected += counts
        match = next((each for each in left if _same(span, *each)), None)
        if match is not None:
            left.remove(match)
            result.found += counts
        elif counts:
            result.wrong.append(f"{camera}: {span} was not found")
    result.wrong += [
        f"{camera}: {first} to {last} {kinds} was made up"
        for first, last, kinds in left
        if inside(first, last)
    ]
    if answered != sorted(answered, key=lambda each: each[0]):
        result.wrong.append(f"{camera}: not sorted")
    return result


def _same(span: Span, first: datetime, last: datetime, kinds: list[str]) -> bool:
    same_end = span.open or abs(last - span.end) <= TOLERANCE
    return (
        abs(first - span.start) <= TOLERANCE and same_end and span.kind.replace(" ", "_") in kinds
    )
