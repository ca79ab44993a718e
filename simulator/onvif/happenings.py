"""What the device tells as it happens: by which topic, of which source (section 7 of the notes)."""

from collections.abc import Iterator
from typing import Final

from simulator.core.channels import Channel
from simulator.core.disks import DiskState
from simulator.core.events import Change, EventKind, Target

from .device import Device
from .jobs import filled, job_state, job_token
from .notices import Happening, Items
from .topics import MOTION
from .traits.events import MotionTopic

ALARM: Final = "VideoSource/MotionAlarm"
TAMPER: Final = "VideoSource/GlobalSceneChange/ImagingService"
SIGNAL_LOSS: Final = "VideoSource/SignalLoss"
LINE: Final = "RuleEngine/LineDetector/Crossed"
FIELD: Final = "RuleEngine/FieldDetector/ObjectsInside"
PEOPLE: Final = "RuleEngine/MyRuleDetector/PeopleDetect"
VEHICLES: Final = "RuleEngine/MyRuleDetector/VehicleDetect"
FACES: Final = "RuleEngine/MyRuleDetector/FaceDetect"
INPUT: Final = "Device/Trigger/DigitalInput"
STORAGE: Final = "Device/HardwareFailure/StorageFailure"
JOB: Final = "RecordingConfig/JobState"

ANALYTICS: Final = "VideoAnalyticsToken_1"
_BROKEN: Final = frozenset({DiskState.FAILED, DiskState.UNFORMATTED})
_BY_TARGET: Final = {Target.HUMAN: PEOPLE, Target.VEHICLE: VEHICLES}
# Topics whose source is the input's token, with the name of what they say.
_OF_SOURCES: Final = {
    EventKind.TAMPERING: (TAMPER, "State"),
    EventKind.SCENE_CHANGE: (TAMPER, "State"),
    EventKind.VIDEO_LOSS: (SIGNAL_LOSS, "State"),
    EventKind.FACE: (FACES, "State"),
}


def properties(device: Device) -> Iterator[Happening]:
    """Give how things stand: what isn't an event of its own is told when it differs from before."""
    for channel in device.channels:
        yield _flag(SIGNAL_LOSS, _source(device, channel), "State", on=not channel.has_pictures)
    for container in filled(device):
        yield Happening(
            topic=JOB,
            source=(("RecordingJobToken", job_token(container)),),
            data=(("State", job_state(container)),),
        )
    for disk in device.recorder.disks:
        if disk.state is not DiskState.MISSING:
            token = (("Token", f"Storage_{disk.number}"),)
            yield _flag(STORAGE, token, "Failed", on=disk.state in _BROKEN)


def going_on(device: Device) -> Iterator[Happening]:
    """Give which inputs see motion now, and what else goes on."""
    moving = {
        event.channel for event in device.recorder.events.going_on if event.kind is EventKind.MOTION
    }
    for channel in device.channels:
        yield from _motion(device, channel, on=channel.number in moving)
    for event in device.recorder.events.going_on:
        if event.kind is not EventKind.MOTION:
            yield from of_change(device, Change(event, active=True))


def of_change(device: Device, change: Change) -> Iterator[Happening]:
    """Give what is told of an event that begins or ends."""
    event, on = change.event, change.active
    channel = device.recorder.channels.get(event.channel or 0)
    if event.kind is EventKind.ALARM_INPUT:
        source = (("InputToken", f"AlarmIn_{event.port or 1}"),)
        yield _flag(INPUT, source, "LogicalState", on=on)
    if channel is None:
        return
    match event.kind:
        case EventKind.MOTION:
            yield from _motion(device, channel, on=on)
            if event.target is not None:
                topic = _BY_TARGET[event.target]
                yield _flag(topic, _source(device, channel), "State", on=on)
        case EventKind.INTRUSION:
            yield _flag(FIELD, _rule(device, channel, "MyFieldDetector"), "IsInside", on=on)
        case EventKind.LINE_CROSSING if on:
            crossed = _rule(device, channel, "MyLineDetector")
            yield Happening(topic=LINE, source=crossed, data=(("ObjectId", "1"),))
        case EventKind.RECORDING_FAILED:
            yield from _failed(device, channel, on=on)
        case kind if kind in _OF_SOURCES:
            topic, name = _OF_SOURCES[kind]
            yield _flag(topic, _source(device, channel), name, on=on)


def _motion(device: Device, channel: Channel, *, on: bool) -> Iterator[Happening]:
    topic = device.firmware.motion_topic
    if topic is not MotionTopic.ALARM:
        yield _flag(MOTION, _rule(device, channel, "MyMotionDetectorRule"), "IsMotion", on=on)
    if topic is not MotionTopic.CELL:
        yield _flag(ALARM, _source(device, channel), "State", on=on)


def _failed(device: Device, channel: Channel, *, on: bool) -> Iterator[Happening]:
    for container in filled(device):
        if container.channel == channel.number:
            source = (("RecordingJobToken", job_token(container)),)
            state = "Error" if on else job_state(container)
            yield Happening(topic=JOB, source=source, data=(("State", state),))


def _named(device: Device, channel: Channel) -> Channel:
    """Give the channel by whose token one is told."""
    return device.channels[0] if device.firmware.one_source else channel


def _source(device: Device, channel: Channel) -> Items:
    return (("Source", device.main_profile(_named(device, channel)).source),)


def _rule(device: Device, channel: Channel, rule: str) -> Items:
    return (
        (
            "VideoSourceConfigurationToken",
            device.main_profile(_named(device, channel)).source_config,
        ),
        ("VideoAnalyticsConfigurationToken", ANALYTICS),
        ("Rule", rule),
    )


def _flag(topic: str, source: Items, name: str, *, on: bool) -> Happening:
    return Happening(topic=topic, source=source, data=((name, "true" if on else "false"),))
