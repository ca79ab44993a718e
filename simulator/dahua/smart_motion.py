"""Search for people and vehicles, with the exact times of both (section 8 of the protocol notes)."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from simulator.core.accounts import Right
from simulator.core.recordings import Kind, Recording

from .conditions import Condition
from .device import Device
from .errors import Code, RpcRefusal
from .files import said_end
from .firmware import Firmware
from .found import newest_first, recordings
from .grammar import Json
from .rpc import Call, Method, Reply
from .times import read, tell

_SERVICE: Final = "SmdDataFinder"
_TYPES: Final = {Kind.PERSON: "smdTypeHuman", Kind.VEHICLE: "smdTypeVehicle"}
_ASCENDING: Final = "ascOrder"
_COUNT: Final = 100
_MOST: Final = 1000


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_SERVICE}.startFind", start, Right.PLAYBACK, _has)
    yield Method(f"{_SERVICE}.doFind", fetch, Right.PLAYBACK, _has)
    yield Method(f"{_SERVICE}.stopFind", stop, Right.PLAYBACK, _has)


def _has(firmware: Firmware) -> bool:
    return firmware.smart_motion


async def start(device: Device, call: Call) -> Reply:
    """Begin a search."""
    asked = call.part("Condition")
    try:
        condition = _condition(device, asked)
    except ValueError as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err
    types = asked.get("SmdType")
    wanted = {kind for kind, word in _TYPES.items() if isinstance(types, list) and word in types}
    rows = await asyncio.to_thread(_rows, device, condition, wanted)
    token = device.lists.keep(_SERVICE, rows)
    return Reply({"Count": len(rows), "Token": token})


async def fetch(device: Device, call: Call) -> Reply:
    """Give a part of what was found."""
    rows = device.lists.find(_SERVICE, call.whole("Token", 0))
    if rows is None:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    offset = max(0, call.whole("Offset", 0))
    count = max(0, min(call.whole("Count", _COUNT), _MOST))
    return Reply({"SmdInfo": rows[offset : offset + count]})


async def stop(device: Device, call: Call) -> Reply:
    """End a search."""
    if not device.lists.drop(_SERVICE, call.whole("Token", 0)):
        raise RpcRefusal(Code.INVALID_PARAMETER)
    return Reply()


def _condition(device: Device, asked: Mapping[str, Json]) -> Condition:
    channels = asked.get("Channels")
    indices = channels if isinstance(channels, list) else []
    return Condition(
        channels=tuple(index + 1 for index in indices if isinstance(index, int)),
        start=read(device.firmware, str(asked.get("StartTime"))),
        end=read(device.firmware, str(asked.get("EndTime"))),
        streams=(1,),
        newest_first=asked.get("Order") != _ASCENDING,
    )


def _rows(device: Device, condition: Condition, wanted: set[Kind]) -> list[Json]:
    order = newest_first if condition.newest_first else recordings
    return [_row(device, each) for each in order(device, condition) if each.kind in wanted]


def _row(device: Device, recording: Recording) -> Json:
    write = partial(tell, device.recorder, device.firmware)
    return {
        "Channel": recording.channel - 1,
        "EndTime": write(said_end(device, recording)),
        "StartTime": write(recording.start),
        "Type": _TYPES[recording.kind],
    }
