"""Pictures of now (section 7 of the protocol notes)."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel, ChannelState
from simulator.footage.still import jpeg

from .device import Device
from .errors import Refusal
from .route import Route


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("/cgi-bin/snapshot.cgi", snapshot, right=Right.LIVE)


async def snapshot(device: Device, request: web.Request) -> web.Response:
    """Answer with a JPEG of the last key frame, one at a time."""
    firmware, media = device.firmware, device.media
    channel = _channel(device, request)
    media.pictures_asked += 1
    if firmware.picture_errors and (media.pictures_asked - 1) % firmware.picture_errors == 0:
        raise Refusal.failed(HTTPStatus.INTERNAL_SERVER_ERROR)
    if channel.state is ChannelState.OFFLINE and firmware.picture_hangs:
        await asyncio.Event().wait()
    if not channel.has_pictures or not device.serves(channel):
        raise Refusal.bad_request()
    if media.picture.locked() and not firmware.pictures_wait:
        raise Refusal.failed(HTTPStatus.SERVICE_UNAVAILABLE)
    stream = max(channel.streams) if firmware.sub_pictures else min(channel.streams)
    async with media.picture:
        source = device.recorder.source(channel.number, stream)
        body = await asyncio.to_thread(jpeg, source, device.recorder.now())
    return web.Response(body=body, content_type="image/jpeg")


def _channel(device: Device, request: web.Request) -> Channel:
    """Give the channel that is asked for, the first one where none is named.

    Raises:
        Refusal: there is no such channel.
    """
    base = device.firmware.picture_base
    return device.channel(device.query(request).get("channel", str(base)), base)
