"""The video inputs of the box itself: those of a DVR, or a camera's own (section 7 of the notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel

from .device import Device
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .xml import Document, Value

_PATH: Final = "/ISAPI/System/Video/inputs/channels"
_NOTHING_PLUGGED_IN: Final = "NO VIDEO"


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("GET", _PATH, inputs, Right.SETTINGS, _lists_inputs)
    yield Route("GET", f"{_PATH}/{{number:[0-9]+}}", one, Right.SETTINGS, _lists_inputs)


def _lists_inputs(firmware: Firmware) -> bool:
    return firmware.input_list


async def inputs(device: Device, _request: web.Request) -> web.Response:
    """List the inputs."""
    items = [_input(device, known) for known in device.recorder.channels.values() if known.analog]
    return device.xml("VideoInputChannelList", {"VideoInputChannel": items})


async def one(device: Device, request: web.Request) -> web.Response:
    """Tell of one input."""
    known = device.channel(int(request.match_info["number"]))
    if not known.analog:
        raise Refusal.not_supported()
    return device.xml("VideoInputChannel", _input(device, known))


def _input(device: Device, known: Channel) -> Document:
    content: dict[str, Value] = {"id": known.number, "inputPort": known.number}
    if device.is_camera:
        return {**content, "name": known.name, "videoFormat": "PAL"}
    form = known.streams[1]
    seen = f"{form.width}*{form.height}({form.width * form.height // 1_000_000}MP)P{form.fps:.0f}"
    return {
        **content,
        "videoInputEnabled": True,
        "name": known.name,
        "videoFormat": "PAL",
        "resDesc": seen if known.has_pictures else _NOTHING_PLUGGED_IN,
    }
