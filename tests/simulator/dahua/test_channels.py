"""Channels, slots, and the state of cameras (section 6 of the notes)."""

from datetime import timedelta

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason

from .client import Cgi, Rpc
from .conftest import face_of

ROW = ".uuid:System_CONFIG_NETCAMERA_INFO_{index}.{field}"


async def states_of(cgi: Cgi) -> dict[str, str]:
    answer = await cgi.get("LogicDeviceManager.cgi?action=getCameraState&uniqueChannels[0]=-1")
    fields = answer.fields
    count = sum(key.endswith(".channel") for key in fields)
    return {
        fields[f"states[{place}].channel"]: fields[f"states[{place}].connectionState"]
        for place in range(count)
    }


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_titles_are_as_many_as_there_could_be_cameras(cgi: Cgi) -> None:
    titles = await cgi.table("ChannelTitle")
    assert len(titles) == 16
    assert titles["[0].Name"] == "Front street"
    assert titles["[10].Name"] == "Channel11"


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_slots(cgi: Cgi) -> None:
    table = await cgi.table("RemoteDevice")

    def field(index: int, name: str) -> str:
        return table[ROW.format(index=index, field=name)]

    # A camera, one by ONVIF, one that was removed, one that is off, and none.
    assert [field(index, "Enable") for index in (0, 6, 9, 10, 11)] == [
        "true", "true", "true", "false", "false",
    ]  # fmt: skip
    assert field(0, "ProtocolType") == "Private"
    assert (field(6, "ProtocolType"), field(6, "Mac")) == ("Onvif", "ff:ff:ff:ff:ff:ff")
    assert field(11, "Address") == "192.168.0.0"
    assert field(9, "Address").startswith("192.0.2.")
    assert field(0, "Password") == "******"
    states = await states_of(cgi)
    assert (states["0"], states["7"], states["11"]) == ("Connected", "Disconnected", "Empty")


@pytest.mark.parametrize("box", ["xvr"], indirect=True)
async def test_inputs_of_the_box_are_no_remote_devices(cgi: Cgi) -> None:
    table = await cgi.table("RemoteDevice")
    indices = {key.partition("]")[0].removeprefix("[") for key in table}
    assert indices == {"4", "5", "6", "7"}
    assert [table[f"[{index}].Enable"] for index in range(4, 8)] == [
        "true", "true", "false", "false",
    ]  # fmt: skip
    assert len(await cgi.table("ChannelTitle")) == 8
    assert await states_of(cgi) == {
        "4": "Connected", "5": "Connected", "6": "Empty", "7": "Empty",
    }  # fmt: skip
    collected = await cgi.ask("devVideoInput", "getCollect")
    assert collected.fields == {"result": "8"}


@pytest.mark.parametrize("box", ["dvr"], indirect=True)
async def test_the_state_may_be_asked_without_an_index(cgi: Cgi) -> None:
    path = "LogicDeviceManager.cgi?action=getCameraState&uniqueChannels"
    assert (await cgi.get(f"{path}=-1")).fields["states[0].connectionState"] == "Connected"
    assert (await cgi.get(f"{path}[0]=-1")).status == 400


@pytest.mark.parametrize("box", ["raid"], indirect=True)
async def test_empty_slots_may_have_no_state(cgi: Cgi) -> None:
    states = await states_of(cgi)
    assert len(states) == 64
    assert (states["0"], states["63"]) == ("Connected", "Unconnect")


@pytest.mark.parametrize("box", ["camera"], indirect=True)
async def test_a_camera_has_none_behind_it(cgi: Cgi) -> None:
    answer = await cgi.ask("configManager", "getConfig", name="RemoteDevice")
    assert answer.text.startswith("Error: Error -1")
    state = await cgi.get("LogicDeviceManager.cgi?action=getCameraState&uniqueChannels[0]=-1")
    assert state.status == 400
    assert len(await cgi.table("ChannelTitle")) == 1


async def test_cameras_come_and_go(box: RecorderBox, cgi: Cgi) -> None:
    box.recorder.channels[2].lose(box.recorder.now(), OfflineReason.UNREACHABLE)
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        asked = {"uniqueChannels": [-1]}
        answer = await rpc.call("LogicDeviceManager.getCameraState", asked)
        states = answer["params"]["states"]
        assert states[1] == {"channel": 1, "connectionState": "Disconnected"}
        box.recorder.channels[2].restore()
        answer = await rpc.call("LogicDeviceManager.getCameraState", {"uniqueChannels": [1]})
        assert answer["params"]["states"] == [{"channel": 1, "connectionState": "Connected"}]
        everything = await rpc.call("LogicDeviceManager.getCameraAll")
        rows = everything["params"]["camera"]
        assert [row["Type"] for row in rows] == ["Remote"] * 6 + ["Compose"]
        assert rows[0]["DeviceInfo"]["DeviceType"] == "IPC-HDW5442TM-AS"
        assert "DeviceInfo" not in rows[-1]


@pytest.mark.parametrize(
    ("box", "resolution"),
    [("nvr", "1920x1080"), ("xvr", "1280x720"), ("oem", None)],
    indirect=["box"],
)
async def test_streams(box: RecorderBox, cgi: Cgi, resolution: str | None) -> None:
    table = await cgi.table("Encode")
    main, extra = "[0].MainFormat[0]", "[0].ExtraFormat"
    form = box.recorder.channels[1].streams[1]
    assert table[f"{main}.Video.Compression"] == "H.264"
    assert table[f"{main}.Video.Width"] == str(form.width)
    assert float(table[f"{main}.Video.FPS"]) == form.fps
    expected = "720P" if box.personality.name == "dahua/xvr" else resolution
    assert table.get(f"{main}.Video.resolution") == expected
    assert table[f"{extra}[0].VideoEnable"] == "true"
    assert table[f"{extra}[0].Video.Width"] == "640"
    assert table[f"{extra}[1].VideoEnable"] == "false"
    assert table["[0].MainFormat[3].Video.Compression"] == "H.264"


@pytest.mark.parametrize("box", ["nvr"], indirect=True)
async def test_slots_without_a_camera_keep_their_streams(cgi: Cgi) -> None:
    table = await cgi.table("Encode")
    assert table["[5].MainFormat[0].Video.Compression"] == "H.265"
    assert table["[15].MainFormat[0].Video.Compression"] == "H.264"


async def test_what_is_being_recorded(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()

        async def recorded(index: int) -> int:
            answer = await rpc.call("recordManager.getState", {"channel": index})
            state: int = answer["params"]["state"]["Main"]["State"]
            return state

        assert await recorded(0) == 1
        box.recorder.channels[1].lose(box.recorder.now() - timedelta(minutes=5))
        assert await recorded(0) == 0
        box.recorder.channels[1].restore()
        assert (await rpc.call("recordManager.stopChannel", {"channel": 0}))["result"] is True
        assert await recorded(0) == 0
        assert (await rpc.call("recordManager.startChannel", {"channel": 2}))["result"] is True
        assert await recorded(2) == 1
        assert (await rpc.call("recordManager.getState", {"channel": 99}))["result"] is False


async def test_motion_detection_is_switched(box: RecorderBox, cgi: Cgi) -> None:
    await cgi.get("configManager.cgi?action=setConfig&MotionDetect[1].Enable=false")
    table = await cgi.table("MotionDetect")
    assert (table["[0].Enable"], table["[1].Enable"]) == ("true", "false")
    assert face_of(box).device.setting("MotionDetect[1].Enable") == "false"
