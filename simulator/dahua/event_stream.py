"""The endless answers that tell of events, by CGI and pushed to a session of RPC2 (section 11)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
import json
from typing import Final

from aiohttp import web

from simulator.core.events import Change
from simulator.core.web_face import Unframed

from .alerts import ALL, CODES, Alert, alerts, going_on, noise, pushed, text, wants
from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .firmware import Firmware
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .traits.events import PartLength

_BOUNDARY: Final = "myboundary"
_LEAST_BEAT_S, _LONGEST_BEAT_S = 0.05, 60.0
# By so much a device is off that counted another form of the text.
_MISCOUNTED_BY: Final = 23
_SUBSCRIPTION: Final = 513
_STATUS_INSIDE: Final = "HTTP/1.1 200 OK"


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("/cgi-bin/eventManager.cgi", attach, "attach", lasting=True)
    yield cgi("eventManager", "getEventIndexes", indexes)
    yield cgi("eventManager", "getCaps", codes)
    yield cgi("eventManager", "getExposureEvents", codes)
    yield Route("/SubscribeNotify.cgi", subscribe, needs=_pushes, lasting=True)


def methods() -> Iterable[Method]:
    """Give the calls."""
    yield Method("eventManager.attach", attach_session, needs=_pushes)
    yield Method("eventManager.detach", detach_session, needs=_pushes)


def _pushes(firmware: Firmware) -> bool:
    return firmware.event_push


async def indexes(device: Device, request: web.Request) -> web.Response:
    """Say at which channels a code goes on."""
    found = going_on(device, device.query(request).get("code", ""))
    if not found:
        raise Refusal.no_events()
    return device.text(f"channels[{place}]={index}" for place, index in enumerate(found))


async def codes(device: Device, _request: web.Request) -> web.Response:
    """Say which codes there are."""
    known = dict.fromkeys(CODES.values())
    return device.text(f"events[{place}]={code}" for place, code in enumerate(known))


async def attach_session(device: Device, call: Call) -> Reply:
    """Let events be pushed to a session."""
    wanted = call.params.get("codes")
    if call.session is None or not isinstance(wanted, list):
        raise RpcRefusal(Code.INVALID_PARAMETER)
    device.media.attached[str(call.session.id)] = frozenset(map(str, wanted))
    return Reply({"SID": _SUBSCRIPTION})


async def detach_session(device: Device, call: Call) -> Reply:
    """Push no more events to a session."""
    if call.session is not None:
        device.media.attached.pop(str(call.session.id), None)
    return Reply()


async def attach(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell what happens until the client goes."""
    query = device.query(request)
    wanted = frozenset(code.strip() for code in query.get("codes", "").strip("[]").split(","))
    if wanted == {""} or (wanted != {ALL} and not device.firmware.event_code_lists):
        raise Refusal.bad_request()
    async with _place(device):
        response = Unframed()
        response.headers["Content-Type"] = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
        await response.prepare(request)
        beat = query.get("heartbeat", "")
        beat_s = _beat(beat) if device.firmware.event_heartbeat and beat else None
        with device.recorder.events.listen() as changes:
            await _Telling(device, response, wanted, changes, beat_s).run()
        if request.transport is not None:
            request.transport.close()
        return response


def _beat(told: str) -> float:
    """Read the seconds between signs of life; within a test they may be parts of one.

    Raises:
        Refusal: it is no number.
    """
    try:
        return min(max(float(told), _LEAST_BEAT_S), _LONGEST_BEAT_S)
    except ValueError as err:
        raise Refusal.bad_request() from err


async def subscribe(device: Device, request: web.Request) -> web.StreamResponse:
    """Push what happens to a session that has attached, one line of JSON after the other."""
    wanted = device.media.attached.get(device.query(request).get("sessionId", ""), frozenset())
    async with _place(device):
        response = Unframed()
        response.headers["Content-Type"] = "application/json"
        await response.prepare(request)
        with device.recorder.events.listen() as changes:
            while True:
                for alert in _of(device, await changes.get(), wanted):
                    params = {"SID": _SUBSCRIPTION, "eventList": [pushed(alert)]}
                    line = {"method": "client.notifyEventStream", "params": params}
                    await response.write(json.dumps(line).encode() + b"\r\n")


@asynccontextmanager
async def _place(device: Device) -> AsyncIterator[None]:
    """Take one of the places for event streams.

    Raises:
        Refusal: all are taken.
    """
    media = device.media
    if media.event_streams >= device.firmware.event_streams:
        raise Refusal.bad_request()
    media.event_streams += 1
    try:
        yield
    finally:
        media.event_streams -= 1


def _of(device: Device, change: Change, wanted: frozenset[str]) -> list[Alert]:
    now = device.recorder.now()
    at = change.event.start if change.active else now
    told = list(alerts(device, change.event, at, active=change.active))
    if device.firmware.event_noise:
        told += noise(device, now)
    return [alert for alert in told if wants(wanted, alert.code)]


class _Telling:
    """What one client is told."""

    def __init__(
        self,
        device: Device,
        response: web.StreamResponse,
        wanted: frozenset[str],
        changes: asyncio.Queue[Change],
        beat_s: float | None,
    ) -> None:
        self._device = device
        self._response = response
        self._wanted = wanted
        self._changes = changes
        self._beat_s = beat_s
        self._parts = 0
        self._alerts = 0

    async def run(self) -> None:
        """Tell until enough has been told for a firmware that stops by itself."""
        while not self._is_through():
            change = await self._next()
            if change is None:
                await self._write("Heartbeat")
                continue
            for alert in _of(self._device, change, self._wanted):
                self._alerts += 1
                broken = self._device.firmware.event_broken_json and self._alerts % 2 == 1
                await self._write(text(self._device, alert, broken=broken))

    def _is_through(self) -> bool:
        limit = self._device.firmware.event_drops_after
        return limit is not None and self._parts >= limit

    async def _next(self) -> Change | None:
        """Wait for a change, None where the time of a sign of life comes first."""
        try:
            async with asyncio.timeout(self._beat_s):
                return await self._changes.get()
        except TimeoutError:
            return None

    async def _write(self, body: str) -> None:
        firmware = self._device.firmware
        if firmware.event_stalls_after is not None and self._parts >= firmware.event_stalls_after:
            # As after a reboot of the recorder: open, and silent for good.
            await asyncio.Event().wait()
        self._parts += 1
        data = self._part(body)
        size = firmware.event_chunk or len(data)
        for start in range(0, len(data), size):
            await self._response.write(data[start : start + size])

    def _part(self, body: str) -> bytes:
        firmware = self._device.firmware
        content, end = body.encode(), firmware.event_line_end.encode()
        lines = [f"--{_BOUNDARY}", "Content-Type: text/plain"]
        if firmware.event_status_inside and self._parts % 2 == 0:
            lines = [_STATUS_INSIDE, "Server: Device/1.0", "", *lines]
        if firmware.event_extra_headers:
            lines.append("X-Sequence: 1")
        match firmware.event_part_length:
            case PartLength.EXACT:
                lines.append(f"Content-Length: {len(content)}")
            case PartLength.WRONG:
                lines.append(f"Content-Length: {len(content) + _MISCOUNTED_BY}")
            case PartLength.ABSENT:
                pass
        head = end.join(line.encode() for line in [*lines, "", ""])
        return head + content + end + end
