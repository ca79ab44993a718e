"""The device in the network: interfaces, ports, scopes (section 5 of the notes)."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from simulator.core.accounts import Right

from .addresses import asked_host
from .device import Device
from .namespaces import Service
from .operation import Call, Operation
from .xml import Document

_SCOPE: Final = "onvif://www.onvif.org"
_DUMMY_MAC: Final = "00:00:00:00:00:01"


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.DEVICE
    yield Operation(service, "GetNetworkInterfaces", interfaces, Right.LIVE)
    yield Operation(service, "GetNetworkProtocols", protocols, Right.LIVE)
    yield Operation(service, "GetScopes", scopes, Right.LIVE)
    yield Operation(service, "GetNTP", time_servers, Right.LIVE)


async def interfaces(device: Device, call: Call) -> Document:
    """List the network interfaces."""
    mac = device.recorder.identity.mac
    found = [_interface("eth0", mac, asked_host(call.request))]
    if device.firmware.dummy_interface:
        found.insert(0, _interface("dummy0", _DUMMY_MAC, "192.0.2.254"))
    return {"tds:NetworkInterfaces": found}


def _interface(token: str, mac: str, address: str) -> Document:
    manual: Document = {"Address": address, "PrefixLength": 24}
    return {
        "@token": token,
        "Enabled": True,
        "Info": {"Name": token, "HwAddress": mac, "MTU": 1500},
        "IPv4": {"Enabled": True, "Config": {"Manual": [manual], "DHCP": False}},
    }


async def protocols(device: Device, _call: Call) -> Document:
    """List what it speaks, and on which ports."""
    ports = device.ports
    # The second port of HTTP is as in devices/onvif/axis-profile-g.
    return {
        "tds:NetworkProtocols": [
            {"Name": "HTTP", "Enabled": True, "Port": [ports.http, 0]},
            {"Name": "HTTPS", "Enabled": False, "Port": [443]},
            {"Name": "RTSP", "Enabled": True, "Port": [ports.rtsp]},
        ]
    }


def scopes_of(device: Device) -> list[str]:
    """Give what the device says of itself in discovery."""
    identity = device.recorder.identity
    own = {"hardware": identity.model, "name": identity.name, "location": "country/germany"}
    fixed = [f"{_SCOPE}/{scope}" for scope in device.firmware.scopes]
    return [*fixed, *(f"{_SCOPE}/{name}/{quote(value)}" for name, value in own.items())]


async def scopes(device: Device, _call: Call) -> Document:
    """List what the device says of itself in discovery."""
    count = len(device.firmware.scopes)
    return {
        "tds:Scopes": [
            {"ScopeDef": "Fixed" if place < count else "Configurable", "ScopeItem": scope}
            for place, scope in enumerate(scopes_of(device))
        ]
    }


async def time_servers(device: Device, _call: Call) -> Document:
    """Tell who tells it the time."""
    server = {"Type": "DNS", "DNSname": "time.example.org"}
    manual = {} if device.firmware.manual_clock else {"NTPManual": server}
    return {"tds:NTPInformation": {"FromDHCP": False, **manual}}
