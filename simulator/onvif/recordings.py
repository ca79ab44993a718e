"""Recording control: what recordings there are (section 8.1 of the notes)."""

from collections.abc import Iterable

from simulator.core.accounts import Right

from .containers import Container, container, containers
from .device import Device
from .namespaces import Service
from .operation import Call, Operation
from .traits.recording import SourceHint
from .xml import Document, Name, text_of

_PROFILE = "http://www.onvif.org/ver10/schema/Profile"


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.RECORDING
    yield Operation(service, "GetRecordings", recordings, Right.PLAYBACK)
    yield Operation(service, "GetRecordingConfiguration", configuration, Right.PLAYBACK)


async def recordings(device: Device, _call: Call) -> Document:
    """List the recordings, without any times."""
    return {"trc:RecordingItem": [_item(device, each) for each in containers(device)]}


def _item(device: Device, known: Container) -> Document:
    return {
        "RecordingToken": known.token,
        "Configuration": _configuration(device, known),
        "Tracks": {
            "Track": [
                {
                    "TrackToken": token,
                    "Configuration": {"TrackType": kind, "Description": f"{kind}Track"},
                }
                for token, kind in known.tracks
            ]
        },
    }


async def configuration(device: Device, call: Call) -> Document:
    """Tell how a recording is set up."""
    known = container(device, text_of(call.body, "RecordingToken"))
    return {"trc:RecordingConfiguration": _configuration(device, known)}


def _configuration(device: Device, known: Container) -> Document:
    return {
        "Source": source(device, known),
        "Content": "RecordContent",
        "MaximumRetentionTime": "PT0S",
    }


def source(device: Device, known: Container) -> Document:
    """Tell where a recording's pictures come from."""
    firmware = device.firmware
    profile = known.profile
    if firmware.empty_sources:
        return {
            "SourceId": None,
            "Name": Name(profile.channel.name),
            "Location": None,
            "Description": None,
            "Address": None,
        }
    told = profile.of(profile.tokens.source_id) if firmware.source_hint is SourceHint.ID else ""
    newer = {"VideoSourceToken": profile.source}
    return {
        "SourceId": told or f"SourceId_{profile.number}",
        "Name": Name(profile.channel.name),
        "Location": "Location",
        "Description": "Description of source",
        "Address": _PROFILE,
        **(newer if firmware.source_hint is SourceHint.TOKEN else {}),
    }
