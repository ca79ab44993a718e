"""What happens at a simulated recorder as it happens."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .time_source import Now

_REMEMBERED = 100


class EventKind(StrEnum):
    """What can happen."""

    MOTION = "motion"
    LINE_CROSSING = "line crossing"
    INTRUSION = "intrusion"
    REGION_ENTRANCE = "region entrance"
    REGION_EXIT = "region exit"
    SCENE_CHANGE = "scene change"
    FACE = "face"
    TAMPERING = "tampering"
    VIDEO_LOSS = "video loss"
    ALARM_INPUT = "alarm input"
    DISK_FULL = "disk full"
    DISK_ERROR = "disk error"
    NETWORK_BROKEN = "network broken"
    ADDRESS_CONFLICT = "address conflict"
    ILLEGAL_LOGIN = "illegal login"
    RECORDING_FAILED = "recording failed"


class Target(StrEnum):
    """What was seen."""

    HUMAN = "human"
    VEHICLE = "vehicle"


@dataclass(frozen=True, kw_only=True, eq=False)
class Event:
    """One thing that happens.

    Attributes:
        kind: what.
        channel: where; None where it concerns the recorder as a whole.
        start: true UTC instant at which it began.
        target: what was seen, if it was told apart.
        port: number of the alarm input, if one was closed.
    """

    kind: EventKind
    channel: int | None
    start: datetime
    target: Target | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An event begins (`active`) or ends."""

    event: Event
    active: bool


@dataclass(eq=False)
class _Listener:
    changes: asyncio.Queue[Change] = field(default_factory=asyncio.Queue)


class EventBoard:
    """Tells whoever listens what happens. To be used from the event loop's thread alone.

    Attributes:
        going_on: events that have begun and not ended.
        past: the last ones that ended, oldest first.
    """

    def __init__(self, now: Now) -> None:
        """Begin with nothing going on."""
        self.going_on: list[Event] = []
        self.past: deque[Event] = deque(maxlen=_REMEMBERED)
        self._now = now
        self._listeners: list[_Listener] = []

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def begin(
        self,
        kind: EventKind,
        *,
        channel: int | None = None,
        target: Target | None = None,
        port: int | None = None,
    ) -> Event:
        """Let something begin; it goes on until `end`."""
        event = Event(kind=kind, channel=channel, start=self._now(), target=target, port=port)
        self.going_on.append(event)
        self._tell(Change(event, active=True))
        return event

    def end(self, event: Event) -> None:
        """Let something end.

        Raises:
            ValueError: it doesn't go on.
        """
        self.going_on.remove(event)
        self.past.append(event)
        self._tell(Change(event, active=False))

    def happen(
        self,
        kind: EventKind,
        *,
        channel: int | None = None,
        target: Target | None = None,
        port: int | None = None,
    ) -> Event:
        """Let something begin and end at once."""
        event = self.begin(kind, channel=channel, target=target, port=port)
        self.end(event)
        return event

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Change]]:
        """Give a queue of all changes from now on, for the duration of the block."""
        listener = _Listener()
        self._listeners.append(listener)
        try:
            yield listener.changes
        finally:
            self._listeners.remove(listener)

    def _tell(self, change: Change) -> None:
        for listener in self._listeners:
            listener.changes.put_nowait(change)
