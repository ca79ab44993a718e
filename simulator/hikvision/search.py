"""Search for recordings (section 10 of the protocol notes)."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
import heapq
from operator import attrgetter
import re
from xml.etree.ElementTree import Element

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.recordings import Kind, Recording

from .device import SIDS_PER_CHANNEL, Device, body_of
from .errors import Refusal
from .files import WORDS, address_of, name_of, track_of
from .firmware import Firmware
from .route import Route
from .searches import Search
from .times import iso, read_iso, true_span
from .traits.search import PositionWord
from .xml import Document, read

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_TRACK_LISTS = ("trackList", "trackIDList")
_POSITION = "searchResultPostion"
_POSITION_SPELLED_RIGHT = "searchResultPosition"
# Several firmwares read a search by position; this order is the maker's.
_ORDER = (
    ("searchID",),
    _TRACK_LISTS,
    ("timeSpanList",),
    ("contentTypeList",),
    ("maxResults",),
    (_POSITION, _POSITION_SPELLED_RIGHT),
    ("metadataList",),
)
_DEFAULT_RESULTS = 40
_MAX_TRACKS = 16
_EVENTS = frozenset(Kind) - {Kind.CONTINUOUS}
_FILTERS = {
    "": frozenset(Kind),
    "cmr": frozenset({Kind.CONTINUOUS}),
    "motion": frozenset({Kind.MOTION}),
    "alarm": frozenset({Kind.ALARM}),
    "edr": frozenset({Kind.MOTION, Kind.ALARM}),
    "alarmandmotion": frozenset({Kind.MOTION, Kind.ALARM}),
    "command": frozenset({Kind.MANUAL}),
    "allevent": _EVENTS,
    **{word.lower(): frozenset({kind}) for kind, word in WORDS.items()},
}


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What a search asks, apart from the page."""

    tracks: tuple[int, ...]
    start: datetime
    end: datetime
    kinds: frozenset[Kind]


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield Route("POST", "/ISAPI/ContentMgmt/search", search, Right.PLAYBACK)
    yield Route("GET", "/ISAPI/ContentMgmt/search/profile", profile, Right.PLAYBACK)


async def profile(device: Device, _request: web.Request) -> web.Response:
    """Tell the limits of a search."""
    content: Document = {
        "searchProfile": "full",
        "maxSearchTimespans": 1,
        "maxSearchTracks": _MAX_TRACKS,
        "maxSearchMatchResults": device.firmware.page_limit,
        "maxSearchTimeout": 10_000,
        "maxConcurrentSearches": 1,
    }
    return device.xml("CMSearchProfile", content)


async def search(device: Device, request: web.Request) -> web.Response:
    """Answer with one page of the recordings found."""
    description = read(await body_of(request), "CMSearchDescription")
    _check_order(description)
    search_id = _text(description, "searchID")
    if _GUID.fullmatch(search_id) is None:
        raise Refusal.bad_content()
    question = _question(description)
    position = _position(description, device.firmware)
    kept = device.searches.known(search_id.strip("{}").upper(), question)
    if kept is None or position == 0:
        kept = Search(question, _find(device, question))
        device.searches.keep(search_id.strip("{}").upper(), kept)
    length = _page_length(description, device.firmware)
    if device.searching:
        raise Refusal.busy()
    device.searching = True
    try:
        # Sizes of files take a while when they are asked about for the first time.
        answer = await asyncio.to_thread(_answer, device, search_id, kept, position, length)
    finally:
        device.searching = False
    return device.xml("CMSearchResult", answer)


def _check_order(description: Element) -> None:
    places = []
    for part in description:
        place = next((at for at, names in enumerate(_ORDER) if part.tag in names), None)
        if place is None:
            raise Refusal.bad_content()
        places.append(place)
    if places != sorted(set(places)):
        raise Refusal.bad_content()


def _question(description: Element) -> _Question:
    tracks = [
        track.text or ""
        for name in _TRACK_LISTS
        for track in description.iterfind(f"{name}/trackID")
    ]
    spans = description.findall("timeSpanList/timeSpan")
    if not 0 < len(tracks) <= _MAX_TRACKS or len(spans) != 1:
        raise Refusal.bad_content()
    return _Question(
        tracks=tuple(_number(track) for track in tracks),
        start=read_iso(_text(spans[0], "startTime")),
        end=read_iso(_text(spans[0], "endTime")),
        kinds=_kinds(description),
    )


def _kinds(description: Element) -> frozenset[Kind]:
    descriptors = description.findall("metadataList/metadataDescriptor")
    if not descriptors:
        return frozenset(Kind)
    kinds: frozenset[Kind] = frozenset()
    for descriptor in descriptors:
        word = (descriptor.text or "").strip().removeprefix("//").partition("/")[2]
        kinds |= _FILTERS.get(word.lower(), frozenset())
    return kinds


def _position(description: Element, firmware: Firmware) -> int:
    text = description.findtext(_POSITION)
    if text is None and PositionWord.RIGHT in firmware.position_words:
        text = description.findtext(_POSITION_SPELLED_RIGHT)
    return 0 if text is None else _number(text)


def _page_length(description: Element, firmware: Firmware) -> int:
    text = description.findtext("maxResults")
    wanted = _DEFAULT_RESULTS if text is None else _number(text)
    if firmware.results_refused is not None and wanted >= firmware.results_refused:
        raise Refusal.bad_content()
    return max(1, min(wanted, firmware.page_limit))


def _find(device: Device, question: _Question) -> Iterator[Recording]:
    recorder = device.recorder
    start, end = true_span(recorder.clock, question.start, question.end)
    rows = (
        recorder.schedule.recordings(*divmod(track, SIDS_PER_CHANNEL), start, end)
        for track in question.tracks
    )
    found = heapq.merge(*rows, key=attrgetter("start"))
    return (recording for recording in found if recording.kind in question.kinds)


def _answer(device: Device, search_id: str, kept: Search, position: int, length: int) -> Document:
    recordings, more = kept.page(position, length)
    if not recordings:
        result = "NO MATCHES"
    else:
        result = "MORE" if more else "OK"
    return {
        "searchID": "{" + search_id.strip("{}").lower() + "}",
        "responseStatus": True,
        "responseStatusStrg": result,
        "numOfMatches": len(recordings),
        "matchList": {"searchMatchItem": [_item(device, found) for found in recordings]},
    }


def _item(device: Device, recording: Recording) -> Document:
    clock = device.recorder.clock
    return {
        "sourceID": "{00000000-0000-0000-0000-000000000000}",
        "trackID": track_of(recording),
        "timeSpan": {
            "startTime": iso(clock.stamp(recording.start)),
            "endTime": iso(clock.stamp(recording.end)),
        },
        "mediaSegmentDescriptor": {
            "contentType": "video",
            # Also where the footage is H.265: recorders don't look.
            "codecType": "H.264-BP",
            "playbackURI": address_of(device, recording),
            "lockStatus": "unlock",
            "name": name_of(device, recording),
        },
        "metadataMatches": {
            "metadataDescriptor": f"recordType.meta.hikvision.com/{WORDS[recording.kind]}"
        },
    }


def _text(element: Element, name: str) -> str:
    text = element.findtext(name)
    if text is None:
        raise Refusal.bad_content()
    return text.strip()


def _number(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < len("10000000")):
        raise Refusal.bad_content()
    return int(text)
