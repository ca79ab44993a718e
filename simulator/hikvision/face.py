"""The HTTP server of a simulated Hikvision recorder."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectionResetError, web

from simulator.core.accounts import Outcome, Verdict
from simulator.core.faults import Effect
from simulator.core.personality import Ports
from simulator.core.recorder import SimulatedRecorder
from simulator.core.requests import Request as Entry
from simulator.core.wire import WireTransport
from simulator.rtsp.presentation import Presentation
from simulator.rtsp.traits import RtspTraits

from . import (
    channels,
    contacts,
    download,
    event_stream,
    inputs,
    pictures,
    playback,
    search,
    security,
    storage,
    streaming,
    system,
    tracks,
    triggers,
)
from .challenges import challenge
from .device import EFFECT, Device, html_page
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .traits.answers import Tree

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_NO_EFFECT = Effect()
_VERDICT = web.RequestKey("verdict", Verdict)
_SERVER = "webserver"
_PICTURE = "/picture"
_DOWNLOAD = "/ContentMgmt/download"
_SELF_EXTENSION = "/Custom/SelfExt"
_MODULES = (
    system, security, channels, streaming, pictures, storage, search, tracks, download,
    event_stream, triggers, inputs, contacts,
)  # fmt: skip


class HikvisionFace:
    """Speaks ISAPI for a recorder."""

    def __init__(self, recorder: SimulatedRecorder, firmware: Firmware) -> None:
        """Put this firmware on a recorder."""
        self.recorder = recorder
        self.device = Device(recorder, firmware)
        recorder.max_connections = firmware.connections

    @property
    def ports(self) -> Ports:
        """Where the recorder is reached."""
        return self.device.ports

    @ports.setter
    def ports(self, ports: Ports) -> None:
        self.device.ports = ports

    @property
    def rtsp(self) -> RtspTraits:
        """How its RTSP server behaves when it is plugged in."""
        return self.device.firmware.rtsp

    def change(self, **traits: Any) -> None:
        """Give the firmware other traits (fields of `Firmware`), for what is asked from now on.

        Raises:
            TypeError: there is no such trait.
        """
        self.device.firmware = self.device.firmware.but(**traits)
        self.recorder.max_connections = self.device.firmware.connections

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        return playback.resolve(self.device, target)

    def application(self) -> web.Application:
        """Give a new application with all resources."""
        application = web.Application(
            middlewares=[self._log, self._identify, self._spoil, self._guard, self._refuse]
        )
        application.on_response_prepare.append(self._sign)
        for route in self._routes():
            for tree, path in _addresses(route.path):
                handler = partial(self._serve, route, tree)
                application.router.add_route(route.method, path, handler)
        return application

    def _routes(self) -> Iterable[Route]:
        for module in _MODULES:
            yield from module.routes()

    async def _serve(
        self, route: Route, tree: Tree | None, request: web.Request
    ) -> web.StreamResponse:
        firmware = self.device.firmware
        if tree not in {None, firmware.tree} or not route.needs(firmware):
            raise web.HTTPNotFound
        verdict = request[_VERDICT]
        allowed = route.right is None or verdict.allows(route.right)
        if not allowed and not self._is_open(request, verdict):
            raise Refusal.low_privilege()
        return await route.handler(self.device, request)

    @web.middleware
    async def _log(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        at = self.recorder.now()
        status = 0
        try:
            response = await self._in_time(request, handler)
            if not request.get(EFFECT, _NO_EFFECT).drop:
                status = response.status
        finally:
            verdict = request.get(_VERDICT)
            user = verdict.user if verdict is not None else None
            self.recorder.requests.add(
                Entry(
                    at=at,
                    method=request.method,
                    path=request.path,
                    query=request.query_string,
                    status=status,
                    user=user.name if user is not None else None,
                    source=request.remote or "",
                )
            )
        return response

    async def _in_time(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        firmware = self.device.firmware
        if firmware.latency_s:
            await asyncio.sleep(firmware.latency_s)
        response = await handler(request)
        if firmware.closes and not response.prepared:
            response.force_close()
        return response

    @web.middleware
    async def _identify(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        request[_VERDICT] = self.recorder.accounts.check(
            request.method,
            request.headers.get("Authorization"),
            request.raw_path,
            source=request.remote or "",
        )
        return await handler(request)

    @web.middleware
    async def _spoil(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        # A request that only fetches a challenge is no use to a fault that hits so many.
        signed = request[_VERDICT].accepted
        effect = self.recorder.faults.take(request.path, request.method, signed=signed)
        request[EFFECT] = effect
        if effect.delay_s:
            await asyncio.sleep(effect.delay_s)
        if effect.drop:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        try:
            return await self._on_wire(request, handler, effect)
        except ClientConnectionResetError:
            # It was cut, or the client went, while more was to come.
            return web.Response()

    async def _on_wire(
        self, request: web.Request, handler: _Handler, effect: Effect
    ) -> web.StreamResponse:
        wire = request.transport
        if not effect.on_wire or not isinstance(wire, WireTransport):
            return await self._answer(request, handler, effect)
        wire.spoil(effect, self.recorder.faults, self.recorder.restart)
        try:
            response = await self._answer(request, handler, effect)
            await response.prepare(request)
            await response.write_eof()
        finally:
            wire.mend()
        return response

    async def _answer(
        self, request: web.Request, handler: _Handler, effect: Effect
    ) -> web.StreamResponse:
        if effect.status is None:
            return await handler(request)
        if effect.status is HTTPStatus.UNAUTHORIZED:
            return challenge(self.device, Verdict(outcome=Outcome.REFUSED))
        if effect.status is HTTPStatus.SERVICE_UNAVAILABLE:
            return self.device.refuse(request.path, Refusal.busy())
        return self.device.refuse(request.path, Refusal(effect.status, 3, "deviceError"))

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        verdict = request[_VERDICT]
        if verdict.accepted or self._is_open(request, verdict):
            return await handler(request)
        return challenge(self.device, verdict)

    def _is_open(self, request: web.Request, verdict: Verdict) -> bool:
        """Say whether this is given to anybody."""
        anonymous = verdict.outcome is Outcome.ANONYMOUS
        return anonymous and self.device.firmware.open_pictures and request.path.endswith(_PICTURE)

    async def _sign(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Put the last touches to an answer's head."""
        firmware = self.device.firmware
        response.headers["Server"] = _SERVER
        if firmware.local_date:
            # Seen on real devices: the wall clock, under the name of GMT.
            wall = self.recorder.clock.wall(self.recorder.now())
            response.headers["Date"] = f"{wall:%a, %d %b %Y %H:%M:%S} GMT"
        if not response.headers.get("Content-Type"):
            response.headers.pop("Content-Type", None)

    @web.middleware
    async def _refuse(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        firmware = self.device.firmware
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed:
            refusal = Refusal.method_not_allowed()
        except web.HTTPNotFound:
            inside = firmware.tree is Tree.ISAPI and request.path.startswith(f"{Tree.ISAPI}/")
            if not inside or firmware.absent is HTTPStatus.NOT_FOUND:
                return html_page(HTTPStatus.NOT_FOUND)
            refusal = Refusal.missing(firmware.absent)
        except Refusal as err:
            refusal = err
        return self.device.refuse(request.path, refusal)


def _addresses(path: str) -> Iterator[tuple[Tree | None, str]]:
    """Give the address of a resource in each tree; None for one that is in all."""
    if not path.startswith(f"{Tree.ISAPI}/"):
        yield None, path
        return
    rest = path.removeprefix(Tree.ISAPI)
    yield Tree.ISAPI, path
    yield Tree.BARE, rest
    yield Tree.PSIA, f"{Tree.PSIA}{rest}"
    if not rest.startswith(_DOWNLOAD):
        yield Tree.PSIA, f"{Tree.PSIA}{_SELF_EXTENSION}{rest}"
