"""Search for recordings by mediaFileFind (section 8 of the protocol notes)."""

import asyncio
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right

from .conditions import Condition, of_call, of_query
from .device import Device
from .errors import Code, InvalidRequestError, Refusal, RpcRefusal
from .finders import Finder
from .found import Item, find
from .grammar import Json, flatten, gathered
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .traits.search import Ending, Nothing

_MODULE: Final = "mediaFileFind"
_CONDITION: Final = "condition."
_COUNT: Final = 100


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_MODULE, "factory.create", create, Right.PLAYBACK)
    yield cgi(_MODULE, "findFile", find_file, Right.PLAYBACK)
    yield cgi(_MODULE, "findNextFile", find_next, Right.PLAYBACK)
    yield cgi(_MODULE, "close", close, Right.PLAYBACK)
    yield cgi(_MODULE, "destroy", destroy, Right.PLAYBACK)
    for wrong in ("factory.close", "factory.destroy"):
        yield cgi(_MODULE, wrong, refuse, Right.PLAYBACK)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_MODULE}.factory.create", create_by_call, Right.PLAYBACK)
    yield Method(f"{_MODULE}.findFile", find_by_call, Right.PLAYBACK)
    yield Method(f"{_MODULE}.findNextFile", next_by_call, Right.PLAYBACK)
    yield Method(f"{_MODULE}.getCount", count, Right.PLAYBACK)
    yield Method(f"{_MODULE}.setQueryResultOptions", set_options, Right.PLAYBACK)
    yield Method(f"{_MODULE}.close", close_by_call, Right.PLAYBACK)
    yield Method(f"{_MODULE}.destroy", destroy_by_call, Right.PLAYBACK)


async def refuse(_device: Device, _request: web.Request) -> web.StreamResponse:
    """Refuse a verb that an object doesn't have."""
    raise InvalidRequestError


async def create(device: Device, _request: web.Request) -> web.StreamResponse:
    """Give a new object for searches, if there is one left."""
    number = device.finders.make(device.firmware.finders)
    if number is None:
        raise Refusal.failed()
    return device.fields({"result": number})


async def find_file(device: Device, request: web.Request) -> web.StreamResponse:
    """Begin a search."""
    _, finder = _finder(device, request)
    try:
        condition = of_query(device.firmware, gathered(device.pairs(request), _CONDITION))
    except (KeyError, ValueError) as err:
        raise Refusal.bad_request() from err
    _check(device, condition)
    if not await _begin(device, finder, condition):
        match device.firmware.nothing:
            case Nothing.BAD_REQUEST:
                raise Refusal.bad_request()
            case Nothing.ERROR:
                raise Refusal.failed()
            case Nothing.FOUND_ZERO:
                pass
    return device.ok()


async def find_next(device: Device, request: web.Request) -> web.StreamResponse:
    """Give a page of what was found."""
    _, finder = _finder(device, request)
    text = device.query(request).get("count", str(_COUNT))
    if not (text.isascii() and text.isdecimal()):
        raise Refusal.bad_request()
    firmware = device.firmware
    limit = min(int(text), firmware.page_limit)
    page = await asyncio.to_thread(finder.fetch, _room(device, finder, limit))
    if page:
        lines = [f"found={len(page) + firmware.overcount}", *_lines(page)]
        return device.text(lines)
    match firmware.ending:
        case Ending.FOUND_ZERO:
            return device.fields({"found": 0})
        case Ending.ERROR:
            raise Refusal.failed()
        case Ending.BAD_REQUEST:
            raise Refusal.bad_request()
        case Ending.SERVER_ERROR:
            raise Refusal.failed(HTTPStatus.INTERNAL_SERVER_ERROR)


async def close(device: Device, request: web.Request) -> web.StreamResponse:
    """End a search."""
    _, finder = _finder(device, request)
    finder.searching = False
    return device.ok()


async def destroy(device: Device, request: web.Request) -> web.StreamResponse:
    """Give an object back."""
    number, _ = _finder(device, request)
    device.finders.destroy(number)
    return device.ok()


def _lines(page: list[Item]) -> Iterable[str]:
    for place, item in enumerate(page):
        yield from flatten(f"items[{place}]", item)


def _finder(device: Device, request: web.Request) -> tuple[int, Finder]:
    text = device.query(request).get("object", "")
    number = int(text) if text.isascii() and text.isdecimal() else None
    finder = device.finders.find(number)
    if number is None or finder is None:
        raise Refusal.bad_request()
    return number, finder


def _check(device: Device, condition: Condition) -> None:
    """Refuse channels that there can't be.

    Raises:
        Refusal: it does.
    """
    if any(not 1 <= number <= device.capacity for number in condition.channels):
        raise Refusal.bad_request()


async def _begin(device: Device, finder: Finder, condition: Condition) -> bool:
    """Begin a search, and say whether anything was found."""
    finder.begin(find(device, condition))
    # Sizes of files take a while when they are asked about for the first time.
    return not await asyncio.to_thread(lambda: finder.empty)


def _room(device: Device, finder: Finder, limit: int) -> int:
    """Give how many items come on the next page at most."""
    if device.firmware.short_pages and finder.pages % 2 == 0:
        return (limit + 1) // 2
    return limit


async def create_by_call(device: Device, _call: Call) -> Reply:
    """Give a new object for searches, if there is one left."""
    number = device.finders.make(device.firmware.finders)
    if number is None:
        raise RpcRefusal(Code.UNSET)
    return Reply(result=number)


async def find_by_call(device: Device, call: Call) -> Reply:
    """Begin a search."""
    finder = _called(device, call)
    try:
        condition = of_call(device.firmware, call.part("condition"))
        _check(device, condition)
    except (ValueError, Refusal) as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err
    found = await _begin(device, finder, condition)
    if not found and device.firmware.nothing is not Nothing.FOUND_ZERO:
        raise RpcRefusal(Code.NO_DATA)
    return Reply()


async def next_by_call(device: Device, call: Call) -> Reply:
    """Give a page of what was found."""
    finder, firmware = _called(device, call), device.firmware
    limit = max(0, min(call.whole("count", _COUNT), firmware.call_limit))
    page = await asyncio.to_thread(finder.fetch, _room(device, finder, limit))
    none: Json = None if firmware.null_lists else []
    items: Json = [*page] if page else none
    more = firmware.overcount if page else 0
    return Reply({"found": len(page) + more, firmware.list_key: items})


async def count(device: Device, call: Call) -> Reply:
    """Count what was found."""
    finder = _called(device, call)
    return Reply({"count": await asyncio.to_thread(lambda: finder.total)})


async def set_options(device: Device, call: Call) -> Reply:
    """Go on at another place."""
    finder = _called(device, call)
    offset = call.part("options").get("offset")
    if not isinstance(offset, int) or offset < 0:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    finder.given = offset
    return Reply()


async def close_by_call(device: Device, call: Call) -> Reply:
    """End a search."""
    _called(device, call).searching = False
    return Reply()


async def destroy_by_call(device: Device, call: Call) -> Reply:
    """Give an object back."""
    _called(device, call)
    if call.target is not None:
        device.finders.destroy(call.target)
    return Reply()


def _called(device: Device, call: Call) -> Finder:
    finder = device.finders.find(call.target)
    if finder is None:
        raise RpcRefusal(Code.NO_OBJECT)
    return finder
