"""Labels, clock, load, disks and ports."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import json

import pytest

from simulator.box import RecorderBox
from simulator.core.disks import Disk, DiskState
from simulator.core.faults import Fault
from simulator.core.time_source import TimeSource

from .isapi import Isapi


async def test_tells_who_it_is(current_isapi: Isapi, old_isapi: Isapi) -> None:
    new, old = [(await isapi.get("System/deviceInfo")).root for isapi in (current_isapi, old_isapi)]
    assert new.findtext("deviceType") == old.findtext("deviceType") == "NVR"
    assert new.findtext("serialNumber") != old.findtext("serialNumber")
    assert new.findtext("firmwareReleasedDate") == "build 230619"
    assert new.findtext("deviceID", "").endswith(new.findtext("macAddress", "").replace(":", ""))


@pytest.mark.parametrize(
    ("instant", "current_time", "old_time"),
    [
        ("2026-07-15T18:00:30", "2026-07-15T20:00:30+02:00", "2026-07-15T11:48:29-07:00"),
        ("2026-11-15T18:00:30", "2026-11-15T19:00:30+01:00", "2026-11-15T10:48:29-07:00"),
    ],
)
async def test_tells_the_time_as_it_knows_it(
    current_isapi: Isapi,
    old_isapi: Isapi,
    time: TimeSource,
    instant: str,
    current_time: str,
    old_time: str,
) -> None:
    time.move_to(datetime.fromisoformat(instant).replace(tzinfo=UTC))
    new, old = [(await isapi.get("System/time")).root for isapi in (current_isapi, old_isapi)]
    assert new.findtext("localTime") == current_time
    assert new.findtext("timeMode") == "NTP"
    assert new.findtext("timeZone") == ("CET-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00")
    assert old.findtext("localTime") == old_time, "the offset is winter's also in summer"
    assert old.findtext("timeMode") == "manual"
    assert old.findtext("timeZone") == ("MST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00")
    assert (await old_isapi.get("System/time/localTime")).body.decode() == old_time
    assert (await old_isapi.get("System/time/timeZone")).body.startswith(b"MST+7")


async def test_tells_load_and_uptime(old: RecorderBox, old_isapi: Isapi, time: TimeSource) -> None:
    time.advance(timedelta(minutes=1))
    root = (await old_isapi.get("System/status")).root
    uptime = time() - old.recorder.started
    assert root.findtext("deviceUpTime") == str(int(uptime.total_seconds()))
    assert root.findtext("currentDeviceTime") == old.recorder.clock.local_time(time())
    assert root.findtext("MemoryList/Memory/memoryUsage") == "\n1117.457031"


async def test_tells_how_disks_are_doing(current: RecorderBox, current_isapi: Isapi) -> None:
    current.recorder.disks[:] = [
        Disk(number=number, state=state, capacity_bytes=8 << 40)
        for number, state in enumerate(DiskState, 1)
    ]
    root = (await current_isapi.get("ContentMgmt/Storage")).root
    disks = root.findall("hddList/hdd")
    words = ["ok", "sleeping", "formating", "unformatted", "error", "smartFailed", "notexist"]
    assert [disk.findtext("status") for disk in disks] == words
    assert {disk.findtext("capacity") for disk in disks} == {str(8 << 20)}
    assert (await current_isapi.get("ContentMgmt/Storage/hdd/5")).root.findtext("status") == "error"
    assert (await current_isapi.get("ContentMgmt/Storage/hdd/9")).status == 403


async def test_newer_firmware_tells_its_work(current_isapi: Isapi) -> None:
    answer = await current_isapi.get("System/workingstatus?format=json")
    status = json.loads(answer.body)["WorkingStatus"]
    assert [disk["hdNo"] for disk in status["HDStatus"]] == [1, 2]
    channels = {channel["chanNo"]: channel for channel in status["ChanStatus"]}
    fields = ("online", "signal", "record", "bitRate")
    assert {number: tuple(channels[number][name] for name in fields) for number in (1, 14, 16)} == {
        1: (1, 0, 1, 4096),
        14: (0, 1, 0, 0),
        16: (1, 1, 0, 0),
    }
    single = await current_isapi.get("System/workingstatus/chanStatus?format=json")
    assert json.loads(single.body)["ChanStatusList"] == status["ChanStatus"]
    assert (await current_isapi.get("System/workingstatus")).status == 403


async def test_older_firmware_does_not(old_isapi: Isapi) -> None:
    answer = await old_isapi.get("System/workingstatus?format=json")
    assert answer.status == 404
    assert b"<html>" in answer.body
    assert b"isSupportGettingWorkingStatus" not in (await old_isapi.get("System/capabilities")).body


async def test_tells_its_ports(current: RecorderBox, current_isapi: Isapi) -> None:
    root = (await current_isapi.get("Security/adminAccesses")).root
    ports = {item.findtext("protocol"): item.findtext("portNo") for item in root}
    assert ports["HTTP"] == str(current.http_port)
    assert ports["RTSP"] == str(current.rtsp_port)


async def test_tells_its_network(current_isapi: Isapi) -> None:
    root = (await current_isapi.get("System/Network/interfaces")).root
    assert root.findtext("NetworkInterface/Link/MACAddress") == "02:00:5e:10:00:01"
    servers = (await current_isapi.get("System/time/ntpServers")).root
    assert servers.findtext("NTPServer/synchronizeInterval") == "1440"


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "System/nonsense", 403, "notSupport"),
        ("PUT", "System/time", 403, "methodNotAllowed"),
        ("DELETE", "ContentMgmt/Storage", 403, "methodNotAllowed"),
        ("GET", "system/deviceinfo", 403, "notSupport"),
    ],
)
async def test_refuses_the_rest(
    current_isapi: Isapi, method: str, path: str, status: int, reason: str
) -> None:
    answer = await current_isapi.ask(method, path)
    assert (answer.status, answer.sub_status) == (status, reason)
    assert answer.root.findtext("requestURL") == f"/ISAPI/{path}"


async def test_has_nothing_outside_its_tree(current_isapi: Isapi) -> None:
    async with current_isapi.session.get("/onvif/device_service") as response:
        assert response.status == 404
        assert response.headers["Server"] == "webserver"


async def test_faults_come_and_go(current: RecorderBox, current_isapi: Isapi) -> None:
    faults = current.recorder.faults
    faults.add(Fault(path="*/Storage", count=1, status=HTTPStatus.SERVICE_UNAVAILABLE))
    busy = await current_isapi.get("ContentMgmt/Storage")
    assert (busy.status, busy.sub_status) == (503, "deviceBusy")
    faults.add(Fault(path="*/Storage", count=1, status=HTTPStatus.INTERNAL_SERVER_ERROR))
    assert (await current_isapi.get("ContentMgmt/Storage")).sub_status == "deviceError"
    assert (await current_isapi.get("ContentMgmt/Storage")).status == 200
    assert current.recorder.requests.count("/isapi/contentmgmt/storage", status=503) == 1
    assert current.recorder.requests.count(method="PUT") == 0
