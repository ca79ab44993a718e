"""The HTTP server of a recorded device."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from simulator.core.accounts import Accounts, Outcome
from simulator.core.requests import Request as Entry, RequestLog
from simulator.core.time_source import Now

from .clock import ReplayClock
from .recording import SEARCH, XML_TYPE, Answer, Recording, key_of
from .search import read_question, search

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ISAPI = "/isapi/"
_STREAM = "event/notification/alertstream"
_POSTED = ("contentmgmt/search", "contentmgmt/logsearch", "dailydistribution")
_BOUNDARY = "boundary"
_LARGEST_QUESTION = 64 * 1024
# statusCode, statusString and subStatusCode by HTTP status (section 3 of the notes).
_WORDS = {
    HTTPStatus.BAD_REQUEST: (6, "Invalid XML Content", "badXmlContent"),
    HTTPStatus.INTERNAL_SERVER_ERROR: (3, "Device Error", "deviceError"),
    HTTPStatus.SERVICE_UNAVAILABLE: (2, "Device Busy", "deviceBusy"),
}
_NOT_SUPPORTED = (4, "Invalid Operation", "notSupport")
_NOT_ALLOWED = (4, "Invalid Operation", "methodNotAllowed")


class ReplayFace:
    """Gives recorded answers to whoever logs in."""

    def __init__(self, recording: Recording, accounts: Accounts, now: Now) -> None:
        """Give these answers to those users."""
        self.recording = recording
        self.requests = RequestLog()
        self._accounts = accounts
        self._now = now
        self._clock = ReplayClock(recording, now)

    def application(self) -> web.Application:
        """Give a new application."""
        application = web.Application(
            middlewares=[self._authenticate], client_max_size=_LARGEST_QUESTION
        )
        application.router.add_route("*", "/{path:.*}", self._serve)
        return application

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        verdict = self._accounts.check(
            request.method,
            request.headers.get("Authorization"),
            request.raw_path,
            source=request.remote or "",
        )
        response = self._challenge(stale=verdict.outcome is Outcome.STALE)
        if verdict.accepted:
            response = await handler(request)
        self.requests.add(
            Entry(
                at=self._now(),
                method=request.method,
                path=request.path,
                query=request.query_string,
                status=response.status,
                user=verdict.user.name if verdict.user is not None else None,
                source=request.remote or "",
            )
        )
        return response

    def _challenge(self, *, stale: bool) -> web.StreamResponse:
        body = (
            "<userCheck><statusValue>401</statusValue>"
            "<statusString>Unauthorized</statusString></userCheck>"
        )
        response = web.Response(
            status=HTTPStatus.UNAUTHORIZED, text=body, headers={"Content-Type": XML_TYPE}
        )
        for challenge in self._accounts.challenges(stale=stale):
            response.headers.add("WWW-Authenticate", challenge)
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        key = key_of(request.path)
        if not request.path.casefold().startswith(_ISAPI):
            return web.Response(status=HTTPStatus.NOT_FOUND, text=_PAGE, content_type="text/html")
        if (request.method == "POST") != key.endswith(_POSTED) or request.method not in (
            "GET",
            "POST",
        ):
            return _refusal(request, HTTPStatus.FORBIDDEN, _NOT_ALLOWED)
        if key == _STREAM and (self.recording.stream or self.recording.events):
            return await self._send_events(request)
        if key == SEARCH and self.recording.answers(SEARCH):
            question = read_question(await request.read())
            if question is None:
                return _refusal(request, HTTPStatus.BAD_REQUEST)
            return self._answer(request, search(self.recording, question))
        return self._answer(request, self.recording.answer(request.path, request.query_string))

    def _answer(self, request: web.Request, answer: Answer | None) -> web.StreamResponse:
        if answer is None:
            return _refusal(request, self.recording.absent)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return self._challenge(stale=False)
        if not answer.body:
            return _refusal(request, answer.status)
        return web.Response(
            status=answer.status,
            body=self._clock.told(key_of(request.path), answer.body),
            headers={"Content-Type": answer.content_type},
        )

    async def _send_events(self, request: web.Request) -> web.StreamResponse:
        """Send what was recorded of the event stream, and keep it open as devices do."""
        recorded = self.recording.stream
        boundary = _BOUNDARY
        if recorded.startswith(b"--"):
            boundary = recorded.splitlines()[0].removeprefix(b"--").decode(errors="replace").strip()
        response = web.StreamResponse()
        response.content_type = "multipart/mixed"
        response.headers["Content-Type"] = f"multipart/mixed; boundary={boundary}"
        await response.prepare(request)
        await response.write(recorded)
        for event in self.recording.events:
            head = (
                f"--{boundary}\r\nContent-Type: {XML_TYPE}\r\nContent-Length: {len(event)}\r\n\r\n"
            )
            await response.write(head.encode() + event + b"\r\n")
        await asyncio.Event().wait()
        return response


_PAGE = "<!DOCTYPE html><html><head><title>404</title></head><body>Not Found</body></html>"


def _refusal(
    request: web.Request, status: int, words: tuple[int, str, str] | None = None
) -> web.Response:
    code, told, sub = words or _WORDS.get(HTTPStatus(status), _NOT_SUPPORTED)
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        '<ResponseStatus version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">'
        f"<requestURL>{_plain(request.path)}</requestURL><statusCode>{code}</statusCode>"
        f"<statusString>{told}</statusString><subStatusCode>{sub}</subStatusCode></ResponseStatus>"
    )
    return web.Response(status=status, text=body, headers={"Content-Type": XML_TYPE})


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
