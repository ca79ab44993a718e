"""The HTTP server of a simulated Hikvision recorder."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
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
    download,
    event_stream,
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
from .device import EFFECT, XML_TYPE, Device, html_page
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .xml import Document, render

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_NO_EFFECT = Effect()
_VERDICT = web.RequestKey("verdict", Verdict)
_SERVER = "webserver"
_ISAPI = "/ISAPI/"
_MODULES = (
    system, security, channels, streaming, pictures, storage, search, tracks, download,
    event_stream, triggers,
)  # fmt: skip


class HikvisionFace:
    """Speaks ISAPI for a recorder."""

    def __init__(self, recorder: SimulatedRecorder, firmware: Firmware) -> None:
        """Put this firmware on a recorder."""
        self.recorder = recorder
        self.device = Device(recorder, firmware)

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
        application.on_response_prepare.append(_sign)
        for route in self._routes():
            handler = partial(self._serve, route)
            application.router.add_route(route.method, route.path, handler)
        return application

    def _routes(self) -> Iterable[Route]:
        for module in _MODULES:
            yield from module.routes()

    async def _serve(self, route: Route, request: web.Request) -> web.StreamResponse:
        if not route.needs(self.device.firmware):
            raise web.HTTPNotFound
        if route.right is not None and not request[_VERDICT].allows(route.right):
            raise Refusal.low_privilege()
        return await route.handler(self.device, request)

    @web.middleware
    async def _log(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        at = self.recorder.now()
        status = 0
        try:
            response = await handler(request)
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
        wire = request.transport
        if not effect.on_wire or not isinstance(wire, WireTransport):
            return await self._answer(request, handler, effect)
        wire.spoil(effect, self.recorder.faults, self.recorder.restart)
        try:
            response = await self._answer(request, handler, effect)
            await response.prepare(request)
            await response.write_eof()
        except ClientConnectionResetError:
            # It was cut while more was to come.
            return web.Response()
        finally:
            wire.mend()
        return response

    async def _answer(
        self, request: web.Request, handler: _Handler, effect: Effect
    ) -> web.StreamResponse:
        if effect.status is None:
            return await handler(request)
        if effect.status is HTTPStatus.UNAUTHORIZED:
            return self._challenge(request, Verdict(outcome=Outcome.REFUSED))
        if effect.status is HTTPStatus.SERVICE_UNAVAILABLE:
            return self.device.refuse(request.path, Refusal.busy())
        return self.device.refuse(request.path, Refusal(effect.status, 3, "deviceError"))

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        verdict = request[_VERDICT]
        return await handler(request) if verdict.accepted else self._challenge(request, verdict)

    def _challenge(self, request: web.Request, verdict: Verdict) -> web.Response:
        content: Document = {"statusValue": 401, "statusString": "Unauthorized"}
        if self.device.firmware.tells_tries and verdict.outcome in {
            Outcome.REFUSED,
            Outcome.LOCKED,
        }:
            locked = verdict.outcome is Outcome.LOCKED
            content = {
                **content,
                "lockStatus": "lock" if locked else "unlock",
                "unlockTime": verdict.unlock_in_s,
                "retryLoginTime": verdict.tries_left,
            }
        stale = verdict.outcome is Outcome.STALE
        response = web.Response(
            status=HTTPStatus.UNAUTHORIZED,
            body=render("userCheck", content, self.device.firmware),
            headers={"Content-Type": XML_TYPE},
        )
        for challenge in self.recorder.accounts.challenges(stale=stale):
            response.headers.add("WWW-Authenticate", challenge)
        return response

    @web.middleware
    async def _refuse(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        firmware = self.device.firmware
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed:
            refusal = Refusal.method_not_allowed()
        except web.HTTPNotFound:
            if not request.path.startswith(_ISAPI) or firmware.absent is HTTPStatus.NOT_FOUND:
                return html_page(HTTPStatus.NOT_FOUND)
            refusal = Refusal.not_supported()
        except Refusal as err:
            refusal = err
        return self.device.refuse(request.path, refusal)


async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = _SERVER
