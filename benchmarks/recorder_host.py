"""The process with the recorders of a bench, and what it is ordered to do with them.

It runs at the lowest priority: a real recorder has a processor of its own.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from datetime import datetime, timedelta
import os

from demo.orders import Json, take_orders
from demo.vendors import vendor_of
from simulator.box import RecorderBox
from simulator.core.channels import Camera, Channel
from simulator.core.personality import Options, Personality
from simulator.core.recordings import Kind, RecordingPlan
from simulator.faces import PERSONALITIES
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec

from .observed_face import ObservedFace
from .recorder_orders import RecorderSpec

NICENESS = 10
_NOWHERE = 'domain="::", '


def personality_of(spec: RecorderSpec, password: str) -> Personality:
    """Give a recorder of today with the channels that a bench wants."""
    number = sum(spec.name.encode())
    plain = PERSONALITIES[spec.personality](
        Options(
            password=password,
            name=spec.name,
            serial=vendor_of(spec.personality).serial.format(number),
            mac=f"02:00:5e:20:{number >> 8 & 255:02x}:{number & 255:02x}",
            retention=timedelta(days=spec.retention_days),
        )
    )
    face = ObservedFace(plain.face)
    face.latency_s, face.rate = spec.latency_ms / 1000, spec.rate
    # For the sake of the plain clients: aiohttp's logs in anew for each request where it reads `domain="::"`.
    accounts = plain.recorder.accounts
    accounts.policy = replace(
        accounts.policy, challenge=accounts.policy.challenge.replace(_NOWHERE, "")
    )
    # The schedule looks channels up in this very mapping.
    plain.recorder.channels.clear()
    plain.recorder.channels.update(
        {each: _channel(each, spec) for each in range(1, spec.channels + 1)}
    )
    return replace(plain, face=face)


def _channel(number: int, spec: RecorderSpec) -> Channel:
    main = StreamFormat(
        codec=VideoCodec.H264,
        width=1920,
        height=1080,
        fps=25,
        gop_seconds=spec.gop_s,
        bitrate_kbps=spec.bitrate_kbps,
        audio=AudioCodec.ULAW,
    )
    sub = StreamFormat(
        codec=VideoCodec.H264, width=640, height=360, fps=10, gop_seconds=2, bitrate_kbps=512
    )
    return Channel(
        number=number,
        name=f"Camera {number:02}",
        camera=Camera(
            model="DS-2CD2386G2-IU",
            serial=f"DS-2CD2386G2-IU20220301AAWRSIM{number:06}",
            firmware="V5.7.15 build 240201",
            address=f"192.0.2.{100 + number}",
        ),
        streams={1: main, 2: sub},
        plan=RecordingPlan(
            continuous=spec.continuous,
            file_length=timedelta(minutes=spec.file_minutes),
            kinds=(Kind.MOTION,) if spec.motion_per_day else (),
            events_per_day=spec.motion_per_day or 1,
        ),
    )


class RecorderHost:
    """Recorders by their names."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._boxes: dict[str, tuple[RecorderBox, ObservedFace]] = {}
        self._stack = stack

    async def carry_out(self, order: Mapping[str, Json]) -> Json:
        """Do what an order says and return what it asked for."""
        what, name = str(order["do"]), str(order["recorder"])
        if what == "start":
            return await self._start(order)
        actions: Mapping[
            str,
            Callable[[RecorderBox, ObservedFace, Mapping[str, Json]], Coroutine[None, None, Json]],
        ] = {
            "set": _set,
            "asked": _asked,
            "plays": _plays,
            "serving": _serving,
            "recordings": _recordings,
            "stamps": _stamps,
        }
        return await actions[what](*self._boxes[name], order)

    async def _start(self, order: Mapping[str, Json]) -> Json:
        fields = order["spec"]
        assert isinstance(fields, dict)
        spec = RecorderSpec(**fields)
        personality = personality_of(spec, str(order["password"]))
        box = await self._stack.enter_async_context(RecorderBox(personality))
        assert isinstance(personality.face, ObservedFace)
        box.rtsp.rate = spec.rate
        box.rtsp.fills = spec.fills
        self._boxes[spec.name] = box, personality.face
        return {"address": box.address, "rtsp_port": box.rtsp_port}


async def _set(box: RecorderBox, face: ObservedFace, order: Mapping[str, Json]) -> Json:
    latency_ms, rate, faster = (order.get(key) for key in ("latency_ms", "rate", "faster"))
    if isinstance(latency_ms, int | float):
        face.latency_s = latency_ms / 1000
    if isinstance(rate, int):
        face.rate = box.rtsp.rate = rate
    if isinstance(faster, int | float):
        accounts = box.recorder.accounts
        accounts.policy = replace(accounts.policy, nonce_life=accounts.policy.nonce_life / faster)
    return None


async def _asked(_box: RecorderBox, face: ObservedFace, order: Mapping[str, Json]) -> Json:
    """Give what was asked since the last time, and forget it."""
    asked: list[Json] = [asdict(request) for request in face.asked]
    face.asked.clear()
    return asked


async def _plays(box: RecorderBox, _face: ObservedFace, _order: Mapping[str, Json]) -> Json:
    """Count the PLAYs since the last time, and forget them."""
    count = sum(method == "PLAY" for method, _ in box.rtsp.requests)
    box.rtsp.requests.clear()
    return count


async def _serving(_box: RecorderBox, face: ObservedFace, _order: Mapping[str, Json]) -> Json:
    return face.serving


async def _stamps(box: RecorderBox, _face: ObservedFace, order: Mapping[str, Json]) -> Json:
    instants = order["instants"]
    assert isinstance(instants, list)
    clock = box.recorder.clock
    return [clock.stamp(datetime.fromisoformat(str(each))).isoformat() for each in instants]


async def _recordings(box: RecorderBox, _face: ObservedFace, order: Mapping[str, Json]) -> Json:
    start, end = (datetime.fromisoformat(str(order[key])) for key in ("start", "end"))
    channel = order["channel"]
    assert isinstance(channel, int)
    return [
        [recording.start.isoformat(), recording.end.isoformat(), recording.open]
        for recording in box.recorder.schedule.recordings(channel, 1, start, end)
    ]


async def main() -> None:
    """Carry out orders one after the other until there are no more."""
    os.nice(NICENESS)
    async with AsyncExitStack() as stack:
        await take_orders(RecorderHost(stack).carry_out)


if __name__ == "__main__":
    asyncio.run(main())
