"""The box itself: its labels, clock, load and abilities."""

import asyncio
from collections.abc import Iterable
from datetime import date

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import ChannelState
from simulator.core.disks import MEBIBYTE, DiskState

from .device import Device, Json
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .times import time_zone
from .traits.box import RebootAnswer
from .xml import Document

_NTP_INTERVAL_MIN = 1440
_RECORDED_WORDS = "CMR,MOTION,ALARM,EDR,ALARMANDMOTION,Command,manual,AllEvent"


def routes() -> Iterable[Route]:
    """Give the resources."""
    path = "/ISAPI/System"
    yield Route("GET", f"{path}/deviceInfo", device_info)
    yield Route("GET", f"{path}/capabilities", capabilities)
    yield Route("GET", f"{path}/status", status, Right.STATUS, _tells_status)
    yield Route("PUT", f"{path}/reboot", reboot, Right.SETTINGS)
    yield Route("GET", f"{path}/time", time)
    yield Route("GET", f"{path}/time/localTime", local_time)
    yield Route("GET", f"{path}/time/timeZone", zone)
    yield Route("GET", f"{path}/time/ntpServers", ntp_servers, Right.SETTINGS)
    yield Route("GET", f"{path}/Network/interfaces", interfaces, Right.SETTINGS)
    work = f"{path}/workingstatus"
    yield Route("GET", work, working_status, Right.STATUS, _tells_work)
    yield Route("GET", f"{work}/chanStatus", channel_status, Right.STATUS, _tells_work)


def _tells_status(firmware: Firmware) -> bool:
    return not firmware.status_absent


def _tells_work(firmware: Firmware) -> bool:
    return firmware.working_status


async def device_info(device: Device, _request: web.Request) -> web.Response:
    """Tell the labels."""
    identity = device.recorder.identity
    content: Document = {
        "deviceName": identity.name,
        "deviceID": _device_id(identity.mac),
        "model": identity.model,
        "serialNumber": identity.serial,
        "macAddress": identity.mac,
        "firmwareVersion": identity.firmware,
        "firmwareReleasedDate": _build(identity.firmware_date),
        "encoderVersion": "V5.0",
        "encoderReleasedDate": _build(identity.firmware_date),
        "deviceType": device.firmware.device_type,
        "telecontrolID": 255,
        "hardwareVersion": identity.hardware,
    }
    more: Document = {"manufacturer": "hikvision"}
    if device.is_camera:
        more = {**more, "deviceDescription": "IPCamera", "supportVideoLoss": False}
    elif device.firmware.newer_capabilities:
        more = {
            "decordChannelNums": len(device.recorder.channels),
            "VGANums": 1,
            "USBNums": 2,
            "auxoutNums": 0,
            "regionVersion": "basic",
        }
    return device.xml("DeviceInfo", {**content, **more})


async def capabilities(device: Device, _request: web.Request) -> web.Response:
    """Tell what the device can do."""
    newer = device.firmware.newer_capabilities
    recorder = device.recorder
    system: dict[str, bool] = {"isSupportHolidy": True, "isSupportSubscribeEvent": True}
    if device.firmware.working_status:
        system["isSupportGettingWorkingStatus"] = True
    both_recorded = any(len(channel.plan.streams) > 1 for channel in recorder.channels.values())
    content: Document = {
        "SysCap": {
            "isSupportDst": True,
            "NetworkCap": {"isSupportNtp": True, "isSupportHttps": True},
            "IOCap": {"IOInputPortNums": 4, "IOOutputPortNums": 1},
            "SerialCap": {"rs485PortNums": 0, "rs422PortNums": 0, "rs232PortNums": 0},
            "VideoCap": {
                "videoInputPortNums": _inputs(device),
                "videoOutputPortNums": 2,
                "menuNums": 1,
            },
            "AudioCap": {"audioInputNums": 1, "audioOutputNums": 1},
            **system,
        },
        "voicetalkNums": 1,
        "isSupportSnapshot": newer,
        "SecurityCap": {
            "supportUserNums": 32,
            "securityVersion": {"@opt": "1"},
            "keyIterateNum": 100,
            "isSupportUserCheck": True,
            "WebCertificateCap": {
                "CertificateType": {"@opt": "digest,digest/basic", "#text": "digest"},
            },
        },
        "EventCap": {"isSupportHDFull": True, "isSupportHDError": True, "isSupportIllAccess": True},
        "RacmCap": {
            "isSupportZeroChan": False,
            "inputProxyNums": len(device.network_channels) + device.firmware.empty_ip_slots,
            "eSATANums": 0,
            "miniSASNums": 0,
            "nasNums": 8,
            "isSupportIOInputProxy": True,
            "isSupportIOOutputProxy": True,
            "isSupportSMARTTest": True,
            "recordSearchType": {"@opt": _RECORDED_WORDS},
            "isSupportMainAndSubRecord": both_recorded,
        },
        "PTZCtrlCap": {"isSupportPatrols": True},
        **({"isSupportTimeTypeSTD": True} if newer else {}),
    }
    return device.xml("DeviceCap", content)


async def status(device: Device, _request: web.Request) -> web.Response:
    """Tell load and uptime."""
    recorder = device.recorder
    now = recorder.now()
    # The line break before the numbers is what a DS-8632N-I8 sends.
    gap = "\n" if device.firmware.newline_numbers else ""
    content: Document = {
        "currentDeviceTime": recorder.clock.local_time(now),
        "deviceUpTime": int((now - recorder.started).total_seconds()),
        "CPUList": {"CPU": {"cpuDescription": "ARMv7 Processor rev 1 (v7l)", "cpuUtilization": 12}},
        "MemoryList": {
            "Memory": {
                "memoryDescription": "DDR Memory",
                "memoryUsage": f"{gap}1117.457031",
                "memoryAvailable": f"{gap}412.500000",
            }
        },
    }
    return device.xml("DeviceStatus", content)


async def reboot(device: Device, request: web.Request) -> web.Response:
    """Reboot, once this has been answered."""
    asyncio.get_running_loop().call_soon(device.recorder.restart)
    match device.firmware.reboot_answer:
        case RebootAnswer.OK:
            raise Refusal.ok()
        case RebootAnswer.REQUIRED:
            raise Refusal.reboot_required()
        case RebootAnswer.CUT:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()


async def time(device: Device, _request: web.Request) -> web.Response:
    """Tell the time, as far as the device knows it."""
    clock = device.recorder.clock
    content: Document = {
        "timeMode": device.firmware.time_mode,
        "localTime": clock.local_time(device.recorder.now()),
        "timeZone": time_zone(clock.zone),
    }
    return device.xml("Time", content)


async def local_time(device: Device, _request: web.Request) -> web.Response:
    """Tell the time as plain text."""
    return web.Response(text=device.recorder.clock.local_time(device.recorder.now()))


async def zone(device: Device, _request: web.Request) -> web.Response:
    """Tell the time zone's rule as plain text."""
    return web.Response(text=time_zone(device.recorder.clock.zone))


async def ntp_servers(device: Device, _request: web.Request) -> web.Response:
    """Tell where the time is fetched from."""
    server: Document = {
        "id": 1,
        "addressingFormatType": "hostname",
        "hostName": "time.example",
        "portNo": 123,
        "synchronizeInterval": _NTP_INTERVAL_MIN,
    }
    return device.xml("NTPServerList", {"NTPServer": [server]})


async def interfaces(device: Device, _request: web.Request) -> web.Response:
    """Tell the network address."""
    identity = device.recorder.identity
    interface: Document = {
        "id": 1,
        "IPAddress": {
            "ipVersion": "v4",
            "addressingType": "static",
            "ipAddress": identity.address,
            "subnetMask": "255.255.255.0",
        },
        "Link": {"MACAddress": identity.mac, "autoNegotiation": True, "speed": 1000, "MTU": 1500},
    }
    return device.xml("NetworkInterfaceList", {"NetworkInterface": [interface]})


async def working_status(device: Device, request: web.Request) -> web.Response:
    """Tell how disks and channels are doing."""
    _require_json(request)
    disks: list[Json] = [
        {
            "hdNo": disk.number,
            "status": 0 if disk.state is DiskState.OK else 1,
            "volume": disk.capacity_bytes // MEBIBYTE,
            "freeSpace": disk.free_bytes // MEBIBYTE,
        }
        for disk in device.recorder.disks
    ]
    content: Json = {"devStatus": 0, "HDStatus": disks, "ChanStatus": _channel_states(device)}
    return device.json({"WorkingStatus": content})


async def channel_status(device: Device, request: web.Request) -> web.Response:
    """Tell how the channels are doing."""
    _require_json(request)
    return device.json({"ChanStatusList": _channel_states(device)})


def _require_json(request: web.Request) -> None:
    if request.query.get("format") != "json":
        raise Refusal.not_supported()


def _channel_states(device: Device) -> list[Json]:
    states: list[Json] = []
    for channel in device.recorder.channels.values():
        pictures = channel.has_pictures
        states.append(
            {
                "chanNo": channel.number,
                "name": channel.name,
                "online": int(channel.state is not ChannelState.OFFLINE),
                "signal": 0 if pictures else 1,
                "record": int(pictures and channel.plan.continuous),
                "recordStatus": int(pictures and channel.plan.continuous),
                "bitRate": channel.streams[1].bitrate_kbps if pictures else 0,
                "linkNum": 1 if pictures else 0,
            }
        )
    return states


def _inputs(device: Device) -> int:
    return len(device.recorder.channels) - len(device.network_channels)


def _device_id(mac: str) -> str:
    return f"484a3831-3130-0000-0000-{mac.replace(':', '')}"


def _build(day: date) -> str:
    return f"build {day:%y%m%d}"
