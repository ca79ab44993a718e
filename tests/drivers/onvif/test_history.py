"""Asking for changes, on devices that take the question in some form, or not at all."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import ClockConvention
from custom_components.nvr.drivers.onvif.containers import Container
from custom_components.nvr.drivers.onvif.faults import RejectedError, WordlessFaultError
from custom_components.nvr.drivers.onvif.find_session import EMPTY_PAGES, FindSessions
from custom_components.nvr.drivers.onvif.history import (
    EDGE_PAGES,
    LOST_SECONDS,
    MAX_BACK_PARTS,
    NONE,
    NONE_SECONDS,
    SUSPICIOUS,
    History,
)
from custom_components.nvr.drivers.onvif.memory import STARTS_TOLD, TRACK_STATES, DeviceMemory
from custom_components.nvr.drivers.onvif.question import TopicFilter
from custom_components.nvr.drivers.onvif.track_states import Span

from .answers import Answer, EventfulDevice, ScriptedDevice, change, event, results

NOON = datetime(2026, 7, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAST = NOON + timedelta(hours=2)
TOKEN = "<tse:SearchToken>1</tse:SearchToken>"
CLOCK = DeviceClock(zone=UTC, convention=ClockConvention.UTC)
R1 = Container(
    token="R1", earliest=NOON - timedelta(days=9), latest=LAST + timedelta(days=1), writes=False
)
FILE = [event("2026-07-24T12:10:00Z", True), event("2026-07-24T12:20:00Z", False)]


def device(*pages: str) -> ScriptedDevice:
    return ScriptedDevice(
        FindEvents=TOKEN, GetEventSearchResults=[*(pages or (results(*FILE),))], EndSearch=""
    )


async def found(
    asked: ScriptedDevice, memory: DeviceMemory | None = None, container: Container = R1
) -> list[Span]:
    history = History(FindSessions(), memory or DeviceMemory({}))
    by_token = await history.spans([container], NOON, LAST, CLOCK, asked)
    return by_token.get(container.token, [])


async def test_changes_are_asked_for_by_container_and_topic() -> None:
    asked = device()
    assert await found(asked) == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]
    arguments = asked.asked[0][1]
    assert arguments["StartPoint"] == NOON
    assert arguments["EndPoint"] == LAST
    assert arguments["Scope"] == {"IncludedRecordings": ["R1"]}
    assert arguments["SearchFilter"] == TopicFilter(("tns1:RecordingHistory/Track/State",))
    assert arguments["IncludeStartState"] is True


@pytest.mark.parametrize(
    ("refuses", "form"),
    [
        pytest.param(lambda asked: bool(asked["SearchFilter"].topics), "named_unfiltered"),
        pytest.param(lambda asked: bool(asked["Scope"]), "filtered"),
        pytest.param(
            lambda asked: bool(asked["Scope"] or asked["SearchFilter"].topics), "everything"
        ),
    ],
    ids=["filter", "scope", "both"],
)
async def test_what_a_device_refuses_is_left_out_and_remembered(refuses, form: str) -> None:  # type: ignore[no-untyped-def]  # a table of lambdas
    def begin(arguments: Mapping[str, object]) -> Answer:
        return RejectedError("FindEvents", ("InvalidFilterFault",)) if refuses(arguments) else TOKEN

    asked, memory = device(), DeviceMemory({})
    asked.scripts["FindEvents"] = begin
    assert await found(asked, memory) == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]
    assert memory.text(TRACK_STATES) == form
    before = asked.count("FindEvents")
    await found(asked, memory)
    assert asked.count("FindEvents") == before + 1


async def test_a_device_without_events_has_what_its_containers_span() -> None:
    asked, memory = ScriptedDevice(), DeviceMemory({})
    container = Container(token="R1", earliest=NOON + MINUTE, latest=NOON + 3 * MINUTE)
    for _ in range(2):
        assert await found(asked, memory, container) == [(NOON + MINUTE, NOON + 3 * MINUTE)]
    # Asked in every form once.
    assert asked.count("FindEvents") == 4


async def test_a_device_that_is_out_of_order_has_not_lost_its_events() -> None:
    asked, memory = device(), DeviceMemory({})
    await found(asked, memory)
    asked.scripts["FindEvents"] = DeviceFaultError("out of order")
    with pytest.raises(DeviceFaultError):
        await found(asked, memory)


@pytest.mark.parametrize(
    "error", [InvalidAnswerError("broken XML"), WordlessFaultError("HTTP 500")], ids=str
)
async def test_answers_that_cannot_be_read_do_not_say_that_there_is_no_history(
    error: DriverError,
) -> None:
    asked, memory = device(), DeviceMemory({})
    history = History(FindSessions(), memory)

    async def spans() -> list[Span]:
        return (await history.spans([R1], NOON, LAST, CLOCK, asked))["R1"]

    asked.scripts["FindEvents"] = error
    with pytest.raises(type(error)):
        await spans()
    # One that never says anything else tells no more than what its containers span.
    assert await spans() == [(NOON, LAST)]
    assert memory.text(TRACK_STATES) is None
    # What worked after them is no way that is better than another.
    asked.scripts["FindEvents"] = [error, TOKEN]
    assert await spans() == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]
    assert memory.text(TRACK_STATES) is None
    assert await spans() == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]
    assert memory.text(TRACK_STATES) == "named"


async def test_a_device_that_refuses_all_for_long_has_lost_its_events() -> None:
    asked, memory, now = device(), DeviceMemory({}), 0.0
    history = History(FindSessions(), memory, lambda: now)

    async def search() -> list[Span]:
        return (await history.spans([R1], NOON, LAST, CLOCK, asked)).get("R1", [])

    few = await search()
    begin = asked.scripts["FindEvents"]
    asked.scripts["FindEvents"] = NotSupportedError("gone")
    # As one does that has just started.
    with pytest.raises(NotSupportedError):
        await search()
    asked.scripts["FindEvents"] = begin
    now += LOST_SECONDS
    assert await search() == few
    asked.scripts["FindEvents"] = NotSupportedError("gone")
    with pytest.raises(NotSupportedError):
        await search()
    now += LOST_SECONDS
    assert await search() == [(NOON, LAST)]
    assert memory.text(TRACK_STATES) == NONE
    # It is asked again now and then.
    asked.scripts["FindEvents"] = begin
    before = asked.count("FindEvents")
    assert await search() == [(NOON, LAST)]
    assert asked.count("FindEvents") == before
    now += NONE_SECONDS
    assert await search() == few


async def test_a_search_that_came_to_nothing_is_not_the_answer_that_there_is_nothing() -> None:
    asked, memory = device(results(state="Searching")), DeviceMemory({STARTS_TOLD: True})
    with pytest.raises(DeviceBusyError):
        await found(asked, memory)
    asked.scripts["GetEventSearchResults"] = results()
    assert await found(asked, memory) == []


async def test_what_is_cut_off_is_asked_for_from_where_it_ends() -> None:
    def at(number: int) -> str:
        return f"{NOON + number * MINUTE:%Y-%m-%dT%H:%M:%SZ}"

    events = [event(at(number), number % 2 == 0) for number in range(100)]

    def some(arguments: Mapping[str, object]) -> Answer:
        start = asked.asked[-2 if asked.asked[-1][0] != "FindEvents" else -1][1]["StartPoint"]
        assert isinstance(start, datetime)
        first = max(0, round((start - NOON) / MINUTE))
        return results(*events[first : first + SUSPICIOUS])

    asked = device()
    asked.scripts["GetEventSearchResults"] = some
    spans = await found(asked)
    assert len(spans) == 50
    assert spans[-1] == (NOON + 98 * MINUTE, NOON + 99 * MINUTE)
    assert asked.count("FindEvents") >= 3
    assert asked.count("EndSearch") == asked.count("FindEvents")


def clips(
    first: datetime, last: datetime, count: int, container: str = "R1"
) -> Iterator[tuple[datetime, str]]:
    """Return what changes where something moves so often between two times, for ten seconds each."""
    for number in range(count):
        start = first + (last - first) / count * number
        yield change(start, True, container)
        yield change(start + timedelta(seconds=10), False, container)


NOTHING = results()
FALSE_LATER = results(event("2026-07-24T18:00:00Z", False))
TRUE_LATER = results(event("2026-07-24T18:00:00Z", True))
TRUE_BEFORE = results(event("2026-07-24T08:00:00Z", True))
FALSE_BEFORE = results(event("2026-07-24T08:00:00Z", False))
FALSE_BEFORE_NOON = results(event("2026-07-24T11:00:00Z", False))
NEXT_FILE_LATER = results(*(event("2026-07-24T18:00:00Z", present) for present in (True, False)))
NEXT_FILE_BEFORE = results(*(event("2026-07-24T08:00:00Z", present) for present in (False, True)))
ALL: list[Span] = [(NOON, LAST)]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        pytest.param([NOTHING, FALSE_LATER], ALL, id="ends later"),
        pytest.param([NOTHING, TRUE_LATER], [], id="begins later"),
        pytest.param([NOTHING, NOTHING, TRUE_BEFORE], ALL, id="began before"),
        pytest.param([NOTHING, NOTHING, FALSE_BEFORE], [], id="ended before"),
        pytest.param([NOTHING, NEXT_FILE_LATER], ALL, id="goes on in another file"),
        pytest.param([NOTHING, NOTHING, NEXT_FILE_BEFORE], ALL, id="in another file since before"),
        pytest.param([NOTHING], ALL, id="never changed"),
        pytest.param(
            [results(event("2026-07-24T12:00:00Z", False, container="R2", start=True))],
            [],
            id="told of others at the start",
        ),
    ],
)
async def test_no_change_is_footage_all_the_time_or_none(
    pages: list[str], expected: list[Span]
) -> None:
    assert await found(device(*pages)) == expected


async def test_where_nobody_tells_a_beginning_the_first_change_of_all_is_one() -> None:
    unset = Container(token="R1", earliest=datetime(1970, 1, 1, tzinfo=UTC), writes=True)
    first = results(event("2026-07-24T13:00:00Z", True, container="R2"))
    asked = device(NOTHING, NOTHING, NOTHING, NOTHING, first)
    assert await found(asked, container=unset) == [(NOON + 60 * MINUTE, None)]


@pytest.mark.parametrize(
    "container",
    [
        Container(token="R1", gone=True),
        Container(token="R1", earliest=LAST + MINUTE),
        Container(token="R1", latest=NOON - MINUTE, writes=False),
    ],
    ids=["removed", "later", "earlier"],
)
async def test_what_can_hold_nothing_is_not_asked_of(container: Container) -> None:
    asked = device()
    assert await found(asked, container=container) == []
    assert asked.asked == []


@pytest.mark.parametrize(
    ("writes", "ends", "expected"),
    [
        (True, NOON, None),
        (None, None, None),
        (False, NOON + 30 * MINUTE, NOON + 30 * MINUTE),
        (None, NOON + 30 * MINUTE, NOON + 30 * MINUTE),
    ],
    ids=["written", "nobody knows", "over", "long over"],
)
async def test_what_goes_on_does_so_if_it_is_written(
    writes: bool | None, ends: datetime | None, expected: datetime | None
) -> None:
    container = Container(token="R1", earliest=NOON, latest=ends, writes=writes)
    asked = device(results(event("2026-07-24T12:10:00Z", True)))
    assert await found(asked, container=container) == [(NOON + 10 * MINUTE, expected)]


@pytest.mark.parametrize(
    ("writes", "changes", "expected"),
    [
        pytest.param(False, [], NOON, id="a clock was fast"),
        pytest.param(None, [], None, id="allotted ahead"),
        pytest.param(True, [], None, id="written"),
        pytest.param(False, [change(NOON + 9 * MINUTE, False)], NOON + 9 * MINUTE, id="changes"),
    ],
)
async def test_what_is_told_to_end_later_than_now_has_nothing_later(
    writes: bool | None,
    changes: list[tuple[datetime, str]],
    expected: datetime | None,
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(NOON)
    day = timedelta(days=1)
    ahead = Container(token="R1", earliest=NOON - 9 * day, latest=NOON + 9 * day, writes=writes)
    history = History(FindSessions(), DeviceMemory({}))
    asked = EventfulDevice(changes)
    by_token = await history.spans([ahead], NOON - day, NOON + day, CLOCK, asked)
    assert by_token["R1"] == [(NOON - day, expected)]
    by_token = await history.spans([ahead], NOON + day, NOON + 2 * day, CLOCK, asked)
    assert by_token.get("R1", []) == []


def motion(page: int, *, utc_time: bool) -> str:
    """Return a page on which something moved, as devices tell that know no filters."""
    moved = [
        event(
            f"2026-07-24T08:{page:02}:{second:02}Z",
            bool(second % 2),
            topic="tns1:RuleEngine/CellMotionDetector/Motion",
            data="IsMotion",
            utc_time=utc_time,
        )
        for second in range(40)
    ]
    return results(*moved, state="Searching")


@pytest.mark.parametrize("utc_time", [True, False])
async def test_a_change_is_found_behind_much_that_is_none(utc_time: bool) -> None:
    pages = [motion(number, utc_time=utc_time) for number in range(2 * EMPTY_PAGES)]
    assert await found(device(*pages, results(*FILE))) == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE)]


async def test_the_last_change_before_is_behind_all_others() -> None:
    pages = [
        results(event(f"2026-07-24T08:{number:02}:00Z", True), state="Searching")
        for number in range(EDGE_PAGES)
    ]
    assert await found(device(NOTHING, NOTHING, *pages, FALSE_BEFORE_NOON)) == []


async def test_the_last_change_before_is_asked_for_where_a_device_stops_early() -> None:
    many = [event(f"2026-07-24T08:{number:02}:00Z", True) for number in range(SUSPICIOUS)]
    assert await found(device(NOTHING, NOTHING, results(*many), FALSE_BEFORE_NOON)) == []
    asked = device(NOTHING, NOTHING, results(*many))
    assert await found(asked) == ALL


HOUR = 60 * MINUTE
DAY = 24 * HOUR
ARMED = Container(token="R1", earliest=NOON - 60 * DAY, writes=True)


@pytest.mark.parametrize("most", [50, 100, 200])
@pytest.mark.parametrize("count", [20, 120, 250, 500])
@pytest.mark.parametrize("hours", [1 / 60, 1, 9])
async def test_quiet_hours_after_a_busy_day_hold_nothing(
    most: int, count: int, hours: float, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(LAST - HOUR)
    busy = [*clips(NOON - 26 * HOUR, NOON - hours * HOUR, count)]
    asked = EventfulDevice(busy, most)
    assert await found(asked, container=ARMED) == []
    assert asked.count("FindEvents") <= 1 + MAX_BACK_PARTS
    # What has begun and not ended is no quiet.
    asked = EventfulDevice([*busy, change(NOON - MINUTE / 3, True)], most)
    assert await found(asked, container=ARMED) == [(NOON, None)]


@pytest.mark.parametrize("count", range(4000, 4100, 15))
async def test_the_last_change_that_is_known_is_not_taken_for_the_last(
    count: int, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(LAST - HOUR)
    asked = EventfulDevice(clips(NOON - 26 * HOUR, NOON - 9 * HOUR, count), SUSPICIOUS)
    assert await found(asked, container=ARMED) == []
    assert asked.count("FindEvents") == 1 + MAX_BACK_PARTS


@pytest.mark.parametrize("count", [20, 30])
async def test_changes_of_others_hide_no_quiet(count: int, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(LAST - HOUR)
    names = [f"R{number}" for number in range(1, 17)]
    busy = [one for name in names for one in clips(NOON - 26 * HOUR, NOON - HOUR, count, name)]
    memory = DeviceMemory({TRACK_STATES: "filtered"})
    assert await found(EventfulDevice(busy, SUSPICIOUS), memory, ARMED) == []


async def test_what_was_seen_to_change_is_no_footage_where_nobody_can_find_out(
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(LAST - HOUR)
    others = clips(NOON - DAY, NOON, 3000, "R2")
    asked = EventfulDevice([*others, change(NOON - 2 * DAY, True)], SUSPICIOUS)
    asking = History(FindSessions(), DeviceMemory({TRACK_STATES: "filtered"}))

    async def spans(first: datetime, last: datetime) -> list[Span]:
        return (await asking.spans([ARMED], first, last, CLOCK, asked)).get("R1", [])

    assert await spans(NOON, LAST) == [(NOON, None)]
    assert asked.count("FindEvents") == 1 + MAX_BACK_PARTS
    assert await spans(NOON - 3 * DAY, NOON - DAY - MINUTE) == [(NOON - 2 * DAY, None)]
    assert await spans(NOON, LAST) == []


@pytest.mark.parametrize(("writes", "expected"), [(False, []), (None, []), (True, [(NOON, None)])])
async def test_nothing_lasts_beyond_the_end_of_what_is_not_written(
    writes: bool | None, expected: list[Span], freezer: FrozenDateTimeFactory
) -> None:
    """The end of what is written may have been told a while ago."""
    freezer.move_to(LAST - HOUR)
    ended = replace(ARMED, latest=NOON - 11 * MINUTE, writes=writes)
    assert await found(EventfulDevice([change(NOON - HOUR, True)]), container=ended) == expected


async def test_where_little_changes_it_is_asked_once_for_a_day_and_once_for_a_month(
    freezer: FrozenDateTimeFactory,
) -> None:
    freezer.move_to(LAST - HOUR)
    for ago, sessions in ((HOUR, 2), (2 * DAY, 3)):
        asked = EventfulDevice(clips(NOON - ago, NOON - ago + MINUTE, 1))
        assert await found(asked, container=ARMED) == []
        assert asked.count("FindEvents") == sessions
