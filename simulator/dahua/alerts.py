"""What the device says of an event (section 11 of the protocol notes)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
import json
from typing import Final

from simulator.core.channels import ChannelState
from simulator.core.events import Event, EventKind, Target

from .device import Device
from .grammar import Json
from .times import tell

CODES: Final = {
    EventKind.MOTION: "VideoMotion",
    EventKind.LINE_CROSSING: "CrossLineDetection",
    EventKind.INTRUSION: "CrossRegionDetection",
    EventKind.REGION_ENTRANCE: "CrossRegionDetection",
    EventKind.REGION_EXIT: "CrossRegionDetection",
    EventKind.SCENE_CHANGE: "SceneChange",
    EventKind.FACE: "FaceDetection",
    EventKind.TAMPERING: "VideoBlind",
    EventKind.VIDEO_LOSS: "VideoLoss",
    EventKind.ALARM_INPUT: "AlarmLocal",
    EventKind.DISK_FULL: "StorageLowSpace",
    EventKind.DISK_ERROR: "StorageFailure",
    EventKind.NETWORK_BROKEN: "NetAbort",
    EventKind.ADDRESS_CONFLICT: "IPConflict",
    EventKind.ILLEGAL_LOGIN: "LoginFailure",
    EventKind.RECORDING_FAILED: "StorageNotExist",
}
ALL: Final = "All"
NOISE: Final = ("NTPAdjustTime", "InterVideoAccess", "RtspSessionDisconnect")
"""Codes that concern nobody."""
_SMART: Final = {Target.HUMAN: "SmartMotionHuman", Target.VEHICLE: "SmartMotionVehicle"}
_RULES: Final = {
    EventKind.LINE_CROSSING: "LeftToRight",
    EventKind.INTRUSION: "Enter",
    EventKind.REGION_ENTRANCE: "Enter",
    EventKind.REGION_EXIT: "Leave",
}
_REGION: Final[Json] = [[455, 260], [3586, 260], [3768, 7580], [382, 7451]]
_BOX: Final[Json] = [2856, 1280, 3880, 4880]
_OBJECTS: Final = {Target.HUMAN: "Human", Target.VEHICLE: "Vehicle", None: "Unknown"}
_MICROSECONDS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One message.

    Attributes:
        code: what happens.
        action: that it begins, ends, or both at once.
        index: of the channel or alarm input; None where it concerns the device.
        data: what else is known.
    """

    code: str
    action: str
    index: int | None
    data: Mapping[str, Json]


def alerts(device: Device, event: Event, at: datetime, *, active: bool) -> Iterator[Alert]:
    """Give the messages that an event begins or ends."""
    codes = [CODES[event.kind]]
    if event.kind is EventKind.MOTION and event.target is not None:
        codes.append(_SMART[event.target])
    for code in codes:
        yield Alert(
            code=code,
            action="Start" if active else "Stop",
            index=_index(device, event),
            data=_data(device, event, at),
        )


def noise(device: Device, at: datetime) -> Iterator[Alert]:
    """Give the messages that concern nobody."""
    for code in NOISE:
        data: Json = {"LocaleTime": tell(device.recorder, device.firmware, at), "result": True}
        assert isinstance(data, Mapping)
        yield Alert(code=code, action="Pulse", index=0, data=data)


def going_on(device: Device, code: str) -> list[int]:
    """Give the indexes at which a code goes on."""
    told = [alert for event in device.recorder.events.going_on for alert in
            alerts(device, event, event.start, active=True)]  # fmt: skip
    found = {alert.index or 0 for alert in told if alert.code == code}
    if code == CODES[EventKind.VIDEO_LOSS]:
        base = device.firmware.event_index_base
        found |= {
            channel.number - 1 + base
            for channel in device.recorder.channels.values()
            if channel.state is ChannelState.NO_VIDEO
        }
    return sorted(found)


def wants(codes: frozenset[str], code: str) -> bool:
    """Say whether a client that asked for these codes gets one."""
    return ALL in codes or code in codes


def text(device: Device, alert: Alert, *, broken: bool = False) -> str:
    """Write a message as CGI does.

    Args:
        device: whose it is.
        alert: what is told.
        broken: whether its data is written as badly as a camera was once seen to do.
    """
    line = f"Code={alert.code};action={alert.action}"
    if alert.index is not None:
        line += f";index={alert.index}"
    if not device.firmware.event_data or not alert.data:
        return line
    if device.firmware.event_extra_field:
        line += ";test=doesnotexist"
    data = json.dumps(alert.data, indent="\t", separators=(",", ":\t"))
    if broken:
        # A brace too early, and a comma behind the last field.
        first, _, rest = data.partition(",\n")
        data = f"{first}\n}}\n\t\n{rest.removesuffix('}').rstrip()},"
    return f"{line};data={data}"


def pushed(alert: Alert) -> Json:
    """Write a message as RPC2 pushes it."""
    return {
        "Action": alert.action,
        "Code": alert.code,
        "Data": alert.data,
        "Index": 0 if alert.index is None else alert.index,
    }


def _index(device: Device, event: Event) -> int | None:
    if event.port is not None:
        return event.port - 1
    if event.channel is None:
        return None
    return event.channel - 1 + device.firmware.event_index_base


def _data(device: Device, event: Event, at: datetime) -> Mapping[str, Json]:
    known = device.recorder.channels.get(event.channel or 0)
    if known is None:
        return {}
    basic: dict[str, Json] = {
        "LocaleTime": tell(device.recorder, device.firmware, at),
        "UTC": int(at.timestamp()),
        "Name": known.name,
    }
    if event.kind is EventKind.MOTION:
        return {**basic, "SmartMotionEnable": event.target is not None}
    direction = _RULES.get(event.kind)
    if direction is None:
        return basic
    return {
        **basic,
        "UTCMS": at.microsecond // _MICROSECONDS,
        "Action": "Cross",
        "Class": "Normal",
        "Direction": direction,
        "DetectRegion": _REGION,
        "Name": "Rule1",
        "RuleID": 2,
        "EventID": 10181,
        "GroupID": 0,
        "Object": {
            "Action": "Appear",
            "BoundingBox": _BOX,
            "ObjectID": 863,
            "ObjectType": _OBJECTS[event.target],
        },
    }
