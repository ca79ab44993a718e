"""What is known of recordings: from when to when, of what (section 8.2 of the notes)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from simulator.core.accounts import Right
from simulator.footage.formats import MILLISECONDS

from .containers import AUDIO, VIDEO, Container, container, containers
from .device import Device
from .media import AUDIO_KHZ
from .media2 import SOUND
from .namespaces import Service
from .operation import Call, Operation
from .recordings import source
from .traits.recording import Begin
from .xml import Document, text_of, texts_of

# As the camera of devices/onvif/ipcam-sd-profile-g: its clock wasn't set when it first wrote.
_UNSET: Final = datetime(1970, 1, 1, 0, 3, 15, tzinfo=UTC)


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.SEARCH
    yield Operation(service, "GetRecordingSummary", summary, Right.PLAYBACK)
    yield Operation(service, "GetRecordingInformation", one, Right.PLAYBACK)
    yield Operation(service, "GetMediaAttributes", attributes, Right.PLAYBACK)


async def summary(device: Device, _call: Call) -> Document:
    """Tell from when to when there is footage at all, and how many recordings."""
    known = containers(device)
    begins = [each.earliest for each in known]
    until = [each.latest for each in known]
    nothing = device.recorder.now()
    return {
        "tse:Summary": {
            "DataFrom": _begin(device, min((each for each in begins if each), default=nothing)),
            "DataUntil": device.written(max((each for each in until if each), default=nothing)),
            "NumberRecordings": len(known),
        }
    }


async def one(device: Device, call: Call) -> Document:
    """Tell of one recording."""
    known = container(device, text_of(call.body, "RecordingToken"))
    return {"tse:RecordingInformation": information(device, known)}


def information(device: Device, known: Container) -> Document:
    """Tell of a recording."""
    firmware = device.firmware
    first, last = _bounds(device, known)
    bounds: Document = {"EarliestRecording": first, "LatestRecording": last}
    told = known.earliest is not None and firmware.begin is not Begin.UNTOLD
    status = "Recording" if known.being_recorded else "Stopped"
    return {
        "RecordingToken": known.token,
        "Source": source(device, known),
        **(bounds if told else {}),
        "Content": "RecordContent",
        "Track": _tracks(device, known),
        "RecordingStatus": "Unknown" if firmware.status_unknown else status,
    }


def _bounds(device: Device, known: Container) -> tuple[str, str]:
    now = device.recorder.now()
    return _begin(device, known.earliest or now), device.written(known.latest or now)


def _tracks(device: Device, known: Container) -> list[Document]:
    first, last = _bounds(device, known)
    return [
        {
            "TrackToken": token,
            "TrackType": kind,
            "Description": f"{kind}Track",
            "DataFrom": first,
            "DataTo": last,
        }
        for token, kind in known.tracks
    ]


def _begin(device: Device, instant: datetime) -> str:
    if device.firmware.begin is not Begin.EPOCH:
        return device.written(instant)
    return device.written(device.recorder.clock.from_stamp(_UNSET.replace(tzinfo=None)))


async def attributes(device: Device, call: Call) -> Document:
    """Tell how the footage of an instant is coded."""
    at = text_of(call.body, "Time") or device.written(device.recorder.now())
    known = [container(device, token) for token in texts_of(call.body, "RecordingTokens")]
    return {"tse:MediaAttributes": [_attributes(device, each, at) for each in known]}


def _attributes(device: Device, known: Container, at: str) -> Document:
    form = known.profile.format
    tracks: list[Document] = []
    for track, (_, kind) in zip(_tracks(device, known), known.tracks, strict=True):
        coded: Document = {}
        if kind == VIDEO:
            coded = {
                "VideoAttributes": {
                    "Bitrate": form.bitrate_kbps,
                    "Width": form.width,
                    "Height": form.height,
                    "Encoding": form.codec.replace(".", ""),
                    "Framerate": MILLISECONDS / form.interval_ms,
                }
            }
        elif kind == AUDIO and form.audio is not None:
            coded = {
                "AudioAttributes": {
                    "Encoding": SOUND[form.audio],
                    "Samplerate": AUDIO_KHZ[form.audio],
                }
            }
        tracks.append({"TrackInformation": track, **coded})
    return {
        "RecordingToken": known.token,
        "TrackAttributes": tracks,
        "From": at,
        "Until": at,
    }
