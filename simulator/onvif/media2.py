"""Media2: profiles as Profile T has them, with every codec (section 6 of the notes)."""

from collections.abc import Iterable
from typing import Final

from simulator.core.accounts import Right
from simulator.footage.formats import MILLISECONDS, AudioCodec

from .device import Device
from .errors import Refusal
from .media import AUDIO_KBPS, AUDIO_KHZ, live_address, named_profile, snapshot_address
from .namespaces import Service
from .operation import Call, Operation
from .profiles import Profile
from .sources import configuration
from .xml import Document, Name, text_of, texts_of

_ALL: Final = "All"
SOUND: Final = {
    AudioCodec.ALAW: "PCMA",
    AudioCodec.ULAW: "PCMU",
    AudioCodec.AAC: "MP4A-LATM",
}
_PROTOCOLS: Final = frozenset({"RTSP", "RtspUnicast", "RtspOverHttp"})


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.MEDIA2
    yield Operation(service, "GetProfiles", profiles, Right.LIVE)
    yield Operation(service, "GetVideoEncoderConfigurations", encoders, Right.LIVE)
    yield Operation(service, "GetStreamUri", stream_uri, Right.LIVE)
    yield Operation(service, "GetSnapshotUri", snapshot_uri, Right.LIVE)


async def profiles(device: Device, call: Call) -> Document:
    """List the profiles, each with the kinds of settings that are asked for: without a kind none."""
    types = frozenset(texts_of(call.body, "Type"))
    if _ALL in types and not device.firmware.all_types:
        raise Refusal.failed()
    token = text_of(call.body, "Token")
    found = device.profiles if token is None else [device.profile(token)]
    return {"tr2:Profiles": [_profile(each, types) for each in found]}


def _profile(known: Profile, types: frozenset[str]) -> Document:
    sound = _sound(known)
    source: Document = {
        "@token": known.source_config,
        "Name": known.of(known.tokens.source_name),
        "UseCount": len(known.channel.streams),
        "SourceToken": known.source,
    }
    settings = {
        "VideoSource": configuration(known),
        "AudioSource": None if sound is None else source,
        "VideoEncoder": _encoder(known),
        "AudioEncoder": sound,
    }
    asked: Document = {
        f"tr2:{name}": part
        for name, part in settings.items()
        if part is not None and types & {name, _ALL}
    }
    told: Document = {"tr2:Configurations": asked} if asked else {}
    return {"@token": known.token, "@fixed": True, "tr2:Name": Name(known.name), **told}


async def encoders(device: Device, _call: Call) -> Document:
    """List the encoders."""
    return {"tr2:Configurations": [_encoder(each) for each in device.profiles]}


def _encoder(known: Profile) -> Document:
    form = known.format
    return {
        "@token": known.encoder,
        "@GovLength": form.gop_frames,
        "@Profile": "Main",
        "Name": known.of(known.tokens.encoder_name),
        "UseCount": 1,
        "Encoding": form.codec.replace(".", ""),
        "Resolution": {"Width": form.width, "Height": form.height},
        "RateControl": {
            "@ConstantBitRate": True,
            "FrameRateLimit": MILLISECONDS / form.interval_ms,
            "BitrateLimit": form.bitrate_kbps,
        },
        "Quality": 4.0,
    }


def _sound(known: Profile) -> Document | None:
    codec = known.format.audio
    if codec is None:
        return None
    return {
        "@token": f"Audio{known.encoder}",
        "Name": f"AudioEncoder{known.number}",
        "UseCount": 1,
        "Encoding": SOUND[codec],
        "Bitrate": AUDIO_KBPS[codec],
        "SampleRate": AUDIO_KHZ[codec],
    }


async def stream_uri(device: Device, call: Call) -> Document:
    """Tell where a profile's live pictures are."""
    known = named_profile(device, call)
    if text_of(call.body, "Protocol") not in _PROTOCOLS:
        raise Refusal.invalid("InvalidStreamSetup", "Specification of Transport is not supported")
    return {"tr2:Uri": live_address(device, call, known)}


async def snapshot_uri(device: Device, call: Call) -> Document:
    """Tell where a profile's picture of now is."""
    known = named_profile(device, call)
    return {"tr2:Uri": snapshot_address(device, call, known)}
