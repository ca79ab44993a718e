"""Where the device says that its services and its footage are (sections 1 and 14 of the notes)."""

from typing import Final

from aiohttp import web

from .device import Device
from .namespaces import Service
from .traits.box import Hosts, Layout

_HTTP, _RTSP = 80, 554
_PATHS: Final = {
    Layout.SERVICES: {
        Service.DEVICE: "/onvif/device_service",
        Service.MEDIA: "/onvif/media_service",
        Service.MEDIA2: "/onvif/media2_service",
        Service.EVENTS: "/onvif/event_service",
        Service.RECORDING: "/onvif/recording_service",
        Service.SEARCH: "/onvif/search_service",
        Service.REPLAY: "/onvif/replay_service",
    },
    Layout.NAMES: {
        Service.DEVICE: "/onvif/device_service",
        Service.MEDIA: "/onvif/Media",
        Service.MEDIA2: "/onvif/Media2",
        Service.EVENTS: "/onvif/Events",
        Service.RECORDING: "/onvif/Recording",
        Service.SEARCH: "/onvif/SearchRecording",
        Service.REPLAY: "/onvif/Replay",
    },
    Layout.SINGLE: dict.fromkeys(Service, "/onvif/services"),
}


def xaddr(device: Device, request: web.Request, service: Service) -> str:
    """Give the address of a service."""
    path = _PATHS[device.firmware.layout][service]
    return http_address(device, request, path, device.firmware.hosts)


def subscription_address(device: Device, request: web.Request, number: int | None) -> str:
    """Give the address of a subscription, or of all of them without a number."""
    path = _PATHS[device.firmware.layout][Service.EVENTS]
    own = path if number is None else f"{path}/{number}"
    return http_address(device, request, own, device.firmware.subscription_hosts)


def http_address(device: Device, request: web.Request, path: str, hosts: Hosts) -> str:
    """Give an address of the web server."""
    host = asked_host(request)
    return f"http://{_host(device, hosts, host, device.ports.http, _HTTP)}{path}"


def rtsp_address(device: Device, request: web.Request, path: str) -> str:
    """Give an address of footage."""
    host = asked_host(request)
    hosts = device.firmware.stream_hosts
    return f"rtsp://{_host(device, hosts, host, device.ports.rtsp, _RTSP)}{path}"


def asked_host(request: web.Request) -> str:
    """Give the address by which the device was reached."""
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    return str(name[0]) if name else "127.0.0.1"


def discovered_address(device: Device, host: str) -> str:
    """Give what discovery tells: where the service of the device itself is."""
    path = _PATHS[Layout.SERVICES][Service.DEVICE]
    return f"http://{_host(device, device.firmware.hosts, host, device.ports.http, _HTTP)}{path}"


def _host(device: Device, hosts: Hosts, asked: str, port: int, usual: int) -> str:
    asked = f"[{asked}]" if ":" in asked else asked
    match hosts:
        case Hosts.OWN:
            return device.recorder.identity.address
        case Hosts.DOUBLE_PORT:
            return f"{asked}:{port}:{port}"
        case Hosts.ASKED:
            return asked if port == usual else f"{asked}:{port}"
