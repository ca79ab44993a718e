"""The event stream and the triggers behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
import json
import re
from typing import Any
from xml.etree.ElementTree import Element

import aiohttp
import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.events import EventKind, Target
from simulator.core.time_source import TimeSource
from simulator.hikvision.traits.events import Boundary, PartLength, TriggerList

from ..plugged import change as change_traits
from .conftest import session_for
from .isapi import Isapi

STREAM = "/ISAPI/Event/notification/alertStream"
MOTION = EventKind.MOTION


@dataclass
class Part:
    """One part of the stream, cut out at its document's end as a careful client would."""

    head: str
    body: bytes

    @property
    def root(self) -> Element:
        """The document, without namespaces."""
        element: Element = defusedxml.ElementTree.fromstring(self.body)
        for part in element.iter():
            part.tag = part.tag.rpartition("}")[2]
        return element

    def text(self, name: str) -> str | None:
        """Give the text of a field."""
        return self.root.findtext(name)


class Stream:
    """Reads parts off an open event stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def part(self) -> Part:
        """Read one part."""
        head = await self.response.content.readuntil(b"\r\n\r\n")
        body = await self.response.content.readuntil(b"</EventNotificationAlert>\n\r\n")
        return Part(head.decode(), body.strip())


def change(box: RecorderBox, **traits: Any) -> None:
    """Give the box other manners, and quiet ones where nothing is said."""
    change_traits(box, **({"heartbeat_s": None, "event_repeat_s": None} | traits))


@asynccontextmanager
async def listening(box: RecorderBox) -> AsyncIterator[Stream]:
    """Listen for events."""
    before = box.recorder.events.listeners
    async with session_for(box) as session, session.get(STREAM) as response:
        assert response.status == 200
        while box.recorder.events.listeners == before:
            await asyncio.sleep(0)
        yield Stream(response)


async def test_tells_what_happens(current: RecorderBox) -> None:
    change(current)
    async with listening(current) as stream:
        assert stream.response.headers["Content-Type"] == "multipart/mixed; boundary=boundary"
        event = current.recorder.events.begin(MOTION, channel=2)
        told = await stream.part()
        assert told.head.startswith("--boundary\r\nContent-Type: application/xml")
        assert f"Content-Length: {len(told.body) + 1}\r\n" in told.head
        assert (told.text("eventType"), told.text("eventState")) == ("VMD", "active")
        assert (told.text("channelID"), told.text("channelName")) == ("2", "Driveway")
        assert told.text("dateTime") == "2026-11-21T13:00:30+01:00"
        current.recorder.events.end(event)
        assert (await stream.part()).text("eventState") == "inactive"


async def test_repeats_and_beats(current: RecorderBox) -> None:
    change(current, heartbeat_s=0.01, event_repeat_s=0.01)
    async with listening(current) as stream:
        beat = await stream.part()
        assert (beat.text("eventType"), beat.text("eventState")) == ("videoloss", "inactive")
        current.recorder.events.begin(MOTION, channel=1)
        counts: list[str | None] = []
        while len(counts) < 3:
            told = await stream.part()
            if told.text("eventType") == "VMD":
                counts.append(told.text("activePostCount"))
        assert counts == ["1", "2", "3"]


async def test_an_end_may_be_missing(current: RecorderBox) -> None:
    change(current, tells_event_end=False)
    async with listening(current) as stream:
        current.recorder.events.happen(MOTION, channel=1)
        current.recorder.events.happen(EventKind.DISK_ERROR)
        assert (await stream.part()).text("eventType") == "VMD"
        disk = await stream.part()
        assert (disk.text("eventType"), disk.text("channelID")) == ("diskerror", "0")


async def test_a_repeat_may_be_a_duration(current: RecorderBox) -> None:
    change(current, event_repeat_s=0.0, repeats_as_duration=True)
    async with listening(current) as stream:
        current.recorder.events.begin(EventKind.INTRUSION, channel=1, target=Target.HUMAN)
        first, second = await stream.part(), await stream.part()
    region = "DetectionRegionList/DetectionRegionEntry/detectionTarget"
    assert (first.text("eventType"), first.text(region)) == ("fielddetection", "human")
    assert second.text("eventType") == "duration"
    assert second.text("DurationList/Duration/relationEvent") == "fielddetection"


async def test_who_connects_may_be_told_old_events(current: RecorderBox) -> None:
    change(current, buffered_events=2, marks_buffered=True)
    for kind in (MOTION, EventKind.TAMPERING, EventKind.LINE_CROSSING):
        current.recorder.events.happen(kind, channel=1)
    async with listening(current) as stream:
        late = [await stream.part(), await stream.part()]
        current.recorder.events.begin(MOTION, channel=1)
        new = await stream.part()
    assert [one.text("eventType") for one in late] == ["shelteralarm", "linedetection"]
    assert {one.text("isDataRetransmission") for one in late} == {"true"}
    assert new.text("isDataRetransmission") == "false"


async def test_pictures_may_come_along(current: RecorderBox) -> None:
    change(current, event_pictures=True)
    async with listening(current) as stream:
        current.recorder.events.begin(EventKind.INTRUSION, channel=1)
        assert (await stream.part()).text("detectionPicturesNumber") == "1"
        head = await stream.response.content.readuntil(b"\r\n\r\n")
        assert b"Content-Type: image/jpeg" in head
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        picture = await stream.response.content.readexactly(int(length[1]))
        assert picture.startswith(b"\xff\xd8")
        assert picture.endswith(b"\xff\xd9")


@pytest.mark.parametrize("said", [PartLength.ABSENT, PartLength.WRONG])
async def test_lengths_may_be_absent_or_wrong(current: RecorderBox, said: PartLength) -> None:
    change(current, event_part_length=said)
    async with listening(current) as stream:
        current.recorder.events.happen(MOTION, channel=1)
        for _ in range(2):
            told = await stream.part()
            assert told.text("eventType") == "VMD"
            length = re.search(r"Content-Length: (\d+)", told.head)
            assert (length is None) is (said is PartLength.ABSENT)
            assert length is None or int(length[1]) != len(told.body) + 1


@pytest.mark.parametrize("form", Boundary)
async def test_boundaries_have_many_forms(current: RecorderBox, form: Boundary) -> None:
    change(current, event_boundary=form)
    async with listening(current) as stream:
        current.recorder.events.begin(MOTION, channel=1)
        assert stream.response.headers["Content-Type"].endswith(f"boundary={form}")
        told = await stream.part()
    assert told.head.split("\r\n")[0] == "--" + form.strip('"').removeprefix("--")


async def test_fields_have_many_forms(current: RecorderBox) -> None:
    change(
        current,
        event_ip_base=32,
        event_dyn_channel=True,
        event_protocol_type=True,
        empty_post_count=True,
        event_declaration=True,
    )
    async with listening(current) as stream:
        current.recorder.events.begin(EventKind.ALARM_INPUT, channel=3, port=1)
        told = await stream.part()
    assert (told.text("channelID"), told.text("dynChannelID")) == ("35", "3")
    assert told.text("dynInputIOPortID") == "301"
    assert told.text("protocolType") == "HTTP"
    assert told.text("activePostCount") == ""
    assert told.body.startswith(b"<?xml")


async def test_events_may_be_json(current: RecorderBox) -> None:
    change(current, event_json=True)
    async with listening(current) as stream:
        current.recorder.events.begin(MOTION, channel=1)
        head = await stream.response.content.readuntil(b"\r\n\r\n")
        assert b"Content-Type: application/json" in head
        told = json.loads(await stream.response.content.readuntil(b"\r\n"))
    assert (told["eventType"], told["channelID"]) == ("VMD", 1)


async def test_may_fall_silent_without_an_end(current: RecorderBox) -> None:
    change(current, event_stalls_after=1)
    async with listening(current) as stream:
        for _ in range(3):
            current.recorder.events.begin(MOTION, channel=1)
        await stream.part()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await stream.part()
        assert not stream.response.content.at_eof()


async def test_may_end_all_of_a_sudden(current: RecorderBox) -> None:
    change(current, event_drops_after=1)
    async with listening(current) as stream:
        current.recorder.events.begin(MOTION, channel=1)
        await stream.part()
        assert await stream.response.content.read() == b""


async def test_a_second_client_may_be_refused(current: RecorderBox) -> None:
    change(current, event_streams=1)
    async with session_for(current) as session:
        async with listening(current):
            assert (await Isapi(session).get("Event/notification/alertStream")).status == 503
        while current.recorder.events.listeners:
            await asyncio.sleep(0)
        async with listening(current):
            pass


async def test_a_slot_may_stay_taken(current: RecorderBox, time: TimeSource) -> None:
    change(current, event_streams=1, event_slot_s=60.0)
    async with listening(current):
        pass
    while current.recorder.events.listeners:
        await asyncio.sleep(0)
    async with session_for(current) as session:
        assert (await Isapi(session).get("Event/notification/alertStream")).status == 503
    time.advance(timedelta(minutes=1))
    async with listening(current):
        pass


async def test_without_a_link_to_the_center_nothing_comes(current: RecorderBox) -> None:
    change(current, notifies_center=False, heartbeat_s=0.0)
    async with listening(current) as stream:
        current.recorder.events.begin(MOTION, channel=1)
        kinds = {(await stream.part()).text("eventType") for _ in range(5)}
    assert kinds == {"videoloss"}
    async with session_for(current) as session:
        body = (await Isapi(session).get("Event/triggers")).body
    assert b"center" not in body
    assert b"<notificationMethod>record</notificationMethod>" in body


async def test_lists_triggers(current: RecorderBox, current_isapi: Isapi) -> None:
    root = (await current_isapi.get("Event/triggers")).root
    known = {one.findtext("id"): one for one in root}
    assert known["VMD-2"].findtext("dynVideoInputChannelID") == "2"
    assert known["tamper-1"].findtext("eventType") == "tamperdetection"
    methods = [each.text for each in known["VMD-2"].iter("notificationMethod")]
    assert methods == ["record", "center"]
    assert known["diskfull"].find("dynVideoInputChannelID") is None
    single = (await current_isapi.get("Event/triggers/VMD-2")).root
    assert single.findtext("eventType") == "VMD"
    capabilities = (await current_isapi.get("Event/channels/capabilities")).root
    assert len(capabilities) == len(current.recorder.channels)

    change(current, trigger_list=TriggerList.WRAPPED)
    wrapped = (await current_isapi.get("Event/triggers")).root
    assert (wrapped.tag, wrapped[0].tag) == ("EventNotification", "EventTriggerList")
    change(current, trigger_list=TriggerList.ABSENT)
    assert (await current_isapi.get("Event/triggers")).status == 403
    assert (await current_isapi.get("Event/triggers/VMD-2")).status == 200


async def test_motion_detection_is_switched(current: RecorderBox, current_isapi: Isapi) -> None:
    path = "ContentMgmt/InputProxy/channels/1/video/motionDetection"
    document = (await current_isapi.get(path)).body.decode()
    assert "<enabled>true</enabled>" in document
    off = document.replace("<enabled>true", "<enabled>false")
    assert (await current_isapi.ask("PUT", path, off)).sub_status == "ok"
    assert (await current_isapi.get(path)).root.findtext("enabled") == "false"
    assert (await current_isapi.get("System/Video/inputs/channels/1/motionDetection")).status == 403


async def test_settings_may_be_wanted_whole_or_not_be_kept(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    path = "ContentMgmt/InputProxy/channels/1/video/motionDetection"
    part = "<MotionDetection><enabled>false</enabled></MotionDetection>"
    change(current, whole_settings=True, keeps_settings=False)
    assert (await current_isapi.ask("PUT", path, part)).status == 400
    whole = (await current_isapi.get(path)).body.decode().replace("<enabled>true", "<enabled>false")
    assert (await current_isapi.ask("PUT", path, whole)).sub_status == "ok"
    assert (await current_isapi.get(path)).root.findtext("enabled") == "true"


async def test_a_cameras_input_is_told_by_the_proxy_alone(
    current: RecorderBox, current_isapi: Isapi
) -> None:
    assert (await current_isapi.get("System/IO/inputs/1/status")).sub_status == "notSupport"
    change(current, contacts=True)
    current.recorder.events.begin(EventKind.ALARM_INPUT, channel=3, port=1)
    answer = await current_isapi.get("System/IO/inputs/301/status")
    assert (answer.status, answer.sub_status) == (403, "invalidOperation")
    states = {
        path: (await current_isapi.get(f"{path}/status")).root.findtext("ioState")
        for path in (
            "ContentMgmt/IOProxy/inputs/301",
            "ContentMgmt/IOProxy/inputs/101",
            "System/IO/inputs/1",
            "System/IO/outputs/1",
        )
    }
    assert list(states.values()) == ["active", "inactive", "inactive", "inactive"]
