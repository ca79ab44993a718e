"""Channels, and the state of the cameras behind them (section 6 of the protocol notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel, ChannelState

from .device import Device
from .errors import Refusal
from .firmware import Firmware
from .grammar import Json
from .remote import camera_of
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .traits.channels import StateForm

_INPUTS: Final = "devVideoInput"
_MANAGER: Final = "LogicDeviceManager"


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_INPUTS, "getCollect", collect)
    yield cgi(_INPUTS, "getCaps", caps)
    yield cgi(_MANAGER, "getCameraState", camera_state, Right.STATUS)
    yield cgi(_MANAGER, "getCameraAll", cameras, Right.STATUS, _knows_cameras)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_MANAGER}.getCameraState", state_by_call, Right.STATUS, _tells_state)
    yield Method(f"{_MANAGER}.getCameraAll", cameras_by_call, Right.STATUS, _knows_cameras)
    yield Method(f"{_MANAGER}.getVideoChannelsInfo", video_channels)
    yield Method(f"{_INPUTS}.getCollect", collect_by_call)


def _tells_state(firmware: Firmware) -> bool:
    return firmware.state_by_rpc and not firmware.camera


def _knows_cameras(firmware: Firmware) -> bool:
    return firmware.state_by_rpc and not firmware.camera


async def collect(device: Device, _request: web.Request) -> web.StreamResponse:
    """Count the inputs."""
    return device.fields({"result": device.capacity})


async def collect_by_call(device: Device, _call: Call) -> Reply:
    """Count the inputs."""
    return Reply(result=device.capacity)


async def caps(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell what an input can do."""
    device.channel(device.query(request).get("channel", "1"), device.firmware.picture_base)
    return device.fields({"CoverCount": 4, "MaxExtraStream": device.firmware.extra_streams}, "caps")


async def camera_state(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell whether the cameras can be reached."""
    query, firmware = device.query(request), device.firmware
    forms = {StateForm.INDEXED: "uniqueChannels[0]", StateForm.PLAIN: "uniqueChannels"}
    asked = next(
        (key for form, key in forms.items() if form in firmware.state_forms and key in query), None
    )
    if asked is None or firmware.camera:
        raise Refusal.bad_request()
    return device.fields(_states(device, [query[asked]]), "states")


async def state_by_call(device: Device, call: Call) -> Reply:
    """Tell whether the cameras can be reached."""
    asked = call.params.get("uniqueChannels")
    wanted = [str(each) for each in asked] if isinstance(asked, list) else ["-1"]
    return Reply({"states": _states(device, wanted)})


def _states(device: Device, wanted: Iterable[str]) -> list[Json]:
    """Give the states of channels by their indices; -1 is all of them."""
    every = "-1" in wanted
    states: list[Json] = []
    for index in range(device.capacity):
        word = _state_word(device, index)
        if word is not None and (every or str(index) in wanted):
            states.append({"channel": index, "connectionState": word})
    return states


def _state_word(device: Device, index: int) -> str | None:
    firmware, channel = device.firmware, device.recorder.channels.get(index + 1)
    if channel is None:
        return "Empty" if firmware.empty_states else None
    if channel.analog and not firmware.analog_states:
        return None
    return firmware.lost_word if channel.state is ChannelState.OFFLINE else "Connected"


async def cameras(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell of all cameras."""
    return device.fields(_cameras(device), "camera")


async def cameras_by_call(device: Device, _call: Call) -> Reply:
    """Tell of all cameras."""
    return Reply({"camera": _cameras(device)})


def _cameras(device: Device) -> list[Json]:
    found: list[Json] = []
    for channel in device.network_channels:
        index = channel.number - 1
        found.append(
            {
                "Channel": 0,
                "DeviceID": f"uuid:System_CONFIG_NETCAMERA_INFO_{index}",
                "DeviceInfo": camera_of(device, channel),
                "Enable": True,
                "Type": "Remote",
                "UniqueChannel": index,
                "VideoStandard": "PAL",
                "VideoStream": "Main",
                "showStatus": _state_word(device, index),
            }
        )
    # A row that shows several channels at once, and is no camera.
    found.append({"Channel": device.capacity, "Type": "Compose", "UniqueChannel": device.capacity})
    return found


async def video_channels(device: Device, _call: Call) -> Reply:
    """Tell which channels there are."""
    rows: list[Json] = [_row(channel) for channel in device.recorder.channels.values()]
    return Reply({"channels": rows})


def _row(channel: Channel) -> Json:
    kind = "Analog" if channel.analog else "Remote"
    return {"Channel": channel.number - 1, "Name": channel.name, "Type": kind}
