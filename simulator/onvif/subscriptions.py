"""Subscriptions to events: what each has still to be told, and until when it lasts (section 7 of the notes)."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.core.events import Change

from .errors import Refusal
from .notices import Happening
from .topics import matches
from .xml import Document

_KEPT = 1000


@dataclass(kw_only=True)
class Subscription:
    """One client's.

    Attributes:
        number: by which it is known.
        topics: what it asks for, without prefixes; none for all.
        ends: when it ends, true UTC.
        life: so long it was to last when that was last said.
        changes: what happens.
        messages: what it hasn't been told yet.
        told: how things stood when it was last told, by topic and source.
        stack: lets go of what it holds.
    """

    number: int
    topics: frozenset[str]
    ends: datetime
    life: timedelta = timedelta()
    changes: asyncio.Queue[Change]
    messages: deque[Document] = field(default_factory=lambda: deque(maxlen=_KEPT))
    told: dict[object, Happening] = field(default_factory=dict)
    stack: ExitStack

    def wants(self, happening: Happening) -> bool:
        """Say whether it asks for something."""
        return matches(happening.topic, self.topics)

    def news(self, states: Iterable[Happening]) -> list[Happening]:
        """Give what stands otherwise than it was told, and take down that it is."""
        found = [each for each in states if self.told.get((each.topic, each.source)) != each]
        self.told |= {(each.topic, each.source): each for each in found}
        return [each for each in found if self.wants(each)]


class Subscriptions:
    """All of them."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[int, Subscription] = {}
        self._begun = 0

    def __len__(self) -> int:
        """Count them, ended or not."""
        return len(self._known)

    def make_room(self, most: int, now: datetime) -> int:
        """Give the number of the next one.

        Raises:
            Refusal: there are too many.
        """
        self._end_late_ones(now)
        if len(self._known) >= most:
            raise Refusal.exhausted("ResourceProblem")
        self._begun += 1
        return self._begun

    def add(self, subscription: Subscription) -> None:
        """Begin one."""
        self._known[subscription.number] = subscription

    def find(self, number: int | None, now: datetime) -> Subscription:
        """Give one.

        Raises:
            Refusal: there is none of that number, or no more.
        """
        self._end_late_ones(now)
        found = None if number is None else self._known.get(number)
        if found is None:
            raise Refusal.invalid("InvalidToken", "The subscription is unknown")
        return found

    def end(self, subscription: Subscription) -> None:
        """End one."""
        if self._known.pop(subscription.number, None) is not None:
            subscription.stack.close()

    def clear(self) -> None:
        """End all."""
        for each in [*self._known.values()]:
            self.end(each)

    def _end_late_ones(self, now: datetime) -> None:
        for each in [*self._known.values()]:
            if each.ends <= now:
                self.end(each)


def until(asked: timedelta | datetime | None, now: datetime, longest: timedelta) -> datetime:
    """Give when a subscription ends that is to last for a span, or up to an instant."""
    if asked is None:
        return now + longest
    wanted = asked if isinstance(asked, datetime) else now + asked
    return min(wanted, now + longest)
