"""Settings: tables that are read, as wholes or in parts, and changed (section 2 of the protocol notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right

from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .grammar import Json, changed, flatten, reach, steps
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .tables import TABLES

_MODULE: Final = "configManager"
_NO_SETTINGS: Final = {"action"}


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_MODULE, "getConfig", get_config)
    yield cgi(_MODULE, "setConfig", set_config, Right.SETTINGS)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_MODULE}.getConfig", config_by_call)
    yield Method(f"{_MODULE}.setConfig", set_by_call, Right.SETTINGS)


def table(device: Device, name: str) -> Json:
    """Give a table of settings as it is now.

    Raises:
        KeyError: there is none of that name.
    """
    content = TABLES[name](device)
    for key, text in device.settings.items():
        first, *rest = steps(key)
        if first == name:
            content = changed(content, rest, text)
    return content


async def get_config(device: Device, request: web.Request) -> web.StreamResponse:
    """Tell a table or a part of it."""
    name = device.query(request).get("name", "")
    path = steps(name)
    try:
        content = reach(table(device, str(path[0])), path[1:])
    except (IndexError, KeyError) as err:
        raise Refusal.unknown_name(name) from err
    return device.fields(content, f"table.{name}")


async def config_by_call(device: Device, call: Call) -> Reply:
    """Tell a table, or the part of a channel."""
    try:
        content = table(device, call.text("name"))
        channel = call.whole("channel", -1)
        return Reply({"table": content if channel < 0 else reach(content, [channel])})
    except KeyError as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err


async def set_config(device: Device, request: web.Request) -> web.StreamResponse:
    """Change settings: all of them, or none if one of them can't be."""
    wanted = {key: text for key, text in device.pairs(request) if key not in _NO_SETTINGS}
    try:
        _change(device, wanted)
    except (KeyError, ValueError) as err:
        raise Refusal.bad_request() from err
    return device.ok()


async def set_by_call(device: Device, call: Call) -> Reply:
    """Change settings."""
    lines = flatten(call.text("name"), call.params.get("table"))
    pairs = (line.partition("=") for line in lines)
    try:
        _change(device, {key: text for key, _, text in pairs})
    except (KeyError, ValueError) as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err
    return Reply()


def _change(device: Device, wanted: dict[str, str]) -> None:
    """Change settings.

    Raises:
        KeyError: there is no such setting.
        ValueError: it can't be that.
    """
    if not wanted:
        raise KeyError
    for key, text in wanted.items():
        name, *rest = steps(key)
        changed(TABLES[str(name)](device), rest, text)
    device.settings |= wanted
