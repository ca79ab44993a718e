"""Events as they happen: by CGI, and pushed to a session."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import ChannelState
from simulator.core.events import EventKind, Target
from simulator.dahua.traits.answers import LineEnd
from simulator.dahua.traits.events import PartLength

from ..plugged import change
from .client import Cgi, Rpc
from .conftest import face_of

ATTACH = "eventManager.cgi?action=attach&codes=[{}]"


@asynccontextmanager
async def attached(
    cgi: Cgi, box: RecorderBox, codes: str = "All", heartbeat: str = ""
) -> AsyncIterator[aiohttp.StreamReader]:
    """Attach, and give what comes to be read as soon as somebody listens."""
    url = f"http://{box.address}/cgi-bin/{ATTACH.format(codes)}{heartbeat}"
    async with cgi.session.get(url) as answer:
        assert answer.status == 200
        told = answer.headers["Content-Type"]
        assert told == "multipart/x-mixed-replace; boundary=myboundary"
        while not box.recorder.events.listeners:
            await asyncio.sleep(0.01)
        yield answer.content


async def until(reader: aiohttp.StreamReader, end: bytes) -> bytes:
    """Read up to what ends a text."""
    return await reader.readuntil(end)


async def test_motion_begins_and_ends(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box) as reader:
        event = box.recorder.events.begin(EventKind.MOTION, channel=2)
        head = await until(reader, b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[:2] == ["--myboundary", "Content-Type: text/plain"]
        length = int(lines[2].removeprefix("Content-Length: "))
        body = (await reader.readexactly(length)).decode()
        code, action, index, data = body.split(";", 3)
        assert (code, action, index) == ("Code=VideoMotion", "action=Start", "index=1")
        told = json.loads(data.removeprefix("data="))
        assert told["Name"] == box.recorder.channels[2].name
        assert told["UTC"] == int(event.start.timestamp())
        wall = box.recorder.clock.wall(event.start)
        assert told["LocaleTime"] == f"{wall:%Y-%m-%d %H:%M:%S}"
        assert "\n\t" in data
        box.recorder.events.end(event)
        assert b"Code=VideoMotion;action=Stop;index=1" in await until(reader, b"index=1")


async def test_who_is_told_apart_has_a_code_of_its_own(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box) as reader:
        box.recorder.events.begin(EventKind.MOTION, channel=1, target=Target.HUMAN)
        await until(reader, b"Code=VideoMotion;action=Start;index=0")
        await until(reader, b"Code=SmartMotionHuman;action=Start;index=0")


async def test_a_line_that_is_crossed(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box) as reader:
        event = box.recorder.events.begin(EventKind.LINE_CROSSING, channel=3, target=Target.VEHICLE)
        box.recorder.events.end(event)
        await until(reader, b"index=2;data=")
        told = json.loads((await until(reader, b"\r\n\r\n")).decode())
        assert told["Object"]["ObjectType"] == "Vehicle"
        assert told["Direction"] == "LeftToRight"


async def test_what_concerns_the_device_has_no_index(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box) as reader:
        box.recorder.events.begin(EventKind.DISK_ERROR)
        assert b"index" not in await until(reader, b"Code=StorageFailure;action=Start\r\n\r\n")


async def test_named_codes_alone(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box, "VideoLoss,VideoBlind") as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=1)
        box.recorder.events.happen(EventKind.VIDEO_LOSS, channel=1)
        assert b"VideoMotion" not in await until(reader, b"Code=VideoLoss;action=Stop")


async def test_heartbeats(cgi: Cgi, box: RecorderBox) -> None:
    async with attached(cgi, box, heartbeat="&heartbeat=0.05") as reader:
        part = await until(reader, b"Heartbeat\r\n\r\n")
        assert b"Content-Length: 9\r\n\r\nHeartbeat" in part
        await until(reader, b"Heartbeat")
    change(box, event_heartbeat=False)
    async with attached(cgi, box, heartbeat="&heartbeat=0.05") as reader:
        box.recorder.events.happen(EventKind.VIDEO_LOSS, channel=1)
        assert b"Heartbeat" not in await until(reader, b"Code=VideoLoss")


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({"event_part_length": PartLength.ABSENT}, b"--myboundary\r\nContent-Type: text/plain\r\n\r\n"),
        ({"event_part_length": PartLength.WRONG}, b"Content-Length: 60\r\n\r\n"),
        ({"event_line_end": LineEnd.LF}, b"--myboundary\nContent-Type: text/plain\nContent-Length: 37\n\n"),
        ({"event_extra_headers": True}, b"X-Sequence: 1\r\n"),
        ({"event_status_inside": True}, b"HTTP/1.1 200 OK\r\nServer: Device/1.0\r\n\r\n--myboundary"),
        ({"event_chunk": 7}, b"--myboundary\r\nContent-Type: text/plain\r\nContent-Length: 37\r\n\r\nCode"),
        ({"event_noise": True}, b"Code=NTPAdjustTime;action=Pulse;index=0"),
        ({"event_index_base": 1}, b"Code=VideoMotion;action=Start;index=2"),
    ],
)  # fmt: skip
async def test_how_parts_are_written(
    cgi: Cgi, box: RecorderBox, traits: dict[str, Any], expected: bytes
) -> None:
    change(box, event_data=False, **traits)
    async with attached(cgi, box) as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=2)
        assert (await until(reader, expected)).endswith(expected)


async def test_data_that_is_no_json(cgi: Cgi, box: RecorderBox) -> None:
    """As a camera was seen to write it: a brace too early, a field behind it, and a field of no meaning."""
    change(box, event_broken_json=True, event_extra_field=True)
    async with attached(cgi, box) as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=1)
        await until(reader, b"index=0;test=doesnotexist;data=")
        data = (await until(reader, b"\r\n\r\n")).decode()
        with pytest.raises(json.JSONDecodeError):
            json.loads(data)
        # The next one is whole.
        await until(reader, b"action=Stop;index=0;test=doesnotexist;data=")
        assert json.loads(await until(reader, b"\r\n\r\n"))


async def test_a_firmware_that_takes_no_list_of_codes(cgi: Cgi, box: RecorderBox) -> None:
    change(box, event_code_lists=False)
    assert (await cgi.get(ATTACH.format("VideoMotion"))).status == 400
    async with attached(cgi, box) as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=1)
        await until(reader, b"VideoMotion")


async def test_silent_death_and_early_end(cgi: Cgi, box: RecorderBox) -> None:
    change(box, event_stalls_after=1)
    async with attached(cgi, box) as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=1)
        await until(reader, b"action=Start")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await until(reader, b"action=Stop")
    change(box, event_stalls_after=None, event_drops_after=1)
    async with attached(cgi, box) as reader:
        box.recorder.events.happen(EventKind.MOTION, channel=1)
        rest = await reader.read()
    assert rest.count(b"Code=") == 1


async def test_places_for_listeners(cgi: Cgi, box: RecorderBox) -> None:
    change(box, event_streams=1)
    async with attached(cgi, box):
        assert (await cgi.get(ATTACH.format("All"))).status == 400
    while face_of(box).device.media.event_streams:
        await asyncio.sleep(0.01)
    async with attached(cgi, box):
        pass


async def test_what_goes_on_can_be_asked(cgi: Cgi, box: RecorderBox) -> None:
    async def asked(code: str) -> str:
        return (await cgi.ask("eventManager", "getEventIndexes", code=code)).text.strip()

    assert await asked("VideoMotion") == "Error: No Events"
    for channel in (1, 3):
        box.recorder.events.begin(EventKind.MOTION, channel=channel)
    assert (await asked("VideoMotion")).split() == ["channels[0]=0", "channels[1]=2"]
    dark = box.recorder.channels[2]
    dark.lose(box.recorder.now())
    assert dark.state is ChannelState.NO_VIDEO
    assert (await asked("VideoLoss")).split() == ["channels[0]=1"]


async def test_which_codes_there_are(cgi: Cgi) -> None:
    for action in ("getCaps", "getExposureEvents"):
        told = (await cgi.ask("eventManager", action)).fields
        assert {"VideoMotion", "CrossLineDetection", "StorageFailure"} <= set(told.values())


async def test_pushed_to_a_session(box: RecorderBox) -> None:
    async with aiohttp.ClientSession() as http:
        rpc = Rpc(box, http)
        await rpc.log_in()
        answer = await rpc.call("eventManager.attach", {"codes": ["All"]})
        assert answer["params"]["SID"]
        url = f"http://{box.address}/SubscribeNotify.cgi?sessionId={rpc.session}"
        async with http.get(url) as stream:
            while not box.recorder.events.listeners:
                await asyncio.sleep(0.01)
            box.recorder.events.happen(EventKind.MOTION, channel=4)
            first, last = [json.loads(await stream.content.readline()) for _ in range(2)]
        assert first["method"] == "client.notifyEventStream"
        (told,) = first["params"]["eventList"]
        assert (told["Code"], told["Action"], told["Index"]) == ("VideoMotion", "Start", 3)
        assert first["params"]["SID"] == answer["params"]["SID"]
        assert last["params"]["eventList"][0]["Action"] == "Stop"
        async with http.get(url.replace("sessionId=", "sessionId=0")) as refused:
            assert refused.status == 401
