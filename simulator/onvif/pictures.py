"""Pictures of now (section 6 of the notes)."""

import asyncio

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.web_face import VERDICT
from simulator.footage.still import jpeg

from .device import Device
from .profiles import Profile


def profile_of(device: Device, target: str) -> Profile | None:
    """Give the profile whose picture has this path with its query, None if none has."""
    if not device.firmware.snapshots:
        return None
    found = (each for each in device.profiles if each.of(each.tokens.snapshot) == target)
    return next(found, None)


async def picture(device: Device, request: web.Request) -> web.StreamResponse:
    """Answer with a JPEG of the last key frame of the profile whose picture has this address."""
    known = profile_of(device, request.path_qs)
    if known is None:
        raise web.HTTPNotFound
    if not request[VERDICT].allows(Right.LIVE):
        raise web.HTTPForbidden
    if not known.channel.has_pictures:
        raise web.HTTPNotFound
    source = device.recorder.source(known.channel.number, known.stream)
    body = await asyncio.to_thread(jpeg, source, device.recorder.now())
    return web.Response(body=body, content_type="image/jpeg")
