"""Replay control: where a recording is played (section 9 of the notes)."""

from collections.abc import Iterable

from simulator.core.accounts import Right

from .addresses import rtsp_address
from .containers import container, replay_path
from .device import Device
from .media import check_setup
from .namespaces import Service
from .operation import Call, Operation
from .xml import Document, text_of


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.REPLAY
    yield Operation(service, "GetReplayUri", uri, Right.PLAYBACK)
    yield Operation(service, "GetReplayConfiguration", configuration, Right.PLAYBACK)


async def uri(device: Device, call: Call) -> Document:
    """Tell where a recording is played, all of it: the time comes with PLAY."""
    known = container(device, text_of(call.body, "RecordingToken"))
    check_setup(call)
    return {"trp:Uri": rtsp_address(device, call.request, replay_path(known))}


async def configuration(device: Device, _call: Call) -> Document:
    """Tell how long a session is kept."""
    seconds = int(device.firmware.rtsp.session_timeout.total_seconds())
    return {"trp:Configuration": {"SessionTimeout": f"PT{seconds}S"}}
