"""Which channels there are (section 6 of the notes)."""

from pathlib import Path

import pytest

from custom_components.nvr.drivers.dahua.channels import (
    ChannelState,
    RemoteDevice,
    read_count,
    read_indexes,
    read_remotes,
    read_states,
    read_titles,
)
from custom_components.nvr.drivers.dahua.facts import Facts
from custom_components.nvr.drivers.dahua.identity import Identity, SystemInfo
from custom_components.nvr.drivers.dahua.settings import (
    RecordMode,
    read_modes,
    read_one_recording,
    read_recording,
    read_rtsp_port,
    read_uptime,
)
from custom_components.nvr.drivers.dahua.storage import read_disks
from custom_components.nvr.drivers.dahua.streams import read_streams
from custom_components.nvr.drivers.dahua.tree import Tree, at, read_table
from custom_components.nvr.drivers.models import DiskState, OfflineReason, StreamName

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"
recorded = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


def table(device: str, name: str, config: str) -> Tree:
    return at(read_table((DEVICES / device / name).read_bytes()), "table", config)


@recorded
def test_a_real_recorder_with_foreign_cameras() -> None:
    facts = Facts(
        identity=Identity(class_word="NVR"),
        titles=read_titles(
            table("nvr6xx-4ks2", "configManager.getConfig.ChannelTitle.txt", "ChannelTitle")
        ),
        remotes=read_remotes(
            table("nvr6xx-4ks2", "configManager.getConfig.RemoteDevice.txt", "RemoteDevice")
        ),
    )
    channels = facts.state().channels
    assert [(one.number, one.name, one.online) for one in channels] == [
        (1, "GF-Entrance", None),
        (2, "GF-Corridor", None),
    ]
    assert channels[0].model == "DS-2CD1143G0-I"
    assert channels[0].firmware == "V5.7.1 build 211102"
    # A protocol is no maker.
    assert channels[0].manufacturer is None
    assert [one.host for one in channels] == ["192.168.252.25", "192.168.252.26"]
    # It has none of the one, and none is what it says of the other.
    assert [one.mac for one in channels] == [None, None]


@recorded
def test_titles_alone_are_all_there_is_to_go_by() -> None:
    path = "configManager.getConfig.ChannelTitle.partial.txt"
    titles = read_titles(table("nvr5464-16p-ei", path, "ChannelTitle"))
    channels = Facts(titles=titles).state().channels
    assert [(one.number, one.name) for one in channels] == [
        (1, "FRONT STREET"),
        (10, "SIDE YARD"),
        (11, "Channel11"),
        (12, "IPC"),
        (15, "Channel 1"),
    ]


@recorded
def test_a_real_array_is_one_disk() -> None:
    body = (DEVICES / "nvr5832-ei" / "storageDevice.getDeviceAllInfo.txt").read_bytes()
    (disk,) = read_disks(at(read_table(body), "list"))
    assert (disk.name, disk.state) == ("/dev/md0", DiskState.OK)
    assert disk.capacity_bytes == 3 * 13998054440960 + 13437958619136
    assert disk.free_bytes == disk.capacity_bytes - 1445480890368


@recorded
def test_real_modes() -> None:
    modes = read_modes(table("nvr5232-ei", "configManager.getConfig.RecordMode.txt", "RecordMode"))
    assert modes == {0: RecordMode.SCHEDULE}


def remotes(*rows: str) -> Facts:
    lines = "\n".join(f"table.RemoteDevice.{row}" for row in rows)
    tree = at(read_table(lines.encode()), "table", "RemoteDevice")
    identity = Identity(class_word="XVR")
    return Facts(identity=identity, remotes=read_remotes(tree))


def test_a_hybrid_has_channels_of_both_kinds() -> None:
    facts = remotes(
        "uuid:System_CONFIG_NETCAMERA_INFO_4.Enable=true",
        "uuid:System_CONFIG_NETCAMERA_INFO_4.Address=192.0.2.9",
        "uuid:System_CONFIG_NETCAMERA_INFO_5.Enable=false",
        "uuid:System_CONFIG_NETCAMERA_INFO_6.Enable=true",
        "uuid:System_CONFIG_NETCAMERA_INFO_6.Address=192.168.0.0",
    )
    facts.titles = {index: f"C{index}" for index in range(8)}
    facts.inputs = 4
    facts.video_loss = frozenset({2})
    facts.states = {4: ChannelState(word="Connecting")}
    found = [(one.number, one.online, one.reason) for one in facts.state().channels]
    assert found == [
        (1, True, None),
        (2, True, None),
        (3, False, OfflineReason.NO_VIDEO),
        (4, True, None),
        (5, False, OfflineReason.UNREACHABLE),
    ]
    facts.inputs = None
    # Not told how many: every row that is no slot for a network camera.
    assert [one.number for one in facts.places()] == [1, 2, 3, 4, 5, 8]


def test_rows_of_json_between_which_a_hybrid_has_its_own_inputs() -> None:
    row: Tree = {
        "Enable": True,
        "Address": "192.0.2.9",
        "Mac": "9C14-6300-0002",
        "Vendor": "Private",
    }
    found = read_remotes([{}, None, row])
    assert list(found) == [2]
    assert found[2].manufacturer == "Dahua"
    assert (found[2].host, found[2].mac) == ("192.0.2.9", "9c:14:63:00:00:02")


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.0.0", "::", "camera.lan", "224.0.0.1", ""])
def test_what_is_no_address_of_a_camera_is_none(address: str) -> None:
    assert read_remotes([{"Address": address}])[0].host is None


def test_empty_slots_are_no_channels() -> None:
    facts = Facts(
        identity=Identity(class_word="NVR"),
        states=read_states(
            {
                "states": [
                    {"channel": 0, "connectionState": "Connected"},
                    {"channel": 1, "connectionState": "Unconnect"},
                    {"channel": 2, "connectionState": "Empty"},
                    {"channel": 3},
                    {"channel": "x", "connectionState": "Connected"},
                ]
            }
        ),
    )
    found = [(one.number, one.online, one.reason_device) for one in facts.state().channels]
    assert found == [(1, True, None), (2, False, "Unconnect")]


def test_a_camera_has_its_own_lens_and_is_online() -> None:
    facts = Facts(identity=Identity(info=SystemInfo(type="IPC-X")))
    (channel,) = facts.state().channels
    assert (channel.number, channel.online, channel.name) == (1, True, "Channel 1")
    # Not told, or not to us.
    assert [stream.name for stream in channel.streams] == [StreamName.MAIN, StreamName.SUB]
    facts.titles = {0: "Left", 1: "Right"}
    assert [one.name for one in facts.state().channels] == ["Left", "Right"]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Connected", None),
        ("Unconnect", OfflineReason.DISCONNECTED),
        ("Disconnected", OfflineReason.DISCONNECTED),
        ("PasswordError", OfflineReason.WRONG_PASSWORD),
        ("AccountLocked", OfflineReason.ACCOUNT_LOCKED),
        ("Whatever", OfflineReason.UNKNOWN),
    ],
)
def test_reasons(word: str, reason: OfflineReason | None) -> None:
    assert ChannelState(word=word).reason is reason


def test_what_is_seen_counts_where_nothing_is_told() -> None:
    facts = Facts(identity=Identity(class_word="NVR"), titles={0: None, 1: None})
    assert [place.number for place in facts.untold()] == [1, 2]
    facts.seen |= {1: True, 2: False}
    assert [one.online for one in facts.state().channels] == [True, False]
    # It may change, and is looked at again.
    assert [place.number for place in facts.untold()] == [1, 2]
    facts.states = {0: ChannelState(word="Connected"), 1: ChannelState(word="Connected")}
    assert facts.untold() == []
    assert [one.online for one in facts.state().channels] == [True, True]


def test_that_a_recorder_hands_on_no_picture_says_nothing_of_a_foreign_camera() -> None:
    facts = Facts(
        identity=Identity(class_word="NVR"),
        remotes={0: RemoteDevice(), 1: RemoteDevice(onvif=True), 2: RemoteDevice(onvif=True)},
        seen={1: False, 2: False, 3: True},
    )
    assert [one.online for one in facts.state().channels] == [False, None, True]


def test_a_mode_is_no_fact_but_off_is_off() -> None:
    facts = Facts(
        identity=Identity(class_word="NVR"),
        titles=dict.fromkeys(range(4)),
        modes={0: RecordMode.ALWAYS, 1: RecordMode.OFF, 2: RecordMode.OFF},
        recording={2: True},
    )
    assert [one.recording for one in facts.state().channels] == [None, False, True, None]


@pytest.mark.parametrize(
    ("state", "recording"),
    [
        ({"Main": {"State": 1}}, True),
        ({"Main": {"State": 0}, "Extra1": {"State": 0}}, False),
        ({"Main": 0, "Extra1": 1}, True),
        (2, True),
        ("Recording", True),
        ({}, None),
        (None, None),
    ],
)
def test_states_of_recording(state: Tree, recording: bool | None) -> None:
    assert read_one_recording({"state": state}) is recording
    assert read_recording({"state": [state]}) == ({} if recording is None else {0: recording})


def test_encodings() -> None:
    lines = (
        "table.Encode[0].MainFormat[0].Video.Compression=H.264H\n"
        "table.Encode[0].MainFormat[0].Video.Width=1920\n"
        "table.Encode[0].MainFormat[0].Video.Height=1080\n"
        "table.Encode[0].MainFormat[0].Video.FPS=12.5\n"
        "table.Encode[0].MainFormat[0].Video.BitRate=2048\n"
        "table.Encode[0].MainFormat[0].AudioEnable=true\n"
        "table.Encode[0].MainFormat[0].Audio.Compression=G.711A\n"
        "table.Encode[0].MainFormat[1].Video.Compression=MJPG\n"
        "table.Encode[0].ExtraFormat[0].VideoEnable=true\n"
        "table.Encode[0].ExtraFormat[0].Video.Compression=H.265\n"
        "table.Encode[0].ExtraFormat[0].Video.resolution=704x480\n"
        "table.Encode[0].ExtraFormat[1].VideoEnable=false\n"
        "table.Encode[2].MainFormat[0].Video.resolution=1080P\n"
        "table.Encode[2].MainFormat[0].Video.FPS=-1\n"
    )
    found = read_streams(at(read_table(lines.encode()), "table", "Encode"))
    main, sub = found[0]
    assert (main.codec, main.width, main.height, main.fps) == ("H.264", 1920, 1080, 12.5)
    assert (main.bitrate_kbps, main.audio_codec) == (2048, "G.711A")
    assert (sub.name, sub.codec, sub.width, sub.height) == (StreamName.SUB, "H.265", 704, 480)
    assert [(one.width, one.fps) for one in found[2]] == [(1920, None)]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"State": "Success", "Detail": [{"TotalBytes": 10.0, "UsedBytes": 10.0}]}, DiskState.OK),
        ({"State": "Success", "Detail": [{"IsError": True}]}, DiskState.FAILED),
        ({"State": "Degraded"}, DiskState.FAILED),
        ({"State": "Active"}, DiskState.OK),
        ({"State": "Whatever"}, DiskState.FAILED),
        ({"Name": "/dev/sda"}, DiskState.UNKNOWN),
    ],
)
def test_disks(row: Tree, state: DiskState) -> None:
    assert [disk.state for disk in read_disks([row])] == [state]
    assert read_disks({"info": [row]}) == read_disks([row])


def test_small_tables() -> None:
    assert read_rtsp_port({"Enable": True, "Port": 5540}) == 5540
    assert read_rtsp_port({"Enable": False, "Port": 5540}) is None
    assert read_rtsp_port({"Port": 70000}) is None
    assert read_uptime({"info": {"Last": 60, "Total": 90}}) is not None
    assert read_uptime({"info": {"last": -5}}) is None
    assert read_count({"result": "8"}) == 8
    assert read_count({"result": "many"}) is None
    assert read_indexes({"channels": {0: "2", 1: "x", 2: "-1"}}) == {2}
