"""RPC2 of a recorded device: a real log-in, and the recorded answers behind it."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Final

from aiohttp import web

from simulator.core.accounts import Accounts
from simulator.core.time_source import Now
from simulator.dahua.errors import Code, RpcDetail, RpcRefusal
from simulator.dahua.grammar import Json
from simulator.dahua.login import hashed
from simulator.dahua.rpc import LOGIN_PATH, Call, Reply, read_call, refused, written
from simulator.dahua.sessions import Session, Sessions
from simulator.dahua.traits.login import Encryption

from .recording import Recording
from .search import Page, cut, find, question_of

_LIFE: Final = timedelta(seconds=120)
_KEEP_ALIVE_S: Final = 60
_FIRST_OBJECT: Final = 2_499_970_352
_PAGE_SIZE: Final = 100
_INSTANCE: Final = "factory.instance"
_STEPS: Final = frozenset({_INSTANCE, "destroy"})


class Rpc:
    """Answers calls."""

    def __init__(self, recording: Recording, accounts: Accounts, now: Now) -> None:
        """Give these answers to those users."""
        self._recording = recording
        self._accounts = accounts
        self._sessions = Sessions(now)
        self._objects = count(_FIRST_OBJECT)
        self._finders: dict[int, list[Page]] = {}

    async def serve(self, request: web.Request) -> web.Response:
        """Answer a request."""
        call = await read_call(request)
        if call is None:
            return web.Response(status=400)
        if request.path == LOGIN_PATH:
            return self._log_in(call)
        session = self._sessions.find(call.session_id, call.source, _LIFE)
        if session is None or session.user is None:
            return refused(call, call.session_id, RpcRefusal(Code.INVALID_SESSION))
        try:
            return written(call, session.id, self._answer(call, session))
        except RpcRefusal as err:
            return refused(call, session.id, err)

    def _log_in(self, call: Call) -> web.Response:
        session = self._sessions.find(call.session_id, call.source, _LIFE)
        name, password = call.text("userName"), call.text("password")
        realm = self._accounts.policy.realm
        if not password or session is None:
            session = self._sessions.begin(call.source, integer=False)
            challenge: RpcDetail = {
                "encryption": Encryption.DEFAULT,
                "random": session.random,
                "realm": realm,
            }
            return refused(call, session.id, RpcRefusal(Code.CHALLENGE, challenge))
        random = session.random
        verdict = self._accounts.prove(
            name,
            lambda known: password == hashed(Encryption.DEFAULT, name, known, realm, random),
            call.source,
        )
        if verdict.user is None:
            return refused(call, session.id, RpcRefusal(Code.WRONG))
        self._sessions.admit(session, verdict.user)
        return written(call, session.id, Reply({"keepAliveInterval": _KEEP_ALIVE_S}))

    def _answer(self, call: Call, session: Session) -> Reply:
        match call.method:
            case "global.keepAlive":
                return Reply({"timeout": _KEEP_ALIVE_S})
            case "global.logout":
                self._sessions.end(session)
                return Reply()
        service, _, method = call.method.partition(".")
        if service == "mediaFileFind" and self._recording.lists:
            return self._found(call, method)
        known = self._recording.reply(call.method, dict(call.params))
        if known is None and method in _STEPS and self._recording.speaks_of(service):
            # Around what was recorded there have to be the steps that lead to it.
            return Reply(result=next(self._objects)) if method == _INSTANCE else Reply()
        if known is None:
            raise RpcRefusal(Code.UNKNOWN_METHOD)
        if known.error is not None:
            raise RpcRefusal(known.error)
        return Reply(known.params, known.result)

    def _found(self, call: Call, method: str) -> Reply:
        """Answer a step of a search."""
        if method == "factory.create":
            number = next(self._objects)
            self._finders[number] = []
            return Reply(result=number)
        if call.target is None or call.target not in self._finders:
            raise RpcRefusal(Code.NO_OBJECT)
        match method:
            case "findFile":
                self._finders[call.target] = self._search(call.params.get("condition"))
                return Reply()
            case "findNextFile":
                return self._next(call.target, call.whole("count", _PAGE_SIZE))
            case "close":
                return Reply()
            case "destroy":
                self._finders.pop(call.target)
                return Reply()
        raise RpcRefusal(Code.UNKNOWN_METHOD)

    def _search(self, condition: Json) -> list[Page]:
        lists = self._recording.lists
        question = (
            question_of(condition, lists, by_index=True) if isinstance(condition, Mapping) else None
        )
        if question is None:
            raise RpcRefusal(Code.INVALID_PARAMETER)
        found = find(lists, question)
        if not found:
            raise RpcRefusal(Code.NO_DATA)
        return found

    def _next(self, number: int, wanted: int) -> Reply:
        page, self._finders[number] = cut(self._finders[number], wanted)
        if page is None:
            return Reply({"found": 0, "infos": None})
        return Reply({"found": page.said, "infos": [dict(item.fields) for item in page.items]})
