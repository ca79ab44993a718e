"""Download of recordings: by time, by file, and one key frame alone (section 10 of the notes)."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import chain
import json
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel
from simulator.core.recordings import Recording
from simulator.core.transfer import Length, begin, pieces
from simulator.footage.still import jpeg

from . import times
from .device import Device
from .errors import Refusal
from .files import footage, named, size_of
from .firmware import Firmware
from .route import Route, cgi
from .rpc import CALL, Call
from .traits.download import Missing

_FOOTAGE_TYPES: Final = frozenset({"dav", "mp4", ""})
_PICTURE_TYPE: Final = "image/jpeg"
_BOUNDARY: Final = "boundary-rpc3"
_FRAME_METHOD: Final = "StorageAssistant.getIFrameData"
_STREAMS: Final = {"Main": 1, "Extra1": 2, "Extra2": 3, "Extra3": 4}

type Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class _Load:
    """What is to be sent.

    Attributes:
        size: in bytes.
        chunks: them.
        length: what is said of the size.
        content_type: of it.
        stalls_at: after so many bytes nothing comes any more; None for never.
        multipart: whether it is the second part of two.
    """

    size: int
    chunks: Iterator[bytes]
    length: Length
    content_type: str | None
    stalls_at: int | None = None
    multipart: bool = False


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi("loadfile", "startLoad", by_time, Right.PLAYBACK, _loads_by_time)
    for path in ("/cgi-bin/RPC_Loadfile/{path:.*}", "/RPC_Loadfile/{path:.*}"):
        yield Route(path, by_path, right=Right.PLAYBACK, needs=_loads_files)
    yield cgi("FileManager", "downloadFile", by_name, Right.PLAYBACK, _loads_files)
    yield Route(
        "/RPC3_Loadfile", frame_data, method="POST", right=Right.PLAYBACK, needs=_gives_frames
    )


def _loads_by_time(firmware: Firmware) -> bool:
    return firmware.loads_by_time


def _loads_files(firmware: Firmware) -> bool:
    return firmware.loads_files


def _gives_frames(firmware: Firmware) -> bool:
    return firmware.frame_data


async def by_time(device: Device, request: web.Request) -> web.StreamResponse:
    """Send what was recorded in a span of time, cut at key frames, over the ends of files."""
    query = device.query(request)
    firmware, recorder = device.firmware, device.recorder
    channel = device.channel(query.get("channel", ""), firmware.load_base)
    stream = _stream(channel, query.get("subtype", "0"))
    if query.get("Types", "").lower() not in _FOOTAGE_TYPES:
        raise Refusal.bad_request()
    try:
        asked = [times.read(firmware, query.get(key, "")) for key in ("startTime", "endTime")]
    except ValueError as err:
        raise Refusal.bad_request() from err
    start, end = recorder.clock.span(asked[0], asked[1])
    spans = list(recorder.schedule.spans(channel.number, stream, start, end))
    if not spans:
        if firmware.load_empty is HTTPStatus.OK:
            return web.Response(headers={"Content-Type": firmware.load_type or ""})
        raise Refusal.bad_request()
    return await _send(device, request, _of_spans(device, channel.number, stream, spans))


def _stream(channel: Channel, subtype: str) -> int:
    """Give the number of the stream that is recorded under a subtype.

    Raises:
        Refusal: there is none.
    """
    if not (subtype.isascii() and subtype.isdecimal()) or int(subtype) + 1 not in channel.streams:
        raise Refusal.bad_request()
    return int(subtype) + 1


def _of_spans(device: Device, channel: int, stream: int, spans: list[Span]) -> _Load:
    written = footage(device, channel, stream)
    head = len(written.head)
    size = head + sum(written.size(*span) - head for span in spans)
    bodies = (written.chunks(*span, offset=head) for span in spans)
    return _Load(
        size=size,
        chunks=chain((written.head,), chain.from_iterable(bodies)),
        length=Length.CHUNKED if device.firmware.load_chunked else Length.ABSENT,
        content_type=device.firmware.load_type,
    )


async def by_path(device: Device, request: web.Request) -> web.StreamResponse:
    """Send the file at a path, before which one slash stands or two."""
    return await _send_file(device, request, request.match_info["path"])


async def by_name(device: Device, request: web.Request) -> web.StreamResponse:
    """Send the file that the query names."""
    return await _send_file(device, request, device.query(request).get("fileName", ""))


async def _send_file(device: Device, request: web.Request, path: str) -> web.StreamResponse:
    found = named(device, f"/{path.lstrip('/')}")
    span = device.recorder.schedule.written_span(found.recording) if found is not None else None
    if found is None or span is None:
        if device.firmware.missing_file is Missing.RESET and request.transport is not None:
            request.transport.abort()
        raise Refusal.bad_request()
    if found.picture:
        load = await _picture(device, found.recording)
    else:
        load = _file(device, found.recording, span)
    return await _send(device, request, load)


async def _picture(device: Device, recording: Recording) -> _Load:
    source = device.recorder.source(recording.channel, recording.stream)
    body = await asyncio.to_thread(jpeg, source, recording.start)
    return _Load(
        size=len(body),
        chunks=iter((body,)),
        length=Length.OVERSTATED if device.firmware.picture_miscounted else Length.EXACT,
        content_type=_PICTURE_TYPE,
    )


def _file(device: Device, recording: Recording, span: Span) -> _Load:
    firmware = device.firmware
    written = footage(device, recording.channel, recording.stream)
    index = written.index(*span) if firmware.dhav_index else b""
    return _Load(
        size=size_of(device, recording),
        chunks=chain(written.chunks(*span), (index,)),
        length=firmware.file_length,
        content_type=firmware.load_type,
        stalls_at=firmware.file_stalls_at,
        multipart=firmware.multipart,
    )


async def _send(device: Device, request: web.Request, load: _Load) -> web.StreamResponse:
    firmware, media, now = device.firmware, device.media, device.recorder.now
    if media.transferring(now()) >= firmware.transfers_at_once:
        raise Refusal(firmware.transfer_limit, "Error", "Resource is limited, open video failed!")
    breaks = firmware.load_breaks and media.transfers_begun % firmware.load_breaks == 0
    with media.transfer(now, timedelta(seconds=firmware.transfer_held_s)):
        if load.multipart:
            load = _wrapped(load)
        response = begin(load.length, load.size, load.content_type)
        if firmware.closes:
            response.force_close()
        await response.prepare(request)
        limit = load.size // 2 if breaks else load.stalls_at
        await _write(response, load, limit)
        if breaks and request.transport is not None:
            request.transport.abort()
        elif load.stalls_at is not None and load.stalls_at < load.size:
            await asyncio.Event().wait()
        return response


async def _write(response: web.StreamResponse, load: _Load, limit: int | None) -> None:
    left = load.size if limit is None else min(limit, load.size)
    joined = pieces(load.chunks)
    while left > 0 and (piece := await asyncio.to_thread(next, joined, b"")):
        await response.write(piece[:left])
        left -= len(piece)


def _wrapped(load: _Load) -> _Load:
    """Put a word of JSON before a file, each a part of its own."""
    told = json.dumps({"result": True, "params": {"length": load.size}}).encode()
    head = _part("application/json", len(told)) + told + b"\r\n"
    head += _part(load.content_type or "application/octet-stream", load.size)
    tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
    return _Load(
        size=len(head) + load.size + len(tail),
        chunks=chain((head,), load.chunks, (tail,)),
        length=load.length,
        content_type=f"multipart/mixed; boundary={_BOUNDARY}",
        stalls_at=load.stalls_at,
    )


def _part(content_type: str, size: int) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n"
    return head.encode()


async def frame_data(device: Device, request: web.Request) -> web.Response:
    """Give the key frame before an instant, in base64."""
    call = request.get(CALL)
    if call is None or call.method != _FRAME_METHOD:
        raise Refusal.bad_request()
    frame = await asyncio.to_thread(_key_frame, device, call)
    params = {"body": b64encode(frame).decode(), "length": len(frame)}
    return web.json_response({"id": call.number, "result": True, "params": params})


def _key_frame(device: Device, call: Call) -> bytes:
    infos = call.params.get("Infos")
    if not isinstance(infos, Mapping):
        raise Refusal.bad_request()
    stream = _STREAMS.get(str(infos.get("VideoStream", "Main")), 0)
    channel = device.channel(str(infos.get("Channel", "")), 0)
    try:
        wall = times.read(device.firmware, str(infos.get("Time", "")))
    except ValueError as err:
        raise Refusal.bad_request() from err
    instant = device.recorder.clock.instant(wall)
    end = instant + timedelta(seconds=1)
    span = next(device.recorder.schedule.spans(channel.number, stream, instant, end), None)
    if span is None:
        raise Refusal.bad_request()
    return footage(device, channel.number, stream).first_frame(span[0])
