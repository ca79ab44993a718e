"""IP channels."""

from collections.abc import Iterable
import uuid

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel, ChannelState, OfflineReason

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .xml import Document

_REASONS = {
    OfflineReason.UNREACHABLE: "netUnreachable",
    OfflineReason.WRONG_PASSWORD: "userPwError",
    OfflineReason.LOCKED_OUT: "userLocked",
    OfflineReason.ADDRESS_CONFLICT: "ipConflict",
}
_NEVER_REACHED = {OfflineReason.WRONG_PASSWORD, OfflineReason.LOCKED_OUT}
_MANAGE_PORT = 8000


def routes() -> Iterable[Route]:
    """Give the resources."""
    path = "/ISAPI/ContentMgmt/InputProxy/channels"
    single = f"{path}/{{number:[0-9]+}}"
    yield Route("GET", path, channels, Right.SETTINGS, _lists_cameras)
    yield Route("GET", f"{path}/status", statuses, Right.STATUS, _lists_cameras)
    yield Route("GET", single, channel, Right.SETTINGS, _lists_cameras)
    yield Route("GET", f"{single}/status", status, Right.STATUS, _lists_cameras)


def _lists_cameras(firmware: Firmware) -> bool:
    return firmware.proxy_list


async def channels(device: Device, _request: web.Request) -> web.Response:
    """List the cameras."""
    items = [_channel(device, known) for known in device.network_channels]
    size = len(items) + device.firmware.empty_ip_slots
    content: Document = {"@size": size, "InputProxyChannel": items}
    return device.xml("InputProxyChannelList", content)


async def channel(device: Device, request: web.Request) -> web.Response:
    """Tell of one camera."""
    known = _known(device, request)
    return device.xml("InputProxyChannel", _channel(device, known))


async def statuses(device: Device, _request: web.Request) -> web.Response:
    """List how the connections to the cameras are doing."""
    items = [_status(device, known) for known in device.network_channels]
    return device.xml("InputProxyChannelStatusList", {"InputProxyChannelStatus": items})


async def status(device: Device, request: web.Request) -> web.Response:
    """Tell how the connection to one camera is doing."""
    known = _known(device, request)
    return device.xml("InputProxyChannelStatus", _status(device, known))


def _known(device: Device, request: web.Request) -> Channel:
    known = device.channel(int(request.match_info["number"]))
    if known.analog:
        raise Refusal.not_supported()
    return known


def _channel(device: Device, known: Channel) -> Document:
    newer = device.firmware.newer_capabilities
    certificate = {"certificateValidationEnabled": False, "defaultAdminPortEnabled": True}
    content: dict[str, str | int | bool | Document | None] = {
        "id": known.number,
        "name": known.name,
        "sourceInputPortDescriptor": _source(device, known),
        **(certificate if newer else {}),
        "enableAnr": False,
        "enableTiming": True,
    }
    if not _never_reached(known):
        seed = f"{device.recorder.identity.serial}/{known.number}"
        content["devIndex"] = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    return content


def _source(device: Device, known: Channel) -> Document:
    camera = known.camera
    unknown = _never_reached(known)
    mode = {"connMode": "plugplay"} if device.firmware.newer_capabilities else {}
    return {
        "proxyProtocol": "HIKVISION",
        "addressingFormatType": "ipaddress",
        "ipAddress": camera.address,
        "managePortNo": _MANAGE_PORT,
        "srcInputPort": 1,
        "userName": "admin",
        **mode,
        "streamType": "auto",
        "model": None if unknown else camera.model,
        "serialNumber": None if unknown else camera.serial,
        "firmwareVersion": None if unknown else camera.firmware,
        "deviceID": None,
    }


def _never_reached(known: Channel) -> bool:
    """Say whether the recorder has never been let in, and so doesn't know what it is."""
    return known.reason in _NEVER_REACHED


def _status(device: Device, known: Channel) -> Document:
    online = known.state is not ChannelState.OFFLINE
    sids = [{"#text": known.number * SIDS_PER_CHANNEL + stream} for stream in known.streams]
    reason = "connect" if known.reason is None else _REASONS[known.reason]
    return {
        "id": known.number,
        "sourceInputPortDescriptor": _source(device, known),
        "online": online,
        "streamingProxyChannelIdList": {"streamingProxyChannelId": sids},
        "chanDetectResult": reason,
    }
