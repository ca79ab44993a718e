"""All containers of a device, whose they are, and how far they reach: asked for now and then, remembered between."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic

from ..errors import (
    DriverError,
    NotSupportedError,
)
from ..inquiry import ABSENT
from ..models import RecordingExtent, Right, StreamName
from .containers import (
    RECORDINGS,
    SUMMARY,
    Container,
    Summary,
    information,
    read_containers,
)
from .facts import Facts
from .find_session import KEEP_ALIVE, FindSessions, Found, Search, read_token
from .labels import Labels
from .places_of_containers import ContainerPlace, places_of
from .question import Question
from .service import Service
from .transport import Transport

# What is being written grows all the time; whose it is hardly ever changes.
FRESH_SECONDS = 60.0
KNOWN_SECONDS = 600.0
# Of how many containers is asked one by one, where a device does not search for them.
MAX_ASKED = 32

CONTAINERS = Search(
    begin=Question(
        service=Service.SEARCH,
        operation="FindRecordings",
        arguments={"Scope": {}, "KeepAliveTime": KEEP_ALIVE},
        read=read_token,
        right=Right.PLAYBACK,
    ),
    results="GetRecordingSearchResults",
    read=read_containers,
)


class Catalogue:
    """Knows the containers of one device."""

    def __init__(
        self,
        sessions: FindSessions,
        facts: Facts,
        labels: Labels,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; what is found out of channels goes into ``facts``. ``now`` counts seconds."""
        self._sessions = sessions
        self._facts = facts
        self._labels = labels
        self._now = now
        self._containers: dict[str, Container] = {}
        self._places: Mapping[str, ContainerPlace] = {}
        self._asked = float("-inf")
        self._refusal: DriverError | None = None
        self._next = -1

    async def of(
        self, channel: int, transport: Transport, *, fresh: bool
    ) -> Mapping[StreamName, tuple[Container, ...]]:
        """Return a channel's containers by stream; as they are now if ``fresh``. Raises DriverError."""
        age = self._now() - self._asked
        if age > (FRESH_SECONDS if fresh else KNOWN_SECONDS):
            await self.refresh(transport)
        found: dict[StreamName, list[Container]] = {}
        for token, place in self._places.items():
            if place.channel == channel:
                stream = place.stream or StreamName.MAIN
                found.setdefault(stream, []).append(self._containers[token])
        return {stream: tuple(listed) for stream, listed in found.items()}

    async def refresh(self, transport: Transport, *, most: int = MAX_ASKED) -> None:
        """Ask for all containers, with no more than so many questions. Raises DriverError where none are told.

        ``most`` is how many pages of them are asked for, or of how many each by itself.
        """
        if transport.offers(Service.SEARCH) is False:
            raise NotSupportedError(
                self._facts.absent.get("recordings", "the device keeps no recordings by Profile G")
            )
        found = await self._found(transport, most)
        listed = found.items
        if found.refused or not listed:
            listed = await self._listed(transport, most, listed)
        if most > 1 and any(one.begins is None for one in listed):
            listed = await self._bounded(listed, transport)
        known = self._containers
        # What is not on the first pages may be on the others.
        kept = {} if found.complete or not found.items else known
        merged = {
            one.token: known[one.token].merged(one) if one.token in known else one for one in listed
        }
        self._containers = {**kept, **merged}
        if found.complete or not found.items or most > 1:
            # A page of several leaves open what is on the others: a search has to ask for them.
            self._asked = self._now()
        whole = found.complete and bool(found.items)
        self._labels.learn(self._containers.values(), complete=whole)
        self._places = places_of([*self._containers.values()], self._facts)
        self._note()

    async def _found(self, transport: Transport, pages: int) -> Found[Container]:
        """Return what a search finds; nothing where the device does not search."""
        self._refusal = None
        try:
            return await self._sessions.find(CONTAINERS, transport, pages)
        except ABSENT as err:
            self._refusal = err
            return Found(items=(), complete=False)

    async def _listed(
        self, transport: Transport, most: int, found: tuple[Container, ...]
    ) -> tuple[Container, ...]:
        """Return what is set up to be recorded, and ask of some in turn what they span; some are ``found`` already."""
        try:
            listed = await transport.ask(RECORDINGS)
        except ABSENT:
            if self._refusal is not None:
                raise self._refusal from None
            return found
        if not listed:
            return found
        known = {**self._containers, **{one.token: one for one in found}}
        told = {one.token: known.get(one.token, one).merged(one) for one in listed}
        for _ in range(min(most, len(listed))):
            self._next = (self._next + 1) % len(listed)
            one = told[listed[self._next].token]
            with suppress(*ABSENT):
                told[one.token] = one.merged(await transport.ask(information(one.token)))
        return tuple(told.values())

    async def _bounded(
        self, containers: Iterable[Container], transport: Transport
    ) -> tuple[Container, ...]:
        """Return containers with the times of all together where they tell none of their own."""
        summary = Summary()
        with suppress(*ABSENT):
            summary = await transport.ask(SUMMARY)
        if summary.count == 0:
            # What tells of footage by itself is not contradicted by an answer that some give to everything.
            return tuple(one for one in containers if one.begins or one.ends or one.writes)
        return tuple(_within(one, summary) for one in containers)

    def _note(self) -> None:
        """Take over what containers tell of channels."""
        facts = self._facts
        facts.channels_of_recordings.clear()
        facts.recordings_written.clear()
        by_channel: dict[int, list[Container]] = {}
        for token, place in self._places.items():
            one = self._containers[token]
            facts.channels_of_recordings[token] = place.channel
            if one.writes is not None:
                facts.recordings_written[token] = one.writes
            by_channel.setdefault(place.channel, []).append(one)
        facts.extents.clear()
        for channel, containers in by_channel.items():
            facts.extents[channel] = self._extent(containers)

    def _extent(self, containers: Iterable[Container]) -> RecordingExtent:
        device, now = self._labels.device, datetime.now(UTC).replace(microsecond=0)
        firsts, lasts = [], []
        for one in containers:
            if one.begins is not None:
                firsts.append(device.to_utc(one.begins.replace(tzinfo=None)))
            if one.writes:
                lasts.append(now)
            elif one.ends is not None:
                lasts.append(min(device.to_utc(one.ends.replace(tzinfo=None)), now))
        return RecordingExtent(
            oldest=_whole(min(firsts, default=None)), newest=_whole(max(lasts, default=None))
        )


def _within(container: Container, summary: Summary) -> Container:
    """Return a container with the times of all where it tells none that could be."""
    return replace(
        container,
        earliest=container.begins or summary.earliest or container.earliest,
        latest=container.ends or summary.latest or container.latest,
    )


def _whole(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(microsecond=0)
