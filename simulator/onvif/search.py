"""Searches: for recordings and for events (section 8.2 of the notes)."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from simulator.core.accounts import Right

from .containers import Container, containers
from .device import Device
from .errors import Refusal
from .found import Window, events
from .information import information
from .namespaces import Service
from .operation import Call, Operation
from .times import read_duration
from .topics import filter_of
from .traits.search import Filtering
from .xml import Document, first, text_of, texts_of

_RECORDINGS, _EVENTS = "recordings", "events"
_KEEP_ALIVE: Final = timedelta(seconds=10)
_MOST: Final = 10_000


def operations() -> Iterable[Operation]:
    """Give the operations."""
    service = Service.SEARCH
    yield Operation(service, "FindRecordings", find_recordings, Right.PLAYBACK)
    yield Operation(service, "GetRecordingSearchResults", found_recordings, Right.PLAYBACK)
    yield Operation(service, "FindEvents", find_events, Right.PLAYBACK)
    yield Operation(service, "GetEventSearchResults", found_events, Right.PLAYBACK)
    yield Operation(service, "EndSearch", end, Right.PLAYBACK)


async def find_recordings(device: Device, call: Call) -> Document:
    """Begin to look for recordings, of whatever time."""
    known = _scope(device, call)
    results = (information(device, each) for each in known)
    return _begun(device, call, _RECORDINGS, results, device.written(device.recorder.now()))


async def find_events(device: Device, call: Call) -> Document:
    """Begin to look for events."""
    start = device.instant(text_of(call.body, "StartPoint"))
    until = text_of(call.body, "EndPoint")
    end_point = device.recorder.now() if until is None else device.instant(until)
    if start is None or end_point is None:
        raise Refusal.invalid("InvalidArgVal", "An invalid date or time was specified")
    topics = filter_of(call.body)
    if topics and device.firmware.filtering is Filtering.REFUSED:
        raise Refusal.invalid("InvalidFilterFault", "The filter is not supported")
    window = Window(
        start=start,
        end=end_point,
        topics=topics,
        start_states=text_of(call.body, "IncludeStartState") in {"true", "1"},
    )
    results = events(device, _scope(device, call), window)
    return _begun(device, call, _EVENTS, results, device.written(end_point))


def _scope(device: Device, call: Call) -> list[Container]:
    """Give the recordings that a search is held to."""
    scope = first(call.body, "Scope")
    if scope is None:
        return containers(device)
    recordings = {*texts_of(scope, "IncludedRecordings")}
    sources = {*texts_of(scope, "Token")}
    return [
        each
        for each in containers(device)
        if (not recordings or each.token in recordings)
        and (not sources or each.profile.source in sources)
    ]


def _begun(
    device: Device, call: Call, kind: str, results: Iterator[Document], endpoint: str
) -> Document:
    firmware = device.firmware
    asked = read_duration(text_of(call.body, "KeepAliveTime")) or _KEEP_ALIVE
    most = _number(call, "MaxMatches")
    if firmware.most_results is not None:
        most = min(most or firmware.most_results, firmware.most_results)
    search = device.searches.begin(
        kind,
        results if most is None else islice(results, most),
        now=device.recorder.now(),
        keep_alive=min(asked, firmware.longest_keep_alive),
        most=firmware.searches,
        endpoint=endpoint,
    )
    return {"tse:SearchToken": search.token}


async def found_recordings(device: Device, call: Call) -> Document:
    """Give the next recordings that were found."""
    return _page(device, call, _RECORDINGS, "RecordingInformation")


async def found_events(device: Device, call: Call) -> Document:
    """Give the next events that were found."""
    return _page(device, call, _EVENTS, "Result")


def _page(device: Device, call: Call, kind: str, name: str) -> Document:
    firmware = device.firmware
    search = device.searches.find(text_of(call.body, "SearchToken"), kind, device.recorder.now())
    search.answers += 1
    found: list[Document] = []
    more = True
    if search.answers > firmware.empty_pages:
        asked = _number(call, "MaxResults")
        most = firmware.page if asked is None else max(1, min(asked, firmware.page))
        found, more = search.take(most)
    more = more or firmware.never_completes
    if not more and firmware.forgets_completed:
        device.searches.end(search)
    state: Document = {"SearchState": "Searching" if more else "Completed"}
    results: Document = {name: found}
    content = {**results, **state} if firmware.state_last else {**state, **results}
    return {"tse:ResultList": content}


async def end(device: Device, call: Call) -> Document:
    """Close a search."""
    search = device.searches.find(text_of(call.body, "SearchToken"), None, device.recorder.now())
    device.searches.end(search)
    return {"tse:Endpoint": search.endpoint}


def _number(call: Call, name: str) -> int | None:
    text = text_of(call.body, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Refusal.invalid("InvalidArgVal", f"{name} is no number")
    return min(int(text), _MOST)
