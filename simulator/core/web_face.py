"""The HTTP server of a simulated recorder, whatever is spoken over it.

It takes down who asks for what, lets things go wrong on purpose, and leaves the rest to the maker's face.
"""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectionResetError, web

from simulator.rtsp.traits import RtspTraits

from .accounts import Verdict
from .device import Device
from .faults import Effect
from .firmware import Firmware
from .personality import Ports, Told
from .recorder import SimulatedRecorder
from .requests import Request as Entry
from .wire import WireTransport

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

VERDICT = web.RequestKey("verdict", Verdict)
"""Who a request is from."""
EFFECT = web.RequestKey("effect", Effect)
"""What the faults that are switched on do to a request."""
_NO_EFFECT = Effect()


class Unframed(web.StreamResponse):
    """An answer that says nothing of its length: it ends with its connection."""

    _length_check = False

    def __init__(self, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Prepare it; headers may be added until it is begun."""
        super().__init__(status=status)
        self.force_close()


class WebFace[D: Device[Any]](ABC):
    """Serves a recorder over HTTP.

    Attributes:
        recorder: what is served.
        device: what its firmware makes of it.
    """

    def __init__(self, device: D) -> None:
        """Stand before a recorder."""
        self.device = device
        self.recorder: SimulatedRecorder = device.recorder
        self.recorder.max_connections = self._firmware.connections

    @property
    def _firmware(self) -> Firmware:
        firmware: Firmware = self.device.firmware
        return firmware

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
        return self._firmware.rtsp

    def change(self, **traits: Any) -> None:
        """Give the firmware other traits, by their names, for what is asked from now on.

        Raises:
            TypeError: there is no such trait.
        """
        self.device.firmware = self._firmware.but(**traits)
        self.recorder.max_connections = self._firmware.connections

    @property
    def told(self) -> Told:
        """What it tells of itself: as a rule everything."""
        return Told()

    @abstractmethod
    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add all resources."""

    @abstractmethod
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request, or refuse it, as the maker does."""

    @abstractmethod
    def failure(self, request: web.Request, status: HTTPStatus) -> web.StreamResponse:
        """Refuse a request with a status, because a fault says so."""

    @abstractmethod
    def sign(self, response: web.StreamResponse) -> None:
        """Put the last touches to an answer's head."""

    async def identify(self, request: web.Request) -> Verdict:
        """Say who a request is from."""
        return self.recorder.accounts.check(
            request.method,
            request.headers.get("Authorization"),
            request.raw_path,
            source=request.remote or "",
        )

    def signed(self, request: web.Request) -> bool:
        """Say whether a request does more than fetch a challenge: faults that hit so many spare those."""
        return request[VERDICT].accepted

    def asked(self, request: web.Request) -> str:
        """Give what a request asks for, as the record of requests and faults call it: its path, as a rule."""
        return request.path

    async def in_time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer as late as the recorder does."""
        if self._firmware.latency_s:
            await asyncio.sleep(self._firmware.latency_s)
        return await handler(request)

    def application(self) -> web.Application:
        """Give a new application with all resources."""
        application = web.Application(
            middlewares=[self._log, self._identify, self._spoil, self._guard]
        )
        application.on_response_prepare.append(self._sign)
        self.add_routes(application.router)
        return application

    @web.middleware
    async def _log(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        at = self.recorder.now()
        status = 0
        try:
            response = await self.in_time(request, handler)
            if self._firmware.closes and not response.prepared:
                response.force_close()
            if not request.get(EFFECT, _NO_EFFECT).drop:
                status = response.status
        finally:
            verdict = request.get(VERDICT)
            user = verdict.user if verdict is not None else None
            self.recorder.requests.add(
                Entry(
                    at=at,
                    method=request.method,
                    path=self.asked(request),
                    query=request.query_string,
                    status=status,
                    user=user.name if user is not None else None,
                    source=request.remote or "",
                )
            )
        return response

    @web.middleware
    async def _identify(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        request[VERDICT] = await self.identify(request)
        return await handler(request)

    @web.middleware
    async def _spoil(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        effect = self.recorder.faults.take(
            self.asked(request), request.method, signed=self.signed(request)
        )
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
        self, request: web.Request, handler: Handler, effect: Effect
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
        self, request: web.Request, handler: Handler, effect: Effect
    ) -> web.StreamResponse:
        if effect.status is None:
            return await handler(request)
        return self.failure(request, effect.status)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await self.guard(request, handler)

    async def _sign(self, _request: web.Request, response: web.StreamResponse) -> None:
        self.sign(response)
