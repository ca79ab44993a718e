"""The HTTP server of a recorded Dahua device."""

import asyncio
from http import HTTPStatus
from itertools import count
import re
from typing import Final, override

from aiohttp import web

from simulator.core.accounts import Accounts
from simulator.core.time_source import Now
from simulator.core.web_face import Unframed
from simulator.dahua.grammar import Json, gathered, read_query
from simulator.dahua.rpc import CALL_PATH, LOGIN_PATH
from simulator.replay.face import ReplayFace

from .folder import BOUNDARY
from .recording import Recording, Text
from .rpc import Rpc
from .search import Page, cut, find, question_of, read_time, write_page

_CGI: Final = re.compile(r"/cgi-bin/(\w+)\.cgi")
_API: Final = re.compile(r"/cgi-bin/api/(\w+)/(\w+)")
_FINDER: Final = "mediaFileFind"
_EVENTS: Final = ("eventManager", "attach")
_TIME: Final = ("global", "getCurrentTime")
_TEXT_TYPE: Final = "text/plain;charset=utf-8"
_LISTS: Final = frozenset({"Types", "Flags", "Flag", "Events"})
_PAGE_SIZE: Final = 100
_BAD_REQUEST: Final = Text(("Error", "Bad Request!"), HTTPStatus.BAD_REQUEST)
_INVALID: Final = Text(("Error", "ErrorID=2, Detail=Invalid Request!"))
_OK: Final = Text(("OK",))
_NO_MORE: Final = Text(("found=0",))


class DahuaReplay(ReplayFace):
    """Gives the recorded answers of a Dahua device."""

    def __init__(self, recording: Recording, accounts: Accounts, now: Now) -> None:
        """Give these answers to those users."""
        super().__init__(accounts, now)
        self._recording = recording
        self._rpc = Rpc(recording, accounts, now)
        self._finders: dict[str, list[Page]] = {}
        self._numbers = count(_first_number(recording))
        self._begun = now()

    @property
    @override
    def recording(self) -> Recording:
        return self._recording

    @override
    def challenge(self, *, stale: bool) -> web.Response:
        return self.challenged(web.Response(status=HTTPStatus.UNAUTHORIZED), stale=stale)

    @override
    def is_open(self, request: web.Request) -> bool:
        return request.path in {CALL_PATH, LOGIN_PATH}

    @override
    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.is_open(request) and self._recording.speaks_rpc:
            return await self._rpc.serve(request)
        if (method := _API.fullmatch(request.path)) and request.method == "POST":
            known = self._recording.bare.get(f"{method[1]}.{method[2]}")
            return web.json_response(known[0].params) if known else _written(_BAD_REQUEST)
        match = _CGI.fullmatch(request.path)
        if request.method != "GET" or match is None:
            status = HTTPStatus.NOT_FOUND if match is None else HTTPStatus.BAD_REQUEST
            return _written(_BAD_REQUEST, status)
        pairs = read_query(request.raw_path.partition("?")[2], "utf-8")
        query = dict(reversed(pairs))
        module, action = match[1], query.pop("action", "")
        if (module, action) == _EVENTS and self._recording.parts:
            return await self._tell(request)
        return _written(self._answer(module, action, query, pairs))

    def _answer(
        self, module: str, action: str, query: dict[str, str], pairs: list[tuple[str, str]]
    ) -> Text:
        if module == _FINDER and self._recording.pages:
            found = self._found(action, query, pairs)
            if found is not None:
                return found
        text = self._recording.text(module, action, query)
        if text is None:
            return _BAD_REQUEST
        return self._now_told(text) if (module, action) == _TIME else text

    def _now_told(self, text: Text) -> Text:
        """Let the time that a device told go on."""
        key, _, told = text.lines[0].partition("=")
        then = read_time(told)
        if then is None:
            return text
        return Text((f"{key}={then + (self._now() - self._begun):%Y-%m-%d %H:%M:%S}",))

    def _found(
        self, action: str, query: dict[str, str], pairs: list[tuple[str, str]]
    ) -> Text | None:
        """Answer a step of a search; None for what is no step."""
        if action == "factory.create":
            number = str(next(self._numbers))
            self._finders[number] = []
            return Text((f"result={number}",))
        number = query.get("object", "")
        if action not in {"findFile", "findNextFile", "close", "destroy"}:
            return None
        if number not in self._finders:
            return _INVALID
        match action:
            case "findFile":
                return self._search(number, pairs)
            case "findNextFile":
                return self._next(number, query)
            case "destroy":
                self._finders.pop(number)
        return _OK

    def _search(self, number: str, pairs: list[tuple[str, str]]) -> Text:
        condition: dict[str, Json] = {}
        for key, values in gathered(pairs, "condition.").items():
            condition[key] = [*values] if key in _LISTS else values[0]
        question = question_of(condition, self._recording.pages)
        if question is None:
            return _BAD_REQUEST
        self._finders[number] = find(self._recording.pages, question)
        if self._finders[number]:
            return _OK
        return self._recording.refusal(_FINDER, "findFile") or _BAD_REQUEST

    def _next(self, number: str, query: dict[str, str]) -> Text:
        wanted = query.get("count", "")
        page, self._finders[number] = cut(
            self._finders[number], int(wanted) if wanted.isdecimal() else _PAGE_SIZE
        )
        if page is not None:
            return Text(tuple(write_page(page)))
        return self._recording.refusal(_FINDER, "findNextFile") or _NO_MORE

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        """Send what was recorded of the event stream, and keep it open as devices do."""
        response = Unframed()
        response.headers["Content-Type"] = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        await response.prepare(request)
        for part in self._recording.parts:
            await response.write(part)
        await asyncio.Event().wait()
        return response


def _first_number(recording: Recording) -> int:
    """Give the number of the object that was recorded, else some number."""
    for text in recording.texts.get((_FINDER, "factory.create"), []):
        key, _, value = text.lines[0].partition("=")
        if key == "result" and value.isdecimal():
            return int(value)
    return 1


def _written(text: Text, status: HTTPStatus | None = None) -> web.Response:
    body = "".join(f"{line}\r\n" for line in text.lines)
    return web.Response(
        status=status or text.status, body=body.encode(), headers={"Content-Type": _TEXT_TYPE}
    )
