"""Whose footage a container holds: a channel's, and of which stream (section 8.1 of the notes).

No device tells it in the way that was meant for it, so whatever names the input is looked at, from the surest on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
import re

from ..models import StreamName
from .containers import Container
from .facts import ChannelPlace, Facts

# Dahua's: the name of the profile behind a word.
_RECORD = "Record"
_NUMBER = re.compile(r"(\d{1,3})\D*$")
# What spans the same time is another stream of the same input.
_SAME_TIME = 0.5
_A_WHILE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ContainerPlace:
    """Whose footage it is; ``stream`` is None where nothing tells."""

    channel: int
    stream: StreamName | None = None


def places_of(containers: Sequence[Container], facts: Facts) -> Mapping[str, ContainerPlace]:
    """Return whose footage containers hold, by their tokens; what belongs to nobody is left out."""
    places = facts.places()
    found: dict[str, ContainerPlace] = {}
    for one in containers:
        if (place := _named(one, places, facts)) is not None:
            found[one.token] = place
    rest = [one for one in containers if one.token not in found]
    if len(places) == 1:
        found.update((one.token, ContainerPlace(places[0].number)) for one in rest)
    else:
        taken = {place.channel for place in found.values()}
        found.update(_numbered(rest, places, taken))
    return {token: _with_stream(token, found, containers) for token in found}


def _named(
    container: Container, places: Iterable[ChannelPlace], facts: Facts
) -> ContainerPlace | None:
    """Return the channel that a container or its job names."""
    by_input = {place.source: place for place in places}
    profiles = [
        profile
        for job in facts.jobs or ()
        if job.recording == container.token
        for profile in job.profiles
    ]
    profiles += [container.source, container.token.removeprefix(_RECORD)]
    shown = next((found for name in profiles if (found := _shown(name, facts)) is not None), None)
    if (place := by_input.get(container.video_source)) is not None:
        return ContainerPlace(place.number, None if shown is None else shown.stream)
    if shown is not None:
        return shown
    if (place := by_input.get(container.source)) is not None:
        return ContainerPlace(place.number)
    return None


def _shown(profile: str, facts: Facts) -> ContainerPlace | None:
    """Return the channel and the stream that a profile is, None for what is none."""
    if (number := facts.channel_of_profile(profile)) is None:
        return None
    place = facts.find_place(number)
    profiles = () if place is None else place.profiles
    streams = [
        stream for stream, one in zip(StreamName, profiles, strict=False) if one.token == profile
    ]
    return ContainerPlace(number, streams[0] if streams else None)


def _numbered(
    containers: Sequence[Container], places: Sequence[ChannelPlace], taken: set[int]
) -> Mapping[str, ContainerPlace]:
    """Return the channels by the numbers in names, or where those make no sense by the places in the list.

    Those that are ``taken`` by what names its channel are passed over in the list; where all are, there has to be one
    more for each.
    """
    known = {place.number for place in places}
    for names in (
        [one.token for one in containers],
        [one.source for one in containers],
        [one.source_name for one in containers],
    ):
        read = [_NUMBER.search(name) for name in names]
        numbers = [int(match[1]) for match in read if match is not None]
        if not numbers or len(numbers) != len(names) or len(set(numbers)) != len(numbers):
            continue
        first = 1 if 0 in numbers else 0
        if {number + first for number in numbers} <= known:
            return {
                one.token: ContainerPlace(number + first)
                for one, number in zip(containers, numbers, strict=True)
            }
    free: Sequence[ChannelPlace] = [place for place in places if place.number not in taken]
    if not free and len(containers) == len(places):
        free = places
    if len(containers) > len(free):
        return {}
    return {
        one.token: ContainerPlace(place.number)
        for one, place in zip(containers, free, strict=False)
    }


def _with_stream(
    token: str, places: Mapping[str, ContainerPlace], containers: Sequence[Container]
) -> ContainerPlace:
    """Return a container's place, with a stream for those that hold the same time of the same channel."""
    place = places[token]
    if place.stream is not None:
        return place
    alike = [
        one
        for one in containers
        if (other := places.get(one.token)) is not None and other.channel == place.channel
    ]
    if not 1 < len(alike) <= len(StreamName) or not _span_the_same(alike):
        return ContainerPlace(place.channel)
    free = [stream for stream in StreamName if stream not in _taken(alike, places)]
    unknown = [one.token for one in alike if places[one.token].stream is None]
    return ContainerPlace(place.channel, dict(zip(unknown, free, strict=False)).get(token))


def _taken(
    alike: Iterable[Container], places: Mapping[str, ContainerPlace]
) -> set[StreamName | None]:
    return {places[one.token].stream for one in alike}


def _span_the_same(containers: Sequence[Container]) -> bool:
    """Return whether containers lie over each other for most of their time."""
    spans = [(one.begins, one.ends) for one in containers]
    told = [(begin, end) for begin, end in spans if begin is not None and end is not None]
    if len(told) < len(spans):
        return False
    common = min(end for _, end in told) - max(begin for begin, _ in told)
    shortest = min(end - begin for begin, end in told)
    return common >= _A_WHILE and common >= shortest * _SAME_TIME
