"""Media1: profiles as Profile S has them, which knows no H.265, and addresses of live pictures (section 6)."""

from collections.abc import Iterable
from typing import Final

from simulator.core.accounts import Right
from simulator.footage.formats import MILLISECONDS, AudioCodec, StreamFormat

from .addresses import http_address, rtsp_address
from .device import Device
from .errors import Refusal
from .namespaces import Service
from .operation import Call, Operation
from .profiles import Profile
from .sources import configuration
from .traits.media import HiddenCodec
from .xml import Document, Name, text_of

_AUDIO: Final = {AudioCodec.ALAW: "G711", AudioCodec.ULAW: "G711", AudioCodec.AAC: "AAC"}
AUDIO_KBPS: Final = {AudioCodec.ALAW: 64, AudioCodec.ULAW: 64, AudioCodec.AAC: 32}
AUDIO_KHZ: Final = {AudioCodec.ALAW: 8, AudioCodec.ULAW: 8, AudioCodec.AAC: 16}
_TRANSPORTS: Final = frozenset({"UDP", "TCP", "RTSP", "HTTP"})
_NO_ADDRESS: Final[Document] = {
    "Address": {"Type": "IPv4", "IPv4Address": "0.0.0.0"},
    "Port": 0,
    "TTL": 1,
    "AutoStart": False,
}


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.MEDIA
    yield Operation(service, "GetProfiles", profiles, Right.LIVE)
    yield Operation(service, "GetProfile", profile, Right.LIVE)
    yield Operation(service, "GetVideoEncoderConfigurations", encoders, Right.LIVE)
    yield Operation(service, "GetStreamUri", stream_uri, Right.LIVE)
    yield Operation(service, "GetSnapshotUri", snapshot_uri, Right.LIVE)


async def profiles(device: Device, _call: Call) -> Document:
    """List the profiles."""
    return {"trt:Profiles": [_profile(device, each) for each in device.profiles]}


async def profile(device: Device, call: Call) -> Document:
    """Tell of one profile."""
    return {"trt:Profile": _profile(device, named_profile(device, call))}


async def encoders(device: Device, _call: Call) -> Document:
    """List the encoders."""
    told = (_encoder(device, each) for each in device.profiles)
    return {"trt:Configurations": [each for each in told if each is not None]}


def named_profile(device: Device, call: Call) -> Profile:
    """Give the profile that a call names.

    Raises:
        Refusal: there is none of that name.
    """
    return device.profile(text_of(call.body, "ProfileToken"))


def _profile(device: Device, known: Profile) -> Document:
    encoder, sound = _encoder(device, known), _sound(known)
    source: Document = {
        "@token": known.source_config,
        "Name": known.of(known.tokens.source_name),
        "UseCount": len(known.channel.streams),
        "SourceToken": known.source,
    }
    parts = {
        "VideoSourceConfiguration": configuration(known),
        "AudioSourceConfiguration": None if sound is None else source,
        "VideoEncoderConfiguration": encoder,
        "AudioEncoderConfiguration": sound,
    }
    return {
        "@token": known.token,
        "@fixed": True,
        "Name": Name(known.name),
        **{name: part for name, part in parts.items() if part is not None},
    }


def _encoder(device: Device, known: Profile) -> Document | None:
    """Tell of an encoder, None if it is kept to itself."""
    head: Document = {
        "@token": known.encoder,
        "Name": known.of(known.tokens.encoder_name),
        "UseCount": 1,
    }
    if not known.hidden:
        return {**head, "Encoding": "H264", **_encoded(known.format)}
    firmware = device.firmware
    match firmware.hidden_main if known.stream == 1 else firmware.hidden_sub:
        case HiddenCodec.NO_ENCODER:
            return None
        case HiddenCodec.NO_ENCODING:
            return head
        case HiddenCodec.H264:
            return {**head, "Encoding": "H264", **_encoded(known.format)}
        case HiddenCodec.PRIVATE:
            return {**head, "Encoding": "H265", **_encoded(known.format, "ext:H265")}


def _encoded(form: StreamFormat, codec: str = "H264") -> Document:
    return {
        "Resolution": {"Width": form.width, "Height": form.height},
        "Quality": 4.0,
        "RateControl": {
            "FrameRateLimit": round(MILLISECONDS / form.interval_ms),
            "EncodingInterval": 1,
            "BitrateLimit": form.bitrate_kbps,
        },
        codec: {"GovLength": form.gop_frames, "H264Profile": "Main"},
        "Multicast": _NO_ADDRESS,
        "SessionTimeout": "PT60S",
    }


def _sound(known: Profile) -> Document | None:
    codec = known.format.audio
    if codec is None:
        return None
    return {
        "@token": f"Audio{known.encoder}",
        "Name": f"AudioEncoder{known.number}",
        "UseCount": 1,
        "Encoding": _AUDIO[codec],
        "Bitrate": AUDIO_KBPS[codec],
        "SampleRate": AUDIO_KHZ[codec],
        "Multicast": _NO_ADDRESS,
        "SessionTimeout": "PT60S",
    }


async def stream_uri(device: Device, call: Call) -> Document:
    """Tell where a profile's live pictures are."""
    known = named_profile(device, call)
    check_setup(call)
    return {"trt:MediaUri": _uri(live_address(device, call, known))}


async def snapshot_uri(device: Device, call: Call) -> Document:
    """Tell where a profile's picture of now is."""
    known = named_profile(device, call)
    return {"trt:MediaUri": _uri(snapshot_address(device, call, known))}


def check_setup(call: Call) -> None:
    """Make sure that a call asks for a transport that there is.

    Raises:
        Refusal: it doesn't.
    """
    if text_of(call.body, "Stream") != "RTP-Unicast":
        raise Refusal.invalid("InvalidStreamSetup", "Only unicast is supported")
    if text_of(call.body, "Protocol") not in _TRANSPORTS:
        raise Refusal.invalid("InvalidStreamSetup", "Specification of Transport is not supported")


def live_address(device: Device, call: Call, known: Profile) -> str:
    """Give where a profile's live pictures are."""
    return rtsp_address(device, call.request, known.of(known.tokens.live))


def snapshot_address(device: Device, call: Call, known: Profile) -> str:
    """Give where a profile's picture of now is.

    Raises:
        Refusal: there are no such pictures.
    """
    if not device.firmware.snapshots:
        raise Refusal.unsupported()
    path = known.of(known.tokens.snapshot)
    return http_address(device, call.request, path, device.firmware.stream_hosts)


def _uri(address: str) -> Document:
    return {
        "Uri": address,
        "InvalidAfterConnect": False,
        "InvalidAfterReboot": False,
        "Timeout": "PT0S",
    }
