"""The jobs that fill recordings: whether a channel is being recorded (section 8.1 of the notes)."""

from collections.abc import Iterable
from typing import Final

from simulator.core.accounts import Right

from .containers import Container, containers
from .device import Device
from .errors import Refusal
from .namespaces import Service
from .operation import Call, Operation
from .traits.recording import SourceHint
from .xml import Document, text_of

_PROFILE: Final = "http://www.onvif.org/ver10/schema/Profile"
_PRIORITY: Final = 9


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.RECORDING
    yield Operation(service, "GetRecordingJobs", jobs, Right.PLAYBACK)
    yield Operation(service, "GetRecordingJobState", state, Right.PLAYBACK)


def job_token(known: Container) -> str:
    """Give what the job of a recording is called by: as the recording itself where that is one file."""
    if known.clip is not None:
        return known.token
    return known.profile.of(known.profile.tokens.job)


def filled(device: Device) -> list[Container]:
    """Give the recordings for which there is a job: with one for each file, those that are being written."""
    if device.firmware.source_hint is SourceHint.NUMBER:
        return []
    return [each for each in containers(device) if each.clip is None or each.clip.open]


def job_state(known: Container) -> str:
    """Say how a job is doing: one that waits for events is idle between them."""
    channel = known.profile.channel
    if not channel.has_pictures:
        return "Error"
    return "Active" if channel.plan.continuous or known.being_recorded else "Idle"


async def jobs(device: Device, _call: Call) -> Document:
    """List the jobs."""
    return {"trc:JobItem": [_job(each) for each in filled(device)]}


def _job(known: Container) -> Document:
    tracks: list[Document] = [
        {"SourceTag": f"tag{place}", "Destination": track}
        for place, (track, _) in enumerate(known.tracks)
    ]
    return {
        "JobToken": job_token(known),
        "JobConfiguration": {
            "RecordingToken": known.token,
            "Mode": "Active",
            "Priority": _PRIORITY,
            "Source": {
                "SourceToken": {"@Type": _PROFILE, "Token": known.profile.token},
                "AutoCreateReceiver": False,
                "Tracks": tracks,
            },
        },
    }


async def state(device: Device, call: Call) -> Document:
    """Tell how one job is doing."""
    token = text_of(call.body, "JobToken")
    known = next((each for each in filled(device) if job_token(each) == token), None)
    if known is None:
        raise Refusal.invalid("NoRecordingJob", "The job token does not reference an existing job")
    told = job_state(known)
    problem = {"Error": "No signal"} if told == "Error" else {}
    tracks: list[Document] = [
        {"SourceTag": f"tag{place}", "Destination": track, **problem, "State": told}
        for place, (track, _) in enumerate(known.tracks)
    ]
    return {
        "trc:State": {
            "RecordingToken": known.token,
            "State": told,
            "Sources": {
                "SourceToken": {"@Type": _PROFILE, "Token": known.profile.token},
                "State": told,
                "Tracks": {"Track": tracks},
            },
        }
    }
