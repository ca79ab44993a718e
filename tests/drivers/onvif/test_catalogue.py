"""All containers of a device, on devices that list them in one way or another."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.errors import (
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    NotSupportedError,
)
from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.drivers.onvif.catalogue import FRESH_SECONDS, KNOWN_SECONDS, Catalogue
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.faults import RejectedError
from custom_components.nvr.drivers.onvif.find_session import FindSessions
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import DeviceMemory
from custom_components.nvr.drivers.onvif.sources import VideoSource

from .answers import Answer, ScriptedDevice, results

NOON = datetime(2026, 7, 24, 12, tzinfo=UTC)
TOKEN = "<tse:SearchToken>1</tse:SearchToken>"


def information(name: str, since: str = "2026-07-20T12:00:00Z", state: str = "Stopped") -> str:
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>{name}</tt:RecordingToken>"
        f"<tt:EarliestRecording>{since}</tt:EarliestRecording>"
        "<tt:LatestRecording>2026-07-24T12:00:00Z</tt:LatestRecording>"
        f"<tt:RecordingStatus>{state}</tt:RecordingStatus></tt:RecordingInformation>"
    )


def item(name: str) -> str:
    return f"<trc:RecordingItem><tt:RecordingToken>{name}</tt:RecordingToken></trc:RecordingItem>"


class Setting:
    """A catalogue of a device with two channels, and a clock that a test sets."""

    def __init__(self, device: ScriptedDevice) -> None:
        self.device = device
        self.now = 0.0
        self.facts = Facts(sources=(VideoSource(token="VS_1"), VideoSource(token="VS_2")))
        labels = Labels(lambda: DeviceClock(zone=UTC), DeviceMemory({}))
        self.catalogue = Catalogue(FindSessions(), self.facts, labels, lambda: self.now)

    async def names(self, channel: int, *, fresh: bool = False) -> list[str]:
        by_stream = await self.catalogue.of(channel, self.device, fresh=fresh)
        return [one.token for one in by_stream.get(StreamName.MAIN, ())]


def searching(*found: str, state: str = "Completed") -> ScriptedDevice:
    return ScriptedDevice(
        FindRecordings=TOKEN,
        GetRecordingSearchResults=results(*found, state=state),
        EndSearch="",
    )


async def test_what_is_found_is_known_of_all_channels() -> None:
    setting = Setting(searching(information("R_1"), information("R_2", state="Recording")))
    assert await setting.names(1) == ["R_1"]
    assert await setting.names(2) == ["R_2"]
    assert await setting.names(3) == []
    assert setting.device.count("FindRecordings") == 1
    assert setting.facts.channels_of_recordings == {"R_1": 1, "R_2": 2}
    assert setting.facts.recordings_written == {"R_1": False, "R_2": True}
    assert setting.facts.extents[1].oldest == NOON - timedelta(days=4)
    assert setting.facts.extents[1].newest == NOON
    newest = setting.facts.extents[2].newest
    assert newest is not None
    assert datetime.now(UTC) - newest < timedelta(minutes=1)


async def test_it_is_asked_for_again_when_it_matters() -> None:
    setting = Setting(searching(information("R_1"), information("R_2")))
    await setting.names(1)
    setting.now = FRESH_SECONDS + 1
    await setting.names(1)
    assert setting.device.count("FindRecordings") == 1
    await setting.names(1, fresh=True)
    assert setting.device.count("FindRecordings") == 2
    setting.now += KNOWN_SECONDS + 1
    await setting.names(1)
    assert setting.device.count("FindRecordings") == 3


async def test_a_part_of_the_list_takes_nothing_away() -> None:
    setting = Setting(searching(information("R_1"), information("R_2")))
    await setting.names(1)
    setting.device.scripts["GetRecordingSearchResults"] = results(
        information("R_1"), state="Searching"
    )
    await setting.catalogue.refresh(setting.device, most=1)
    assert await setting.names(2) == ["R_2"]
    setting.device.scripts["GetRecordingSearchResults"] = results(information("R_1"))
    await setting.catalogue.refresh(setting.device, most=1)
    assert await setting.names(2) == []


async def test_a_search_asks_for_what_a_poll_left_over() -> None:
    first, nothing = results(information("R_1"), state="Searching"), results()
    setting = Setting(searching())
    setting.device.scripts["GetRecordingSearchResults"] = [first, first, nothing]
    await setting.catalogue.refresh(setting.device, most=1)
    assert await setting.names(1) == ["R_1"]
    assert setting.device.count("GetRecordingSearchResults") == 3
    # What comes to be on the other pages isn't put off by polls, either.
    for _ in range(3):
        setting.now += KNOWN_SECONDS / 2
        setting.device.scripts["GetRecordingSearchResults"] = first
        await setting.catalogue.refresh(setting.device, most=1)
    setting.device.scripts["GetRecordingSearchResults"] = [first, results(information("R_2"))]
    assert await setting.names(2) == ["R_2"]


def listing(arguments: Mapping[str, object]) -> Answer:
    return information(str(arguments["RecordingToken"]))


@pytest.mark.parametrize(
    "error", [NotSupportedError("no such search"), DeviceFaultError("out of order")], ids=str
)
async def test_where_nothing_is_searched_for_each_is_asked_of(error: DriverError) -> None:
    device = ScriptedDevice(
        FindRecordings=error,
        GetRecordings=item("R_1") + item("R_2"),
        GetRecordingInformation=listing,
    )
    setting = Setting(device)
    assert await setting.names(1) == ["R_1"]
    assert device.count("GetRecordingInformation") == 2
    assert setting.facts.extents[2].oldest == NOON - timedelta(days=4)


async def test_what_a_search_refuses_in_the_middle_is_listed_as_far_as_it_can_be() -> None:
    asked = searching()
    pages: list[Answer] = [
        results(information("R1"), state="Searching"),
        RejectedError("InvalidToken"),
    ]
    asked.scripts["GetRecordingSearchResults"] = [*pages, *pages]
    asked.scripts["GetRecordings"] = item("R1") + item("R2")
    setting = Setting(asked)
    assert await setting.names(1) == ["R1"]
    assert await setting.names(2) == ["R2"]
    [first] = (await setting.catalogue.of(1, asked, fresh=False))[StreamName.MAIN]
    assert first.begins == NOON - timedelta(days=4)
    # Where there is no list, what was found is all that is known.
    del asked.scripts["GetRecordings"]
    asked.scripts["GetRecordingSearchResults"] = [*pages, *pages]
    assert await Setting(asked).names(1) == ["R1"]


async def test_only_one_is_asked_of_in_a_round() -> None:
    device = ScriptedDevice(
        GetRecordings=item("R_1") + item("R_2"), GetRecordingInformation=listing
    )
    setting = Setting(device)
    for _ in range(2):
        before = len(device.asked)
        await setting.catalogue.refresh(device, most=1)
        # FindRecordings, GetRecordings and GetRecordingInformation.
        assert len(device.asked) - before == 3
    assert {extent.newest for extent in setting.facts.extents.values()} == {NOON}


@pytest.mark.parametrize("count", ["8", "0"])
async def test_the_summary_of_all_bounds_what_tells_no_times(count: str) -> None:
    device = ScriptedDevice(
        GetRecordings=item("R_1") + item("R_2"),
        GetRecordingSummary=(
            "<tse:Summary><tt:DataFrom>2026-07-20T12:00:00Z</tt:DataFrom>"
            "<tt:DataUntil>2026-07-24T12:00:00Z</tt:DataUntil>"
            f"<tt:NumberRecordings>{count}</tt:NumberRecordings></tse:Summary>"
        ),
    )
    setting = Setting(device)
    if count == "0":
        assert await setting.names(1) == []
        return
    assert await setting.names(1) == ["R_1"]
    assert setting.facts.extents[1].oldest == NOON - timedelta(days=4)
    assert setting.facts.extents[2].newest == NOON


async def test_what_tells_its_times_is_there_whatever_the_summary_counts() -> None:
    device = searching(
        information("R_1"),
        "<tt:RecordingInformation><tt:RecordingToken>R_2"
        "</tt:RecordingToken></tt:RecordingInformation>",
    )
    device.scripts["GetRecordingSummary"] = (
        "<tse:Summary><tt:NumberRecordings>0</tt:NumberRecordings></tse:Summary>"
    )
    setting = Setting(device)
    assert await setting.names(1) == ["R_1"]
    assert await setting.names(2) == []


async def test_a_device_that_lists_nothing_says_why() -> None:
    setting = Setting(ScriptedDevice())
    with pytest.raises(NotSupportedError, match="FindRecordings"):
        await setting.names(1)
    setting.device.scripts["FindRecordings"] = DeviceFaultError("out of order")
    with pytest.raises(DeviceFaultError):
        await setting.names(1)


async def test_a_busy_device_is_asked_later() -> None:
    setting = Setting(ScriptedDevice(FindRecordings=DeviceBusyError("no free session")))
    with pytest.raises(DeviceBusyError):
        await setting.names(1)
    assert setting.device.count("GetRecordings") == 0
