"""What the device writes down of an event (section 15 of the protocol notes)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
import json
from typing import Final

from simulator.core.events import Event, EventKind

from .device import Device
from .traits.events import PartLength
from .xml import Document, Value, render

XML_PART: Final = 'application/xml; charset="UTF-8"'
JSON_PART: Final = "application/json"
WORDS: Final = {
    EventKind.MOTION: "VMD",
    EventKind.LINE_CROSSING: "linedetection",
    EventKind.INTRUSION: "fielddetection",
    EventKind.REGION_ENTRANCE: "regionEntrance",
    EventKind.REGION_EXIT: "regionExiting",
    EventKind.SCENE_CHANGE: "scenechangedetection",
    EventKind.FACE: "facedetection",
    EventKind.TAMPERING: "shelteralarm",
    EventKind.VIDEO_LOSS: "videoloss",
    EventKind.ALARM_INPUT: "IO",
    EventKind.DISK_FULL: "diskfull",
    EventKind.DISK_ERROR: "diskerror",
    EventKind.NETWORK_BROKEN: "nicbroken",
    EventKind.ADDRESS_CONFLICT: "ipconflict",
    EventKind.ILLEGAL_LOGIN: "illaccess",
    EventKind.RECORDING_FAILED: "recordingfailure",
}
SMART: Final = frozenset(
    {
        EventKind.LINE_CROSSING,
        EventKind.INTRUSION,
        EventKind.REGION_ENTRANCE,
        EventKind.REGION_EXIT,
        EventKind.FACE,
    }
)
"""Those that a picture can come with."""
_DESCRIPTIONS: Final = {EventKind.MOTION: "Motion alarm"}
_DURATION: Final = "duration"
_REGION: Final = ((572, 100), (572, 995), (999, 998), (992, 210))
# By so much a device is off that counted another form of the document.
_MISCOUNTED_BY: Final = 23


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One message about an event.

    Attributes:
        event: that it is about.
        at: true UTC instant that it names.
        active: whether the event goes on.
        count: of messages about it, this one included.
        late: whether it is sent long after.
        repeat: whether the event was told before.
    """

    event: Event
    at: datetime
    active: bool
    count: int = 1
    late: bool = False
    repeat: bool = False


def heartbeat(device: Device) -> bytes:
    """Write the sign of life: a video loss that is none."""
    firmware = device.firmware
    channel = min(device.recorder.channels, default=0)
    content = {
        **_origin(device),
        **_place(device, channel),
        "dateTime": device.recorder.clock.local_time(device.recorder.now()),
        "activePostCount": None if firmware.empty_post_count else 0,
        "eventType": WORDS[EventKind.VIDEO_LOSS],
        "eventState": "inactive",
        "eventDescription": "videoloss alarm",
    }
    return part(device, content)


def message(device: Device, alert: Alert) -> bytes:
    """Write the part of the event stream that tells of an event."""
    firmware, event = device.firmware, alert.event
    word = WORDS[event.kind]
    told = _DURATION if alert.repeat and firmware.repeats_as_duration else word
    content: dict[str, Value] = {
        **_origin(device),
        **_place(device, event.channel),
        "dateTime": device.recorder.clock.local_time(alert.at),
        "activePostCount": None if firmware.empty_post_count else alert.count,
        "eventType": told,
        "eventState": "active" if alert.active else "inactive",
        "eventDescription": _DESCRIPTIONS.get(event.kind, f"{told} alarm"),
        **_input(device, event),
        **_region(event),
    }
    channel = device.recorder.channels.get(event.channel or 0)
    if channel is not None:
        content["channelName"] = channel.name
    if told == _DURATION:
        content["DurationList"] = {"Duration": [{"relationEvent": word}]}
    if firmware.event_pictures and event.kind in SMART and alert.active and not alert.repeat:
        content |= {"detectionPictureTransType": "binary", "detectionPicturesNumber": 1}
    if firmware.marks_buffered:
        content["isDataRetransmission"] = alert.late
    return part(device, content)


def part(device: Device, content: Document) -> bytes:
    """Write one part of the event stream as this firmware frames it."""
    if device.firmware.event_json:
        return framed(device, JSON_PART, json.dumps(content, ensure_ascii=False).encode())
    body = render(
        "EventNotificationAlert",
        content,
        device.firmware,
        declaration=device.firmware.event_declaration,
    )
    return framed(device, XML_PART, body)


def framed(
    device: Device, content_type: str, body: bytes, headers: Mapping[str, str] | None = None
) -> bytes:
    """Put a part's body between its head and its end."""
    firmware = device.firmware
    fields = {"Content-Type": content_type, **(headers or {})}
    match firmware.event_part_length:
        case PartLength.EXACT:
            fields["Content-Length"] = str(len(body))
        case PartLength.WRONG:
            fields["Content-Length"] = str(len(body) + _MISCOUNTED_BY)
        case PartLength.ABSENT:
            pass
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{boundary_line(device)}\r\n{head}\r\n".encode() + body + b"\r\n"


def boundary_line(device: Device) -> str:
    """Give the line between parts."""
    name = device.firmware.event_boundary.strip('"')
    return name if name.startswith("--") else f"--{name}"


def told_number(device: Device, channel: int) -> int:
    """Give the number by which events call a channel."""
    known = device.recorder.channels.get(channel)
    if known is None or known.analog:
        return channel
    return channel + device.firmware.event_ip_base


def _origin(device: Device) -> Document:
    protocol = "protocolType" if device.firmware.event_protocol_type else "protocol"
    identity = device.recorder.identity
    return {
        "ipAddress": identity.address,
        "portNo": device.ports.http,
        protocol: "HTTP",
        "macAddress": identity.mac,
    }


def _place(device: Device, channel: int | None) -> Document:
    number = 0 if channel is None else told_number(device, channel)
    if device.firmware.event_dyn_channel and channel is not None:
        return {"dynChannelID": channel, "channelID": number}
    return {"channelID": number}


def _input(device: Device, event: Event) -> Document:
    if event.port is None:
        return {}
    channel = device.recorder.channels.get(event.channel or 0)
    if channel is None or channel.analog:
        return {"inputIOPortID": event.port}
    return {"dynInputIOPortID": f"{channel.number}{event.port:02}"}


def _region(event: Event) -> Document:
    if event.target is None or event.kind not in SMART:
        return {}
    corners = [{"positionX": x, "positionY": y} for x, y in _REGION]
    entry: Document = {
        "regionID": 1,
        "sensitivityLevel": 50,
        "RegionCoordinatesList": {"RegionCoordinates": corners},
        "detectionTarget": event.target.value,
        "TargetRect": {"X": "0.6", "Y": "0.215278", "width": "0.135937", "height": "0.505556"},
    }
    return {"DetectionRegionList": {"DetectionRegionEntry": [entry]}}
