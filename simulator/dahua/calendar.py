"""The days of a month on which something was recorded (section 8 of the protocol notes)."""

import asyncio
from calendar import monthrange
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from simulator.core.accounts import Right

from .conditions import Condition, of_call
from .device import Device
from .errors import Code, RpcRefusal
from .firmware import Firmware
from .found import recordings
from .grammar import Json
from .rpc import Call, Method, Reply
from .times import write

_SERVICE: Final = "workDirectory"
_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)
_YEARS: Final = range(2000, 2100)
_MONTHS: Final = range(1, 13)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_SERVICE}.factory.instance", instance, Right.PLAYBACK, _has)
    yield Method(f"{_SERVICE}.getBitmapEx", bitmap, Right.PLAYBACK, _has)
    yield Method(f"{_SERVICE}.destroy", destroy, Right.PLAYBACK, _has)


def _has(firmware: Firmware) -> bool:
    return firmware.calendar


async def instance(device: Device, call: Call) -> Reply:
    """Give the instance of a work directory."""
    if call.text("name") != device.firmware.calendar_directory:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    return Reply(result=device.instances.make(_SERVICE, call.text("name")))


async def destroy(device: Device, call: Call) -> Reply:
    """Take the instance of a work directory away."""
    device.instances.destroy(_SERVICE, call.target)
    return Reply()


async def bitmap(device: Device, call: Call) -> Reply:
    """Tell the days of a month: bit n is that of day n; an error where there are none."""
    device.instances.find(_SERVICE, call.target)
    asked = call.part("condition")
    year, month, index = (asked.get(key) for key in ("Year", "Month", "Channel"))
    if year not in _YEARS or month not in _MONTHS or not isinstance(index, int):
        raise RpcRefusal(Code.INVALID_PARAMETER)
    first = datetime(int(str(year)), int(str(month)), 1)
    channels = [*device.recorder.channels] if index < 0 else [index + 1]
    kinds: dict[str, Json] = {key: asked.get(key) for key in ("Types", "Events")}
    days = await asyncio.to_thread(_days, device, first, channels, kinds)
    if not days:
        raise RpcRefusal(Code.NO_DATA)
    return Reply({"bitmap": days})


def _days(device: Device, first: datetime, channels: list[int], kinds: dict[str, Json]) -> int:
    found = 0
    for day in range(monthrange(first.year, first.month)[1]):
        start = first + day * _DAY
        condition = _on(device, start, channels, kinds)
        if next(recordings(device, condition), None) is not None:
            found |= 1 << (day + 1)
    return found


def _on(device: Device, start: datetime, channels: list[int], kinds: dict[str, Json]) -> Condition:
    indices: list[Json] = [number - 1 for number in channels]
    return of_call(
        device.firmware,
        {
            **kinds,
            "Channel": indices,
            "StartTime": write(device.firmware, start),
            "EndTime": write(device.firmware, start + _DAY - _SECOND),
        },
    )
