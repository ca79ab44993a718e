"""Pictures of now."""

import asyncio
from collections.abc import Iterable
from io import BytesIO

from aiohttp import web
import av
from PIL import Image

from simulator.core.accounts import Right
from simulator.footage.formats import VideoCodec
from simulator.footage.source import FootageSource, VideoFrame

from .device import Device
from .errors import Refusal
from .route import Route

_START_CODE = b"\x00\x00\x00\x01"
_QUALITY = 85
_MIN_SIDE, _MAX_SIDE = 16, 4096


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("GET", "/ISAPI/Streaming/channels/{sid:[0-9]+}/picture", picture, Right.LIVE)


async def picture(device: Device, request: web.Request) -> web.Response:
    """Answer with a JPEG of the last key frame."""
    known, stream = device.stream(request.match_info["sid"])
    if not known.has_pictures:
        raise Refusal.device_error()
    jpeg = await still(device, known.number, stream, _size(request))
    return web.Response(body=jpeg, content_type="image/jpeg")


async def still(
    device: Device, channel: int, stream: int, size: tuple[int, int] | None = None
) -> bytes:
    """Give the last key frame of a stream as JPEG, of another size if one is given."""
    source = device.recorder.source(channel, stream)
    now = device.recorder.now()
    frame = next(iter(source.video(source.key_frame_at_or_before(now), now)))
    return await asyncio.to_thread(_jpeg, source, frame, size)


def _size(request: web.Request) -> tuple[int, int] | None:
    """Read the size that the client wishes for, None without a sensible one."""
    names = ("videoResolutionWidth", "videoResolutionHeight")
    sides = [int(text) for name in names if (text := request.query.get(name, "")).isdecimal()]
    if len(sides) != len(names) or not all(_MIN_SIDE <= side <= _MAX_SIDE for side in sides):
        return None
    return sides[0], sides[1]


def _jpeg(source: FootageSource, frame: VideoFrame, size: tuple[int, int] | None) -> bytes:
    image = _decode(source, frame)
    if size is not None:
        image = image.resize(size)
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _decode(source: FootageSource, frame: VideoFrame) -> Image.Image:
    decoder: av.VideoCodecContext
    match source.format.codec:
        case VideoCodec.H264:
            decoder = av.CodecContext.create("h264", "r")
        case VideoCodec.H265:
            decoder = av.CodecContext.create("hevc", "r")
    bytestream = b"".join(_START_CODE + nal for nal in frame.nals)
    for decoded in [*decoder.decode(av.Packet(bytestream)), *decoder.decode(None)]:
        return Image.fromarray(decoded.to_ndarray(format="rgb24"))
    raise Refusal.device_error()
