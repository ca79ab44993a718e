"""Pictures of now (section 6 of the notes)."""

import asyncio

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.web_face import VERDICT
from simulator.footage.still import jpeg

from .device import Device


async def picture(device: Device, request: web.Request) -> web.StreamResponse:
    """Answer with a JPEG of the last key frame of the profile whose picture has this address."""
    found = [each for each in device.profiles if each.of(each.tokens.snapshot) == request.path_qs]
    if not found or not device.firmware.snapshots:
        raise web.HTTPNotFound
    if not request[VERDICT].allows(Right.LIVE):
        raise web.HTTPForbidden
    known = found[0]
    if not known.channel.has_pictures:
        raise web.HTTPNotFound
    source = device.recorder.source(known.channel.number, known.stream)
    body = await asyncio.to_thread(jpeg, source, device.recorder.now())
    return web.Response(body=body, content_type="image/jpeg")
