"""All tables of settings by name, and the smaller ones (sections 2, 3, 6 and 12 of the notes)."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.core.channels import Channel
from simulator.core.recordings import Kind

from .device import Device
from .encode import encode, smart_encode
from .grammar import Json
from .locales import locales, ntp
from .remote import remote_devices
from .traits.channels import RemoteKey

type Table = Callable[[Device], Json]

_SCHEDULE, _OFF = 0, 2
_CONTINUOUS, _ON_MOTION, _ON_ALARM = 1, 2, 4
_DAYS, _SECTIONS = 8, 6
_SMART: Final = {Kind.LINE_CROSSING: "CrossLineDetection", Kind.INTRUSION: "CrossRegionDetection"}


def _rows(row: Callable[[Device, Channel | None], Json]) -> Table:
    """Give the table with a row for each channel there could be."""

    def rows(device: Device) -> Json:
        channels = device.recorder.channels
        return [row(device, channels.get(index + 1)) for index in range(device.capacity)]

    return rows


def _titles(device: Device) -> Json:
    channels = device.recorder.channels
    default = device.firmware.default_title
    numbers = range(1, device.capacity + 1)
    return [
        {"Name": channels[number].name if number in channels else default.format(number=number)}
        for number in numbers
    ]


def _remote_devices(device: Device) -> Json:
    if device.firmware.remote_key is RemoteKey.ABSENT:
        raise KeyError
    return remote_devices(device)


def _record_mode(_device: Device, channel: Channel | None) -> Json:
    recorded = set() if channel is None else {*channel.plan.streams}
    return {
        "Mode": _SCHEDULE if channel is None or 1 in recorded else _OFF,
        "ModeExtra1": _SCHEDULE if 2 in recorded else _OFF,
        "ModeExtra2": _OFF,
    }


def _record(_device: Device, channel: Channel | None) -> Json:
    mask = 0
    if channel is not None:
        mask |= _CONTINUOUS * channel.plan.continuous
        mask |= _ON_MOTION * (Kind.MOTION in channel.plan.kinds)
        mask |= _ON_ALARM * (Kind.ALARM in channel.plan.kinds)
    day: list[Json] = [f"{mask} 00:00:00-24:00:00", *["0 00:00:00-24:00:00"] * (_SECTIONS - 1)]
    return {
        "HolidayEnable": False,
        "PreRecord": 5,
        "Redundancy": False,
        "SnapShot": False,
        "Stream": 0,
        "TimeSection": [day] * _DAYS,
    }


def _motion(_device: Device, channel: Channel | None) -> Json:
    recorded = channel is not None and Kind.MOTION in channel.plan.kinds
    return {
        "DetectVersion": "V3.0",
        "Enable": channel is not None,
        "EventHandler": {"RecordChannels": [0], "RecordEnable": recorded},
    }


def _smart_motion(_device: Device, channel: Channel | None) -> Json:
    kinds = () if channel is None else channel.plan.kinds
    people, vehicles = Kind.PERSON in kinds, Kind.VEHICLE in kinds
    return {
        "Enable": people or vehicles,
        "ObjectTypes": {"Human": people, "Vehicle": vehicles},
        "Sensitivity": "Middle",
    }


def _rules(_device: Device, channel: Channel | None) -> Json:
    kinds = () if channel is None else channel.plan.kinds
    return [
        {"Enable": True, "Name": f"IVS-{number}", "Type": _SMART[kind]}
        for number, kind in enumerate((kind for kind in kinds if kind in _SMART), 1)
    ]


def _general(device: Device) -> Json:
    policy = device.recorder.accounts.policy
    return {
        "LocalNo": 8,
        "LockLoginEnable": True,
        "LockLoginTimes": policy.tries,
        "LoginFailLockTime": int(policy.lock.total_seconds()),
        "MachineName": device.recorder.identity.name,
        "MaxOnlineTime": 3600,
    }


def _rtsp(device: Device) -> Json:
    if not device.firmware.rtsp_port_told:
        raise KeyError
    return {
        "Enable": True,
        "Port": device.ports.rtsp,
        "RTP": {"EndPort": 40000, "StartPort": 20000},
    }


def _network(device: Device) -> Json:
    identity = device.recorder.identity
    interface: Json = {
        "DefaultGateway": "192.0.2.1",
        "DhcpEnable": False,
        "IPAddress": identity.address,
        "MTU": 1500,
        "PhysicalAddress": identity.mac,
        "SubnetMask": "255.255.255.0",
    }
    return {
        "DefaultInterface": "eth0",
        "Hostname": device.recorder.identity.name,
        "eth0": interface,
    }


def _picture_options(device: Device) -> Json:
    """Tell of the box's own inputs, and of cameras in the network where it knows that of them."""
    remote = device.firmware.remote_options
    known = [each for each in device.recorder.channels.values() if each.analog or remote]
    if not known:
        raise KeyError
    return [{"DayNightColor": 1, "Mirror": False} for _channel in known]


def _camera_only(content: Callable[[Device], Json]) -> Table:
    """Give a table that recorders don't have, not even for their cameras."""

    def told(device: Device) -> Json:
        if not device.firmware.camera:
            raise KeyError
        return content(device)

    return told


TABLES: Final[Mapping[str, Table]] = {
    "ChannelTitle": _titles,
    "RemoteDevice": _remote_devices,
    "Encode": encode,
    "SmartEncode": smart_encode,
    "RecordMode": _rows(_record_mode),
    "Record": _rows(_record),
    "MotionDetect": _rows(_motion),
    "SmartMotionDetect": _rows(_smart_motion),
    "VideoAnalyseRule": _rows(_rules),
    "General": _general,
    "Locales": locales,
    "NTP": ntp,
    "RTSP": _rtsp,
    "Network": _network,
    "VideoStandard": lambda _device: "PAL",
    "DisableLinkage": lambda _device: {"Enable": False},
    "DisableEventNotify": lambda _device: {"Enable": False},
    "VideoInOptions": _picture_options,
    "VideoInMode": _camera_only(
        lambda _device: [{"Config": [2], "Mode": 0, "TimeSection": [["0 00:00:00-24:00:00"]]}]
    ),
    "LeLensMask": _camera_only(lambda _device: [{"Enable": False}]),
    "Lighting": _camera_only(lambda _device: [[{"Correction": 50, "Mode": "Auto"}]]),
}
