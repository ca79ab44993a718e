"""The process that holds the simulated recorders, and what it is ordered to do with them."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Any

from demo.orders import Json, take_orders
from demo.ports import LOOPBACK
from demo.vendors import vendor_of
from simulator.box import RecorderBox
from simulator.core.channels import ChannelState
from simulator.core.faults import Fault
from simulator.core.personality import Options
from simulator.discovery import discoverable
from simulator.faces import PERSONALITIES
from simulator.footage.formats import MILLISECONDS

# What people see where a device doesn't say what a channel is called.
UNNAMED = "Channel {}"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# Where clocks never change or all is newer, this long ago is looked at instead.
UNCHANGED = timedelta(days=5)
YEAR = timedelta(days=366)
# From one change to or from daylight saving time to the next, and some days more.
RETENTION = timedelta(days=250)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One thing to do with one recorder; what an order has no use for stays at its default."""

    do: str
    recorder: str
    personality: str = ""
    title: str | None = None
    serial: str | None = None
    mac: str | None = None
    host: str | None = None
    user: str = ""
    password: str = ""
    channel: int = 0
    stream: int = 1
    start: str = ""
    end: str = ""
    fault: Mapping[str, Json] = field(default_factory=dict)


class RecorderHost:
    """Recorders by their names."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._boxes: dict[str, RecorderBox] = {}
        self._stack = stack

    async def carry_out(self, order: Order) -> Json:
        """Do what an order says and return what it asked for."""
        if order.do == "start":
            return await self._start(order)
        box = self._boxes[order.recorder]
        actions: Mapping[str, Callable[[RecorderBox, Order], Coroutine[None, None, Json]]] = {
            "plug": _plug,
            "unplug": _unplug,
            "reboot": _reboot,
            "password": _set_password,
            "requests": _requests,
            "recordings": _recordings,
            "describe": _describe,
            "clock_gain": _clock_gain,
            "fault": _fault,
            "heal": _heal,
            "hits": _hits,
        }
        return await actions[order.do](box, order)

    async def _start(self, order: Order) -> Json:
        is_short = order.personality in vendor_of(order.personality).short
        options = Options(
            user=order.user,
            password=order.password,
            name=order.title,
            retention=None if is_short else RETENTION,
            serial=order.serial,
            mac=order.mac,
        )
        box = RecorderBox(PERSONALITIES[order.personality](options), host=order.host or LOOPBACK)
        self._boxes[order.recorder] = await self._stack.enter_async_context(box)
        if order.host is not None:
            await self._stack.enter_async_context(discoverable(box, order.host))
        return {"address": box.address, "rtsp_port": box.rtsp_port}


async def _plug(box: RecorderBox, _: Order) -> Json:
    await box.plug()
    return None


async def _unplug(box: RecorderBox, _: Order) -> Json:
    await box.unplug()
    return None


async def _reboot(box: RecorderBox, _: Order) -> Json:
    await box.reboot()
    return None


async def _set_password(box: RecorderBox, order: Order) -> Json:
    box.recorder.accounts.set_password(order.user, order.password)
    return None


async def _requests(box: RecorderBox, order: Order) -> Json:
    since, until = _instant(order.start), _instant(order.end)
    asked = [request for request in box.recorder.requests if since <= request.at <= until]
    return {
        "paths": [f"{request.method} {request.path} {request.status}" for request in asked],
        "refused": box.recorder.accounts.failed_logins,
    }


async def _recordings(box: RecorderBox, order: Order) -> Json:
    found = box.recorder.schedule.recordings(
        order.channel, order.stream, _instant(order.start), _instant(order.end)
    )
    return [
        {
            "start": recording.start.isoformat(),
            "end": recording.end.isoformat(),
            "kind": recording.kind.value,
            "open": recording.open,
        }
        for recording in found
    ]


async def _clock_gain(box: RecorderBox, _: Order) -> Json:
    clock, now = box.recorder.clock, box.recorder.now()
    if now <= clock.drifts_from:
        return 0.0
    return abs(clock.drift * ((now - clock.drifts_from) / DAY)).total_seconds()


async def _describe(box: RecorderBox, _: Order) -> Json:
    recorder = box.recorder
    told = box.personality.face.told
    now = recorder.now()
    retention = recorder.schedule.retention
    change = last_clock_change(recorder.clock.zone, now)
    if change is None or now - change > retention:
        change = now - min(UNCHANGED, retention / 2)
    return {
        "title": recorder.identity.name,
        "clock_change": change.isoformat(),
        "tells_ports": told.ports,
        "footage_tells_time": told.footage_time,
        "listing": told.listing.value,
        "gives_footage": told.gives_footage,
        "index_latency_s": told.index_latency.total_seconds(),
        "channels": [
            {
                "number": channel.number,
                "name": channel.name if told.names else UNNAMED.format(channel.number),
                "online": channel.state is not ChannelState.OFFLINE,
                "pictures": channel.has_pictures and channel.number not in told.unserved,
                "codec": channel.streams[1].codec.value,
                "frame_s": channel.streams[1].interval_ms / MILLISECONDS,
                "unbroken": channel.plan.continuous and not channel.plan.missing,
            }
            for channel in recorder.channels.values()
        ],
    }


def last_clock_change(zone: tzinfo, now: datetime) -> datetime | None:
    """Return the hour at which daylight saving time last began or ended in a zone, if ever."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    while hour.astimezone(zone).utcoffset() == (hour - HOUR).astimezone(zone).utcoffset():
        hour -= HOUR
        if now - hour > YEAR:
            return None
    return hour


async def _fault(box: RecorderBox, order: Order) -> Json:
    box.recorder.faults.add(Fault(**{key: _of_fault(key, it) for key, it in order.fault.items()}))
    return None


def _of_fault(key: str, value: Json) -> Any:
    return HTTPStatus(value) if key == "status" and isinstance(value, int) else value


async def _heal(box: RecorderBox, _: Order) -> Json:
    box.recorder.faults.clear()
    return None


async def _hits(box: RecorderBox, _: Order) -> Json:
    return box.recorder.faults.hits


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def main() -> None:
    """Carry out orders one after the other until there are no more."""
    async with AsyncExitStack() as stack:
        host = RecorderHost(stack)
        await take_orders(lambda fields: host.carry_out(Order(**fields)))


if __name__ == "__main__":
    asyncio.run(main())
