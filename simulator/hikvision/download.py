"""Download of recordings (section 13 of the protocol notes)."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
import secrets
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.transfer import begin, pieces

from .device import Device, body_of
from .errors import Refusal
from .files import PlaybackAddress, named, read_address
from .firmware import Firmware
from .route import Route
from .traits.answers import Tree
from .traits.download import ClipCutting, DownloadForm
from .traits.search import Wanted
from .xml import marks_of, read

_PATH = "/ISAPI/ContentMgmt/download"
_PSIA_PATH: Final = "/PSIA/Custom/SelfExt/ContentMgmt/download"
_FORMS: Final = {"POST": DownloadForm.POST, "PUT": DownloadForm.PUT}
_TOKEN_BYTES: Final = 16

type _Span = tuple[datetime, datetime]


def routes() -> Iterable[Route]:
    """Give the resources."""
    for method in ("POST", "GET", "PUT"):
        yield Route(method, _PATH, download, Right.PLAYBACK)
    yield Route("POST", _PSIA_PATH, download, Right.PLAYBACK, _takes_psia)
    yield Route("GET", f"{_PATH}/capabilities", capabilities, Right.PLAYBACK, _tells_abilities)
    yield Route("GET", "/ISAPI/Security/token", token, needs=_gives_tokens)


def _takes_psia(firmware: Firmware) -> bool:
    return DownloadForm.PSIA in firmware.download_forms


def _tells_abilities(firmware: Firmware) -> bool:
    return firmware.download_claims is not ClipCutting.ABSENT


def _gives_tokens(firmware: Firmware) -> bool:
    return firmware.download_token


async def capabilities(device: Device, _request: web.Request) -> web.Response:
    """Say whether the asked span is cut out."""
    firmware = device.firmware
    said = {ClipCutting.CLAIMED: True, ClipCutting.DENIED: False}
    content = {
        "isSupportDownloadbyFileName": True,
        "isSupportDownloadbyTime": said.get(firmware.download_claims, firmware.download_by_time),
    }
    return device.xml("DownloadAbility", content)


async def token(device: Device, request: web.Request) -> web.Response:
    """Give what a download has to bring along."""
    if request.query.get("format") != "json":
        raise Refusal.not_supported()
    made = secrets.token_hex(_TOKEN_BYTES)
    device.tokens.add(made)
    return device.json({"Token": {"value": made}})


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
    firmware = device.firmware
    form = _form(request)
    if form not in firmware.download_forms:
        raise Refusal.method_not_allowed()
    if firmware.download_token and request.query.get("token") not in device.tokens:
        raise Refusal.bad_authorization()
    if form is DownloadForm.GET_QUERY:
        return request.query.get("playbackURI", "")
    body = await body_of(request)
    lenient = firmware.reads_bare_ampersands
    root = read(body, "downloadRequest", bare_ampersands=lenient)
    asked = root.findtext("playbackURI")
    marks = marks_of(body)
    wanted = firmware.download_attributes
    refused = (wanted is Wanted.REFUSED and marks.attributes) or (
        wanted is Wanted.WANTED and not (marks.version and marks.xmlns)
    )
    if asked is None or refused:
        raise Refusal.bad_content()
    return asked


def _form(request: web.Request) -> DownloadForm:
    if request.path.startswith(Tree.PSIA):
        return DownloadForm.PSIA
    if request.method == "GET":
        return DownloadForm.GET_BODY if request.content_length else DownloadForm.GET_QUERY
    return _FORMS[request.method]


def _cut_out(device: Device, address: PlaybackAddress) -> _Span | None:
    """Give the footage of the asked span at key frames, within the named file if one is named."""
    schedule = device.recorder.schedule
    channel, stream = address.channel, address.stream
    recording = named(device, address.name) if address.name is not None else None
    if address.name is not None and recording is None:
        return None
    if address.start is None or address.end is None:
        return schedule.written_span(recording) if recording is not None else None
    start, end = device.recorder.clock.span(address.start, address.end)
    if recording is None:
        return next(schedule.spans(channel, stream, start, end), None)
    whole = schedule.written_span(recording)
    if whole is None or start >= whole[1] or end <= whole[0]:
        return None
    first = device.recorder.source(channel, stream).key_frame_at_or_before(max(start, whole[0]))
    return first, min(schedule.key_frame_from(channel, stream, end), whole[1])


def _whole_file(device: Device, address: PlaybackAddress) -> _Span | None:
    """Give the footage of the named file, else of the first one that the asked start lies in."""
    recorder = device.recorder
    if address.name is not None:
        recording = named(device, address.name)
        return recorder.schedule.written_span(recording) if recording is not None else None
    if address.start is None:
        return None
    for fold in (0, 1):
        start = recorder.clock.from_stamp(address.start, fold=fold)
        span = start, recorder.clock.from_stamp(address.end or address.start, fold=fold)
        for recording in recorder.schedule.recordings(address.channel, address.stream, *span):
            return recorder.schedule.written_span(recording)
    return None


async def _send(
    device: Device, request: web.Request, address: PlaybackAddress, span: _Span
) -> web.StreamResponse:
    firmware = device.firmware
    footage = device.footage(address.channel, address.stream)
    size = await asyncio.to_thread(footage.size, *span)
    breaks = firmware.download_breaks and device.transfers % firmware.download_breaks == 0
    device.transfers += 1
    response = begin(firmware.download_length, size, firmware.download_type)
    if firmware.closes:
        response.force_close()
    await response.prepare(request)
    joined = pieces(footage.chunks(*span))
    left = size // 2 if breaks else size
    while left > 0 and (piece := await asyncio.to_thread(next, joined, b"")):
        await response.write(piece[:left])
        left -= len(piece)
    if breaks and request.transport is not None:
        request.transport.close()
    elif firmware.stays_open:
        await asyncio.Event().wait()
    return response
