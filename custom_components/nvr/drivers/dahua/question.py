"""Requests as objects: what is asked of a device, in each form that firmware knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import json
from urllib.parse import quote

from ..answer import DOCUMENT, Limits
from ..driver import JsonValue
from ..models import Right
from .tree import Tree

# Blanks become %20, as ``+`` is not decoded; the rest stays as devices' own pages send it (section 2 of the notes).
_KEY_SAFE = "[]"
_VALUE_SAFE = "/:,*|[]-"


@dataclass(frozen=True, slots=True, kw_only=True)
class CgiRequest:
    """One request of CGI. With ``json`` it is one of the newer API: a POST of JSON to the same names.

    ``inside`` says where in the answer lies what was asked for, ``right`` what the account needs for it. One that
    ``moves_on`` brings something else each time it is sent.
    """

    module: str
    action: str
    args: tuple[tuple[str, str], ...] = ()
    json: Mapping[str, JsonValue] | None = None
    inside: tuple[str, ...] = ()
    limits: Limits = DOCUMENT
    right: Right = Right.SETTINGS
    moves_on: bool = False

    @property
    def method(self) -> str:
        """The method of HTTP."""
        return "GET" if self.json is None else "POST"

    @property
    def path(self) -> str:
        """Path and query, as they go on the wire and into the digest."""
        if self.json is not None:
            return f"/cgi-bin/api/{self.module}/{self.action}"
        query = "".join(
            f"&{quote(key, safe=_KEY_SAFE + '.')}={quote(value, safe=_VALUE_SAFE)}"
            for key, value in self.args
        )
        action = f"action={self.action}" if self.action else ""
        return f"/cgi-bin/{self.module}.cgi?{f'{action}{query}'.removeprefix('&')}"

    @property
    def body(self) -> bytes | None:
        """What is posted."""
        return None if self.json is None else json.dumps(self.json).encode()

    @property
    def what(self) -> str:
        """What is asked, for messages."""
        name = next((value for key, value in self.args if key == "name"), "")
        verb = f"{self.module}.{self.action}".removesuffix(".")
        return f"{verb} {name}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of RPC2. ``service`` names one whose instance it needs: one for all its calls, as long as the session."""

    method: str
    params: JsonValue = None
    object: int | None = None
    service: str | None = None
    inside: tuple[str, ...] = ()
    limits: Limits = DOCUMENT
    right: Right = Right.SETTINGS

    @property
    def what(self) -> str:
        """What is asked, for messages."""
        name = self.params.get("name") if isinstance(self.params, Mapping) else None
        return f"{self.method} {name}" if isinstance(name, str) else self.method


type Form = CgiRequest | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Question[T]:
    """One thing to know of a device; ``forms`` are the ways to ask, by name, which ``read`` all the same.

    The names begin with ``rpc`` or ``cgi``.
    """

    what: str
    forms: Mapping[str, Form]
    read: Callable[[Tree], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a device said, and true UTC around the moment at which it did."""

    tree: Tree
    sent: datetime
    received: datetime
    form: str = field(default="")
    ended: bool = True
    """Whether the last line of an answer in lines has an end: without one, more may have followed."""


def config_question[T](
    name: str, read: Callable[[Tree], T], *, limits: Limits = DOCUMENT
) -> Question[T]:
    """Return the question for one of the device's tables of settings."""
    return Question(
        what=name,
        forms={
            "rpc": Call(
                method="configManager.getConfig",
                params={"name": name},
                inside=("table",),
                limits=limits,
            ),
            "cgi": CgiRequest(
                module="configManager",
                action="getConfig",
                args=(("name", name),),
                inside=("table", name),
                limits=limits,
            ),
        },
        read=read,
    )
