"""Which events are watched for, and what they lead to (section 15 of the protocol notes)."""

from collections.abc import Iterable, Iterator
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel
from simulator.core.events import EventKind
from simulator.core.recordings import Kind

from .alerts import WORDS
from .device import Device, body_of
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .traits.events import TriggerList
from .xml import Document, read

_PATH: Final = "/ISAPI/Event"
_INPUT_DETECTION: Final = "/ISAPI/System/Video/inputs/channels"
_INPUTS: Final = "/Video/inputs/"
_PROXY_DETECTION: Final = "/ISAPI/ContentMgmt/InputProxy/channels"
# Trigger ids and types are spelled in ways of their own.
_IDS: Final = {EventKind.TAMPERING: "tamper"}
_TYPES: Final = {EventKind.TAMPERING: "tamperdetection"}
_RECORDED: Final = {
    EventKind.MOTION: Kind.MOTION,
    EventKind.INTRUSION: Kind.INTRUSION,
    EventKind.LINE_CROSSING: Kind.LINE_CROSSING,
}
_OF_CHANNELS: Final = (
    EventKind.MOTION,
    EventKind.TAMPERING,
    EventKind.VIDEO_LOSS,
    EventKind.INTRUSION,
    EventKind.LINE_CROSSING,
    EventKind.REGION_ENTRANCE,
    EventKind.REGION_EXIT,
    EventKind.SCENE_CHANGE,
)
_MOTION_SETTINGS: Final[Document] = {
    "enableHighlight": False,
    "samplingInterval": 2,
    "startTriggerTime": 500,
    "endTriggerTime": 500,
    "regionType": "grid",
    "Grid": {"rowGranularity": 18, "columnGranularity": 22},
}
_OF_DEVICE: Final = (
    EventKind.DISK_FULL,
    EventKind.DISK_ERROR,
    EventKind.NETWORK_BROKEN,
    EventKind.ADDRESS_CONFLICT,
    EventKind.ILLEGAL_LOGIN,
)


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("GET", f"{_PATH}/triggers", triggers, Right.SETTINGS, _lists_triggers)
    yield Route("GET", f"{_PATH}/triggers/{{id}}", trigger, Right.SETTINGS)
    yield Route("GET", f"{_PATH}/channels/capabilities", capabilities, Right.SETTINGS)
    yield Route("GET", f"{_PATH}/notification/httpHosts", hosts, Right.SETTINGS)
    for path in (
        f"{_INPUT_DETECTION}/{{number:[0-9]+}}/motionDetection",
        f"{_PROXY_DETECTION}/{{number:[0-9]+}}/video/motionDetection",
    ):
        yield Route("GET", path, motion_detection, Right.SETTINGS)
        yield Route("PUT", path, set_motion_detection, Right.SETTINGS)


def _lists_triggers(firmware: Firmware) -> bool:
    return firmware.trigger_list is not TriggerList.ABSENT


async def triggers(device: Device, _request: web.Request) -> web.Response:
    """List all triggers."""
    content: Document = {"EventTrigger": list(_triggers(device))}
    if device.firmware.trigger_list is TriggerList.WRAPPED:
        return device.xml("EventNotification", {"EventTriggerList": content})
    return device.xml("EventTriggerList", content)


async def trigger(device: Device, request: web.Request) -> web.Response:
    """Tell of one trigger."""
    wanted = request.match_info["id"].lower()
    for known in _triggers(device):
        if str(known["id"]).lower() == wanted:
            return device.xml("EventTrigger", known)
    raise Refusal.invalid_operation()


async def capabilities(device: Device, _request: web.Request) -> web.Response:
    """Say which events each channel can tell."""
    words = ",".join(_TYPES.get(kind, WORDS[kind]) for kind in (*_OF_CHANNELS, *_OF_DEVICE))
    items: list[Document] = [
        {"eventType": {"@opt": words}, "channelID": number, "id": number}
        for number in device.recorder.channels
    ]
    return device.xml("ChannelEventCapList", {"ChannelEventCap": items})


async def hosts(device: Device, _request: web.Request) -> web.Response:
    """Say where events are pushed to: nowhere."""
    host: Document = {
        "id": 1,
        "url": None,
        "protocolType": "HTTP",
        "parameterFormatType": "XML",
        "addressingFormatType": "ipaddress",
        "ipAddress": "0.0.0.0",
        "portNo": 80,
        "httpAuthenticationMethod": "none",
    }
    return device.xml("HttpHostNotificationList", {"HttpHostNotification": [host]})


async def motion_detection(device: Device, request: web.Request) -> web.Response:
    """Say whether motion is looked for."""
    enabled = _channel(device, request).number not in device.motionless
    return device.xml("MotionDetection", {"enabled": enabled, **_MOTION_SETTINGS})


async def set_motion_detection(device: Device, request: web.Request) -> web.Response:
    """Switch the look-out for motion on or off."""
    channel = _channel(device, request)
    wish = read(await body_of(request), "MotionDetection")
    enabled = wish.findtext("enabled", "").strip()
    lacking = {"enabled", *_MOTION_SETTINGS} - {part.tag for part in wish}
    if enabled not in {"true", "false"} or (device.firmware.whole_settings and lacking):
        raise Refusal.bad_content()
    if not device.firmware.keeps_settings:
        raise Refusal.ok()
    (device.motionless.discard if enabled == "true" else device.motionless.add)(channel.number)
    raise Refusal.ok()


def _channel(device: Device, request: web.Request) -> Channel:
    channel = device.channel(int(request.match_info["number"]))
    if channel.analog is not (_INPUTS in request.path):
        raise Refusal.not_supported()
    return channel


def _triggers(device: Device) -> Iterator[Document]:
    for kind in _OF_CHANNELS:
        for channel in device.recorder.channels.values():
            if not (channel.analog and kind is EventKind.SCENE_CHANGE):
                yield _of_channel(device, kind, channel)
    for kind in _OF_DEVICE:
        yield {
            "id": WORDS[kind],
            "eventType": WORDS[kind],
            "EventTriggerNotificationList": {"EventTriggerNotification": _center(device)},
        }


def _of_channel(device: Device, kind: EventKind, channel: Channel) -> Document:
    word, number = WORDS[kind], channel.number
    place, source = "videoInputChannelID", "videoInputID"
    if not channel.analog:
        place, source = "dynVideoInputChannelID", "dynVideoInputID"
    notifications: list[Document] = []
    if _RECORDED.get(kind) in channel.plan.kinds:
        record: Document = {
            "id": f"record-{number}",
            "notificationMethod": "record",
            source: number,
        }
        notifications.append(record)
    return {
        "id": f"{_IDS.get(kind, word)}-{number}",
        "eventType": _TYPES.get(kind, word),
        place: number,
        "EventTriggerNotificationList": {
            "EventTriggerNotification": [*notifications, *_center(device)]
        },
    }


def _center(device: Device) -> list[Document]:
    if not device.firmware.notifies_center:
        return []
    return [{"id": "center", "notificationMethod": "center"}]
