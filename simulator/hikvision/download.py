"""Download of recordings (section 13 of the protocol notes)."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.recordings import Recording

from .device import Device, body_of
from .errors import Refusal
from .files import PlaybackAddress, named, read_address
from .route import Route
from .times import true_span
from .traits.download import DownloadForm, Length
from .xml import read

_PATH = "/ISAPI/ContentMgmt/download"
_TYPE = "application/octet-stream"
# So much is made and sent at once.
_PIECE = 512 * 1024
# What a device may claim beyond what it sends.
_OVERSTATED_BY = 1024 * 1024

type _Span = tuple[datetime, datetime]


def routes() -> Iterable[Route]:
    """Give the resources."""
    for method in ("POST", "GET"):
        yield Route(method, _PATH, download, Right.PLAYBACK)
    yield Route("GET", f"{_PATH}/capabilities", capabilities, Right.PLAYBACK)


async def capabilities(device: Device, _request: web.Request) -> web.Response:
    """Say whether the asked span is cut out."""
    content = {
        "isSupportDownloadbyFileName": True,
        "isSupportDownloadbyTime": device.firmware.download_by_time,
    }
    return device.xml("DownloadAbility", content)


async def download(device: Device, request: web.Request) -> web.StreamResponse:
    """Send the footage of a span, or of the file that holds it, as the firmware does."""
    address = read_address(await _asked(device, request))
    if device.firmware.checks_host and address.host != device.recorder.identity.address:
        raise Refusal.bad_content()
    device.numbers(f"{address.channel}{address.stream:02}")
    find = _cut_out if device.firmware.download_by_time else _whole_file
    span = find(device, address)
    if span is None:
        raise Refusal.no_recording()
    if device.downloads >= device.firmware.downloads:
        raise Refusal.busy()
    device.downloads += 1
    try:
        return await _send(device, request, address, span)
    finally:
        device.downloads -= 1


async def _asked(device: Device, request: web.Request) -> str:
    forms = device.firmware.download_forms
    if request.method == "GET" and not request.content_length:
        if DownloadForm.GET_QUERY in forms and "playbackURI" in request.query:
            return request.query["playbackURI"]
        raise Refusal.method_not_allowed()
    form = DownloadForm.GET_BODY if request.method == "GET" else DownloadForm.POST
    if form not in forms:
        raise Refusal.method_not_allowed()
    asked = read(await body_of(request), "downloadRequest").findtext("playbackURI")
    if asked is None:
        raise Refusal.bad_content()
    return asked


def _cut_out(device: Device, address: PlaybackAddress) -> _Span | None:
    """Give the footage of the asked span at key frames, within the named file if one is named."""
    schedule = device.recorder.schedule
    channel, stream = address.channel, address.stream
    recording = named(device, address.name) if address.name is not None else None
    if address.name is not None and recording is None:
        return None
    if address.start is None or address.end is None:
        return _written(device, recording) if recording is not None else None
    start, end = true_span(device.recorder.clock, address.start, address.end)
    if recording is None:
        return next(schedule.spans(channel, stream, start, end), None)
    whole = _written(device, recording)
    if whole is None or start >= whole[1] or end <= whole[0]:
        return None
    first = device.recorder.source(channel, stream).key_frame_at_or_before(max(start, whole[0]))
    return first, min(schedule.key_frame_from(channel, stream, end), whole[1])


def _whole_file(device: Device, address: PlaybackAddress) -> _Span | None:
    """Give the footage of the named file, else of the first one that the asked start lies in."""
    if address.name is not None:
        recording = named(device, address.name)
        return _written(device, recording) if recording is not None else None
    if address.start is None:
        return None
    recorder = device.recorder
    for fold in (0, 1):
        start = recorder.clock.from_stamp(address.start, fold=fold)
        span = start, recorder.clock.from_stamp(address.end or address.start, fold=fold)
        for recording in recorder.schedule.recordings(address.channel, address.stream, *span):
            return _written(device, recording)
    return None


def _written(device: Device, recording: Recording) -> _Span | None:
    written = device.recorder.schedule.written(recording.channel, recording.stream)
    end = min(recording.end, written)
    return (recording.start, end) if recording.start < end else None


async def _send(
    device: Device, request: web.Request, address: PlaybackAddress, span: _Span
) -> web.StreamResponse:
    footage = device.footage(address.channel, address.stream)
    response = web.StreamResponse(headers={"Content-Type": _TYPE})
    size = await asyncio.to_thread(footage.size, *span)
    match device.firmware.download_length:
        case Length.EXACT:
            response.content_length = size
        case Length.OVERSTATED:
            response.content_length = size + _OVERSTATED_BY
            response.force_close()
        case Length.ABSENT:
            response.force_close()
    await response.prepare(request)
    pieces = _pieces(footage.chunks(*span))
    while piece := await asyncio.to_thread(next, pieces, b""):
        await response.write(piece)
    return response


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join what comes in small chunks."""
    piece = bytearray()
    for chunk in chunks:
        piece += chunk
        if len(piece) >= _PIECE:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
