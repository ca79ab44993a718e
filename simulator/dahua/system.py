"""The box itself: its labels, clock, load and uptime (sections 4, 5 and 12 of the protocol notes)."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right

from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .firmware import Firmware
from .grammar import Json
from .route import Handler, Route, cgi
from .rpc import Call, Caller, Method, Reply
from .times import read, tell

_MEMORY_TOTAL: Final = 274_636_800.0
_MEMORY_FREE: Final = 96_133_120.0
_CPU_PERCENT: Final = 30
# What it ran before its last boot.
_EARLIER_S: Final = 273_365

type Label = Callable[[Device], Json]


def routes() -> Iterable[Route]:
    """Give the resources."""
    for action, label in _LABELS.items():
        yield cgi("magicBox", action, _tells(label))
    yield cgi("magicBox", "getSystemInfoNew", system_info_new, needs=_newer)
    yield cgi("magicBox", "getProductDefinition", product_definition)
    yield cgi("magicBox", "reboot", reboot, Right.SETTINGS)
    yield cgi("IntervideoManager", "getVersion", api_version)
    yield cgi("global", "getCurrentTime", time)
    yield cgi("global", "setCurrentTime", set_time, Right.SETTINGS)
    yield cgi("global", "getDST", daylight_saving)


def methods() -> Iterable[Method]:
    """Give the methods."""
    for name, answer in _ANSWERS.items():
        yield Method(name, _answers(answer))
    yield Method("magicBox.getProductDefinition", definition)
    yield Method("magicBox.reboot", restart, Right.SETTINGS)
    yield Method("global.getCurrentTime", current_time)


def _newer(firmware: Firmware) -> bool:
    return firmware.system_info_new


def model_of(device: Device) -> str:
    """Give what the box calls its model where that is asked for first."""
    return device.firmware.device_type or device.recorder.identity.model


def version_of(device: Device) -> str:
    """Give the firmware's version with its date."""
    blank = " " if device.firmware.build_after_blank else ""
    identity = device.recorder.identity
    return f"{identity.firmware},{blank}build:{identity.firmware_date:%Y-%m-%d}"


def _class(device: Device) -> str:
    if device.firmware.device_class is None:
        raise Refusal.bad_request()
    return device.firmware.device_class


def _system_info(device: Device) -> Json:
    firmware, identity = device.firmware, device.recorder.identity
    more: dict[str, Json] = {}
    if firmware.update_serial is not None:
        more["updateSerial"] = firmware.update_serial
    if firmware.camera:
        more = {"appAutoStart": True, "hardwareVersion": identity.hardware, **more}
    info: dict[str, Json] = {
        "deviceType": model_of(device),
        "processor": firmware.processor,
        "serialNumber": identity.serial,
        **more,
    }
    return dict(sorted(info.items())) if firmware.sorted_fields else info


_LABELS: Final[dict[str, Label]] = {
    "getDeviceType": lambda device: {"type": model_of(device)},
    "getDeviceClass": lambda device: {"class": _class(device)},
    "getSystemInfo": _system_info,
    "getSerialNo": lambda device: {
        "sn": device.recorder.identity.serial if device.firmware.serial_told else ""
    },
    "getSoftwareVersion": lambda device: {"version": version_of(device)},
    "getMachineName": lambda device: {"name": device.recorder.identity.name},
    "getVendor": lambda device: {"vendor": device.firmware.vendor},
    "getHardwareVersion": lambda device: {"version": device.recorder.identity.hardware},
    "getLanguageCaps": lambda _device: {"Languages": "English,German,Portuguese,Spanish"},
}


def _version(device: Device) -> Json:
    identity = device.recorder.identity
    return {
        "version": {
            "Build": f"{identity.firmware_date:%Y%m%d}",
            "BuildDate": f"{identity.firmware_date:%Y-%m-%d}",
            "SecurityBaseLineVersion": "V2.1",
            "Version": identity.firmware,
            "WebVersion": "V3.2.1.948164",
        }
    }


def _uptime(device: Device) -> Json:
    """Tell the seconds since the last boot, and all that it ever ran."""
    last = int((device.recorder.now() - device.recorder.started).total_seconds())
    info: dict[str, Json] = {"Last": last, "Total": last + _EARLIER_S}
    if device.firmware.lower_uptime:
        info = {name.lower(): value for name, value in info.items()}
    return {"info": info}


_ANSWERS: Final[dict[str, Label]] = {
    "magicBox.getDeviceType": lambda device: {"type": model_of(device)},
    "magicBox.getDeviceClass": lambda device: {"type": _class(device)},
    "magicBox.getSerialNo": lambda device: {
        "sn": device.recorder.identity.serial if device.firmware.serial_told else ""
    },
    "magicBox.getSoftwareVersion": _version,
    "magicBox.getHardwareVersion": lambda device: {"version": device.recorder.identity.hardware},
    "magicBox.getMachineName": lambda device: {"name": device.recorder.identity.name},
    "magicBox.getVendor": lambda device: {"Vendor": device.firmware.vendor},
    "magicBox.getMarketArea": lambda _device: {"AreaInfo": "Oversea"},
    "magicBox.getProcessInfo": lambda device: {"info": device.firmware.processor},
    "magicBox.getSystemInfo": _system_info,
    "magicBox.getUpTime": _uptime,
    "magicBox.getMemoryInfo": lambda _device: {"free": _MEMORY_FREE, "total": _MEMORY_TOTAL},
    "magicBox.getCPUUsage": lambda _device: {"usage": _CPU_PERCENT},
    "magicBox.needReboot": lambda _device: {"needReboot": 0},
}


def _tells(label: Label) -> Handler:
    async def tell_label(device: Device, _request: web.Request) -> web.StreamResponse:
        return device.fields(label(device))

    return tell_label


def _answers(answer: Label) -> Caller:
    async def give(device: Device, _call: Call) -> Reply:
        try:
            return Reply(answer(device))
        except Refusal as err:
            raise RpcRefusal(Code.UNKNOWN_METHOD) from err

    return give


async def system_info_new(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell the labels as newer firmware does."""
    return device.fields(_system_info(device), "info")


def _definition(device: Device, name: str) -> int | None:
    cameras = 0 if device.firmware.camera else len(device.network_channels)
    known = {
        "MaxExtraStream": device.firmware.extra_streams,
        "MaxRemoteInputChannels": max(cameras, device.capacity - _inputs(device)),
    }
    if device.firmware.camera:
        known["MaxRemoteInputChannels"] = 0
    return known.get(name)


def _inputs(device: Device) -> int:
    return len(device.recorder.channels) - len(device.network_channels)


async def product_definition(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell one of the numbers that a product is made with."""
    name = device.query(request).get("name", "")
    value = _definition(device, name)
    if value is None:
        raise Refusal.bad_request()
    return device.fields({name: value}, "table")


async def definition(device: Device, call: Call) -> Reply:
    """Tell one of the numbers that a product is made with."""
    value = _definition(device, call.text("name"))
    if value is None:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    return Reply({"definition": value})


async def api_version(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell the version of CGI."""
    version = device.firmware.cgi_version
    if version is None or device.query(request).get("Name") != "CGI":
        raise Refusal.bad_request()
    return device.fields({"version": version})


async def reboot(device: Device, _request: web.Request) -> web.StreamResponse:
    """Reboot, once this has been answered."""
    asyncio.get_running_loop().call_soon(device.recorder.restart)
    return device.ok()


async def restart(device: Device, _call: Call) -> Reply:
    """Reboot, once this has been answered."""
    asyncio.get_running_loop().call_soon(device.recorder.restart)
    return Reply()


def _now(device: Device) -> str:
    return tell(device.recorder, device.firmware, device.recorder.now())


async def time(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell the time, as far as the device knows it."""
    return device.fields({"result": _now(device)})


async def current_time(device: Device, _call: Call) -> Reply:
    """Tell the time, as far as the device knows it."""
    if device.firmware.time_in_result:
        return Reply(result=_now(device))
    return Reply({"time": _now(device)})


async def set_time(device: Device, request: web.Request) -> web.StreamResponse:
    """Set the clock."""
    try:
        wall = read(device.firmware, device.query(request).get("time", ""))
    except ValueError as err:
        raise Refusal.bad_request() from err
    set_clock(device, wall)
    return device.ok()


def set_clock(device: Device, wall: datetime) -> None:
    """Let the device's clock show other digits from now on."""
    recorder = device.recorder
    recorder.clock.offset += recorder.clock.instant(wall) - recorder.now()


async def daylight_saving(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell whether daylight saving time is on."""
    local = device.recorder.now().astimezone(device.recorder.clock.zone)
    return device.fields({"result": bool(local.dst())})
