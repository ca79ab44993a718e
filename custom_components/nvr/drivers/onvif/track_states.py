"""When a device has footage: the history of its tracks, found as events (section 8.2 of the notes)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from .. import xml
from ..models import Right
from .containers import FIRST_PLAUSIBLE, Container, plausible
from .find_session import KEEP_ALIVE, Search, read_token
from .question import Question, TopicFilter
from .service import Service
from .values import MAX_TOKEN, moment, read_moment

TOPIC = "tns1:RecordingHistory/Track/State"
# What lies no further apart is one piece: devices change files in between.
JOINED = timedelta(seconds=2)

_ALMOST_A_SECOND = timedelta(seconds=1) - timedelta.resolution
_TRACK = ("recordinghistory", "track", "state")
_WHOLE = ("recordinghistory", "recording", "state")
_PRESENT: Mapping[tuple[str, ...], str] = {_TRACK: "isdatapresent", _WHOLE: "isrecording"}
_YES = frozenset({"true", "1", "yes"})
_NO = frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """From a time on (the device's) a track has footage or has none.

    ``track`` is None where the whole container is meant. ``at_start``: it is no change, but so at the beginning of
    what was searched.
    """

    container: str
    track: str | None
    time: datetime
    present: bool
    at_start: bool = False


type Span = tuple[datetime, datetime | None]
"""From when to when there is footage, by the device's time; no end where it goes on."""


def read_states(results: Element) -> tuple[TrackState, ...]:
    """Read a list of found events; what is no history of recording is left out."""
    return tuple(_states(xml.children(results, "Result")))


def track_states(
    start: datetime,
    end: datetime,
    containers: Iterable[str],
    *,
    filtered: bool,
) -> Search[TrackState]:
    """Return the search for changes between two times (the device's) in some containers, in all if none is named.

    Without ``filtered`` it is for events of all kinds, as some devices refuse any filter. Times are widened to whole
    seconds, as not all devices read parts of them.
    """
    named = [*containers]
    whole = start.replace(microsecond=0), (end + _ALMOST_A_SECOND).replace(microsecond=0)
    arguments: dict[str, object] = {
        "StartPoint": whole[0],
        "EndPoint": whole[1],
        "Scope": {"IncludedRecordings": named} if named else {},
        "SearchFilter": TopicFilter((TOPIC,) if filtered else ()),
        "IncludeStartState": True,
        "KeepAliveTime": KEEP_ALIVE,
    }
    begin = Question(
        service=Service.SEARCH,
        operation="FindEvents",
        arguments=arguments,
        read=read_token,
        right=Right.PLAYBACK,
    )
    return Search(begin=begin, results="GetEventSearchResults", read=read_states)


def spans(states: Iterable[TrackState], container: Container, begin: datetime) -> list[Span]:
    """Return when a container has pictures, by what happened from ``begin`` on; oldest first, and joined."""
    told = [one for one in states if one.container == container.token]
    video = [one for one in told if one.track is not None and container.is_video(one.track)]
    # A container says when it is written, which is said where its tracks say nothing.
    used = video or [one for one in told if one.track is None]
    found: list[Span] = []
    for track in {one.track for one in used}:
        found += _walk([one for one in used if one.track == track], container, begin)
    return joined(found)


def joined(found: Iterable[Span]) -> list[Span]:
    """Return spans in order, with those that touch or overlap made one."""
    result: list[Span] = []
    for start, end in sorted(found, key=lambda span: span[0]):
        if result:
            last_start, last_end = result[-1]
            if last_end is None or start <= last_end + JOINED:
                whole = None if last_end is None or end is None else max(last_end, end)
                result[-1] = last_start, whole
                continue
        result.append((start, end))
    return result


def _walk(states: list[TrackState], container: Container, begin: datetime) -> Iterator[Span]:
    """Yield the spans of one track. One that ends without having begun began before."""
    # What ends and begins at one time goes on.
    ordered = sorted(states, key=lambda one: (one.time, not one.at_start, one.present))
    open_since: datetime | None = None
    earliest = begin if container.begins is None else max(begin, container.begins)
    for index, one in enumerate(ordered):
        if one.present:
            if open_since is None:
                open_since = one.time
            continue
        if open_since is None and index == 0 and not one.at_start:
            open_since = earliest
        if open_since is not None and open_since < one.time:
            yield open_since, one.time
        open_since = None
    if open_since is not None:
        yield open_since, None


def _states(results: Iterable[Element]) -> Iterator[TrackState]:
    for one in results:
        message = xml.find(one, "Event", "Message", "Message")
        topic = _topic(xml.text(one, "Event", "Topic") or "")
        items = {} if message is None else dict(_items(message))
        name = _PRESENT.get(topic)
        told = items.get(name or "isdatapresent")
        # A topic that nobody knows is one of these if it says the same.
        if told is None or told.casefold() not in _YES | _NO:
            continue
        container = xml.text(one, "RecordingToken") or items.get("recordingtoken")
        track = xml.text(one, "TrackToken") or items.get("track") or items.get("tracktoken")
        at_start = xml.boolean(one, "StartStateEvent") is True
        time = plausible(moment(one, "Time") or _stated(message))
        if time is None and at_start:
            # It was so since ever.
            time = FIRST_PLAUSIBLE
        if container is None or time is None or len(container) > MAX_TOKEN:
            continue
        yield TrackState(
            container=container,
            track=None if topic == _WHOLE else track or "",
            time=time,
            present=told.casefold() in _YES,
            at_start=at_start,
        )


def _topic(text: str) -> tuple[str, ...]:
    """Return the words of a topic without prefixes, which may be any."""
    return tuple(word.rpartition(":")[2].strip().casefold() for word in text.split("/"))


def _items(message: Element) -> Iterator[tuple[str, str]]:
    for group in ("Source", "Key", "Data"):
        for holder in xml.children(message, group):
            for item in xml.children(holder, "SimpleItem"):
                name, value = item.get("Name"), item.get("Value")
                if name and value is not None:
                    yield name.casefold(), value.strip()


def _stated(message: Element | None) -> datetime | None:
    return None if message is None else read_moment(message.get("UtcTime"))
