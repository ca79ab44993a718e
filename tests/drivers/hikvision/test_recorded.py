"""Recorded answers: folders of any kind give an object, hostile ones too."""

from collections.abc import Mapping
import copy
import json
import os
from pathlib import Path
import random

import pytest

from custom_components.nvr.drivers.catalog import understand
from custom_components.nvr.drivers.driver import JsonValue
from custom_components.nvr.drivers.errors import UnknownDeviceError
from custom_components.nvr.drivers.models import (
    ClockConvention,
    DiskState,
    OfflineReason,
    RecorderState,
)
from custom_components.nvr.drivers.report import FoundRecording, Json, report
from tests.drivers.recorded_folder import write

from .fake_isapi import DEVICE_INFO, proxy_channels, stream, stream_list

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "hikvision"

SEARCH_RESULT = """<CMSearchResult><matchList><searchMatchItem><trackID>101</trackID><timeSpan>
<startTime>2026-07-14T{start}Z</startTime><endTime>2026-07-14T{end}Z</endTime></timeSpan>
<mediaSegmentDescriptor><playbackURI>rtsp://h/Streaming/tracks/202/?name=n&amp;size=77</playbackURI>
</mediaSegmentDescriptor></searchMatchItem></matchList></CMSearchResult>"""


async def read(folder: Path) -> tuple[RecorderState, tuple[FoundRecording, ...] | None, Json]:
    state, recordings = await understand(folder)
    printed = report(state, recordings, full=True)
    json.dumps(printed)
    return state, recordings, printed


@pytest.mark.parametrize(
    "name",
    [
        "System_deviceInfo.xml",
        "System.deviceInfo.xml",
        "ISAPI_System_deviceInfo__note.xml",
        "10_18_176_64__System_deviceInfo.xml",
        "System/deviceInfo.xml",
        "answers/ISAPI/System/deviceInfo.txt",
        "whatever.xml",
        "System_deviceInfo",
        "System.deviceInfo",
        "ISAPI.System.deviceInfo",
        "answers/whatever",
    ],
)
async def test_files_are_known_by_name_or_by_what_they_hold(tmp_path: Path, name: str) -> None:
    state, _, _ = await read(write(tmp_path, {name: DEVICE_INFO}))
    assert state.recorder.model == "DS-7608NXI-I2"


@pytest.mark.parametrize("line", ["\r\n", "\n"])
async def test_heads_before_answers_are_left_out(tmp_path: Path, line: str) -> None:
    head = line.join(["HTTP/1.1 200 OK", "Content-Type: application/xml", "X: <a>", "", ""])
    refusal = head.replace("200 OK", "401 Unauthorized") + "<html/>"
    files = {"one.txt": head + DEVICE_INFO, "System_deviceInfo__first.txt": refusal}
    state, _, _ = await read(write(tmp_path, files))
    assert state.recorder.model == "DS-7608NXI-I2"


async def test_lists_are_put_together_from_single_items(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "ContentMgmt_InputProxy_channels_10.xml": proxy_channels(10),
            "ContentMgmt_InputProxy_channels_2.xml": proxy_channels(2),
            "ContentMgmt_InputProxy_channels_2_status.xml": (
                "<InputProxyChannelStatus><id>2</id><online>false</online>"
                "<chanDetectResult>notExist</chanDetectResult></InputProxyChannelStatus>"
            ),
            "Streaming_channels_201.xml": stream(201),
            "Streaming_channels_203.xml": stream(203),
            "ContentMgmt_Storage_hdd_1.xml": "<hdd><id>1</id><status>sleeping</status></hdd>",
            "ContentMgmt_Storage_nas.xml": "<nasList><nas><id>9</id><status>offline</status></nas></nasList>",
            "System_time_localTime.txt": "2026-07-14T12:00:00-06:00",
            "System_time_timeZone.txt": "CST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00",
        },
    )
    state, _, _ = await read(folder)
    assert [channel.number for channel in state.channels] == [2, 10]
    assert state.channels[0].reason is OfflineReason.DISCONNECTED
    # The third stream is but an echo of the first.
    assert len(state.channels[0].streams) == 1
    assert [(disk.number, disk.state) for disk in state.disks] == [
        (1, DiskState.SLEEPING),
        (9, DiskState.OFFLINE),
    ]
    assert state.clock.time_zone is not None
    assert "clock" not in {entry.what for entry in state.missing}


async def test_single_answers_may_be_json(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "ContentMgmt_InputProxy_channels.xml": proxy_channels(1),
            "System_workingstatus.json": '{"WorkingStatus": {"ChanStatus": [{"chanNo": 1, "online": 1}]}}',
        },
    )
    state, _, _ = await read(folder)
    assert state.channels[0].online is True


async def test_a_list_decides_which_streams_there_are(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "ContentMgmt_InputProxy_channels.xml": proxy_channels(1),
            "Streaming_channels.xml": stream_list(101).replace(
                "</StreamingChannelList>", stream(102, enabled=False) + "</StreamingChannelList>"
            ),
            "Streaming_channels_103.xml": stream(103, "H.265"),
        },
    )
    state, _, _ = await read(folder)
    assert len(state.channels[0].streams) == 1
    assert state.channels[0].online is True


def zone(suffix: str) -> dict[str, str]:
    return {
        "System_status.xml": f"<DeviceStatus><currentDeviceTime>2026-07-14T12:05:00{suffix}"
        "</currentDeviceTime></DeviceStatus>"
    }


@pytest.mark.parametrize(
    ("suffix", "start", "end", "convention", "utc"),
    [
        ("-06:00", "11:55:00", "12:10:00", ClockConvention.WALL, "2026-07-14T17:55:00Z"),
        ("-06:00", "17:55:00", "18:10:00", ClockConvention.UTC, "2026-07-14T17:55:00Z"),
        # Neither, both, no difference, and no zone at all.
        ("-06:00", "03:00:00", "03:10:00", ClockConvention.UNKNOWN, None),
        ("+01:00", "11:00:00", "12:10:00", ClockConvention.UNKNOWN, None),
        ("Z", "11:55:00", "12:10:00", ClockConvention.UNKNOWN, None),
        ("", "11:55:00", "12:10:00", ClockConvention.UNKNOWN, None),
    ],
)
async def test_recorded_searches(
    tmp_path: Path,
    suffix: str,
    start: str,
    end: str,
    convention: ClockConvention,
    utc: str | None,
) -> None:
    files = zone(suffix) | {
        "ContentMgmt_search__one.xml": SEARCH_RESULT.format(start=start, end=end),
        "ContentMgmt_search__again.xml": SEARCH_RESULT.format(start=start, end=end),
        "ContentMgmt_search__broken.xml": "<CMSearch",
        "ContentMgmt_search__other.xml": "<ResponseStatus/>",
    }
    state, _, printed = await read(write(tmp_path, files))
    assert state.clock.convention is convention
    assert state.clock.evidence
    assert state.clock.offset is None
    assert printed["recordings"] == [
        {
            # The label says 101, the address 202.
            "channel": 2,
            "start": utc,
            "end": None if utc is None else utc.replace("17:55", "18:10"),
            "start_device": f"2026-07-14T{start}Z",
            "end_device": f"2026-07-14T{end}Z",
            "kinds": ["other"],
            "size_bytes": 77,
        }
    ]
    assert ("recordings" in {entry.what for entry in state.missing}) == (utc is None)


async def test_the_form_of_dictionaries(tmp_path: Path) -> None:
    tree: JsonValue = {
        "System/deviceInfo": {"response": {"DeviceInfo": {"model": "M", "deviceName": None}}},
        "ContentMgmt/InputProxy/channels": {"error": "timed out"},
        "System/Video/inputs/channels": {
            "response": {"VideoInputChannelList": {"VideoInputChannel": {"id": "1", "name": "A"}}}
        },
        "Streaming/channels/101": {"response": stream(101)},
        "Streaming/channels/102": {"status_code": 403},
        "Streaming/channels/103": {"status_code": True},
        "Odd": {"response": {"a b": {}}},
        "Number": 3,
    }
    folder = write(tmp_path, {"isapi-responses.json": json.dumps({"data": {"ISAPI": tree}})})
    state, recordings, _ = await read(folder)
    assert recordings is None
    assert (state.recorder.name, state.recorder.title) == ("", "M")
    assert [(channel.name, len(channel.streams)) for channel in state.channels] == [("A", 1)]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.json": "[1, 2]"},
        {"a.json": '{"data": 5}'},
        {"a.json": '{"data": {"ISAPI": []}}'},
        {"a.json": "{" * 5000},
        {"a.json": '{"a":' * 5000 + "1" + "}" * 5000},
        {"a.xml": "<a>" * 5000},
        {"System_deviceInfo.xml": "", "Streaming_channels.xml": "\x00"},
        {"System_deviceInfo.xml": "<StreamingChannelList/>", "a.xml": "<unknown/>"},
    ],
)
async def test_folders_that_say_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    state, recordings, _ = await read(write(tmp_path, files))
    assert state.channels == ()
    assert recordings is None
    assert {entry.what for entry in state.missing} >= {"recorder", "channels", "clock"}


@pytest.mark.parametrize(
    ("files", "manufacturer"),
    [
        ({}, ""),
        ({"a.html": "<html/>", "a.xml": "<unknown/>", "a.txt": "words"}, ""),
        (
            {"a.xml": "<EventNotificationAlert><eventType>IO</eventType></EventNotificationAlert>"},
            "Hikvision",
        ),
    ],
)
async def test_nobody_is_named_whom_nothing_tells(
    tmp_path: Path, files: dict[str, str], manufacturer: str
) -> None:
    state, _ = await understand(write(tmp_path, files))
    assert state.recorder.manufacturer == manufacturer


async def test_links_out_of_the_folder_and_odd_files(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"System_deviceInfo.xml": DEVICE_INFO})
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "System_deviceInfo.xml").symlink_to(outside / "System_deviceInfo.xml")
    (folder / "loop.xml").symlink_to(folder / "loop.xml")
    (folder / "folder.xml").mkdir()
    (folder / "System_status.bin").write_bytes(b"\x00")
    os.mkfifo(folder / "pipe.xml")
    state, _, _ = await read(folder)
    assert state.recorder.model == ""


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        await understand(tmp_path / "nowhere")
    with pytest.raises(UnknownDeviceError):
        await understand(tmp_path, "acme")


async def test_credentials_in_names_are_masked_always(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "System_deviceInfo.xml": DEVICE_INFO.replace("Recorder", "rtsp://u:secret@10.0.0.1/x"),
        },
    )
    _, _, printed = await read(folder)
    assert "secret" not in json.dumps(printed)


async def test_what_tells_a_device_from_others_is_masked(tmp_path: Path) -> None:
    info = DEVICE_INFO.replace("Recorder", "Nvr 02-00-00-00-00-01 EST00001WCVU x")
    state, _ = await understand(write(tmp_path, {"System_deviceInfo.xml": info}))
    masked = json.dumps(report(state, None, full=False))
    assert "00001WCVU" not in masked
    assert "00-00-01" not in masked
    assert "DS-7608NXI-I2" in masked
    assert "00001WCVU" in json.dumps(report(state, None, full=True))


async def test_a_serial_of_few_characters_is_masked_where_it_stands(tmp_path: Path) -> None:
    info = "<DeviceInfo><model>DS-7616</model><serialNumber>76</serialNumber></DeviceInfo>"
    state, _ = await understand(write(tmp_path, {"System_deviceInfo.xml": info}))
    recorder = report(state, None, full=False)["recorder"]
    assert isinstance(recorder, dict)
    assert (recorder["serial"], recorder["model"]) == ("*****", "DS-7616")


HOSTILE: list[JsonValue] = [
    None, "", "abc", "-1", "0", "1e308", "99999999999999999999", "\n12.5\n", "NaN", [], {}, [[]],
    {"#text": "x", "@opt": "y"}, "<b>", "\x00\x1f", "x" * 10_000, True, 3.5,
]  # fmt: skip


def damaged(value: JsonValue, chance: random.Random) -> JsonValue:
    """Return a recording with some of its values replaced, repeated or gone."""
    if chance.random() < 0.04:
        return copy.deepcopy(chance.choice(HOSTILE))
    if isinstance(value, Mapping):
        return {key: damaged(item, chance) for key, item in value.items() if chance.random() > 0.03}
    if isinstance(value, list):
        items = [damaged(item, chance) for item in value]
        return items * 2 if chance.random() < 0.05 else items
    return value


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize("seed", range(6))
async def test_damaged_recordings_of_real_devices(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for file in sorted(DEVICES.glob("*/isapi-responses.json")):
        data = json.loads(file.read_text())
        (tmp_path / "a.json").write_text(json.dumps(damaged(data, chance)))
        state, _, _ = await read(tmp_path)
        numbers = [channel.number for channel in state.channels]
        assert len(numbers) == len(set(numbers))
        for channel in state.channels:
            assert (channel.reason is None) == (channel.online is True)


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
async def test_recordings_in_which_all_is_refused(tmp_path: Path, status: int) -> None:
    file = DEVICES / "DS-7608NXI-I2" / "isapi-responses.json"
    tree = json.loads(file.read_text())["data"]["ISAPI"]
    refused = {path: {"status_code": status} for path in tree}
    (tmp_path / "a.json").write_text(json.dumps({"data": {"ISAPI": refused}}))
    state, _, _ = await read(tmp_path)
    assert state.channels == ()
