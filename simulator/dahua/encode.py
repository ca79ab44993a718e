"""The table Encode: how the streams of channels are coded (section 6 of the protocol notes)."""

from typing import Final

from simulator.core.channels import Channel
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec

from .device import Device
from .grammar import Json
from .traits.channels import Resolution

_AUDIO: Final = {
    AudioCodec.ALAW: ("G.711A", 8000),
    AudioCodec.ULAW: ("G.711Mu", 8000),
    AudioCodec.AAC: ("AAC", 16000),
}
_TOKENS: Final = {
    (1920, 1080): "1080P",
    (1280, 720): "720P",
    (704, 576): "D1",
}
_REASONS: Final = 4
_FORMS: Final = 3
_STALE: Final = StreamFormat(
    codec=VideoCodec.H264, width=1280, height=720, fps=25, gop_seconds=2, bitrate_kbps=2048
)


def encode(device: Device) -> Json:
    """Give how all channels are coded; those without a camera keep what was there once."""
    channels = device.recorder.channels
    return [_channel(device, channels.get(index + 1)) for index in range(device.capacity)]


def smart_encode(device: Device) -> Json:
    """Give where the smart codec is on, which is nowhere.

    Raises:
        KeyError: this firmware has none.
    """
    if not device.firmware.smart_codec:
        raise KeyError
    return [{"Enable": False} for _ in range(device.capacity)]


def _channel(device: Device, channel: Channel | None) -> Json:
    streams = {1: _STALE} if channel is None else channel.streams
    main = _format(device, streams[1], on=True)
    extra: list[Json] = [
        _format(device, streams.get(number + 2, streams[max(streams)]), on=number + 2 in streams)
        for number in range(_FORMS)
    ]
    snap = _format(device, streams[1], on=False)
    return {
        "ExtraFormat": extra,
        "MainFormat": [main] * _REASONS,
        "SnapFormat": [snap] * _FORMS,
    }


def _format(device: Device, form: StreamFormat, *, on: bool) -> Json:
    audio, frequency = _AUDIO.get(form.audio, ("G.711A", 8000)) if form.audio else ("G.711A", 8000)
    return {
        "Audio": {"Bitrate": 64, "Compression": audio, "Frequency": frequency},
        "AudioEnable": form.audio is not None,
        "Video": {
            "BitRate": form.bitrate_kbps,
            "BitRateControl": "VBR",
            "Compression": form.codec.value,
            "FPS": form.fps,
            "GOP": form.gop_frames,
            "Height": form.height,
            "Priority": 0,
            "Profile": "High" if form.codec is VideoCodec.H264 else "Main",
            "Quality": 4,
            "Width": form.width,
            **_resolution(device, form),
        },
        "VideoEnable": on,
    }


def _resolution(device: Device, form: StreamFormat) -> dict[str, Json]:
    size = f"{form.width}x{form.height}"
    match device.firmware.resolution:
        case Resolution.SIZE:
            return {"resolution": size}
        case Resolution.TOKEN:
            return {"resolution": _TOKENS.get((form.width, form.height), size)}
        case Resolution.ABSENT:
            return {}
