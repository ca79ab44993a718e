"""Whether channels are being recorded: the fact, not the mode (section 12 of the protocol notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel

from .config import table
from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .firmware import Firmware
from .grammar import Json, reach
from .route import Route, cgi
from .rpc import Call, Method, Reply

_MODULE: Final = "recordManager"
_OFF, _MANUAL, _SCHEDULE = 2, 1, 0
_STREAM_WORDS: Final = {1: "Main", 2: "Extra1"}
# As an iNVD 9116 tells it.
_CAPS: Final[Json] = {
    "MaxPreRecordTime": 30,
    "PacketLengthRange": [1, 60],
    "PacketSizeRange": [131072, 2097152],
    "SupportExtraRecordMode": True,
    "SupportHoliday": True,
    "SupportPacketType": ["Time", "Size"],
    "SupportResumeTransmit": False,
}


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_MODULE, "getCaps", caps)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_MODULE}.getCaps", caps_by_call)
    yield Method(f"{_MODULE}.getState", state, Right.STATUS, _tells)
    yield Method(f"{_MODULE}.getStateAll", states, Right.STATUS, _tells)
    yield Method(f"{_MODULE}.startChannel", start, Right.SETTINGS, _tells)
    yield Method(f"{_MODULE}.stopChannel", stop, Right.SETTINGS, _tells)


def _tells(firmware: Firmware) -> bool:
    return firmware.record_state


async def caps(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell what can be set about recording."""
    return device.fields(_CAPS, "caps")


async def caps_by_call(_device: Device, _call: Call) -> Reply:
    """Tell what can be set about recording."""
    return Reply({"caps": _CAPS})


async def state(device: Device, call: Call) -> Reply:
    """Tell whether a channel is being recorded."""
    modes = table(device, "RecordMode")
    return Reply({"state": _state(device, _channel(device, call), modes)})


async def states(device: Device, _call: Call) -> Reply:
    """Tell of all channels whether they are being recorded."""
    channels, modes = device.recorder.channels, table(device, "RecordMode")
    rows: list[Json] = [
        _state(device, channels.get(index + 1), modes) for index in range(device.capacity)
    ]
    return Reply({"state": rows})


async def start(device: Device, call: Call) -> Reply:
    """Record a channel by hand."""
    index = _channel(device, call).number - 1
    device.settings[f"RecordMode[{index}].Mode"] = str(_MANUAL)
    return Reply()


async def stop(device: Device, call: Call) -> Reply:
    """Stop recording a channel."""
    index = _channel(device, call).number - 1
    device.settings[f"RecordMode[{index}].Mode"] = str(_OFF)
    return Reply()


def _channel(device: Device, call: Call) -> Channel:
    try:
        return device.channel(str(call.whole("channel", -1)), base=0)
    except Refusal as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err


def _state(device: Device, channel: Channel | None, modes: Json) -> Json:
    return {
        word: {"State": int(channel is not None and _recorded(device, channel, stream, modes))}
        for stream, word in _STREAM_WORDS.items()
    }


def _recorded(device: Device, channel: Channel, stream: int, modes: Json) -> bool:
    """Say whether a stream is being recorded at this moment."""
    key = "Mode" if stream == 1 else "ModeExtra1"
    mode = reach(modes, [channel.number - 1, key])
    if mode == _OFF or not channel.has_pictures:
        return False
    now = device.recorder.now()
    found = device.recorder.schedule.recordings(channel.number, stream, now, now)
    return mode == _MANUAL or any(recording.open for recording in found)
