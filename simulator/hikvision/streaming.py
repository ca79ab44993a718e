"""Streams."""

from collections.abc import Iterable

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel, ChannelState
from simulator.footage.formats import AudioCodec, StreamFormat

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .xml import Document

_FULL_RATE_FPS = 25
_AUDIO_WORDS = {
    AudioCodec.ALAW: "G.711alaw",
    AudioCodec.ULAW: "G.711ulaw",
    AudioCodec.AAC: "AAC",
}


def routes() -> Iterable[Route]:
    """Give the resources."""
    path = "/ISAPI/Streaming/channels"
    proxy = "/ISAPI/ContentMgmt/StreamingProxy/channels"
    yield Route("GET", path, streams, Right.SETTINGS, _lists_streams)
    yield Route("GET", proxy, streams, Right.SETTINGS, _lists_proxies)
    for each in (path, proxy):
        yield Route("GET", f"{each}/{{sid:[0-9]+}}", stream, Right.SETTINGS)
    yield Route("GET", "/ISAPI/Streaming/status", sessions, Right.STATUS)
    yield Route("PUT", f"{path}/{{sid:[0-9]+}}/requestKeyFrame", key_frame, Right.LIVE)


def _lists_streams(firmware: Firmware) -> bool:
    return firmware.stream_list


def _lists_proxies(firmware: Firmware) -> bool:
    return firmware.stream_list and firmware.proxy_list


async def streams(device: Device, _request: web.Request) -> web.Response:
    """List the streams of all cameras that are online."""
    items = [
        _stream(device, known, number)
        for known in device.recorder.channels.values()
        if known.state is not ChannelState.OFFLINE
        for number in known.streams
    ]
    return device.xml("StreamingChannelList", {"StreamingChannel": items})


async def stream(device: Device, request: web.Request) -> web.Response:
    """Tell of one stream."""
    known, number = device.stream(request.match_info["sid"])
    return device.xml("StreamingChannel", _stream(device, known, number))


async def sessions(device: Device, _request: web.Request) -> web.Response:
    """Say how many watch."""
    return device.xml("StreamingStatus", {"totalStreamingSessions": 0})


async def key_frame(device: Device, request: web.Request) -> web.Response:
    """Accept the wish for a key frame."""
    device.stream(request.match_info["sid"])
    raise Refusal.ok()


def _stream(device: Device, known: Channel, number: int) -> Document:
    form = known.streams[number]
    sid = known.number * SIDS_PER_CHANNEL + number
    control = {"ControlProtocol": {"streamingTransport": "RTSP"}}
    return {
        "id": sid,
        "channelName": known.name if device.is_camera else sid,
        "enabled": True,
        "Transport": {"ControlProtocolList": control},
        "Video": _video(device, known, form),
        "Audio": {
            "enabled": form.audio is not None,
            "audioInputChannelID": known.number,
            "audioCompressionType": _AUDIO_WORDS[form.audio or AudioCodec.ULAW],
        },
    }


def _video(device: Device, known: Channel, form: StreamFormat) -> Document:
    newer = device.firmware.newer_capabilities
    # A stream at the camera's full frame rate says 0, others hundredths of frames a second.
    rate = 0 if newer and form.fps == _FULL_RATE_FPS else round(form.fps * 100)
    return {
        "enabled": True,
        "videoInputChannelID": known.number,
        "videoCodecType": form.codec.value,
        **({} if newer else {"videoScanType": "progressive"}),
        "videoResolutionWidth": form.width,
        "videoResolutionHeight": form.height,
        "videoQualityControlType": "VBR",
        "fixedQuality": 60,
        "vbrUpperCap": form.bitrate_kbps,
        "vbrLowerCap": 32,
        **({"GovLength": round(form.gop_seconds * form.fps)} if newer else {}),
        "maxFrameRate": rate,
        "snapShotImageType": "JPEG",
        "SmartCodec": {"enabled": False},
        **({"BPFrameInterval": "P"} if newer else {}),
    }
