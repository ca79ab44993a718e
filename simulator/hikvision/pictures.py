"""Pictures of now."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel
from simulator.footage.still import jpeg

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .traits.pictures import PictureForm

_PROXY = "/StreamingProxy/"
_MIN_SIDE, _MAX_SIDE = 16, 4096


def routes() -> Iterable[Route]:
    """Give the resources."""
    stream, proxy = "/ISAPI/Streaming/channels", "/ISAPI/ContentMgmt/StreamingProxy/channels"
    yield Route("GET", f"{stream}/{{sid:[0-9]+}}/picture", picture, Right.LIVE)
    yield Route("GET", f"{proxy}/{{sid:[0-9]+}}/picture", picture, Right.LIVE, _by_proxy)


def _by_proxy(firmware: Firmware) -> bool:
    return PictureForm.PROXY in firmware.picture_forms


async def picture(device: Device, request: web.Request) -> web.Response:
    """Answer with a JPEG of the last key frame."""
    firmware = device.firmware
    known, stream = _stream(device, request)
    device.pictures_asked += 1
    if firmware.picture_errors and (device.pictures_asked - 1) % firmware.picture_errors == 0:
        raise Refusal.device_error()
    if not known.has_pictures:
        raise Refusal.device_error()
    if device.pictures >= firmware.pictures_at_once:
        raise Refusal.busy()
    device.pictures += 1
    try:
        if firmware.sub_pictures:
            body = await still(device, known.number, max(known.streams))
        else:
            body = await still(device, known.number, stream, _size(request))
    finally:
        device.pictures -= 1
    return web.Response(body=body, content_type="image/jpeg")


def _stream(device: Device, request: web.Request) -> tuple[Channel, int]:
    """Give channel and stream that a picture's address names, in the forms that are taken.

    Raises:
        Refusal: there is none, or it is called otherwise.
    """
    sid = request.match_info["sid"]
    forms = device.firmware.picture_forms
    if _PROXY in request.path:
        return device.stream(sid)
    if int(sid) < SIDS_PER_CHANNEL:
        if PictureForm.CHANNEL not in forms:
            raise Refusal.not_supported()
        return device.stream(f"{sid}01")
    if PictureForm.STREAM not in forms:
        raise Refusal.bad_content()
    return device.stream(sid)


async def still(
    device: Device, channel: int, stream: int, size: tuple[int, int] | None = None
) -> bytes:
    """Give the last key frame of a stream as JPEG, of another size if one is given."""
    source = device.recorder.source(channel, stream)
    return await asyncio.to_thread(jpeg, source, device.recorder.now(), size)


def _size(request: web.Request) -> tuple[int, int] | None:
    """Read the size that the client wishes for, None without a sensible one."""
    names = ("videoResolutionWidth", "videoResolutionHeight")
    sides = [int(text) for name in names if (text := request.query.get(name, "")).isdecimal()]
    if len(sides) != len(names) or not all(_MIN_SIDE <= side <= _MAX_SIDE for side in sides):
        return None
    return sides[0], sides[1]
