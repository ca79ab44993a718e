"""What a module of the face offers: its resources, and what they need."""

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
    """One verb on one path."""

    method: str
    path: str
    handler: Handler
    right: Right | None = None
    """Users without it are refused."""
    needs: Callable[[Firmware], bool] = _always
    """Says whether a firmware has it."""
