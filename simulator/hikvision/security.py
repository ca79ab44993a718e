"""Accounts and ports."""

from collections.abc import Iterable
from datetime import timedelta

from aiohttp import web

from simulator.core.accounts import Right

from .device import Device
from .firmware import Firmware
from .route import Route
from .xml import Document

_MINUTE = timedelta(minutes=1)


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("GET", "/ISAPI/Security/userCheck", user_check)
    ports = "/ISAPI/Security/adminAccesses"
    yield Route("GET", ports, admin_accesses, Right.SETTINGS, _tells_ports)
    yield Route("GET", "/ISAPI/Security/capabilities", capabilities)
    yield Route("GET", "/ISAPI/Security/illegalLoginLock", illegal_login_lock, Right.SETTINGS)


def _tells_ports(firmware: Firmware) -> bool:
    return not firmware.ports_hidden


async def user_check(device: Device, _request: web.Request) -> web.Response:
    """Say that the credentials are right."""
    content: Document = {
        "statusValue": 200,
        "statusString": "OK",
        "isDefaultPassword": False,
        "isRiskPassword": False,
        "isActivated": True,
    }
    return device.xml("userCheck", content)


async def admin_accesses(device: Device, _request: web.Request) -> web.Response:
    """Tell the ports."""
    newer = device.firmware.newer_capabilities
    https: Document = {"redirectToHttps": False} if newer else {}
    tls: Document = {"TLS1_1Enable": False, "TLS1_2Enable": True} if newer else {}
    protocols: list[Document] = [
        {"enabled": True, "protocol": "HTTP", "portNo": device.ports.http},
        {"enabled": True, "protocol": "RTSP", "portNo": device.ports.rtsp},
        {"enabled": False, "protocol": "HTTPS", **https, "portNo": 443, **tls},
        {**({"enabled": True} if newer else {}), "protocol": "DEV_MANAGE", "portNo": 8000},
    ]
    if newer:
        protocols += [
            {"enabled": False, "protocol": "WebSocket", "portNo": 7681},
            {"enabled": True, "protocol": "SDK_OVER_TLS", "streamOverTls": False, "portNo": 8443},
        ]
    items: list[Document] = [
        {"id": number, **protocol} for number, protocol in enumerate(protocols, 1)
    ]
    return device.xml("AdminAccessProtocolList", {"AdminAccessProtocol": items})


async def capabilities(device: Device, _request: web.Request) -> web.Response:
    """Tell what can be set about log-in."""
    policy = device.recorder.accounts.policy
    content: Document = {
        "supportUserNums": 32,
        "keyIterateNum": 100,
        "isSupportUserCheck": True,
        "issupIllegalLoginLock": True,
        "maxIllegalLoginTimes": {"@min": 3, "@max": 20, "#text": policy.tries},
        "maxIllegalLoginLockTime": {"@min": 1, "@max": 120, "#text": policy.lock // _MINUTE},
    }
    return device.xml("SecurityCap", content)


async def illegal_login_lock(device: Device, _request: web.Request) -> web.Response:
    """Tell how the lock against guessing is set."""
    policy = device.recorder.accounts.policy
    content: Document = {
        "enabled": True,
        "maxIllegalLoginTimes": policy.tries,
        "maxIllegalLoginLockTime": policy.lock // _MINUTE,
    }
    return device.xml("IllegalLoginLock", content)
