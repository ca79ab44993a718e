"""What a recorded Dahua device answers over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import hashlib
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from simulator.replay.box import ReplayBox, ReplayOptions

PASSWORD = "p@ss:w/rd"
OPTIONS = ReplayOptions(user="operator", password=PASSWORD)
DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "dahua"
ITEM = """items[{place}].Channel={channel}
items[{place}].StartTime={start}
items[{place}].EndTime={end}
items[{place}].Type={kind}
items[{place}].FilePath=/mnt/dvr/{start}.dav
"""
FOLDER = {
    "magicBox.getSystemInfo.txt": "deviceType=31\nserialNumber=4C0048\nupdateSerial=NVR6XX=A\n",
    "configManager.getConfig.ChannelTitle.partial.txt": (
        "table.ChannelTitle[0].Name=Gate\ntable.ChannelTitle[1].Name=\ntable.ChannelTitle[10].Name=Attic\n"
    ),
    "configManager.getConfig.VideoInOptions-missing.error.txt": (
        "Error: Error -1 getting param in name=VideoInOptions[4].NightOptions\n"
    ),
    "IntervideoManager.getVersion.CGI.txt": "version=2.84\n",
    "ptz.getStatus.idle.txt": "status.MoveStatus=Idle\n",
    "recordManager.getCaps.http404.txt": "gone\n",
    "eventManager.getEventIndexes.VideoMotion.txt": "channels[0]=2\n",
    "mediaFileFind.findFile.nomatch.error.txt": "Error\n",
    "mediaFileFind.findNextFile.after-last.500.txt": "Error\n",
    "api.LogicDeviceManager.getCameraState.json": '{"states": [{"channel": 0}]}',
    "rpc2.storage.getDeviceAllInfo.json": (
        '{"error": {"code": 285278249, "message": "x"}, "params": null, "result": false}'
    ),
    "storageDevice.getDeviceAllInfo.error.txt": "Authority:check failure.\n",
    "coaxialControlIO.getStatus.error.txt": "Error\nBad Request!\n",
    "global.getCurrentTime.txt": "result=2026-07-02 19:09:25\n",
    "mediaFileFind.factory.close.error.txt": "Error\nErrorID=2, Detail=Invalid Request!\n",
    "mediaFileFind.findNextFile.ch2.page1.txt": "found=3\n"
    + ITEM.format(place=0, channel=1, start="2026-4-29 1:00:00", end="2026-4-29 1:30:00", kind="dav")
    + ITEM.format(place=1, channel=1, start="2026-4-29 1:30:00", end="2026-4-29 2:00:00", kind="jpg"),
    "mediaFileFind.findNextFile.ch2.page2.txt": "found=1\n"
    + ITEM.format(place=0, channel=1, start="2026-4-29 2:00:00", end="2026-4-29 2:30:00", kind="dav"),
    "eventManager.attach.heartbeat.txt": (
        "--myboundary\nContent-Type: text/plain\nContent-Length: 9\n\nHeartbeat\n"
    ),
    "eventManager.attach.event-SIPRegis.txt": "Code=SIPRegis;action=Pulse;index=0\n",
    "event-data.CrossRegionDetection.json": '{"Action": "Cross"}',
    "rpc2.magicBox.values.json": json.dumps(
        {"magicBox.getDeviceClass": "NVR", "magicBox.getUpTime": {"Last": 5, "Total": 7}}
    ),
    "rpc2.configManager.getConfig.General.params.json": '{"table": {"MachineName": "Box"}}',
    "rpc2.VideoTalkPhone.getCallState.json": '{"params": {"callState": "Idle"}, "result": true}',
    "rpc2.mediaFileFind.findFile.request.json": '{"method": "mediaFileFind.findFile"}',
    "rpc2.mediaFileFind.findNextFile.params.json": json.dumps(
        {
            "found": 3,
            "infos": [
                {
                    "Channel": 4,
                    "StartTime": "2026-04-29 00:00:00",
                    "EndTime": "2026-04-29 00:30:02",
                    "Type": "dav",
                }
            ],
        }
    ),
    "dhdiscover.reply.json": "{}",
    "dhip5000.eventManager.attach.json": "{}",
    "file-paths.txt": "/mnt/sd/x.jpg\n",
}  # fmt: skip


class Device:
    """A recorded device that answers, and a client that is logged in."""

    def __init__(self, box: ReplayBox, http: aiohttp.ClientSession) -> None:
        """Ask it."""
        self.box = box
        self.http = http
        self._id = 0
        self._session: object = 0
        self.end = ""

    async def ask(self, target: str) -> tuple[int, str]:
        """Ask by CGI."""
        url = URL(f"http://{self.box.address}/cgi-bin/{target}", encoded=True)
        async with self.http.get(url) as answer:
            return answer.status, await answer.text()

    async def call(
        self, method: str, params: object = None, *, path: str = "/RPC2", **more: object
    ) -> Any:
        """Call by RPC2."""
        self._id += 1
        content = {"method": method, "params": params, "id": self._id, "session": self._session}
        url = f"http://{self.box.address}{path}"
        async with self.http.post(url, json={**content, **more}) as answer:
            told = await answer.json()
        self._session = told["session"]
        return told

    async def log_in(self, password: str = PASSWORD) -> Any:
        """Log in by RPC2."""
        params = {"userName": "operator", "password": "", "clientType": "Web3.0"}
        asked = (await self.call("global.login", params, path="/RPC2_Login"))["params"]
        inner = _md5(f"operator:{asked['realm']}:{password}")
        proof = _md5(f"operator:{asked['random']}:{inner}")
        return await self.call("global.login", {**params, "password": proof}, path="/RPC2_Login")

    async def find(self, **condition: object) -> tuple[str, list[str]]:
        """Search; give what findFile says, and the pages."""
        _, made = await self.ask("mediaFileFind.cgi?action=factory.create")
        finder = made.strip().partition("=")[2]
        keys = "".join(f"&condition.{key}={value}" for key, value in condition.items())
        _, said = await self.ask(f"mediaFileFind.cgi?action=findFile&object={finder}{keys}")
        pages = []
        while said == "OK\r\n":
            target = f"mediaFileFind.cgi?action=findNextFile&object={finder}&count=100"
            _, page = await self.ask(target)
            if not page.startswith("found=") or page.startswith("found=0"):
                self.end = page
                break
            pages.append(page)
        for action in ("close", "destroy"):
            target = f"mediaFileFind.cgi?action={action}&object={finder}"
            assert await self.ask(target) == (200, "OK\r\n")
        return said, pages


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest().upper()


@asynccontextmanager
async def replayed(folder: Path) -> AsyncIterator[Device]:
    """Serve a folder."""
    async with ReplayBox(folder, OPTIONS) as box:
        digest = aiohttp.DigestAuthMiddleware("operator", PASSWORD)
        async with aiohttp.ClientSession(middlewares=(digest,)) as http:
            yield Device(box, http)


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Device]:
    """Serve a folder of every form."""
    for name, content in FOLDER.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    async with replayed(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("target", "status", "expected"),
    [
        ("magicBox.cgi?action=getSystemInfo", 200,
         "deviceType=31\r\nserialNumber=4C0048\r\nupdateSerial=NVR6XX=A\r\n"),
        # It tells them, too.
        ("magicBox.cgi?action=getSerialNo", 200, "sn=4C0048\r\n"),
        ("magicBox.cgi?action=getDeviceType", 200, "type=31\r\n"),
        ("magicBox.cgi?action=getMachineName", 400, "Error\r\nBad Request!\r\n"),
        ("magicBox.cgi?action=getsysteminfo", 400, "Error\r\nBad Request!\r\n"),
        ("configManager.cgi?action=getConfig&name=ChannelTitle", 200,
         "table.ChannelTitle[0].Name=Gate\r\ntable.ChannelTitle[1].Name=\r\ntable.ChannelTitle[10].Name=Attic\r\n"),
        ("configManager.cgi?action=getConfig&name=ChannelTitle[1]", 200, "table.ChannelTitle[1].Name=\r\n"),
        ("configManager.cgi?action=getConfig&name=ChannelTitle%5B0%5D", 200, "table.ChannelTitle[0].Name=Gate\r\n"),
        ("configManager.cgi?action=getConfig&name=Encode", 400, "Error\r\nBad Request!\r\n"),
        ("configManager.cgi?action=getConfig&name=VideoInOptions[4].NightOptions", 200,
         "Error: Error -1 getting param in name=VideoInOptions[4].NightOptions\r\n"),
        ("IntervideoManager.cgi?action=getVersion&Name=CGI", 200, "version=2.84\r\n"),
        ("IntervideoManager.cgi?action=getVersion&Name=Onvif", 400, "Error\r\nBad Request!\r\n"),
        ("storageDevice.cgi?action=getDeviceAllInfo", 403, "Authority:check failure.\r\n"),
        ("coaxialControlIO.cgi?action=getStatus&channel=1", 400, "Error\r\nBad Request!\r\n"),
        ("ptz.cgi?action=getStatus&channel=1", 200, "status.MoveStatus=Idle\r\n"),
        ("recordManager.cgi?action=getCaps", 404, "gone\r\n"),
        ("eventManager.cgi?action=getEventIndexes&code=VideoMotion", 200, "channels[0]=2\r\n"),
        ("eventManager.cgi?action=getEventIndexes&code=AlarmLocal", 400, "Error\r\nBad Request!\r\n"),
        ("mediaFileFind.cgi?action=factory.close&object=1", 200,
         "Error\r\nErrorID=2, Detail=Invalid Request!\r\n"),
        ("snapshot.cgi?channel=1", 400, "Error\r\nBad Request!\r\n"),
    ],
)  # fmt: skip
async def test_texts(device: Device, target: str, status: int, expected: str) -> None:
    assert await device.ask(target) == (status, expected)


async def test_other_paths(device: Device) -> None:
    async with device.http.get(f"http://{device.box.address}/ISAPI/System/deviceInfo") as answer:
        assert answer.status == 404


async def test_a_device_wants_a_log_in_and_says_so_as_its_make_does(device: Device) -> None:
    url = f"http://{device.box.address}/cgi-bin/magicBox.cgi?action=getSystemInfo"
    async with aiohttp.ClientSession() as stranger, stranger.get(url) as answer:
        assert answer.status == 401
        assert 'realm="Login to ' in answer.headers["WWW-Authenticate"]


async def test_the_clock_goes_on(device: Device) -> None:
    status, told = await device.ask("global.cgi?action=getCurrentTime")
    assert status == 200
    assert "result=2026-07-02 19:09:25" <= told.strip() < "result=2026-07-02 19:29:25"


async def test_a_search_finds_what_was_found_page_by_page(device: Device) -> None:
    """What a page said too much it says again."""
    span = {"StartTime": "2026-04-29%2000:00:00", "EndTime": "2026-04-29%2023:59:59"}
    said, pages = await device.find(Channel=2, **span)
    assert said == "OK\r\n"
    assert [page.splitlines()[0] for page in pages] == ["found=3", "found=1"]
    assert pages[0].count("FilePath") == 2
    assert device.end == "Error\r\n"
    _, pages = await device.find(Channel=2, **span, **{"Types[0]": "dav"})
    assert [page.splitlines()[0] for page in pages] == ["found=2", "found=1"]
    assert "Type=jpg" not in "".join(pages)
    _, pages = await device.find(
        Channel=2, StartTime="2026-4-29%202:00:00", EndTime="2026-4-29%203:00:00"
    )
    assert [page.count("FilePath") for page in pages] == [1]
    # It was asked for channel 2 and answered with index 1.
    assert (await device.find(Channel=1, **span))[0] == "Error\r\n"
    assert (await device.find(Channel=2, StartTime="x", EndTime="y"))[0].startswith("Error")


async def test_a_finder_that_there_is_not(device: Device) -> None:
    _, said = await device.ask("mediaFileFind.cgi?action=findNextFile&object=77&count=1")
    assert "ErrorID=2" in said


async def test_events(device: Device) -> None:
    url = f"http://{device.box.address}/cgi-bin/eventManager.cgi?action=attach&codes=[All]"
    async with device.http.get(url) as answer:
        kind = answer.headers["Content-Type"]
        assert kind == "multipart/x-mixed-replace; boundary=myboundary"
        heard = await answer.content.readuntil(b"Heartbeat\r\n\r\n")
        assert b"Content-Length: 9\r\n\r\nHeartbeat" in heard
    async with device.http.get(url) as answer:
        await answer.content.readuntil(
            b"Content-Length: 34\r\n\r\nCode=SIPRegis;action=Pulse;index=0"
        )
    async with device.http.get(url) as answer:
        await answer.content.readuntil(
            b'Code=CrossRegionDetection;action=Start;index=0;data={"Action"'
        )


async def test_json_by_cgi(device: Device) -> None:
    url = f"http://{device.box.address}/cgi-bin/api/LogicDeviceManager/"
    async with device.http.post(f"{url}getCameraState", json={"uniqueChannels": [-1]}) as answer:
        assert await answer.json() == {"states": [{"channel": 0}]}
    async with device.http.post(f"{url}getCameraAll", json={}) as answer:
        assert answer.status == 400


async def test_calls(device: Device) -> None:
    assert (await device.call("magicBox.getDeviceClass"))["error"]["code"] == 287637505
    assert (await device.log_in("wrong"))["result"] is False
    assert (await device.log_in())["result"] is True
    assert (await device.call("magicBox.getDeviceClass"))["params"] == {"type": "NVR"}
    uptime = (await device.call("magicBox.getUpTime"))["params"]
    assert uptime == {"info": {"Last": 5, "Total": 7}}
    general = await device.call("configManager.getConfig", {"name": "General"})
    assert general["params"]["table"]["MachineName"] == "Box"
    other = await device.call("configManager.getConfig", {"name": "Encode"})
    assert other["error"]["code"] == 268894210
    denied = await device.call("storage.getDeviceAllInfo")
    assert (denied["result"], denied["error"]["code"]) == (False, 285278249)
    state = await device.call("VideoTalkPhone.getCallState")
    assert (state["result"], state["params"]) == (True, {"callState": "Idle"})
    assert (await device.call("global.keepAlive", {"timeout": 300}))["result"] is True
    await device.call("global.logout")
    assert (await device.call("magicBox.getDeviceClass"))["error"]["code"] == 287637505


async def test_a_search_by_calls(device: Device) -> None:
    await device.log_in()
    finder = (await device.call("mediaFileFind.factory.create"))["result"]
    condition = {
        "Channel": 4,
        "StartTime": "2026-4-29 00:00:00",
        "EndTime": "2026-4-30 00:00:00",
        "Types": ["dav"],
    }

    async def step(name: str, params: object = None) -> Any:
        return await device.call(f"mediaFileFind.{name}", params, object=finder)

    assert (await step("findFile", {"condition": condition}))["result"] is True
    page = (await step("findNextFile", {"count": 100}))["params"]
    assert (page["found"], len(page["infos"])) == (3, 1)
    assert (await step("findNextFile", {"count": 100}))["params"] == {"found": 0, "infos": None}
    other = {"condition": {**condition, "Channel": 5}}
    assert (await step("findFile", other))["error"]["code"] == 285409284
    await step("close")
    await step("destroy")
    assert (await step("close"))["error"]["code"] == -267976703


async def test_without_any_calls_there_is_no_rpc(tmp_path: Path) -> None:
    (tmp_path / "magicBox.getVendor.txt").write_text("vendor=Dahua\n")
    async with replayed(tmp_path) as device:
        url = f"http://{device.box.address}/RPC2_Login"
        async with device.http.post(url, json={"method": "global.login", "id": 1}) as answer:
            assert answer.status == 404


# By folder: how many answers it holds that are served.
HELD = {
    "amcrest-ip4m-1041b": 2,
    "amcrest-ipc-sdcard": 9,
    "intelbras-invd-9116-pe-ft": 4,
    "ipc-hdw5421s": 0,
    "ipc-hdw5831r-ze": 3,
    "ipc-t5442tm-as": 12,
    "lorex-w461asc": 0,
    "nvr5232-ei": 7,
    "nvr5464-16p-ei": 1,
    "nvr5832-ei": 1,
    "nvr608h-128-4ks3": 1,
    "nvr6xx-4ks2": 6,
    "unnamed-dahua-ipc": 8,
    "vto2311r-wp": 4,
}


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_every_recorded_device_is_served() -> None:
    held = {}
    for folder in sorted(path for path in DEVICES.iterdir() if path.is_dir()):
        async with replayed(folder) as device:
            assert (await device.ask("no.cgi?action=such"))[0] == 400
            held[folder.name] = len(device.box.face.recording)
    assert held == HELD
