"""The HTTP server of a simulated Hikvision recorder."""

from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import override

from aiohttp import web

from simulator.core.accounts import Outcome, Verdict
from simulator.core.personality import Told
from simulator.core.recorder import SimulatedRecorder
from simulator.core.web_face import VERDICT, Handler, WebFace
from simulator.rtsp.presentation import Presentation

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
from .device import Device, html_page
from .errors import Refusal
from .firmware import Firmware
from .route import Route
from .traits.answers import Tree

_SERVER = "webserver"
_PICTURE = "/picture"
_DOWNLOAD = "/ContentMgmt/download"
_SELF_EXTENSION = "/Custom/SelfExt"
_MODULES = (
    system, security, channels, streaming, pictures, storage, search, tracks, download,
    event_stream, triggers, inputs, contacts,
)  # fmt: skip


class HikvisionFace(WebFace[Device]):
    """Speaks ISAPI for a recorder."""

    def __init__(self, recorder: SimulatedRecorder, firmware: Firmware) -> None:
        """Put this firmware on a recorder."""
        super().__init__(Device(recorder, firmware))

    @property
    @override
    def told(self) -> Told:
        firmware = self.device.firmware
        return Told(
            ports=not firmware.ports_hidden,
            footage_time=firmware.time_descriptor,
            index_latency=firmware.index_latency,
        )

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        return playback.resolve(self.device, target)

    @override
    def add_routes(self, router: web.UrlDispatcher) -> None:
        for route in self._routes():
            for tree, path in _addresses(route.path):
                handler = partial(self._serve, route, tree)
                router.add_route(route.method, path, handler)

    def _routes(self) -> Iterable[Route]:
        for module in _MODULES:
            yield from module.routes()

    async def _serve(
        self, route: Route, tree: Tree | None, request: web.Request
    ) -> web.StreamResponse:
        firmware = self.device.firmware
        if tree not in {None, firmware.tree} or not route.needs(firmware):
            raise web.HTTPNotFound
        verdict = request[VERDICT]
        allowed = route.right is None or verdict.allows(route.right)
        if not allowed and not self._is_open(request, verdict):
            raise Refusal.low_privilege()
        return await route.handler(self.device, request)

    @override
    def failure(self, request: web.Request, status: HTTPStatus) -> web.StreamResponse:
        if status is HTTPStatus.UNAUTHORIZED:
            return challenge(self.device, Verdict(outcome=Outcome.REFUSED))
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            return self.device.refuse(request.path, Refusal.busy())
        return self.device.refuse(request.path, Refusal(status, 3, "deviceError"))

    @override
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = request[VERDICT]
        if verdict.accepted or self._is_open(request, verdict):
            return await self._refused(request, handler)
        return challenge(self.device, verdict)

    @override
    def signed(self, request: web.Request) -> bool:
        return super().signed(request) or self._is_open(request, request[VERDICT])

    def _is_open(self, request: web.Request, verdict: Verdict) -> bool:
        """Say whether this is given to anybody."""
        anonymous = verdict.outcome is Outcome.ANONYMOUS
        return anonymous and self.device.firmware.open_pictures and request.path.endswith(_PICTURE)

    @override
    def sign(self, response: web.StreamResponse) -> None:
        firmware = self.device.firmware
        response.headers["Server"] = _SERVER
        if firmware.local_date:
            # Seen on real devices: the wall clock, under the name of GMT.
            wall = self.recorder.clock.wall(self.recorder.now())
            response.headers["Date"] = f"{wall:%a, %d %b %Y %H:%M:%S} GMT"
        if not response.headers.get("Content-Type"):
            response.headers.pop("Content-Type", None)

    async def _refused(self, request: web.Request, handler: Handler) -> web.StreamResponse:
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
