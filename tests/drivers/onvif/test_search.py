"""Searching for recordings, on devices whose containers overlap, or whose times turn out to mean something else."""

import asyncio
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.nvr.drivers.clock import DeviceClock, PosixZone
from custom_components.nvr.drivers.models import ClockConvention, Recording, StreamName
from custom_components.nvr.drivers.onvif.catalogue import Catalogue
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.find_session import FindSessions
from custom_components.nvr.drivers.onvif.history import History
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.search import WINDOW, Searches
from custom_components.nvr.drivers.onvif.sources import VideoSource

from .answers import Answer, EventfulDevice, change, results
from .archived import known_well

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
EAST = 8 * HOUR
TOKEN = "<tse:SearchToken>1</tse:SearchToken>"

type Span = tuple[datetime, datetime]


@pytest.fixture(autouse=True)
def _at_half_past_two(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


def named(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def container(name: str, earliest: datetime, latest: datetime, state: str = "Recording") -> str:
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>{name}</tt:RecordingToken>"
        f"<tt:EarliestRecording>{named(earliest)}</tt:EarliestRecording>"
        f"<tt:LatestRecording>{named(latest)}</tt:LatestRecording>"
        f"<tt:RecordingStatus>{state}</tt:RecordingStatus></tt:RecordingInformation>"
    )


class Setting:
    """A device with one channel, and what searches it."""

    def __init__(
        self,
        containers: list[str],
        changes: list[tuple[datetime, str]],
        zone: timedelta = timedelta(),
    ) -> None:
        self.device = EventfulDevice(
            changes, FindRecordings=TOKEN, GetRecordingSearchResults=results(*containers)
        )
        memory, sessions = DeviceMemory({}), FindSessions()
        self.labels = Labels(lambda: DeviceClock(zone=PosixZone(zone)), memory)
        catalogue = Catalogue(
            sessions, Facts(sources=(VideoSource(token="VS_1"),)), self.labels, lambda: 0.0
        )
        self.searches = Searches(self.device, catalogue, History(sessions, memory), self.labels)

    async def found(self, start: datetime, end: datetime = NOW) -> list[Recording]:
        found = self.searches.search(1, [(start, end)], StreamName.MAIN, None, known_well)
        return [one async for one in found]


# When something is recorded for five minutes. Of the last two the wall clock of EAST is later than UTC's now.
TRUE: list[Span] = [
    (NOW - ago * HOUR, NOW - ago * HOUR + 5 * MINUTE) for ago in (150, 90, 74, 71, 30, 12, 7.9, 7.5)
]


def in_local_time(*more: Span) -> Setting:
    """Return a device that names all times by its wall clock, of which nobody knows yet."""
    changes = [
        change(time + EAST, present)
        for start, end in [*TRUE, *more]
        for time, present in ((start, True), (end, False))
    ]
    last = TRUE[-1][1] + EAST
    return Setting([container("R1", NOW - 900 * HOUR, last)], changes, EAST)


def spans(found: list[Recording]) -> list[Span]:
    return [(one.start, one.end) for one in found]


async def test_who_is_late_to_learn_what_times_mean_reads_them_as_right() -> None:
    setting = in_local_time()
    start = NOW - 36 * HOUR
    first, second = await asyncio.gather(setting.found(start), setting.found(start))
    assert setting.labels.convention is ClockConvention.WALL
    assert spans(first) == spans(second) == TRUE[-4:]


async def test_what_somebody_learns_while_the_device_is_asked_counts_at_once() -> None:
    setting = in_local_time()

    def begin(_: object) -> Answer:
        setting.labels.learn_times([NOW + 7 * HOUR])
        return TOKEN

    setting.device.scripts["FindEvents"] = begin
    # Nothing here looks recorded later than now.
    assert spans(await setting.found(NOW - 36 * HOUR, NOW - 10 * HOUR)) == TRUE[-4:-2]


async def test_what_is_learned_in_the_middle_leaves_recordings_in_order() -> None:
    start = NOW - 2 * WINDOW
    edge = start + WINDOW
    last_before = edge - EAST - 10 * MINUTE, edge - EAST - 5 * MINUTE
    over_the_edge = edge - 20 * MINUTE, edge + 20 * MINUTE
    setting = in_local_time(last_before, over_the_edge)
    found = spans(await setting.found(start))
    assert setting.labels.convention is ClockConvention.WALL
    assert found == sorted(set(found))
    assert found[-5:] == TRUE[-5:]


async def test_a_clock_that_was_fast_hides_nothing_of_what_is_being_recorded() -> None:
    began = NOW - 20 * MINUTE
    old = container("OLD", NOW - 2000 * HOUR, NOW + 5 * HOUR, "Stopped")
    new = container("NEW", began, NOW - MINUTE)
    setting = Setting([old, new], [change(began, True, "NEW")])
    found = await setting.found(NOW - 2 * HOUR)
    assert [(one.token, one.start, one.end) for one in found if one.open] == [("NEW", began, NOW)]


@pytest.mark.parametrize("ahead", [5 * MINUTE, 5 * HOUR])
async def test_how_far_ahead_a_file_is_allotted_makes_it_no_longer(ahead: timedelta) -> None:
    began = NOW - 40 * MINUTE
    both = [container(name, began, NOW) for name in ("R1", "R2")]
    allotted = [change(began + MINUTE, True, "R2"), change(NOW + ahead, False, "R2")]
    setting = Setting(both, [change(began, True), *allotted])
    found = await setting.found(NOW - 2 * HOUR, NOW + 6 * HOUR)
    assert [(one.token, one.start) for one in found] == [("R1", began)]
    assert found[0].open
