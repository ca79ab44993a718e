"""The HTTP server of a simulated Dahua recorder."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final, override

from aiohttp import web

from simulator.core.accounts import Outcome, Verdict
from simulator.core.personality import Told
from simulator.core.recorder import SimulatedRecorder
from simulator.core.web_face import VERDICT, Handler, WebFace
from simulator.rtsp.presentation import Presentation

from . import login, playback, rpc
from .device import Device
from .errors import Code, NoAuthorityError, Refusal, RpcRefusal
from .firmware import Firmware
from .load import Turn
from .modules import METHODS, ROUTES
from .route import Route

CGI: Final = "/cgi-bin/"
_JSON_API: Final = "/cgi-bin/api/{service}/{method}"
_TURN = web.RequestKey("turn", Turn)
_TOKEN_COOKIES: Final = (
    "WebClientHttpSessionID", "DWebClientSessionID", "DhWebClientSessionID", "WebClientSessionID",
)  # fmt: skip
_TOKEN_HEADER: Final = "X-Api-Session"
_TOKEN_KEY: Final = "sessionId"
_PAGE: Final = "<!DOCTYPE html><html><head><title>WEB SERVICE</title></head><body></body></html>"

type _Choices = Mapping[str | None, Route]


class DahuaFace(WebFace[Device]):
    """Speaks CGI and RPC2 for a recorder."""

    def __init__(self, recorder: SimulatedRecorder, firmware: Firmware) -> None:
        """Put this firmware on a recorder."""
        super().__init__(Device(recorder, firmware))
        self._methods = rpc.Methods(METHODS)

    @property
    @override
    def told(self) -> Told:
        device = self.device
        channels = device.recorder.channels.values()
        return Told(
            ports=device.firmware.rtsp_port_told,
            unserved=frozenset(each.number for each in channels if not device.serves(each)),
        )

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        return playback.resolve(self.device, target)

    @override
    def add_routes(self, router: web.UrlDispatcher) -> None:
        for (verb, path), choices in _by_path(ROUTES).items():
            router.add_route(verb, path, partial(self._serve, choices))
        router.add_post(_JSON_API, self._serve_json)
        router.add_post(rpc.LOGIN_PATH, self._log_in)
        router.add_post(rpc.CALL_PATH, self._call)
        router.add_get("/", _page)

    @override
    async def in_time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        firmware, load = self.device.firmware, self.device.load
        unless_wedged = partial(self._unless_wedged, handler)
        if not request.path.startswith(CGI):
            return await super().in_time(request, unless_wedged)
        with load.turn(firmware.parallel, firmware.wedged_s) as turn:
            request[_TURN] = turn
            return await super().in_time(request, unless_wedged)

    async def _unless_wedged(self, handler: Handler, request: web.Request) -> web.StreamResponse:
        """Answer when the web server does, that of RPC2 too."""
        await self.device.load.pass_by()
        return await handler(request)

    @override
    async def identify(self, request: web.Request) -> Verdict:
        if request.path.startswith(CGI):
            return await super().identify(request)
        token: object = self._token(request)
        if request.method == "POST":
            call = await rpc.read_call(request)
            if call is not None:
                request[rpc.CALL] = call
                token = call.session_id or token
        if request.path == rpc.LOGIN_PATH:
            return Verdict(outcome=Outcome.ANONYMOUS)
        return self._verdict(token, request.remote)

    @override
    def signed(self, request: web.Request) -> bool:
        call = request.get(rpc.CALL)
        if call is not None and request.path == rpc.LOGIN_PATH:
            return bool(call.text("password"))
        return super().signed(request)

    @override
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = request[VERDICT]
        cgi = request.path.startswith(CGI)
        if cgi and not verdict.accepted:
            return self._challenge(verdict)
        slots = self.device.firmware.session_slots
        if cgi and slots is not None and self.device.logged_in >= slots:
            # As if the password were wrong, though it is right.
            return self._challenge(Verdict(outcome=Outcome.REFUSED))
        try:
            with self._signed_in(taken=cgi):
                return await handler(request)
        except web.HTTPNotFound, web.HTTPMethodNotAllowed:
            if not cgi:
                raise
            refusal = Refusal.bad_request()
        except Refusal as err:
            refusal = err
        return self.device.refuse(refusal)

    @override
    def failure(self, request: web.Request, status: HTTPStatus) -> web.StreamResponse:
        if status is HTTPStatus.UNAUTHORIZED:
            return self._challenge(Verdict(outcome=Outcome.REFUSED))
        return self.device.refuse(Refusal.failed(status))

    @override
    def sign(self, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)
        if not response.headers.get("Content-Type"):
            response.headers.pop("Content-Type", None)

    @contextmanager
    def _signed_in(self, *, taken: bool) -> Iterator[None]:
        """Be one of those who are logged in, for as long as a request by digest takes."""
        self.device.signed += taken
        try:
            yield
        finally:
            self.device.signed -= taken

    def _challenge(self, verdict: Verdict) -> web.Response:
        response = web.Response(status=HTTPStatus.UNAUTHORIZED)
        stale = verdict.outcome is Outcome.STALE
        for text in self.recorder.accounts.challenges(stale=stale):
            response.headers.add("WWW-Authenticate", text)
        return response

    def _token(self, request: web.Request) -> str | None:
        """Give the session that a request without a call names."""
        cookies = (request.cookies.get(name) for name in _TOKEN_COOKIES)
        named = (request.query.get(_TOKEN_KEY), request.headers.get(_TOKEN_HEADER), *cookies)
        return next((token for token in named if token), None)

    def _verdict(self, token: object, source: str | None) -> Verdict:
        firmware = self.device.firmware
        if firmware.integer_sessions and isinstance(token, str) and token.isdecimal():
            token = int(token)
        address = source if firmware.bound_to_address else None
        session = self.device.sessions.find(token, address, firmware.session_life)
        if session is None or session.user is None:
            return Verdict(outcome=Outcome.ANONYMOUS)
        return Verdict(outcome=Outcome.GRANTED, user=session.user)

    async def _serve(self, choices: _Choices, request: web.Request) -> web.StreamResponse:
        verdict, firmware = request[VERDICT], self.device.firmware
        action = self.device.query(request).get("action")
        route = choices.get(action, choices.get(None))
        if route is None or not route.needs(firmware):
            raise Refusal.bad_request()
        if not verdict.accepted:
            return web.Response(status=HTTPStatus.UNAUTHORIZED)
        if route.right is not None and not verdict.allows(route.right):
            raise NoAuthorityError
        if route.lasting and _TURN in request:
            request[_TURN].leave()
        return await route.handler(self.device, request)

    async def _serve_json(self, request: web.Request) -> web.StreamResponse:
        """Answer a method that is called by CGI, with JSON both ways."""
        if not self.device.firmware.json_api:
            raise Refusal.bad_request()
        name = f"{request.match_info['service']}.{request.match_info['method']}"
        params = await rpc.read_params(request)
        call = rpc.Call(method=name, params=params, verdict=request[VERDICT])
        try:
            reply = await self._methods.answer(self.device, call)
        except RpcRefusal as err:
            if err.code == Code.NO_AUTHORITY:
                raise NoAuthorityError from err
            raise Refusal.bad_request() from err
        return rpc.bare(reply)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        call = request.get(rpc.CALL)
        if not self.device.firmware.rpc:
            raise web.HTTPNotFound
        if call is None:
            raise Refusal.bad_request()
        try:
            session, reply = login.log_in(self.device, call)
        except login.LoginRefusalError as err:
            return rpc.refused(call, err.session.id, err)
        except RpcRefusal as err:
            return rpc.refused(call, call.session_id, err)
        return rpc.written(call, session.id, reply)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        firmware = self.device.firmware
        call = request.get(rpc.CALL)
        if not firmware.rpc:
            raise web.HTTPNotFound
        if call is None:
            raise Refusal.bad_request()
        source = call.source if firmware.bound_to_address else None
        session = self.device.sessions.find(call.session_id, source, firmware.session_life)
        if session is None or session.user is None:
            return rpc.refused(call, call.session_id, RpcRefusal(firmware.invalid_session))
        falls, session.last_request = call.number <= session.last_request, call.number
        if falls and firmware.rising_ids:
            return rpc.refused(call, session.id, RpcRefusal(Code.INVALID_REQUEST))
        try:
            known = replace(call, session=session, verdict=request[VERDICT])
            reply = await self._answer_call(known)
        except RpcRefusal as err:
            return rpc.refused(call, session.id, err)
        return rpc.written(call, session.id, reply)

    async def _answer_call(self, call: rpc.Call) -> rpc.Reply:
        if call.method not in {"system.listMethod", "system.listService"}:
            return await self._methods.answer(self.device, call)
        if not self.device.firmware.listed_services:
            raise RpcRefusal(Code.UNKNOWN_METHOD)
        names = self._methods.names(self.device.firmware)
        if call.method == "system.listMethod":
            return rpc.Reply({"method": [*names]})
        return rpc.Reply({"service": [*sorted({name.split(".")[0] for name in names})]})


async def _page(_request: web.Request) -> web.Response:
    """Give the page of the web interface."""
    return web.Response(text=_PAGE, content_type="text/html")


def _by_path(routes: Iterable[Route]) -> dict[tuple[str, str], dict[str | None, Route]]:
    found: dict[tuple[str, str], dict[str | None, Route]] = {}
    for route in routes:
        found.setdefault((route.method, route.path), {})[route.action] = route
    return found
