"""The endless answer that tells of events (section 15 of the protocol notes)."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import islice

from aiohttp import web

from simulator.core.events import Change, Event
from simulator.core.web_face import Unframed

from .alerts import SMART, Alert, framed, heartbeat, message
from .device import Device
from .errors import Refusal
from .pictures import still
from .route import Route


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("GET", "/ISAPI/Event/notification/alertStream", alert_stream)


async def alert_stream(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell what happens until the client goes."""
    async with _slot(device):
        response = Unframed()
        response.headers["Content-Type"] = (
            f"multipart/mixed; boundary={device.firmware.event_boundary}"
        )
        await response.prepare(request)
        with device.recorder.events.listen() as changes:
            await _Telling(device, response, changes).run()
        if request.transport is not None:
            request.transport.close()
        return response


@asynccontextmanager
async def _slot(device: Device) -> AsyncIterator[None]:
    """Take one of the few slots for event streams, and give it back when its time has come.

    Raises:
        Refusal: all are taken.
    """
    now = device.recorder.now()
    device.held_slots[:] = [until for until in device.held_slots if until > now]
    if device.event_streams + len(device.held_slots) >= device.firmware.event_streams:
        raise Refusal.busy()
    device.event_streams += 1
    try:
        yield
    finally:
        device.event_streams -= 1
        held = timedelta(seconds=device.firmware.event_slot_s)
        device.held_slots.append(device.recorder.now() + held)


class _Telling:
    """What one client has been told."""

    def __init__(
        self, device: Device, response: web.StreamResponse, changes: asyncio.Queue[Change]
    ) -> None:
        self._device = device
        self._response = response
        self._changes = changes
        self._counts: dict[Event, int] = {}
        self._parts = 0
        clock = asyncio.get_running_loop().time
        self._clock = clock
        self._beat_at = clock()
        self._repeat_at = clock()

    async def run(self) -> None:
        """Tell until enough has been told for a firmware that stops by itself."""
        firmware = self._device.firmware
        for event in self._buffered():
            await self._tell(Alert(event=event, at=event.start, active=True, late=True))
        for event in self._device.recorder.events.going_on:
            await self._begin(event)
        while firmware.event_drops_after is None or self._parts < firmware.event_drops_after:
            change = await self._next()
            firmware = self._device.firmware
            if change is not None:
                await self._change(change)
            now = self._clock()
            if firmware.event_repeat_s is not None and now >= self._repeat_at:
                self._repeat_at = now + firmware.event_repeat_s
                await self._repeat()
            if firmware.heartbeat_s is not None and now >= self._beat_at:
                self._beat_at = now + firmware.heartbeat_s
                await self._write(heartbeat(self._device))

    def _buffered(self) -> Iterable[Event]:
        past = self._device.recorder.events.past
        count = self._device.firmware.buffered_events
        return deque(islice(past, max(0, len(past) - count), None))

    async def _next(self) -> Change | None:
        """Wait for a change, or for the moment of a repeat or heartbeat."""
        firmware = self._device.firmware
        dues = [self._beat_at] if firmware.heartbeat_s is not None else []
        if firmware.event_repeat_s is not None and self._counts:
            dues.append(self._repeat_at)
        wait_s = max(0.0, min(dues) - self._clock()) if dues else None
        try:
            async with asyncio.timeout(wait_s):
                return await self._changes.get()
        except TimeoutError:
            return None

    async def _change(self, change: Change) -> None:
        if change.active:
            await self._begin(change.event)
            return
        count = self._counts.pop(change.event, 0)
        if self._device.firmware.tells_event_end:
            now = self._device.recorder.now()
            await self._tell(Alert(event=change.event, at=now, active=False, count=count))

    async def _begin(self, event: Event) -> None:
        firmware = self._device.firmware
        self._counts[event] = 1
        if firmware.event_repeat_s is not None:
            self._repeat_at = self._clock() + firmware.event_repeat_s
        await self._tell(Alert(event=event, at=event.start, active=True))
        if firmware.event_pictures and event.kind in SMART and event.channel is not None:
            await self._picture(event.channel)

    async def _repeat(self) -> None:
        now = self._device.recorder.now()
        for event in self._counts:
            self._counts[event] += 1
            count = self._counts[event]
            await self._tell(Alert(event=event, at=now, active=True, count=count, repeat=True))

    async def _tell(self, alert: Alert) -> None:
        # Nothing says so when the link to `center` is missing: nothing comes.
        if self._device.firmware.notifies_center:
            await self._write(message(self._device, alert))

    async def _picture(self, channel: int) -> None:
        smallest = max(self._device.recorder.channels[channel].streams)
        jpeg = await still(self._device, channel, smallest)
        disposition = {"Content-Disposition": 'form-data; name="detectionImage"'}
        await self._write(framed(self._device, "image/jpeg", jpeg, disposition))

    async def _write(self, part: bytes) -> None:
        stalls_after = self._device.firmware.event_stalls_after
        if stalls_after is not None and self._parts >= stalls_after:
            # As a DS-9664 V4.60 does after hours: open, and silent for good.
            await asyncio.Event().wait()
        self._parts += 1
        await self._response.write(part)
