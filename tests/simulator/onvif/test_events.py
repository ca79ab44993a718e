"""Events: subscriptions, what they are told, and how clients are asked (section 7 of the notes)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from aiohttp import web
import defusedxml.ElementTree
import pytest

from simulator.box import RecorderBox
from simulator.core.channels import OfflineReason
from simulator.core.disks import DiskState
from simulator.core.events import EventKind, Target
from simulator.core.time_source import TimeSource
from simulator.onvif.traits.box import Hosts
from simulator.onvif.traits.events import Lifetime, MotionTopic, Reference

from ..plugged import change
from .client import TEV, TT, WSNT, Reply, Soap, face_of, instant
from .test_device import paths

DEVICES = Path(__file__).resolve().parents[4] / "shared" / "devices" / "onvif"
MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"

type Told = tuple[str, str, dict[str, str]]
"""Topic, operation, and all items of one message."""


def messages(reply: Reply) -> list[Told]:
    """Read the messages of an answer."""
    found: list[Told] = []
    for each in reply.all("NotificationMessage"):
        items = {
            item.attrib["Name"]: item.attrib["Value"] for item in each.iter(f"{{{TT}}}SimpleItem")
        }
        message = next(each.iter(f"{{{TT}}}Message"))
        topic = (each.findtext(f"{{{WSNT}}}Topic") or "").strip()
        assert instant(message.attrib["UtcTime"])
        found.append((topic, message.attrib["PropertyOperation"], items))
    return found


async def subscribe(soap: Soap, topic: str = "", life: str = "PT60S") -> str:
    """Subscribe, and give the address."""
    filtered = (
        f'<Filter><n:TopicExpression xmlns:n="{WSNT}">{topic}</n:TopicExpression></Filter>'
        if topic
        else ""
    )
    inner = f"{filtered}<InitialTerminationTime>{life}</InitialTerminationTime>"
    reply = await soap.ask(TEV, "CreatePullPointSubscription", inner)
    assert reply.status == 200, reply.body
    return reply.text("Address")


async def pull(soap: Soap, address: str, *, timeout: str = "PT0S", limit: int = 100) -> Reply:
    """Ask for messages."""
    inner = f"<Timeout>{timeout}</Timeout><MessageLimit>{limit}</MessageLimit>"
    return await soap.ask(TEV, "PullMessages", inner, path=address)


async def test_tells_at_first_how_things_stand(soap: Soap, box: RecorderBox) -> None:
    box.recorder.disks[1].state = DiskState.FAILED
    box.recorder.events.begin(EventKind.MOTION, channel=2)
    told = messages(await pull(soap, await subscribe(soap)))
    assert {operation for _, operation, _ in told} == {"Initialized"}
    lost = {items["Source"]: items["State"] for topic, _, items in told if "SignalLoss" in topic}
    assert [source for source, state in lost.items() if state == "true"] == ["00700"]
    jobs = {
        items["RecordingJobToken"]: items["State"]
        for topic, _, items in told
        if "JobState" in topic
    }
    assert jobs["JobMediaProfile00000"] == "Active"
    assert jobs["JobMediaProfile00700"] == "Error"
    failed = [items for topic, _, items in told if topic.endswith("StorageFailure")]
    assert failed == [
        {"Token": "Storage_1", "Failed": "false"}, {"Token": "Storage_2", "Failed": "true"},
    ]  # fmt: skip
    motion = {
        items["VideoSourceConfigurationToken"]: items["IsMotion"]
        for topic, _, items in told
        if topic == MOTION
    }
    assert [source for source, moving in motion.items() if moving == "true"] == ["00100"]


async def test_waits_for_what_happens(soap: Soap, box: RecorderBox) -> None:
    address = await subscribe(soap, MOTION)
    await pull(soap, address)
    pulling = asyncio.create_task(pull(soap, address, timeout="PT60S"))
    while face_of(box).device.asked["PullMessages"] < 2:
        await asyncio.sleep(0)
    event = box.recorder.events.begin(EventKind.MOTION, channel=3)
    ((topic, operation, items),) = messages(await pulling)
    assert (topic, operation, items["IsMotion"]) == (MOTION, "Changed", "true")
    assert items["VideoSourceConfigurationToken"] == "00200"
    box.recorder.events.end(event)
    box.recorder.events.happen(EventKind.MOTION, channel=1)
    told = messages(await pull(soap, address))
    assert [(each[2]["VideoSourceConfigurationToken"], each[2]["IsMotion"]) for each in told] == [
        ("00200", "false"), ("00000", "true"), ("00000", "false"),
    ]  # fmt: skip
    assert messages(await pull(soap, address)) == []


async def test_tells_when_things_stand_otherwise(soap: Soap, box: RecorderBox) -> None:
    address = await subscribe(soap)
    await pull(soap, address)
    box.recorder.channels[2].lose(box.recorder.now(), OfflineReason.UNREACHABLE)
    box.recorder.disks[0].state = DiskState.FAILED
    told = messages(await pull(soap, address))
    assert sorted(topic.rpartition("/")[2] for topic, _, _ in told) == [
        "JobState", "SignalLoss", "StorageFailure",
    ]  # fmt: skip
    assert {operation for _, operation, _ in told} == {"Changed"}
    box.recorder.channels[2].restore()
    assert len(messages(await pull(soap, address))) == 2


@pytest.mark.parametrize(
    ("kind", "topic", "items"),
    [
        (EventKind.LINE_CROSSING, "RuleEngine/LineDetector/Crossed", {"ObjectId": "1"}),
        (EventKind.INTRUSION, "RuleEngine/FieldDetector/ObjectsInside", {"IsInside": "true"}),
        (EventKind.TAMPERING, "VideoSource/GlobalSceneChange/ImagingService", {"State": "true"}),
        (EventKind.VIDEO_LOSS, "VideoSource/SignalLoss", {"State": "true"}),
        (EventKind.FACE, "RuleEngine/MyRuleDetector/FaceDetect", {"State": "true"}),
        (EventKind.ALARM_INPUT, "Device/Trigger/DigitalInput", {"LogicalState": "true"}),
        (EventKind.RECORDING_FAILED, "RecordingConfig/JobState", {"State": "Error"}),
    ],
)
async def test_kinds(
    soap: Soap, box: RecorderBox, kind: EventKind, topic: str, items: dict[str, str]
) -> None:
    address = await subscribe(soap, f"tns1:{topic}")
    await pull(soap, address)
    box.recorder.events.begin(kind, channel=3, port=2)
    ((told, operation, named),) = messages(await pull(soap, address))
    assert (told, operation) == (f"tns1:{topic}", "Changed")
    assert named | items == named
    assert messages(await pull(soap, address)) == []


async def test_who_moves_is_told_too(soap: Soap, box: RecorderBox) -> None:
    address = await subscribe(soap, "tns1:RuleEngine//.")
    await pull(soap, address)
    box.recorder.events.begin(EventKind.MOTION, channel=1, target=Target.HUMAN)
    told = messages(await pull(soap, address))
    assert [topic.rpartition("/")[2] for topic, _, _ in told] == ["Motion", "PeopleDetect"]
    box.recorder.events.begin(EventKind.DISK_FULL)
    assert messages(await pull(soap, address)) == []


async def test_motion_by_other_topics(soap: Soap, box: RecorderBox) -> None:
    change(box, motion_topic=MotionTopic.BOTH, one_source=True)
    address = await subscribe(soap, "tns1:RuleEngine//.|tns1:VideoSource/MotionAlarm")
    await pull(soap, address)
    box.recorder.events.begin(EventKind.MOTION, channel=4)
    (_, _, cell), (topic, _, alarm) = messages(await pull(soap, address))
    assert cell["VideoSourceConfigurationToken"] == "00000"
    assert (topic, alarm) == ("tns1:VideoSource/MotionAlarm", {"Source": "00000", "State": "true"})


async def test_a_few_messages_at_a_time(soap: Soap) -> None:
    address = await subscribe(soap)
    first = messages(await pull(soap, address, limit=20))
    second = messages(await pull(soap, address, limit=20))
    assert (len(first), len(second)) == (20, 7)
    again = await soap.ask(TEV, "SetSynchronizationPoint", path=address)
    assert again.status == 200
    assert messages(await pull(soap, address)) == first + second


async def test_subscriptions_end(soap: Soap, box: RecorderBox, time: TimeSource) -> None:
    change(box, pulling_extends=False)
    address = await subscribe(soap)
    time.advance(timedelta(seconds=50))
    assert (await pull(soap, address)).status == 200
    renewed = await soap.ask(
        WSNT, "Renew", "<TerminationTime>PT90S</TerminationTime>", path=address
    )
    lasts = instant(renewed.text("TerminationTime")) - instant(renewed.text("CurrentTime"))
    assert lasts == timedelta(seconds=90)
    time.advance(timedelta(seconds=80))
    assert (await pull(soap, address)).status == 200
    time.advance(timedelta(seconds=11))
    assert (await pull(soap, address)).subcodes[1:] == ["InvalidArgVal", "InvalidToken"]
    assert box.recorder.events.listeners == 0


async def test_pulling_may_extend(soap: Soap, time: TimeSource) -> None:
    address = await subscribe(soap)
    for _ in range(3):
        time.advance(timedelta(seconds=9))
        assert (await pull(soap, address, timeout="PT0S")).status == 200
        time.advance(timedelta(seconds=40))
        await pull(soap, address)
    never = await soap.ask(WSNT, "Renew", "<TerminationTime>soon</TerminationTime>", path=address)
    assert never.subcodes[1] == "InvalidArgVal"


async def test_some_know_instants_alone(soap: Soap, box: RecorderBox) -> None:
    change(box, lifetime=Lifetime.ABSOLUTE)
    assert (await pull(soap, await subscribe(soap))).subcodes[2] == "InvalidToken"
    at = box.recorder.now() + timedelta(seconds=60)
    address = await subscribe(soap, life=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert (await pull(soap, address)).status == 200


async def test_few_subscriptions(soap: Soap, box: RecorderBox) -> None:
    change(box, subscriptions=2)
    address = await subscribe(soap)
    await subscribe(soap)
    refused = await soap.ask(TEV, "CreatePullPointSubscription")
    assert refused.subcodes == ["Receiver", "Action", "ResourceProblem"]
    assert (await soap.ask(WSNT, "Unsubscribe", path=address)).status == 200
    await subscribe(soap)
    box.recorder.reboot()
    assert box.recorder.events.listeners == 0


async def test_the_port_may_be_there_twice(soap: Soap, box: RecorderBox) -> None:
    change(box, subscription_hosts=Hosts.DOUBLE_PORT)
    reply = await soap.ask(TEV, "CreatePullPointSubscription")
    assert f"{box.address}:{box.http_port}/onvif/" in reply.text("Address")


async def test_who_ends_one_may_end_all(soap: Soap, box: RecorderBox) -> None:
    change(box, unsubscribes_all=True)
    first, second = [await subscribe(soap) for _ in range(2)]
    assert (await soap.ask(WSNT, "Unsubscribe", path=first)).status == 200
    assert (await pull(soap, second)).subcodes[2] == "InvalidToken"


async def test_the_subscription_may_be_named_in_the_header(soap: Soap, box: RecorderBox) -> None:
    change(box, reference=Reference.PARAMETER)
    reply = await soap.ask(TEV, "CreatePullPointSubscription")
    address = reply.text("Address")
    number = reply.text("SubscriptionId")
    assert (await pull(soap, address)).subcodes[2] == "InvalidToken"
    header = f'<e:SubscriptionId xmlns:e="urn:any">{number}</e:SubscriptionId>'
    named = await soap.ask(TEV, "PullMessages", "<Timeout>PT0S</Timeout>", header, path=address)
    assert len(messages(named)) == 27


@asynccontextmanager
async def consumer() -> AsyncIterator[tuple[str, asyncio.Queue[Reply]]]:
    """Serve as a client's own web server: gives its address and what it is told."""
    heard: asyncio.Queue[Reply] = asyncio.Queue()

    async def hear(request: web.Request) -> web.Response:
        heard.put_nowait(Reply(status=200, headers={}, body=await request.read()))
        return web.Response()

    application = web.Application()
    application.router.add_post("/notify", hear)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    try:
        yield f"http://{host}:{port}/notify", heard
    finally:
        await runner.cleanup()


async def test_pushes(soap: Soap, box: RecorderBox) -> None:
    async with consumer() as (address, heard):
        told = f'<ConsumerReference><a:Address xmlns:a="http://www.w3.org/2005/08/addressing">{address}'
        reply = await soap.ask(WSNT, "Subscribe", f"{told}</a:Address></ConsumerReference>")
        assert len(messages(await heard.get())) == 27
        box.recorder.events.begin(EventKind.MOTION, channel=1)
        ((topic, _, _),) = messages(await heard.get())
        assert topic == MOTION
        ended = await soap.ask(WSNT, "Unsubscribe", path=reply.text("Address"))
        assert ended.status == 200
    assert len(face_of(box).device.subscriptions) == 0
    wrong = await soap.ask(WSNT, "Subscribe", "<ConsumerReference>file:///x</ConsumerReference>")
    assert wrong.subcodes[1] == "InvalidArgVal"


async def test_unplugging_ends_what_is_pushed(soap: Soap, box: RecorderBox) -> None:
    async with consumer() as (address, heard):
        told = f'<ConsumerReference><a:Address xmlns:a="http://www.w3.org/2005/08/addressing">{address}'
        await soap.ask(WSNT, "Subscribe", f"{told}</a:Address></ConsumerReference>")
        await heard.get()
        await box.unplug()
    assert len(face_of(box).device.subscriptions) == 0


async def test_topics(soap: Soap) -> None:
    reply = await soap.ask(TEV, "GetEventProperties")
    topics = "{http://docs.oasis-open.org/wsn/t-1}topic"
    leaves = [
        each.tag.rpartition("}")[2] for each in reply.content.iter() if each.get(topics) == "true"
    ]
    assert {"MotionAlarm", "Motion", "JobState", "StorageFailure", "SignalLoss"} <= {*leaves}
    (cell,) = reply.all("CellMotionDetector")
    assert cell.tag == "CellMotionDetector"


@pytest.mark.parametrize("box", ["live"], indirect=True)
async def test_no_topics_of_recordings_without_any(soap: Soap) -> None:
    reply = await soap.ask(TEV, "GetEventProperties")
    assert not reply.all("JobState")
    told = messages(await pull(soap, await subscribe(soap)))
    assert {topic.rpartition("/")[2] for topic, _, _ in told} == {"Motion", "SignalLoss"}


@pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")
async def test_topics_are_nested_as_a_real_camera_does(soap: Soap) -> None:
    dump = (DEVICES / "generic-camera" / "events_GetEventProperties.xml").read_bytes()
    real = paths(defusedxml.ElementTree.fromstring(dump))
    ours = paths((await soap.ask(TEV, "GetEventProperties")).root)
    # Its own topics, and the log-in that it repeats.
    own = ("axis", "VideoAnalytics", "Port>", "Header", "Security", "Username")
    assert {each for each in real - ours if not any(part in each for part in own)} == set()
