"""The HTTP server of a recorded Hikvision device."""

import asyncio
from http import HTTPStatus
from typing import override

from aiohttp import web

from simulator.core.accounts import Accounts
from simulator.core.time_source import Now
from simulator.replay.face import ReplayFace

from .clock import ReplayClock
from .recording import SEARCH, XML_TYPE, Answer, Recording, key_of
from .search import read_question, search

_ISAPI = "/isapi/"
_STREAM = "event/notification/alertstream"
_POSTED = ("contentmgmt/search", "contentmgmt/logsearch", "dailydistribution")
_BOUNDARY = "boundary"
# statusCode, statusString and subStatusCode by HTTP status (section 3 of the notes).
_WORDS = {
    HTTPStatus.BAD_REQUEST: (6, "Invalid XML Content", "badXmlContent"),
    HTTPStatus.INTERNAL_SERVER_ERROR: (3, "Device Error", "deviceError"),
    HTTPStatus.SERVICE_UNAVAILABLE: (2, "Device Busy", "deviceBusy"),
}
_NOT_SUPPORTED = (4, "Invalid Operation", "notSupport")
_NOT_ALLOWED = (4, "Invalid Operation", "methodNotAllowed")


class HikvisionReplay(ReplayFace):
    """Gives the recorded answers of a Hikvision device."""

    def __init__(self, recording: Recording, accounts: Accounts, now: Now) -> None:
        """Give these answers to those users."""
        super().__init__(accounts, now)
        self._recording = recording
        self._clock = ReplayClock(recording, now)

    @property
    @override
    def recording(self) -> Recording:
        return self._recording

    @override
    def challenge(self, *, stale: bool) -> web.Response:
        body = (
            "<userCheck><statusValue>401</statusValue>"
            "<statusString>Unauthorized</statusString></userCheck>"
        )
        response = web.Response(
            status=HTTPStatus.UNAUTHORIZED, text=body, headers={"Content-Type": XML_TYPE}
        )
        return self.challenged(response, stale=stale)

    @override
    async def serve(self, request: web.Request) -> web.StreamResponse:
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
            return self.challenge(stale=False)
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
