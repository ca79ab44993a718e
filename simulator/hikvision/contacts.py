"""Alarm inputs and outputs: the box's own, and those of its cameras (section 16 of the notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.events import EventKind

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .xml import Document

_INPUTS: Final = "/ISAPI/System/IO/inputs"
_OUTPUTS: Final = "/ISAPI/System/IO/outputs"
_PROXY_INPUTS: Final = "/ISAPI/ContentMgmt/IOProxy/inputs"
_OWN_INPUTS: Final = 4
_OWN_OUTPUTS: Final = 1
# A camera has one.
_PORT: Final = 1


def routes() -> Iterable[Route]:
    """Give the resources."""
    number = "{number:[0-9]+}"
    yield Route("GET", f"{_INPUTS}/{number}/status", own_input, Right.STATUS, _has_contacts)
    yield Route("GET", f"{_OUTPUTS}/{number}/status", own_output, Right.STATUS, _has_contacts)
    yield Route("GET", f"{_PROXY_INPUTS}/{number}/status", proxy_input, Right.STATUS, _has_contacts)


def _has_contacts(firmware: Firmware) -> bool:
    return firmware.contacts


async def own_input(device: Device, request: web.Request) -> web.Response:
    """Tell whether one of the box's own inputs is closed.

    Raises:
        Refusal: it has no such input; a camera's is found elsewhere.
    """
    number = _number(request)
    if not 0 < number <= _OWN_INPUTS:
        raise Refusal.invalid_operation()
    return _status(device, number, "input", active=_closed(device, None, number))


async def own_output(device: Device, request: web.Request) -> web.Response:
    """Tell whether one of the box's outputs is switched on: it never is."""
    number = _number(request)
    if not 0 < number <= _OWN_OUTPUTS:
        raise Refusal.invalid_operation()
    return _status(device, number, "output", active=False)


async def proxy_input(device: Device, request: web.Request) -> web.Response:
    """Tell whether a camera's input is closed; its number is the channel's with the port's behind."""
    number = _number(request)
    channel, port = divmod(number, SIDS_PER_CHANNEL)
    if port != _PORT or device.channel(channel).analog:
        raise Refusal.invalid_operation()
    return _status(device, number, "input", active=_closed(device, channel, port))


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])


def _closed(device: Device, channel: int | None, port: int) -> bool:
    return any(
        (event.kind, event.channel, event.port) == (EventKind.ALARM_INPUT, channel, port)
        for event in device.recorder.events.going_on
    )


def _status(device: Device, number: int, kind: str, *, active: bool) -> web.Response:
    content: Document = {
        "ioPortID": number,
        "ioPortType": kind,
        "ioState": "active" if active else "inactive",
    }
    return device.xml("IOPortStatus", content)
