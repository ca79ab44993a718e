"""Messages of RPC2: a question in JSON, and its answer read (section 4 of the notes)."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
import json

from ..answer import Answer, Limits
from ..budget import Budget
from ..driver import JsonValue
from ..errors import CannotConnectError, DriverError, InvalidAnswerError, NotPermittedError
from ..exchange import LoginExchange
from ..http import RecorderSession
from .cgi import PARSE_ELSEWHERE_BYTES
from .faults import SESSION_LOST, Fault, RefusedRequestError, rpc_fault
from .question import Call, Heard
from .tree import Tree, at, integer, read_json, text

PATH = "/RPC2"
MAKES_OBJECT = ".factory.create"


class SessionLostError(CannotConnectError):
    """The device has forgotten our session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a call brought: its ``result``, a number where an object was made, and its ``params``."""

    result: Tree
    params: Tree
    heard: Heard


class Messages:
    """Sends messages to one device, numbered one after the other."""

    def __init__(self, session: RecorderSession) -> None:
        """Initialize."""
        self._session = session
        self._id = 0

    async def ask(
        self,
        session: str | int,
        call: Call,
        budget: Budget | None,
        made: int | None = None,
    ) -> Reply:
        """Make a call in a session, on the object that was ``made`` for it or that it names.

        Raises SessionLostError, and DriverError by the tables of ``faults``.
        """
        body: dict[str, JsonValue] = {"method": call.method, "params": call.params}
        number = call.object if made is None else made
        if number is not None:
            body["object"] = number
        answer = await self.post(
            PATH, body, session, call.limits, budget=budget, repeats=not changes(call)
        )
        tree = await parsed(answer)
        code = integer(tree, "error", "code")
        if answer.status == HTTPStatus.UNAUTHORIZED or code in SESSION_LOST:
            raise SessionLostError("the recorder has forgotten our session")
        if answer.status == HTTPStatus.FORBIDDEN:
            raise NotPermittedError(f"the account lacks a right for {call.what}", right=call.right)
        if not isinstance(tree, dict):
            raise _no_message(call, answer)
        result = at(tree, "result")
        if code is not None or result is False or answer.status >= HTTPStatus.BAD_REQUEST:
            message = text(tree, "error", "message") or ""
            raise rpc_fault(code, message, call.what, call.right)
        params = at(tree, "params")
        # Some say in the result what others say in the parameters.
        told: Tree = {"result": result} if params is None else at(params, *call.inside)
        heard = Heard(tree=told, sent=answer.sent, received=answer.received)
        return Reply(result=result, params=params, heard=heard)

    async def post(
        self,
        path: str,
        body: dict[str, JsonValue],
        session: str | int | None,
        limits: Limits,
        *,
        budget: Budget | None = None,
        login: LoginExchange | None = None,
        repeats: bool = True,
    ) -> Answer:
        """Put a message on the wire. Raises DriverError."""
        self._id += 1
        body = {**body, "id": self._id}
        if session is not None:
            body["session"] = session
        return await self._session.request(
            "POST",
            path,
            body=json.dumps(body).encode(),
            content_type="application/json",
            limits=limits,
            budget=budget,
            unsigned=True,
            repeats=repeats,
            login=login,
        )


def _no_message(call: Call, answer: Answer) -> DriverError:
    """Return what an answer means that is no message of RPC2's.

    In a session there is an RPC2: what comes with a good status was damaged on its way, and refuses nothing.
    """
    if answer.cut:
        return CannotConnectError("the recorder's answer was cut")
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return RefusedRequestError(f"{call.what}: HTTP {answer.status}", Fault(answer.status))
    return InvalidAnswerError(f"{call.what}: the answer is no message")


def changes(call: Call) -> bool:
    """Whether a call leaves something behind on the device, or moves on there."""
    return call.object is not None or call.method.endswith(MAKES_OBJECT)


async def parsed(answer: Answer) -> Tree:
    """Return the answer's JSON, None where it is none."""
    body = answer.refused if answer.status == HTTPStatus.UNAUTHORIZED else answer.body
    try:
        if len(body) > PARSE_ELSEWHERE_BYTES:
            return await asyncio.to_thread(read_json, body)
        return read_json(body)
    except InvalidAnswerError:
        return None
