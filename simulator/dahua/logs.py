"""The log: log-ins, which flood it, and events (section 8 of the protocol notes)."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.recordings import Kind

from .conditions import CODES, Condition
from .device import Device
from .errors import Code, Refusal, RpcRefusal
from .firmware import Firmware
from .found import newest_first
from .grammar import Json, flatten, gathered
from .route import Route, cgi
from .rpc import Call, Method, Reply
from .times import read, tell

_SERVICE: Final = "log"
_BOUNDS: Final = ("StartTime", "EndTime")
_KEPT: Final = 1024
_COUNT: Final = 100
_EVENT: Final = "Event"
_LAST_FIRST: Final = "Descent"
type _Row = tuple[datetime, dict[str, Json]]


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_SERVICE, "startFind", start, Right.SETTINGS, _reads)
    yield cgi(_SERVICE, "doFind", fetch, Right.SETTINGS, _reads)
    yield cgi(_SERVICE, "stopFind", stop, Right.SETTINGS, _reads)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_SERVICE}.startFind", start_by_call, Right.SETTINGS, _reads)
    yield Method(f"{_SERVICE}.getCount", count, Right.SETTINGS, _reads)
    yield Method(f"{_SERVICE}.doSeekFind", fetch_by_call, Right.SETTINGS, _reads)
    yield Method(f"{_SERVICE}.stopFind", stop_by_call, Right.SETTINGS, _reads)


def _reads(firmware: Firmware) -> bool:
    return firmware.log_reads


async def start(device: Device, request: web.Request) -> web.StreamResponse:
    """Look for rows of the log."""
    asked = gathered(device.pairs(request), "condition.")
    try:
        begins, ends = (read(device.firmware, asked[key][0]) for key in _BOUNDS)
    except (KeyError, ValueError) as err:
        raise Refusal.bad_request() from err
    rows = await asyncio.to_thread(_rows, device, begins, ends, asked.get("Type", []))
    token = device.lists.keep(_SERVICE, [row for _, row in rows])
    return device.fields({"token": token, "count": len(rows)})


async def fetch(device: Device, request: web.Request) -> web.StreamResponse:
    """Give the next rows; what was given is gone."""
    query = device.query(request)
    rows = device.lists.find(_SERVICE, _number(query.get("token", "")))
    if rows is None:
        raise Refusal.bad_request()
    length = min(_number(query.get("count", str(_COUNT))), _COUNT)
    page, rows[:] = rows[:length], rows[length:]
    return device.text([f"found={len(page)}", *flatten("items", page)])


async def stop(device: Device, request: web.Request) -> web.StreamResponse:
    """End a search."""
    if not device.lists.drop(_SERVICE, _number(device.query(request).get("token", ""))):
        raise Refusal.bad_request()
    return device.ok()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


async def start_by_call(device: Device, call: Call) -> Reply:
    """Look for rows of the log."""
    asked = call.part("condition")
    try:
        begins, ends = (read(device.firmware, str(asked.get(key))) for key in _BOUNDS)
    except ValueError as err:
        raise RpcRefusal(Code.INVALID_PARAMETER) from err
    types = asked.get("Types")
    wanted = [each for each in types if isinstance(each, str)] if isinstance(types, list) else []
    rows = await asyncio.to_thread(_rows, device, begins, ends, wanted)
    if asked.get("Order") == _LAST_FIRST:
        rows.reverse()
    return Reply({"token": device.lists.keep(_SERVICE, [row for _, row in rows])})


async def count(device: Device, call: Call) -> Reply:
    """Count the rows that were found."""
    return Reply({"count": len(_found(device, call))})


async def fetch_by_call(device: Device, call: Call) -> Reply:
    """Give a part of what was found."""
    rows = _found(device, call)
    offset = max(0, call.whole("offset", 0))
    page = rows[offset : offset + max(0, min(call.whole("count", _COUNT), _KEPT))]
    return Reply({"found": len(page), "items": page})


async def stop_by_call(device: Device, call: Call) -> Reply:
    """End a search."""
    _found(device, call)
    device.lists.drop(_SERVICE, call.whole("token", 0))
    return Reply()


def _found(device: Device, call: Call) -> list[Json]:
    rows = device.lists.find(_SERVICE, call.whole("token", 0))
    if rows is None:
        raise RpcRefusal(Code.INVALID_PARAMETER)
    return rows


def _rows(device: Device, start: datetime, end: datetime, types: list[str]) -> list[_Row]:
    """Give the rows of a span, oldest first: as many as a ring holds, the newest of them."""
    rows: list[_Row] = []
    if not types or any(not word.startswith(_EVENT) for word in types):
        rows += _logins(device, *device.recorder.clock.span(start, end))
    # The ring holds no more of them, however long the span is.
    rows += islice(_events(device, start, end, types), _KEPT)
    return sorted(rows, key=lambda row: row[0])[-_KEPT:]


def _logins(device: Device, start: datetime, end: datetime) -> Iterator[_Row]:
    for request in device.recorder.requests:
        if request.user is None or request.status == HTTPStatus.UNAUTHORIZED:
            continue
        if start <= request.at <= end:
            detail: Json = {"Address": request.source, "Name": request.user, "Type": "CGI"}
            yield request.at, _row(device, request.at, "Login", detail)


def _events(device: Device, start: datetime, end: datetime, types: list[str]) -> Iterator[_Row]:
    """Give the rows of the events that recordings were made of, newest first; channels count from 1."""
    channels = tuple(device.recorder.channels)
    condition = Condition(channels=channels, start=start, end=end, streams=(1,))
    for recording in newest_first(device, condition):
        code = CODES.get(recording.kind)
        if code is None or recording.kind in {Kind.PERSON, Kind.VEHICLE}:
            continue
        for word, at in (("Start", recording.start), ("Stop", recording.end)):
            name = f"{_EVENT}.{code}.{word}"
            if not types or name in types:
                row = _row(device, at, name, "")
                yield at, {**row, "Channel": recording.channel, "Code": code}


def _row(device: Device, at: datetime, kind: str, detail: Json) -> dict[str, Json]:
    time = tell(device.recorder, device.firmware, at)
    return {"Detail": detail, "Time": time, "Type": kind, "User": "System"}
