"""What a search for events finds (section 8.2 of the notes)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import heapq
from itertools import chain
from operator import attrgetter
from typing import Final

from simulator.core.recordings import Kind

from .containers import METADATA, Container
from .device import Device
from .notices import notice
from .topics import MOTION, RECORDING_STATE, TRACK_STATE, matches
from .traits.search import Backward, Filtering
from .xml import Document

_RULE: Final = "MyMotionDetectorRule"
_ANALYTICS: Final = "VideoAnalyticsToken_1"
_WIDER: Final = timedelta(days=1)
_MODULUS: Final = 5


@dataclass(frozen=True, kw_only=True)
class Found:
    """One event.

    Attributes:
        container: in which recording.
        track: in which of its tracks, by the token.
        instant: when, true UTC.
        topic: what kind, without a prefix.
        data: what.
        source: where else than by recording and track.
        start: whether it tells how things stood at the start of the search.
    """

    container: Container
    track: str
    instant: datetime
    topic: str
    data: Mapping[str, str]
    source: Mapping[str, str] = field(default_factory=dict)
    start: bool = False


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a search for events asks for.

    Attributes:
        start: where it begins, true UTC.
        end: where it ends; before the start for one back in time.
        topics: what kinds, without prefixes; none for all.
        start_states: whether it is to tell how things stood at the start.
    """

    start: datetime
    end: datetime
    topics: frozenset[str]
    start_states: bool


def events(device: Device, known: list[Container], window: Window) -> Iterator[Document]:
    """Give the results of a search in some recordings, in the order in which the device tells them."""
    firmware = device.firmware
    if not firmware.finds_events:
        return
    backward = window.end < window.start
    if backward and firmware.backward is Backward.NOTHING:
        return
    first, last = sorted((window.start, window.end))
    if firmware.ignores_window:
        first, last = first - _WIDER, last + _WIDER
    if window.start_states and firmware.start_states:
        yield from (
            _result(device, each)
            for container in known
            for each in _states(container, window.start)
            if _wanted(device, each, window)
        )
    rows = (_happened(device, container, first, last) for container in known)
    found: Iterator[Found] = heapq.merge(*rows, key=attrgetter("instant"))
    wanted: Iterator[Found] = (each for each in found if _wanted(device, each, window))
    if backward:
        wanted = reversed([*wanted])
    if firmware.unsorted:
        wanted = _shuffled([*wanted])
    for each in wanted:
        result = _result(device, each)
        yield from (result, result) if firmware.doubled else (result,)


def _wanted(device: Device, found: Found, window: Window) -> bool:
    ignores = device.firmware.filtering is Filtering.IGNORED
    return ignores or matches(found.topic, window.topics)


def _shuffled(found: list[Found]) -> Iterator[Found]:
    """Give them in another order, always the same."""
    return chain.from_iterable(found[first::_MODULUS] for first in reversed(range(_MODULUS)))


def _states(container: Container, instant: datetime) -> Iterator[Found]:
    """Give how things stood in a recording."""
    present = container.has_footage(instant)
    return _recorded(container, instant, present=present, start=True)


def _happened(
    device: Device, container: Container, start: datetime, end: datetime
) -> Iterator[Found]:
    """Give what happened in a recording, oldest first."""
    changes = (
        found
        for instant, present in container.changes(start, end)
        for found in _recorded(container, instant, present=present)
    )
    motion = _motion(container, start, end) if device.firmware.finds_motion else iter(())
    return heapq.merge(changes, motion, key=attrgetter("instant"))


def _recorded(
    container: Container, instant: datetime, *, present: bool, start: bool = False
) -> Iterator[Found]:
    """Tell that a recording has footage from an instant on, or that it hasn't: by itself and by its tracks."""
    told = "true" if present else "false"
    yield Found(
        container=container,
        track=container.tracks[0][0],
        instant=instant,
        topic=RECORDING_STATE,
        data={"IsRecording": told},
        start=start,
    )
    for track, kind in container.tracks:
        if kind != METADATA:
            yield Found(
                container=container,
                track=track,
                instant=instant,
                topic=TRACK_STATE,
                data={"IsDataPresent": told},
                start=start,
            )


def _motion(container: Container, start: datetime, end: datetime) -> Iterator[Found]:
    now = container.recorder.now()
    source = {
        "VideoSourceConfigurationToken": container.profile.source_config,
        "VideoAnalyticsConfigurationToken": _ANALYTICS,
        "Rule": _RULE,
    }
    for event in container.events(start, end):
        if event.kind is not Kind.MOTION:
            continue
        for instant, moving in ((event.start, True), (event.end, False)):
            if start < instant <= min(end, now):
                yield Found(
                    container=container,
                    track=container.tracks[0][0],
                    instant=instant,
                    topic=MOTION,
                    data={"IsMotion": "true" if moving else "false"},
                    source=source,
                )


def _result(device: Device, found: Found) -> Document:
    at = device.written(found.instant)
    token = {"RecordingToken": found.container.token}
    track = {"Track": found.track} if found.topic == TRACK_STATE else {}
    return {
        "RecordingToken": found.container.token,
        "TrackToken": found.track,
        "Time": at,
        "Event": notice(
            found.topic,
            at,
            operation="Initialized" if found.start else "Changed",
            source=found.source or {**token, **track},
            data=found.data,
        ),
        "StartStateEvent": found.start,
    }
