"""Search for recordings (section 10 of the protocol notes)."""

import asyncio
from collections.abc import Iterable, Iterator
import heapq
from operator import attrgetter
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.recordings import Recording

from .device import SIDS_PER_CHANNEL, Device, body_of
from .errors import Refusal
from .files import WORDS, address_of, name_of, said_end, track_of
from .questions import Asked, Question, read_search
from .route import Route
from .searches import Search
from .times import iso
from .traits.search import Ending, NoMatches, UnknownTrack
from .xml import Document, Value

_MAIN: Final = 1
_PATH: Final = "/ISAPI/ContentMgmt/search"


def routes() -> Iterable[Route]:
    """Give the resources."""
    # The oldest address ends with a slash.
    for path in (_PATH, f"{_PATH}/"):
        yield Route("POST", path, search, Right.PLAYBACK)
    yield Route("GET", f"{_PATH}/profile", profile, Right.PLAYBACK)


async def profile(device: Device, _request: web.Request) -> web.Response:
    """Tell the limits of a search."""
    content: Document = {
        "searchProfile": "full",
        "maxSearchTimespans": 1,
        "maxSearchTracks": device.firmware.search_tracks,
        "maxSearchMatchResults": device.firmware.page_limit,
        "maxSearchTimeout": 10_000,
        "maxConcurrentSearches": device.firmware.searches_at_once,
    }
    return device.xml("CMSearchProfile", content)


async def search(device: Device, request: web.Request) -> web.Response:
    """Answer with one page of the recordings found."""
    asked = read_search(await body_of(request), device.firmware, device.recorder.clock)
    _check_tracks(device, asked.question)
    key = asked.search_id.strip("{}").upper()
    kept = device.searches.known(key, asked.question)
    if kept is None or asked.position == 0:
        kept = Search(asked.question, _find(device, asked.question))
        device.searches.keep(key, kept)
    if device.searching >= device.firmware.searches_at_once:
        raise Refusal.busy()
    device.searching += 1
    try:
        await asyncio.sleep(device.firmware.search_s)
        # Sizes of files take a while when they are asked about for the first time.
        answer = await asyncio.to_thread(_answer, device, asked, kept)
    finally:
        device.searching -= 1
    return device.xml("CMSearchResult", answer)


def _check_tracks(device: Device, question: Question) -> None:
    """Refuse tracks that aren't recorded, where the firmware does.

    Raises:
        Refusal: it does.
    """
    for track in question.tracks:
        number, stream = divmod(track, SIDS_PER_CHANNEL)
        channel = device.recorder.channels.get(number)
        if channel is not None and stream in channel.plan.streams:
            continue
        match device.firmware.unknown_track:
            case UnknownTrack.INVALID:
                raise Refusal.bad_parameters("Invalid track id.")
            case UnknownTrack.NOT_SUPPORTED:
                raise Refusal.not_supported()
            case UnknownTrack.ERROR:
                raise Refusal.device_error()
            case UnknownTrack.EMPTY:
                pass


def _find(device: Device, question: Question) -> Iterator[Recording]:
    recorder = device.recorder
    start, end = recorder.clock.span(question.start, question.end)
    rows = (
        recorder.schedule.recordings(*divmod(track, SIDS_PER_CHANNEL), start, end)
        for track in question.tracks
    )
    found = heapq.merge(*rows, key=attrgetter("start"))
    indexed = recorder.now() - device.firmware.index_latency
    return (
        recording
        for recording in found
        if recording.kind in question.kinds and recording.start <= indexed
    )


def _answer(device: Device, asked: Asked, kept: Search) -> Document:
    firmware = device.firmware
    begins = max(0, asked.position - firmware.page_overlap)
    recordings, more = kept.page(begins, asked.length)
    if recordings or asked.position > 0:
        match firmware.search_ending:
            case Ending.MORE_EMPTY:
                more = True
            case Ending.MORE_AGAIN:
                recordings, more = recordings or kept.last_page(asked.length), True
            case Ending.HONEST:
                pass
    if firmware.shuffled:
        recordings = recordings[1::2] + recordings[::2]
    content: dict[str, Value] = {
        "searchID": _echo(asked.search_id),
        "responseStatus": True,
        "responseStatusStrg": "MORE" if more else "OK",
        "numOfMatches": len(recordings),
    }
    if firmware.tells_total:
        content["totalMatches"] = kept.total
    if recordings or more:
        items = [_item(device, found) for found in recordings]
        return {**content, "matchList": {"searchMatchItem": items}}
    return _without_matches(content, firmware.no_matches)


def _echo(search_id: str) -> str:
    """Give the id back as devices do: seldom as it was sent."""
    return search_id if search_id.isdecimal() else "{" + search_id.strip("{}").lower() + "}"


def _without_matches(content: dict[str, Value], form: NoMatches) -> Document:
    match form:
        case NoMatches.EMPTY_LIST:
            return {**content, "responseStatusStrg": "NO MATCHES", "matchList": None}
        case NoMatches.WHITESPACE:
            return {**content, "responseStatusStrg": "NO MATCHES", "matchList": "\n \n"}
        case NoMatches.NO_LIST:
            return {**content, "responseStatusStrg": "NO MATCHES"}
        case NoMatches.NO_COUNT:
            del content["numOfMatches"]
            return {**content, "responseStatusStrg": "NO MATCHES"}
        case NoMatches.OK:
            return {**content, "matchList": None}
        case NoMatches.FAILED:
            return {**content, "responseStatus": False, "responseStatusStrg": "FAILED"}


def _item(device: Device, recording: Recording) -> Document:
    clock = device.recorder.clock
    firmware = device.firmware
    track = track_of(recording)
    if firmware.sub_labelled_main:
        track = recording.channel * SIDS_PER_CHANNEL + _MAIN
    return {
        "sourceID": "{00000000-0000-0000-0000-000000000000}",
        "trackID": track,
        "timeSpan": {
            "startTime": iso(clock.stamp(recording.start)),
            "endTime": iso(clock.stamp(said_end(device, recording))),
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
            "metadataDescriptor": f"{firmware.descriptor_host}/{WORDS[recording.kind]}"
        },
    }
