"""RPC2: JSON calls with a session (section 4 of the protocol notes), and the same calls by CGI."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Final

from aiohttp import web

from simulator.core.accounts import Right, Verdict

from .device import Device
from .errors import Code, RpcRefusal
from .firmware import Firmware
from .grammar import Json
from .sessions import Session, SessionId

MAX_CALL: Final = 256 * 1024
CALL_PATH: Final = "/RPC2"
LOGIN_PATH: Final = "/RPC2_Login"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call.

    Attributes:
        method: its name.
        params: what is given with it.
        number: its id, which the answer has too.
        session_id: as it was sent.
        target: the instance that it is for; None for the service itself.
        verdict: who calls.
        session: of whoever calls; None by CGI, and while nobody is logged in.
        source: address of the client.
    """

    method: str
    params: Mapping[str, Json] = field(default_factory=dict)
    number: int = 0
    session_id: SessionId = 0
    target: int | None = None
    verdict: Verdict | None = None
    session: Session | None = None
    source: str = ""

    def text(self, name: str, default: str = "") -> str:
        """Give a parameter that is text, the default if it isn't."""
        value = self.params.get(name)
        return value if isinstance(value, str) else default

    def whole(self, name: str, default: int) -> int:
        """Give a parameter that is a number, the default if it isn't."""
        value = self.params.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def part(self, name: str) -> Mapping[str, Json]:
        """Give a parameter that has fields.

        Raises:
            RpcRefusal: it isn't there.
        """
        value = self.params.get(name)
        if not isinstance(value, Mapping):
            raise RpcRefusal(Code.INVALID_PARAMETER)
        return value


@dataclass(frozen=True)
class Reply:
    """What comes back."""

    params: Json = None
    result: bool | int | str = True


type Caller = Callable[[Device, Call], Awaitable[Reply]]


def _always(_firmware: Firmware) -> bool:
    return True


@dataclass(frozen=True)
class Method:
    """One method.

    Attributes:
        name: with that of its service before it.
        handler: answers.
        right: users without it are refused.
        needs: says whether a firmware has it.
    """

    name: str
    handler: Caller
    right: Right | None = None
    needs: Callable[[Firmware], bool] = _always


CALL = web.RequestKey("call", Call)
"""What a request calls, if it does."""


async def read_call(request: web.Request) -> Call | None:
    """Read a call, None if it is none or too long."""
    content = await _content(request)
    if content is None or not isinstance(content.get("method"), str):
        return None
    params, number, target = (content.get(key) for key in ("params", "id", "object"))
    session = content.get("session", 0)
    return Call(
        method=content["method"],
        params=params if isinstance(params, dict) else {},
        number=number if isinstance(number, int) else 0,
        session_id=session if isinstance(session, str | int) else 0,
        target=target if isinstance(target, int) else None,
        source=request.remote or "",
    )


async def read_params(request: web.Request) -> Mapping[str, Json]:
    """Read what is given with a call by CGI, which is nothing if it can't be read."""
    return await _content(request) or {}


async def _content(request: web.Request) -> dict[str, Any] | None:
    length = request.content_length
    if length is not None and length > MAX_CALL:
        return None
    body = await request.read()
    try:
        content = json.loads(body)
    except UnicodeDecodeError, json.JSONDecodeError, RecursionError:
        return None
    return content if isinstance(content, dict) else None


class Methods:
    """All methods by name."""

    def __init__(self, methods: Iterable[Method]) -> None:
        """Know these."""
        self._methods = {method.name: method for method in methods}

    def names(self, firmware: Firmware) -> list[str]:
        """Give the names of those that a firmware has."""
        return sorted(name for name, method in self._methods.items() if method.needs(firmware))

    async def answer(self, device: Device, call: Call) -> Reply:
        """Answer a call of somebody who is logged in.

        Raises:
            RpcRefusal: it is refused.
        """
        method = self._methods.get(call.method)
        if method is None or not method.needs(device.firmware):
            raise RpcRefusal(Code.UNKNOWN_METHOD)
        right = method.right
        if right is not None and (call.verdict is None or not call.verdict.allows(right)):
            raise RpcRefusal(Code.NO_AUTHORITY)
        return await method.handler(device, call)


def written(call: Call, session: SessionId, reply: Reply) -> web.Response:
    """Write an answer down."""
    return _json(
        {"id": call.number, "params": reply.params, "result": reply.result, "session": session}
    )


def bare(reply: Reply) -> web.Response:
    """Write an answer to a call by CGI."""
    return _json(reply.params if reply.params is not None else {})


def refused(call: Call, session: SessionId, refusal: RpcRefusal) -> web.Response:
    """Write a refusal down."""
    return _json(
        {
            "error": {"code": refusal.code, "message": refusal.message},
            "id": call.number,
            "params": refusal.detail,
            "result": False,
            "session": session,
        }
    )


def _json(content: Json) -> web.Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(body=body, headers={"Content-Type": "application/json;charset=UTF-8"})
