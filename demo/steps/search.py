"""Does a search find exactly what the recorder has?"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.api import Api
from demo.entry import Entry
from demo.recorders import SimulatedRecorder, Span
from simulator.core.personality import Listing

# Recorders tell whole seconds of their own clock, and Home Assistant whole seconds of true time.
TOLERANCE = timedelta(seconds=2)
# At the bounds of a window those whole seconds decide what overlaps it.
MARGIN = timedelta(seconds=2)
LIMIT = 5000
DAY = timedelta(days=1)
# Where a device tells of footage alone, nothing that lasts no longer than this is missed: it is a bound on either side.
UNNOTICED = 2 * TOLERANCE

type Times = tuple[datetime, datetime]
"""From when to when."""


@dataclass
class SearchResult:
    """How answers compare with the schedule.

    Attributes:
        expected: how many recordings the schedule has.
        found: how many of them were answered with the right times and kind.
        wrong: what differs, in words.
        untold: whether nothing is expected, as the device doesn't tell of recordings.
    """

    expected: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    untold: bool = False

    @property
    def ok(self) -> bool:
        """Whether the answers are the schedule."""
        return self.found == self.expected and (self.untold or self.found > 0) and not self.wrong

    def add(self, other: SearchResult) -> None:
        """Count another comparison as well."""
        self.expected += other.expected
        self.found += other.found
        self.wrong += other.wrong
        self.untold |= other.untold


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
            answer = answers[camera]
            total.add(compare(camera, expected, answer, start, end, recorder.listing))
    return total


async def windows(recorder: SimulatedRecorder) -> AsyncIterator[tuple[datetime, datetime]]:
    """Give the spans to search."""
    now = datetime.now(UTC)
    yield now - DAY, now - recorder.index_latency
    yield recorder.clock_change - DAY, recorder.clock_change + DAY


def compare(
    camera: str,
    expected: list[Span],
    answer: Any,
    start: datetime,
    end: datetime,
    listing: Listing = Listing.EACH,
) -> SearchResult:
    """Compare one camera's answer with the schedule, as far as its recorder tells what it has."""
    match listing:
        case Listing.EACH:
            return _compare_each(camera, expected, answer, start, end)
        case Listing.FOOTAGE | Listing.REACH:
            exactly = listing is Listing.FOOTAGE
            return _compare_footage(camera, expected, answer, start, end, exactly=exactly)
        case Listing.NOTHING:
            is_said = not answer["complete"] and not answer["recordings"] and answer.get("error")
            wrong = [] if is_said else [f"{camera}: doesn't say that nothing is told: {answer}"]
            return SearchResult(wrong=wrong, untold=True)


def _compare_footage(
    camera: str, expected: list[Span], answer: Any, start: datetime, end: datetime, *, exactly: bool
) -> SearchResult:
    """Compare when there is footage, however it is cut into recordings; ``exactly``: and when there is none."""
    first, last = start + MARGIN, end - MARGIN
    answered = [
        (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
        for each in answer["recordings"]
    ]
    result = SearchResult()
    if not answer["complete"]:
        result.wrong.append(f"{camera}: not complete, {answer.get('error')}")
    for span in expected:
        whole = max(span.start, first), min(span.end, last)
        if whole[0] >= whole[1]:
            continue
        result.expected += 1
        lacking = [*_without(whole, answered)]
        result.found += not lacking
        result.wrong += [f"{camera}: {begin} to {stop} was not found" for begin, stop in lacking]
    if exactly:
        known = [(span.start, span.end) for span in expected]
        result.wrong += [
            f"{camera}: {begin} to {stop} was made up"
            for each in answered
            for begin, stop in _without((max(each[0], first), min(each[1], last)), known)
        ]
    if answered != sorted(answered):
        result.wrong.append(f"{camera}: not sorted")
    return result


def _without(whole: Times, parts: Iterable[Times]) -> Iterator[Times]:
    """Give what of some time none of the parts covers, and would be noticed."""
    at, end = whole
    for begin, stop in sorted(parts):
        if begin >= end:
            break
        if begin - at > UNNOTICED:
            yield at, begin
        at = max(at, stop)
    if end - at > UNNOTICED:
        yield at, end


def _compare_each(
    camera: str, expected: list[Span], answer: Any, start: datetime, end: datetime
) -> SearchResult:
    """Compare one recording after the other."""

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
