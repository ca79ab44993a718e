"""Recorded answers: folders of any kind give an object, hostile ones too."""

from collections.abc import Mapping
from datetime import UTC, datetime
import json
from pathlib import Path
import random

import pytest

from custom_components.nvr.drivers.catalog import understand as understand_any
from custom_components.nvr.drivers.dahua.recorded_report import understand
from custom_components.nvr.drivers.models import ClockConvention, RecorderState
from custom_components.nvr.drivers.report import FoundRecording, Json, report
from tests.drivers.recorded_folder import write

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"
INFO = "deviceType=31\r\nserialNumber=AJ0C56APAZ4145B\r\nupdateSerial=DH-NVR608H-128-4KS3/I\r\n"
ITEM = (
    "found=1\r\nitems[0].Channel=2\r\nitems[0].StartTime={}\r\nitems[0].EndTime={}\r\n"
    "items[0].Flags[0]=Timing\r\n"
)
SUMMER = ITEM.format("2026-07-14 12:00:00", "2026-07-14 12:30:00")


async def read(
    folder: Path, files: Mapping[str, str]
) -> tuple[RecorderState, tuple[FoundRecording, ...] | None, Json]:
    understood = await understand(write(folder, files))
    printed = report(understood.state, understood.recordings, full=True)
    json.dumps(printed)
    return understood.state, understood.recordings, printed


def missing(state: RecorderState) -> dict[str, str]:
    return {entry.what: entry.reason for entry in state.missing}


@pytest.mark.parametrize(
    "name",
    [
        "magicBox.getSystemInfo.txt",
        "magicBox.getSystemInfo",
        "magicBox.getSystemInfo.cam1.txt",
        "magicBox.cgi.action.getSystemInfo.txt",
        "magicBox_getSystemInfo.txt",
        "magicBox.cgi_action=getSystemInfo.txt",
        "cgi.magicBox.getSystemInfo.txt",
        "answers/magicBox.getSystemInfo.txt",
        "whatever.txt",
    ],
)
@pytest.mark.parametrize("head", ["", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"])
async def test_files_are_known_by_name_or_by_what_they_hold(
    tmp_path: Path, name: str, head: str
) -> None:
    state, recordings, _ = await read(tmp_path, {name: head + INFO})
    assert state.recorder.model == "DH-NVR608H-128-4KS3/I"
    assert state.recorder.serial == "AJ0C56APAZ4145B"
    assert recordings is None


async def test_answers_of_rpc2(tmp_path: Path) -> None:
    def answer(params: object) -> str:
        return json.dumps({"id": 3, "session": "x", "result": True, "params": params})

    slot = {"Enable": True, "Address": "192.0.2.7", "DeviceType": "IPC-HFW1", "Vendor": "Dahua"}
    disk = {
        "Name": "/dev/sda",
        "State": "Error",
        "Detail": [{"TotalBytes": 4e12, "UsedBytes": 1e12}],
    }
    files = {
        "rpc2.magicBox.getDeviceClass.json": answer({"type": "NVR"}),
        "rpc2.magicBox.getSystemInfo.json": answer({"deviceType": "31", "updateSerial": "NVR4"}),
        "rpc2.magicBox.getSerialNo.json": answer({"sn": "4C0048DPAJ8F3C9"}),
        "rpc2.configManager.getConfig.RemoteDevice.json": answer(
            {
                "table": {
                    "uuid:System_CONFIG_NETCAMERA_INFO_1": slot,
                    "uuid:System_CONFIG_NETCAMERA_INFO_4": slot,
                    "uuid:System_CONFIG_NETCAMERA_INFO_5": {"Enable": False},
                }
            }
        ),
        "rpc2.configManager.getConfig.ChannelTitle.params.json": json.dumps(
            {"table": [{"Name": "a"}, {"Name": "Yard"}]}
        ),
        "rpc2.LogicDeviceManager.getCameraState.json": answer(
            {"states": [{"channel": 1, "connectionState": "Connected"}]}
        ),
        "rpc2.storage.getDeviceAllInfo.json": answer({"info": [disk]}),
        "rpc2.mediaFileFind.findFile.request.json": '{"params": {"condition": {"Channel": 9}}}',
    }
    state, _, _ = await read(tmp_path, files)
    assert state.recorder.model == "NVR4"
    assert state.recorder.serial == "4C0048DPAJ8F3C9"
    assert [(channel.number, channel.name, channel.online) for channel in state.channels] == [
        (2, "Yard", True),
        (5, "Channel 5", None),
    ]
    assert [disk.state.value for disk in state.disks] == ["failed"]
    assert set(missing(state)) == {"channel_status", "streams", "clock", "recordings"}


async def test_registered_cameras_by_another_call(tmp_path: Path) -> None:
    cameras = [
        {
            "Type": "Remote",
            "UniqueChannel": 0,
            "Enable": True,
            "DeviceInfo": {"Address": "192.0.2.7"},
        },
        {"Type": "Remote", "UniqueChannel": 1, "Enable": False, "DeviceInfo": {}},
        {"Type": "Compose", "UniqueChannel": 2},
        {"Type": "Remote"},
        None,
    ]
    files = {"rpc2.LogicDeviceManager.getCameraAll.params.json": json.dumps({"camera": cameras})}
    state, _, _ = await read(tmp_path, files)
    assert [channel.number for channel in state.channels] == [1]


async def test_parts_of_a_table_are_put_together(tmp_path: Path) -> None:
    stream = "table.Encode[0].{}.Video.{}={}\r\n"
    main = [("Compression", "H.265"), ("Width", "3840"), ("Height", "2160"), ("FPS", "25")]
    files = {
        "magicBox.getDeviceClass.txt": "class=IPC",
        "configManager.getConfig.Encode[0].txt": "".join(
            stream.format("MainFormat[0]", *pair) for pair in main
        ),
        "configManager.getConfig.Encode.partial.txt": stream.format(
            "ExtraFormat[0]", "Compression", "H.264"
        ),
    }
    state, _, _ = await read(tmp_path, files)
    [channel] = state.channels
    # A camera's own input: the camera answered.
    assert channel.online
    assert [(stream.codec, stream.width) for stream in channel.streams] == [
        ("H.265", 3840),
        ("H.264", None),
    ]
    assert "streams" not in missing(state)


@pytest.mark.parametrize(
    ("zone", "rules", "start"),
    [
        ("Europe/Berlin", "", datetime(2026, 7, 14, 10, tzinfo=UTC)),
        ("America/Los_Angeles", "", datetime(2026, 7, 14, 19, tzinfo=UTC)),
        ("GMT+08:00", "table.Locales.DSTEnable=false", datetime(2026, 7, 14, 4, tzinfo=UTC)),
        # Whether the clock is put forward in summer is not told.
        ("GMT+08:00", "", None),
        ("Beijing", "table.Locales.DSTEnable=false", None),
        ("", "", None),
    ],
)
async def test_times_are_told_by_the_zone(
    tmp_path: Path, zone: str, rules: str, start: datetime | None
) -> None:
    files = {
        "mediaFileFind.findNextFile.txt": SUMMER,
        "configManager.getConfig.NTP.txt": f"table.NTP.TimeZoneDesc={zone}\r\ntable.NTP.Enable=true",
        "configManager.getConfig.Locales.txt": rules,
        "global.getCurrentTime.txt": "result=2026-07-14 13:00:00",
    }
    state, recordings, printed = await read(tmp_path, files)
    assert recordings is not None
    [recording] = recordings
    assert (recording.channel, recording.start) == (3, start)
    assert recording.start_device == "2026-07-14 12:00:00"
    assert state.clock.convention is ClockConvention.WALL
    assert state.clock.offset is None
    assert state.clock.time_zone == (zone or None)
    assert ("recordings" in missing(state)) is (start is None)
    assert "clock" not in missing(state)
    assert printed["channels"] == []


async def test_the_same_file_in_two_answers_is_one(tmp_path: Path) -> None:
    files = {
        "mediaFileFind.findNextFile.page1.txt": SUMMER,
        "mediaFileFind.findNextFile.again.txt": SUMMER,
        "mediaFileFind.findNextFile.page2.txt": "found=0",
    }
    _, recordings, _ = await read(tmp_path, files)
    assert recordings is not None
    assert len(recordings) == 1


async def test_a_search_without_result_is_a_result(tmp_path: Path) -> None:
    state, recordings, printed = await read(
        tmp_path, {"mediaFileFind.findNextFile.txt": "found=0\r\n"}
    )
    assert recordings == ()
    assert printed["recordings"] == []
    assert "recordings" not in missing(state)


async def test_refusals_are_reasons(tmp_path: Path) -> None:
    files = {
        "magicBox.getSystemInfo.txt": INFO,
        "storageDevice.getDeviceAllInfo.error.txt": "Error\r\nBad Request!\r\n",
        "LogicDeviceManager.getCameraState.txt": "HTTP/1.1 403 Forbidden\r\n\r\nAuthority:check failure.",
        "configManager.getConfig.ChannelTitle.txt": "table.ChannelTitle[0].Name=Door\r\n",
        "mediaFileFind.findNextFile.txt": "Error\r\nErrorID=2, Detail=Invalid Request!\r\n",
    }
    state, recordings, _ = await read(tmp_path, files)
    assert recordings is None
    reasons = missing(state)
    assert reasons["disks"] == "storageDevice.getDeviceAllInfo: Error Bad Request!"
    assert "Invalid Request" in reasons["recordings"]
    assert "right" in reasons["channel_status"]
    assert [channel.name for channel in state.channels] == ["Door"]


async def test_refusals_of_all_that_lists_channels(tmp_path: Path) -> None:
    files = {
        "magicBox.getSystemInfo.error.txt": "HTTP/1.1 401 Unauthorized\r\n\r\nno",
        "configManager.getConfig.RemoteDevice.error.txt": "Error: Error -1 getting param",
        "LogicDeviceManager.getCameraState.txt": "HTTP/1.1 403 Forbidden\r\n\r\nAuthority:check failure.",
    }
    state, _, _ = await read(tmp_path, files)
    reasons = missing(state)
    assert "401" in reasons["recorder"]
    assert "getting param" in reasons["channels"]
    assert "right" in reasons["channels"]


@pytest.mark.parametrize("ending", [".txt", ""])
async def test_files_called_by_their_address(tmp_path: Path, ending: str) -> None:
    name = f"configManager.cgi?action=getConfig&name=ChannelTitle{ending}"
    state, _, _ = await read(tmp_path, {name: "table.ChannelTitle[0].Name=Door\r\n"})
    assert [channel.name for channel in state.channels] == ["Door"]


async def test_a_list_in_the_result_itself(tmp_path: Path) -> None:
    disk = {"Name": "/dev/sda", "State": "Success", "Detail": [{"TotalBytes": 5, "UsedBytes": 5}]}
    answer = json.dumps({"id": 1, "result": [disk], "params": None})
    state, _, _ = await read(tmp_path, {"rpc2.storage.getDeviceAllInfo.json": answer})
    assert [disk.free_bytes for disk in state.disks] == [0]


async def test_a_datagram_as_it_came(tmp_path: Path) -> None:
    device = {"DeviceClass": "NVR", "DeviceType": "NVR4108", "VideoInputChannels": 0}
    reply = json.dumps(
        {
            "mac": "3c:ef:8c:01:02:03",
            "params": {"deviceInfo": device | {"RemoteVideoInputChannels": 8}},
        }
    )
    (tmp_path / "dhdiscover.reply.txt").write_bytes(
        b"\x20\0\0\0DHIP" + bytes(24) + reply.encode() + b"\n\0"
    )
    understood = await understand(tmp_path)
    assert understood.state.recorder.model == "NVR4108"
    assert understood.state.recorder.mac == "3c:ef:8c:01:02:03"
    # So many there could be; which there are it does not say.
    assert understood.state.channels == ()


async def test_measured_slots(tmp_path: Path) -> None:
    files = {
        "slots.csv": "index,ProtocolType,Enable,snapshot_status\n0,Private,true,200\n1,Onvif,true,400\n"
        "2,Private,true,400\n3,Private,false,400\nx,y\n99999999999999999999999999,Private,true,200\n",
        "other.csv": "a,b\n1,2\n",
        "empty.csv": "",
    }
    state, _, _ = await read(tmp_path, files)
    assert [(channel.number, channel.online) for channel in state.channels] == [
        (1, True),
        (2, None),
    ]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.txt": "", "b.json": "", "c.csv": "index", "d": "=" * 100},
        {"magicBox.getSystemInfo.txt": "<html/>", "e.json": "[" * 5000},
        {"mediaFileFind.findNextFile.txt": "items[0]=1\nitems[1].StartTime=\nfound=x"},
        {"configManager.getConfig.ChannelTitle.txt": "table.ChannelTitle=1\ntable=2"},
        {"configManager.getConfig.txt": "table.X=1", "magicBox.txt": "a=b"},
        {"rpc2.magicBox.values.json": '{"magicBox.getDeviceClass": null, "a.b": []}'},
        {"dhdiscover.reply.json": '{"params": {"deviceInfo": {"VideoInputChannels": 1e9}}}'},
        {"dhdiscover.reply.json": '{"params": {"deviceInfo": []}}'},
        {"mediaFileFind.findNextFile.json": '{"infos": [{"Channel": -5, "StartTime": 7}, null]}'},
        {"LogicDeviceManager.getCameraAll.json": '{"camera": [{"UniqueChannel": 1e30}]}'},
    ],
)
async def test_odd_folders_give_an_object(tmp_path: Path, files: Mapping[str, str]) -> None:
    _, _, printed = await read(tmp_path, files)
    assert set(printed) - {"recordings"} == {"recorder", "channels", "disks", "clock", "missing"}


async def test_odd_entries_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "magicBox.getSystemInfo.txt").mkdir()
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    state, _, _ = await read(tmp_path, {})
    assert missing(state)["recorder"]


@pytest.mark.parametrize(
    "name", ["audioManager.getVersion.txt", "IntervideoManager_getVersion_CGI.txt"]
)
async def test_another_calls_version_is_not_the_firmware(tmp_path: Path, name: str) -> None:
    state, _, _ = await read(tmp_path, {name: "version=2.84\n"})
    assert state.recorder.firmware == ""


@pytest.mark.parametrize(
    "name",
    [
        "eventManager.attach.txt",
        "event-data.Tripwire.json",
        "rpc2.mediaFileFind.findFile.request.json",
    ],
)
async def test_what_is_no_answer_tells_whose_device_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    state, _ = await understand_any(tmp_path)
    assert state.recorder.manufacturer == "Dahua"


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_whatever_is_damaged_gives_an_object(tmp_path: Path) -> None:
    files = [file for file in sorted(DEVICES.rglob("*.*")) if file.name != "README.md"]
    chance = random.Random(5)
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        for file in chance.sample(files, 5):
            content = bytearray(file.read_bytes())
            for _ in range(4):
                at = chance.randrange(len(content) + 1)
                content[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
            (folder / file.name).write_bytes(content)
        await read(folder, {})


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
@pytest.mark.parametrize("vendor", ["dahua", "hikvision"])
async def test_whose_answers_they_are(vendor: str) -> None:
    for folder in sorted(DEVICES.with_name(vendor).iterdir()):
        if folder.is_dir():
            state, _ = await understand_any(folder)
            is_hikvision = state.recorder.manufacturer == "Hikvision"
            assert is_hikvision is (vendor == "hikvision"), folder.name
