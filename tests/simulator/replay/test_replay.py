"""What a recorded device answers over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from simulator.replay.box import ReplayBox, ReplayOptions
from tests.simulator.hikvision.isapi import Answer, Isapi

from .folders import STATUS, dictionaries, found, item, messages

PASSWORD = "p@ss:w/rd"
OPTIONS = ReplayOptions(user="operator", password=PASSWORD)


@dataclass
class Replayed:
    """A recorded device that answers, and a client that is logged in."""

    box: ReplayBox
    isapi: Isapi

    async def search(self, tracks: list[int], start: str, end: str, **more: int) -> Answer:
        """Search by times without the date."""
        listed = "".join(f"<trackID>{track}</trackID>" for track in tracks)
        rest = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
        return await self.isapi.ask(
            "POST",
            "ContentMgmt/search",
            f"<CMSearchDescription><searchID>x</searchID><trackIDList>{listed}</trackIDList>"
            f"<timeSpanList><timeSpan><startTime>2026-09-27T{start}Z</startTime>"
            f"<endTime>2026-09-27T{end}Z</endTime></timeSpan></timeSpanList>{rest}"
            "</CMSearchDescription>",
        )


@asynccontextmanager
async def replayed(folder: Path) -> AsyncIterator[Replayed]:
    """Serve a folder."""
    async with ReplayBox(folder, OPTIONS) as box:
        digest = aiohttp.DigestAuthMiddleware("operator", PASSWORD)
        async with aiohttp.ClientSession(f"http://{box.address}", middlewares=(digest,)) as session:
            yield Replayed(box, Isapi(session))


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[Replayed]:
    """Serve a file of many answers."""
    async with replayed(dictionaries(tmp_path)) as made:
        yield made


async def test_dictionaries_become_documents_again(device: Replayed) -> None:
    answer = await device.isapi.get("System/deviceInfo")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert b'<DeviceInfo version="2.0" xmlns="http://www.hikvision.com/ver20' in answer.body
    assert answer.root.findtext("deviceName") == "Küche & <Flur>"
    assert answer.root.findtext("deviceLocation") == ""
    [released] = answer.root.iterfind("firmwareReleasedDate")
    assert (released.get("opt"), released.text) == ("x", "build 1")


async def test_paths_count_in_any_case(device: Replayed) -> None:
    assert (await device.isapi.get("system/DEVICEINFO")).status == 200


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("System/Holidays", 404, "notSupport"),
        ("ContentMgmt/InputProxy/channels", 403, "notSupport"),
        ("Streaming/channels/103", 500, "deviceError"),
        ("Event/triggers", 500, "deviceError"),
        ("System/time", 404, "notSupport"),
    ],
)
async def test_refusals(device: Replayed, path: str, status: int, word: str) -> None:
    """What was refused is refused again, and what was never asked as most of that was."""
    answer = await device.isapi.get(path)
    assert (answer.status, answer.sub_status) == (status, word)


async def test_verbs_are_those_of_the_device(device: Replayed) -> None:
    for method, path in (("PUT", "System/deviceInfo"), ("GET", "ContentMgmt/search")):
        answer = await device.isapi.ask(method, path)
        assert (answer.status, answer.sub_status) == (403, "methodNotAllowed")
    async with device.isapi.session.get("/index.asp") as page:
        assert (page.status, page.content_type) == (404, "text/html")


async def test_lists_and_items_stand_in_for_each_other(device: Replayed) -> None:
    stream = await device.isapi.get("Streaming/channels/102")
    assert (stream.root.tag, stream.root.findtext("enabled")) == ("StreamingChannel", "false")
    disks = await device.isapi.get("ContentMgmt/Storage/hdd")
    assert [disk.findtext("id") for disk in disks.root] == ["1", "2"]
    storage = await device.isapi.get("ContentMgmt/Storage")
    assert [disk.findtext("id") for disk in storage.root.iterfind("hddList/hdd")] == ["1", "2"]


async def test_json_stays_json(device: Replayed) -> None:
    answer = await device.isapi.get("System/workingstatus?format=json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.body == b'{"WorkingStatus": {"ChanStatus": []}}'


async def test_messages_are_named_after_their_path(tmp_path: Path) -> None:
    folder = messages(
        tmp_path,
        System_deviceInfo="<DeviceInfo><model>A</model></DeviceInfo>",
        **{
            "192_0_2_1__System_Video_inputs_channels_1__first": "<VideoInputChannel/>",
            "ContentMgmt.Storage__hdd1": "<storage/>",
            "whatever": "<DeviceStatus><deviceUpTime>\n1</deviceUpTime></DeviceStatus>",
            "Streaming.channels.x0y.picture__badXmlContent": (
                "<ResponseStatus><requestURL>/ISAPI/Streaming/channels/101/picture</requestURL>"
                "<statusCode>6</statusCode><subStatusCode>badXmlContent</subStatusCode>"
                "</ResponseStatus>"
            ),
            "notes": "nothing of a device",
        },
    )
    (tmp_path / "Security").mkdir()
    messages(tmp_path / "Security", adminAccesses="<AdminAccessProtocolList/>")
    async with replayed(folder) as device:
        assert len(device.box.face.recording) == 6
        for path, tag in (
            ("System/deviceInfo", "DeviceInfo"),
            ("System/Video/inputs/channels/1", "VideoInputChannel"),
            ("System/Video/inputs/channels", "VideoInputChannelList"),
            ("ContentMgmt/Storage", "storage"),
            ("System/status", "DeviceStatus"),
            ("Security/adminAccesses", "AdminAccessProtocolList"),
        ):
            answer = await device.isapi.get(path)
            assert (answer.status, answer.root.tag) == (200, tag)
        refusal = await device.isapi.get("Streaming/channels/101/picture")
        assert (refusal.status, refusal.sub_status) == (400, "badXmlContent")


async def test_log_in_is_by_digest(device: Replayed) -> None:
    url = f"http://{device.box.address}/ISAPI/System/deviceInfo"
    async with aiohttp.request("GET", url) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Digest ")
    basic = {"Authorization": aiohttp.encode_basic_auth("operator", PASSWORD)}
    async with aiohttp.request("GET", url, headers=basic) as answer:
        assert answer.status == 401
    assert device.box.accounts.failed_logins == 1


async def test_log_in_by_basic(tmp_path: Path) -> None:
    async with ReplayBox(dictionaries(tmp_path), replace(OPTIONS, basic=True)) as box:
        url = f"http://{box.address}/ISAPI/System/deviceInfo"
        async with aiohttp.request("GET", url) as answer:
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        basic = {"Authorization": aiohttp.encode_basic_auth("operator", PASSWORD)}
        async with aiohttp.request("GET", url, headers=basic) as answer:
            assert answer.status == 200


async def test_searches_find_what_was_found(tmp_path: Path) -> None:
    files = found(
        item(101, "00:10:00", "00:20:00"),
        item(101, "00:20:00", "00:30:00"),
        item(102, "00:12:00", "00:18:00", label=101),
    )
    again = found(item(101, "00:20:00", "00:30:00"), item(101, "00:30:00", "00:40:00"))
    folder = messages(tmp_path, ContentMgmt_search__one=files, ContentMgmt_search__other=again)
    async with replayed(folder) as device:
        answer = await device.search([101], "00:00:00", "23:59:59")
        assert answer.root.findtext("responseStatusStrg") == "OK"
        starts = [part.text for part in answer.root.iter("startTime")]
        assert [start and start[11:16] for start in starts] == ["00:10", "00:20", "00:30"]
        assert answer.root.findtext("numOfMatches") == "3"

        page = await device.search(
            [101], "00:15:00", "23:59:59", maxResults=1, searchResultPostion=1
        )
        assert page.root.findtext("responseStatusStrg") == "MORE"
        assert [part.text for part in page.root.iter("startTime")] == ["2026-09-27T00:20:00Z"]

        sub = await device.search([102], "00:15:00", "00:16:00")
        assert sub.root.findtext("numOfMatches") == "1"
        none = await device.search([101], "10:00:00", "11:00:00")
        assert none.root.findtext("responseStatusStrg") == "NO MATCHES"
        assert none.root.findtext("numOfMatches") == "0"
        broken = await device.isapi.ask("POST", "ContentMgmt/search", "<CMSearchDescription/>")
        assert broken.status == 400


async def test_the_clock_goes_on_from_the_latest_that_was_recorded(tmp_path: Path) -> None:
    """The search was recorded after the time: its newest file had begun by then."""
    folder = messages(
        tmp_path,
        System_status=STATUS.format(time="2026-09-27T08:24:59+08:00"),
        ContentMgmt_search=found(item(101, "00:29:35", "00:47:15")),
    )
    async with replayed(folder) as device:
        text = (await device.isapi.get("System/status")).root.findtext("currentDeviceTime")
        assert text is not None
        assert text.endswith("+08:00")
        told = datetime.fromisoformat(text[:19])
        assert datetime(2026, 9, 27, 8, 29, 35) <= told < datetime(2026, 9, 27, 8, 30, 35)


async def test_the_clock_is_left_alone_by_files_of_other_days(tmp_path: Path) -> None:
    folder = messages(
        tmp_path,
        System_time_localTime="2026-09-27T20:24:59",
        ContentMgmt_search=found(item(101, "00:29:35", "00:47:15")),
    )
    async with replayed(folder) as device:
        text = (await device.isapi.get("System/time")).root.findtext("localTime")
        assert text is not None
        assert text.startswith("2026-09-27T20:2")


async def test_events_come_and_the_stream_stays_open(tmp_path: Path) -> None:
    event = "<EventNotificationAlert><eventType>VMD</eventType></EventNotificationAlert>"
    folder = messages(tmp_path, EventNotificationAlert__one=event)
    excerpt = b"--frontier\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n"
    (folder / "Event_notification_alertStream__excerpt.txt").write_bytes(excerpt)
    async with replayed(folder) as device:
        path = "/ISAPI/Event/notification/alertStream"
        async with device.isapi.session.get(path) as stream:
            assert stream.headers["Content-Type"] == "multipart/mixed; boundary=frontier"
            assert await stream.content.readexactly(len(excerpt)) == excerpt
            assert b"--frontier" in await stream.content.readline()
            assert b"VMD" in await stream.content.readuntil(b"</EventNotificationAlert>")


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ReplayBox(tmp_path / "nowhere")


async def test_files_outside_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    outside = tmp_path / "outside.xml"
    outside.write_text("<DeviceInfo/>", encoding="utf-8")
    folder = tmp_path / "device"
    folder.mkdir()
    (folder / "System_deviceInfo.xml").symlink_to(outside)
    assert len(ReplayBox(folder).face.recording) == 0
