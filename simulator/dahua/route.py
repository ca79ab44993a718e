"""What a module of the face offers over HTTP: its resources, and what they need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from simulator.core.accounts import Right

from .device import Device
from .firmware import Firmware

type Handler = Callable[[Device, web.Request], Awaitable[web.StreamResponse]]


def _always(_firmware: Firmware) -> bool:
    return True


@dataclass(frozen=True)
class Route:
    """One verb on one path, or one action of it.

    Attributes:
        path: as aiohttp's router takes it. What is below `/cgi-bin` is for those who sign, the rest
            for those who have a session of RPC2.
        handler: answers.
        action: the query's `action`; None for any that no other route of the path has.
        method: verb.
        right: users without it are refused.
        needs: says whether a firmware has it.
        lasting: whether the answer has no end, so that it isn't counted as load.
    """

    path: str
    handler: Handler
    action: str | None = None
    method: str = "GET"
    right: Right | None = None
    needs: Callable[[Firmware], bool] = _always
    lasting: bool = False


def cgi(
    module: str,
    action: str,
    handler: Handler,
    right: Right | None = None,
    needs: Callable[[Firmware], bool] = _always,
) -> Route:
    """Give the route of an action of a module."""
    return Route(f"/cgi-bin/{module}.cgi", handler, action, right=right, needs=needs)
