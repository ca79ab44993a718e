"""The HTTP server of a simulated device that speaks ONVIF."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, override

from aiohttp import web

from simulator.core.accounts import Outcome, Verdict
from simulator.core.personality import Listing, Told
from simulator.core.recorder import SimulatedRecorder
from simulator.core.web_face import VERDICT, Handler, WebFace
from simulator.rtsp.presentation import Presentation

from . import pictures, playback
from .device import Device
from .errors import Refusal
from .fault import fault, usual_status
from .firmware import Firmware
from .login import UsernameToken, read_token
from .modules import OPERATIONS
from .namespaces import PREFIX_OF, Service
from .operation import Call, Operation
from .traits.login import Proof
from .xml import CONTENT_TYPE, Document, envelope, read_message, security_of, split

_CALL = web.RequestKey("call", Call)
_ROOT: Final = "/onvif/"
_TREE: Final = f"{_ROOT}{{path:.*}}"
_NOBODY: Final = Verdict(outcome=Outcome.ANONYMOUS)
_BY_KEY: Final[Mapping[tuple[str, str], Operation]] = {each.key: each for each in OPERATIONS}


class OnvifFace(WebFace[Device]):
    """Speaks ONVIF for a recorder."""

    def __init__(self, recorder: SimulatedRecorder, firmware: Firmware) -> None:
        """Put this firmware on a recorder."""
        super().__init__(Device(recorder, firmware))

    @property
    @override
    def told(self) -> Told:
        firmware = self.device.firmware
        listing = Listing.NOTHING
        if Service.SEARCH in firmware.services:
            listing = Listing.FOOTAGE if firmware.finds_events else Listing.REACH
        replay = firmware.rtsp.replay
        replays = Service.REPLAY in firmware.services and replay is not None and replay.supported
        return Told(names=firmware.titles, listing=listing, gives_footage=replays)

    @override
    def application(self) -> web.Application:
        application = super().application()
        application.on_cleanup.append(self._unplugged)
        return application

    async def _unplugged(self, _application: web.Application) -> None:
        """Push no more events: nobody can be reached."""
        self.device.subscriptions.clear()

    def resolve(self, target: str) -> Presentation:
        """Give what an RTSP path with its query stands for.

        Raises:
            RtspRefusal: nothing.
        """
        return playback.resolve(self.device, target)

    @override
    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post(_TREE, self._serve)
        router.add_route("*", "/{path:.*}", self._picture)

    @override
    def asked(self, request: web.Request) -> str:
        call = request.get(_CALL)
        return request.path if call is None else f"{request.path}/{call.name}"

    @override
    async def identify(self, request: web.Request) -> Verdict:
        if request.method != "POST":
            return await super().identify(request)
        if not request.path.startswith(_ROOT):
            return _NOBODY
        try:
            header, body = read_message(await request.read())
        except Refusal:
            return _NOBODY
        namespace, name = split(body.tag)
        request[_CALL] = Call(
            namespace=namespace, name=name, body=body, header=header, request=request
        )
        proofs, token = self.device.firmware.proofs, read_token(header)
        if not proofs:
            owner = next(iter(self.recorder.accounts.users.values()))
            return Verdict(outcome=Outcome.GRANTED, user=owner)
        # Who sends both is told by the first (section 3).
        if Proof.DIGEST in proofs and "Authorization" in request.headers:
            return await super().identify(request)
        if Proof.TOKEN in proofs and token is not None:
            return self._verdict(token, request.remote or "")
        return _NOBODY

    def _verdict(self, token: UsernameToken, source: str) -> Verdict:
        firmware, utc = self.device.firmware, self.device.utc

        # Tokens of another time and used nonces look like wrong passwords (section 3); that they count
        # as such for the lock is an assumption, the stricter one for clients.
        def proves(password: str) -> bool:
            if not token.in_time(utc, firmware) or not token.proves(password):
                return False
            kept = 2 * firmware.created_window
            return not firmware.remembers_nonces or self.device.nonces.take(token.nonce, utc, kept)

        return self.recorder.accounts.prove(token.name, proves, source)

    @override
    def signed(self, request: web.Request) -> bool:
        return super().signed(request) or self._open(request)

    def _open(self, request: web.Request) -> bool:
        """Say whether a message is one that everybody may send."""
        call = request.get(_CALL)
        operation = None if call is None else _BY_KEY.get((call.namespace, call.name))
        if operation is None or not operation.open:
            return False
        return not (self.device.firmware.guards_time and operation.name == "GetSystemDateAndTime")

    @override
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = request[VERDICT]
        if request.method != "POST":
            # Pictures alone are guarded: what isn't there is so for everybody.
            absent = pictures.profile_of(self.device, request.path_qs) is None
            return (
                await handler(request) if verdict.accepted or absent else self._challenge(verdict)
            )
        if _CALL in request and not (verdict.accepted or self._open(request)):
            return self._unsigned(request, verdict)
        try:
            return await handler(request)
        except Refusal as err:
            return self._refuse(err)

    def _unsigned(self, request: web.Request, verdict: Verdict) -> web.StreamResponse:
        """Refuse a message that no user sent."""
        firmware = self.device.firmware
        by_token = Proof.TOKEN in firmware.proofs and verdict is not _NOBODY
        if Proof.DIGEST in firmware.proofs and (not by_token or "Authorization" in request.headers):
            return self._challenge(verdict)
        return self._refuse(Refusal.not_authorized(), firmware.refusal_status)

    @override
    def failure(self, request: web.Request, status: HTTPStatus) -> web.StreamResponse:
        if status is HTTPStatus.UNAUTHORIZED:
            return self._challenge(Verdict(outcome=Outcome.REFUSED))
        return self._refuse(Refusal.failed(), status)

    @override
    def sign(self, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)

    def _challenge(self, verdict: Verdict) -> web.Response:
        response = web.Response(status=HTTPStatus.UNAUTHORIZED)
        stale = verdict.outcome is Outcome.STALE
        for text in self.recorder.accounts.challenges(stale=stale):
            response.headers.add("WWW-Authenticate", text)
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        call, verdict, firmware = request.get(_CALL), request[VERDICT], self.device.firmware
        if call is None:
            raise Refusal.malformed()
        operation = _BY_KEY.get((call.namespace, call.name))
        if operation is None or not self._has(operation):
            raise Refusal.unsupported(sender=firmware.absent_as_sender)
        self.device.asked[call.name] += 1
        if operation.right is not None and not verdict.allows(operation.right):
            raise Refusal.not_authorized()
        content = await operation.handler(self.device, call)
        if call.name in firmware.empty_answers:
            return web.Response()
        prefix = PREFIX_OF[call.namespace]
        body: Document = {f"{prefix}:{call.name}Response": content}
        if call.name in firmware.empty_bodies:
            body = {}
        header = security_of(call.header) if firmware.echoes_security else None
        return self._message(envelope(body, firmware, header))

    def _has(self, operation: Operation) -> bool:
        firmware = self.device.firmware
        if operation.name == "GetServices" and not firmware.lists_services:
            return False
        return operation.service in firmware.services and operation.name not in firmware.absent

    def _refuse(self, refusal: Refusal, status: HTTPStatus | None = None) -> web.Response:
        firmware = self.device.firmware
        told = firmware.fault_status or status or usual_status(refusal)
        return self._message(fault(refusal, firmware), told)

    def _message(self, body: bytes, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
        return web.Response(body=body, status=status, headers={"Content-Type": CONTENT_TYPE})

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        return await pictures.picture(self.device, request)
