"""What the box tells of itself: labels, time and its zone, uptime, disks (sections 5 and 12)."""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.disks import DiskState
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.dahua.personalities import PERSONALITIES
from simulator.dahua.traits.box import NoStorage, ZoneName

from .client import Cgi, Rpc
from .conftest import face_of


@pytest.mark.parametrize(
    ("box", "keys"),
    [
        ("nvr", ["deviceType", "processor", "serialNumber", "updateSerial"]),
        ("old", ["deviceType", "processor", "serialNumber"]),
        (
            "camera",
            [
                "appAutoStart", "deviceType", "hardwareVersion", "processor", "serialNumber",
                "updateSerial",
            ],
        ),
    ],
    indirect=["box"],
)  # fmt: skip
async def test_labels_have_the_fields_of_real_devices(cgi: Cgi, keys: list[str]) -> None:
    assert [*(await cgi.ask("magicBox", "getSystemInfo")).fields] == keys


async def test_a_recorder_calls_its_type_31(cgi: Cgi) -> None:
    info = (await cgi.ask("magicBox", "getSystemInfo")).fields
    assert (info["deviceType"], info["updateSerial"]) == ("31", "DH-NVR4216-16P-4KS3")
    texts = {
        "getDeviceClass": "class=NVR",
        "getVendor": "vendor=Dahua",
        "getMachineName": "name=Office",
        "getSerialNo": f"sn={info['serialNumber']}",
        "getSoftwareVersion": "version=4.004.0000000.1.R,build:2026-01-09",
    }
    for action, text in texts.items():
        assert (await cgi.ask("magicBox", action)).text == f"{text}\r\n"
    version = await cgi.ask("IntervideoManager", "getVersion", Name="CGI")
    assert version.text == "version=2.84\r\n"
    remote = await cgi.ask("magicBox", "getProductDefinition", name="MaxRemoteInputChannels")
    assert remote.text == "table.MaxRemoteInputChannels=16\r\n"


@pytest.mark.parametrize("box", ["old"], indirect=True)
async def test_old_firmware_knows_no_class(cgi: Cgi) -> None:
    assert (await cgi.ask("magicBox", "getDeviceClass")).status == 400
    assert (await cgi.ask("IntervideoManager", "getVersion", Name="CGI")).status == 400


@pytest.mark.parametrize(
    ("box", "text"),
    [
        ("nvr", "2026-11-21 04:00:30"),
        # Seven minutes and twelve seconds slow.
        ("xvr", "2026-11-21 22:53:18"),
        # Four minutes and forty-one seconds fast.
        ("hostile", "2026-11-21 06:05:11 AM"),
    ],
    indirect=["box"],
)
async def test_the_wall_clock(cgi: Cgi, text: str) -> None:
    assert (await cgi.ask("global", "getCurrentTime")).text.strip() == f"result={text}"


@pytest.mark.parametrize("box", ["xvr"], indirect=True)
async def test_times_may_have_no_leading_zeros(cgi: Cgi, time: TimeSource) -> None:
    time.move_to(datetime(2027, 2, 2, 22, 12, 12, 370_000, tzinfo=UTC))
    assert (await cgi.ask("global", "getCurrentTime")).text == "result=2027-2-3 9:05:00\n"


async def test_a_clock_may_drift(time: TimeSource) -> None:
    recorder = PERSONALITIES["dahua/hostile"](Options(now=time)).recorder
    before = recorder.clock.wall(time())
    time.advance(timedelta(days=2))
    assert recorder.clock.wall(time()) - before == timedelta(days=2, seconds=80)


async def test_the_clock_is_set(cgi: Cgi) -> None:
    done = await cgi.ask("global", "setCurrentTime", time="2026-11-21 14:30:00")
    assert done.text == "OK\r\n"
    assert (await cgi.ask("global", "getCurrentTime")).fields["result"] == "2026-11-21 14:30:00"
    assert (await cgi.ask("global", "setCurrentTime", time="now")).status == 400


@pytest.mark.parametrize(
    ("box", "starts", "ends"),
    [
        ("current", ("3", "-1", "0", "2"), ("10", "-1", "0", "3")),
        ("nvr", ("3", "2", "0", "2"), ("11", "1", "0", "2")),
        # By date: the second Sunday of March and the first of November 2026.
        ("oem", ("3", "0", "8", "2"), ("11", "0", "1", "2")),
    ],
    indirect=["box"],
)
async def test_the_rule_of_daylight_saving_time(
    cgi: Cgi, starts: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    table = await cgi.table("Locales")
    assert table[".DSTEnable"] == "true"
    for change, expected in (("DSTStart", starts), ("DSTEnd", ends)):
        parts = tuple(table[f".{change}.{key}"] for key in ("Month", "Week", "Day", "Hour"))
        assert parts == expected
        assert table[f".{change}.Year"] == "2026"


@pytest.mark.parametrize(
    ("name", "text"),
    [(ZoneName.IANA, "Europe/Berlin"), (ZoneName.LABEL, "Berlin"), (ZoneName.ABSENT, None)],
)
async def test_the_name_of_the_zone(
    box: RecorderBox, cgi: Cgi, name: ZoneName, text: str | None
) -> None:
    face_of(box).change(zone_name=name)
    assert (await cgi.table("NTP")).get(".TimeZoneDesc") == text


async def test_the_port_of_rtsp(box: RecorderBox, cgi: Cgi) -> None:
    assert (await cgi.table("RTSP"))[".Port"] == str(box.rtsp_port)
    face_of(box).change(rtsp_port_told=False)
    answer = await cgi.ask("configManager", "getConfig", name="RTSP")
    assert answer.text.startswith("Error: Error -1")


async def test_the_uptime_begins_anew(box: RecorderBox, time: TimeSource) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        before = (await rpc.call("magicBox.getUpTime"))["params"]["info"]
        assert before["Total"] > before["Last"] > 86_400
        box.recorder.reboot()
        time.advance(timedelta(seconds=40))
        await rpc.log_in()
        assert (await rpc.call("magicBox.getUpTime"))["params"]["info"]["Last"] == 40


async def test_it_reboots_when_asked(box: RecorderBox, cgi: Cgi) -> None:
    done = asyncio.Event()
    box.recorder.restart = done.set
    assert (await cgi.ask("magicBox", "reboot")).text == "OK\r\n"
    await asyncio.wait_for(done.wait(), 5)


async def disks_of(cgi: Cgi) -> dict[str, str]:
    return (await cgi.ask("storageDevice", "getDeviceAllInfo")).fields


async def test_disks_that_overwrite_are_full(cgi: Cgi) -> None:
    disks = await disks_of(cgi)
    assert disks["list.info[0].Name"] == "/dev/sda"
    assert disks["list.info[0].State"] == "Success"
    for part in (0, 1):
        total = disks[f"list.info[0].Detail[{part}].TotalBytes"]
        assert total.endswith(".000000")
        assert disks[f"list.info[0].Detail[{part}].UsedBytes"] == total


@pytest.mark.parametrize("box", ["hostile"], indirect=True)
async def test_a_disk_may_have_failed(box: RecorderBox, cgi: Cgi) -> None:
    disks = await disks_of(cgi)
    states = [disks[f"list.info[{index}].State"] for index in range(3)]
    assert states == ["Success", "Error", "Failure"]
    assert disks["list.info[1].Detail[0].IsError"] == "true"
    assert disks["list.info[2].Detail[0].IsError"] == "false"
    box.recorder.disks[1].state = DiskState.MISSING
    assert "list.info[2].State" not in await disks_of(cgi)


@pytest.mark.parametrize("box", ["raid"], indirect=True)
async def test_an_array_is_all_there_is(cgi: Cgi) -> None:
    disks = await disks_of(cgi)
    names = {value for key, value in disks.items() if key.endswith(".Name")}
    assert names == {"/dev/md0"}
    assert disks["list.info[0].State"] == "Degraded"
    assert disks["list.info[0].Detail[1].Path"] == "/dev/md01"


@pytest.mark.parametrize("box", ["camera"], indirect=True)
@pytest.mark.parametrize(
    ("form", "status", "text"),
    [
        (NoStorage.BAD_REQUEST, 400, "Error\r\nBad Request!\r\n"),
        (NoStorage.ERROR, 200, "Error\r\n"),
        (NoStorage.EMPTY, 200, ""),
    ],
)
async def test_a_camera_without_card(
    box: RecorderBox, cgi: Cgi, form: NoStorage, status: int, text: str
) -> None:
    assert (await disks_of(cgi))["list.info[0].Detail[0].Path"] == "/mnt/sd"
    face_of(box).change(no_storage=form)
    box.recorder.disks.clear()
    answer = await cgi.ask("storageDevice", "getDeviceAllInfo")
    assert (answer.status, answer.text) == (status, text)


async def test_the_disks_own_values(box: RecorderBox) -> None:
    box.recorder.disks[1].state = DiskState.SMART_FAILED
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        instance = await rpc.call("devStorage.factory.instance", {"name": "/dev/sdb"})
        answer = await rpc.call("devStorage.getSmartValue", object=instance["result"])
        values = {value["ID"]: value["Raw"] for value in answer["params"]["values"]}
        assert values[5] > 0
        absent = await rpc.call("devStorage.factory.instance", {"name": "/dev/sdz"})
        assert absent["result"] is False
