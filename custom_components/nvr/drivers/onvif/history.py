"""Finding out when containers have footage, on devices that answer the question in part or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import monotonic

from ..clock import DeviceClock
from ..errors import (
    DeviceBusyError,
    DeviceFaultError,
    InvalidAnswerError,
    NotSupportedError,
)
from .containers import FIRST_PLAUSIBLE, Container
from .faults import WordlessFaultError
from .find_session import MAX_PAGES, FindSessions, Found
from .labels import LAGS
from .memory import STARTS_TOLD, TRACK_STATES, DeviceMemory
from .pieces import PIECE
from .track_states import Span, TrackState, joined, spans, track_states
from .transport import Transport

# More than so many are not named one by one.
MAX_NAMED = 64
# Devices stop at some number of results and say that they are done. After as many it is asked on from the last.
SUSPICIOUS = 50
MAX_PARTS = 60
# How far back to look for what was so at the beginning of a searched time, and in how many parts: each may take long.
LOOK_BACK = (timedelta(days=1), timedelta(days=31))
MAX_BACK_PARTS = 8
# What changed next is among the first to be told, unless they come in any order.
EDGE_PAGES = 20
# A device without this question; it is asked again now and then, as one that has just started has no services yet.
NONE = "none"
NONE_SECONDS = 3600.0
# One that had it and refuses it for so long has it no more.
LOST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Form:
    """How a device is asked: with which containers named, and with the wanted events named."""

    named: bool
    filtered: bool


FORMS: Mapping[str, Form] = {
    "named": Form(named=True, filtered=True),
    "named_unfiltered": Form(named=True, filtered=False),
    "filtered": Form(named=False, filtered=True),
    "everything": Form(named=False, filtered=False),
}
_REFUSED = (NotSupportedError, DeviceFaultError, InvalidAnswerError)
# What may have happened to an answer on its way, and says nothing of what the device can.
_DOUBTFUL = (InvalidAnswerError, WordlessFaultError)


class History:
    """Asks for changes of tracks, in the way that a device takes."""

    def __init__(
        self,
        sessions: FindSessions,
        memory: DeviceMemory,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._sessions = sessions
        self._memory = memory
        self._now = now
        self._asked_in_vain = now()
        self._refused_since: float | None = None
        # Whether the device left open whether it knows, by answers that can't be read.
        self._doubted = False
        # Of these it is known that the device tells their changes.
        self._changing: set[str] = set()
        self._first: datetime | None = None

    async def spans(
        self,
        containers: Sequence[Container],
        first: datetime,
        last: datetime,
        device: DeviceClock,
        transport: Transport,
    ) -> dict[str, list[Span]]:
        """Return when containers have footage between two times (the device's), by their tokens.

        What goes on has no end. Where a device only tells what its containers span, that is all there is to know.
        Raises DriverError.
        """
        near = [one for one in containers if _meets(one, first, last)]
        states = await self._states(near, first, last, transport) if near else ()
        now = device.to_device(datetime.now(UTC)).replace(tzinfo=UTC, fold=0)
        found: dict[str, list[Span]] = {}
        for one in near:
            told = [state for state in states or () if state.container == one.token]
            if told:
                self._changing.add(one.token)
            elif states is not None and not await self._lasts(one, first, last, now, transport):
                continue
            begun = one if told else await self._begun(one, now, transport)
            found[one.token] = _of(begun, told, first, last, now)
        return found

    async def _begun(self, container: Container, now: datetime, transport: Transport) -> Container:
        """Return a container with a beginning, if there is any hint of one.

        Some began before the device's clock was set, or when it doesn't tell. All of them share its disks, so what
        changed first of all that it remembers is a hint.
        """
        form = FORMS.get(self._memory.text(TRACK_STATES) or "")
        if form is None or container.begins is not None:
            return container
        if self._first is None:
            search = track_states(FIRST_PLAUSIBLE, now, [], filtered=form.filtered)
            found = await self._sessions.find(search, transport, EDGE_PAGES)
            self._first = min((one.time for one in found.items if not one.at_start), default=None)
        return replace(container, earliest=self._first)

    async def _lasts(
        self,
        container: Container,
        first: datetime,
        last: datetime,
        now: datetime,
        transport: Transport,
    ) -> bool:
        """Return whether a container has footage all the time in which nothing changed.

        A device that says what is so at the beginning has none if it does not say that. Others are asked what changed
        next, or what did before. Where nothing ever did, or too much to be asked for, what the container spans is all
        there is to know of one that was never seen to change.
        """
        if self._memory.flag(STARTS_TOLD):
            return False
        if last < (end := now + PIECE):
            following, _ = await self._changes(container, last, end, transport, EDGE_PAGES)
            if following:
                return not min(following, key=_in_order).present
        before = await self._last_change(container, first, transport)
        return container.token not in self._changing if before is None else before.present

    async def _last_change(
        self, container: Container, before: datetime, transport: Transport
    ) -> TrackState | None:
        """Return what changed last before a time, None where nothing did or nobody knows.

        Where a device stops telling, what was last is looked for from the end on, in halves.
        """
        begins = container.begins or before - LOOK_BACK[-1]
        edges = [before, *(max(begins, before - back) for back in LOOK_BACK)]
        # The last of these is next.
        stretches = [(start, end) for end, start in pairwise(edges) if start < end][::-1]
        found: TrackState | None = None
        for _ in range(MAX_BACK_PARTS):
            if not stretches:
                break
            start, end = stretches.pop()
            told, stopped = await self._changes(container, start, end, transport)
            if told:
                # What was earlier counts no more.
                found = max(told, key=_in_order)
                stretches.clear()
            if stopped is not None:
                middle = (stopped + (end - stopped) / 2).replace(microsecond=0)
                stretches += [(stopped, middle), (middle, end)]
        return None if stretches else found

    async def _changes(
        self,
        container: Container,
        start: datetime,
        end: datetime,
        transport: Transport,
        pages: int = MAX_PAGES,
    ) -> tuple[list[TrackState], datetime | None]:
        """Return what changed in a container between two times, and where the device stopped telling, if it did."""
        form = FORMS.get(self._memory.text(TRACK_STATES) or "")
        if form is None:
            return [], None
        search = track_states(
            start, end, [container.token] if form.named else [], filtered=form.filtered
        )
        found = await self._sessions.find(search, transport, pages)
        told = [
            one
            for one in found.items
            if one.container == container.token
            and not one.at_start
            and start <= one.time <= end
            and container.is_video(one.track or "")
        ]
        if told:
            self._changing.add(container.token)
        return told, _stopped(found, start, end)

    async def _states(
        self, containers: Sequence[Container], first: datetime, last: datetime, transport: Transport
    ) -> Sequence[TrackState] | None:
        """Return what changed, None where the device doesn't know."""
        known = self._memory.text(TRACK_STATES)
        if known == NONE and self._now() - self._asked_in_vain < NONE_SECONDS:
            return None
        refusals: list[NotSupportedError | DeviceFaultError | InvalidAnswerError] = []
        for name in sorted(FORMS, key=lambda entry: entry != known):
            named = [one.token for one in containers] if FORMS[name].named else []
            if len(named) > MAX_NAMED:
                named = []
            try:
                states = await self._all(
                    named, first, last, transport, filtered=FORMS[name].filtered
                )
            except _REFUSED as err:
                refusals.append(err)
                continue
            self._refused_since = None
            self._doubted = False
            if not any(isinstance(err, _DOUBTFUL) for err in refusals):
                self._memory.keep(TRACK_STATES, name)
            if any(one.at_start for one in states):
                self._memory.keep(STARTS_TOLD, True)
            return states
        answered = known is not None and known != NONE
        if all(isinstance(err, NotSupportedError) for err in refusals):
            now = self._now()
            since = self._refused_since = self._refused_since or now
            if not answered or now - since >= LOST_SECONDS:
                self._memory.keep(TRACK_STATES, NONE)
                self._asked_in_vain = now
                return None
        if answered:
            # It is out of order for a moment: what its containers span is not what it has.
            raise refusals[0]
        doubtful = next((err for err in refusals if isinstance(err, _DOUBTFUL)), None)
        if doubtful is not None and not self._doubted:
            # That may pass. A device that answers so all the time tells no more than what its containers span.
            self._doubted = True
            raise doubtful
        return None

    async def _all(
        self,
        named: Iterable[str],
        first: datetime,
        last: datetime,
        transport: Transport,
        *,
        filtered: bool,
    ) -> list[TrackState]:
        """Return all changes, asked for in parts where a device stops early."""
        asked = [*named]
        found: dict[TrackState, None] = {}
        start = first
        for _ in range(MAX_PARTS):
            part = await self._sessions.find(
                track_states(start, last, asked, filtered=filtered), transport
            )
            found.update(dict.fromkeys(part.items))
            if not (found or part.complete) and self._memory.flag(STARTS_TOLD):
                # It always says what was so at the beginning, so it has not come to that yet.
                raise DeviceBusyError("the device did not finish looking for changes")
            stopped = _stopped(part, start, last)
            if stopped is None:
                break
            start = stopped
        return [*found]


def _stopped(found: Found[TrackState], start: datetime, end: datetime) -> datetime | None:
    """Return where a device stopped telling what changed between two times, None where it came to the end."""
    changes = [one.time for one in found.items if not one.at_start]
    if len(changes) < SUSPICIOUS and found.complete:
        return None
    newest = max(changes, default=start)
    # Asked on from there it tells nothing else, whatever it says of that.
    return newest if start < newest < end else None


def _in_order(change: TrackState) -> tuple[datetime, bool]:
    """Return what changes are sorted by. What ends and begins at one time goes on."""
    return change.time, change.present


def _of(
    container: Container,
    told: Sequence[TrackState],
    first: datetime,
    last: datetime,
    now: datetime,
) -> list[Span]:
    """Return when a container has footage, by what changed, or without that all that it spans."""
    found = spans(told, container, first) if told else [(container.begins or first, None)]
    closed = (_closed(span, container, now) for span in found)
    kept = (span for span in closed if span is not None and _overlaps(span, first, last, now))
    # What lies beyond may be anything: some tell more than they were asked.
    return joined(
        (max(start, first), None if end is None else min(end, last)) for start, end in kept
    )


def _meets(container: Container, first: datetime, last: datetime) -> bool:
    """Return whether a container may have anything between two times; what it says may be some minutes old."""
    if container.gone or not container.has_video:
        return False
    if container.begins is not None and container.begins > last:
        return False
    is_over = container.writes is False and container.ends is not None
    return not (is_over and container.ends is not None and container.ends < first)


def _closed(span: Span, container: Container, now: datetime) -> Span | None:
    """Return a span with its end, where it has one; None for what is none.

    What goes on does so until now if it is being written, else until the last that the container has.
    """
    start, end = span
    if end is None and not _goes_on(container, now):
        end = container.ends
        if end is not None and start < now:
            # A clock that was fast has left a later one; only what is written is allotted ahead.
            end = min(end, now)
    if end is None:
        return span if start < now else None
    return (start, end) if start < end else None


def _overlaps(span: Span, first: datetime, last: datetime, now: datetime) -> bool:
    start, end = span
    # What has begun has nothing later than now, also where it is allotted ahead: cut to a day to come it would look
    # recorded in the future. Where all of it is later than now, that is what it looks like.
    reached = now if end is None or start < now < end else end
    return start < last and reached > first


def _goes_on(container: Container, now: datetime) -> bool:
    """Return whether a container is being written, as far as it says."""
    if container.writes is not None:
        return container.writes
    return container.ends is None or now - container.ends < LAGS
