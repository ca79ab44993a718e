"""What to ask in which minute: the budget of polling, spent on what is most overdue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
import logging
from time import monotonic
from typing import Protocol

from .budget import BudgetSpentError
from .errors import AuthenticationError, CannotConnectError, DriverError

_LOGGER = logging.getLogger(__name__)

REQUESTS_PER_ROUND = 4
MINUTE = 60.0
HOUR = 60 * MINUTE
# Asked in every round; a little below the polling interval, so that jitter does not skip one.
EVERY_ROUND = 55.0


class Budgeted(Protocol):
    """What carries questions to a device until so many requests are spent."""

    @property
    def left(self) -> int:
        """How many requests may still be spent."""


class Asker[T](Protocol):
    """What asks by name, and knows after how long what failed is asked again."""

    async def ask(self, name: str, transport: T) -> None:
        """Ask one thing. Raises DriverError."""

    def pause(self, name: str) -> float | None:
        """Return after how many seconds to ask again what failed, None where it did not fail."""


@dataclass(slots=True, kw_only=True)
class Turn[T]:
    """Something to ask again every so often, or ``always`` where the budget allows.

    ``wanted`` says whether there is anything to ask, ``pause`` after how long what failed is asked again.
    """

    name: str
    seconds: float
    ask: Callable[[T], Awaitable[None]]
    wanted: Callable[[], bool] = lambda: True
    pause: Callable[[], float | None] = lambda: None
    always: bool = False
    asked: float = field(default=float("-inf"))

    @classmethod
    def of(
        cls,
        asker: Asker[T],
        name: str,
        seconds: float,
        wanted: Callable[[], bool] = lambda: True,
        *,
        always: bool = False,
    ) -> Turn[T]:
        """Return the turn of one thing that is asked by its name."""
        return cls(
            name=name,
            seconds=seconds,
            ask=partial(asker.ask, name),
            wanted=wanted,
            pause=partial(asker.pause, name),
            always=always,
        )

    def lateness(self, now: float) -> float:
        """Return the time since it was asked in its own intervals: 1 and more is due."""
        return (now - self.asked) / (self.pause() or self.seconds)

    def is_due(self, now: float) -> bool:
        """Whether it should be asked now."""
        always = self.always and self.pause() is None
        return self.wanted() and (always or self.lateness(now) >= 1)


class Rota[T: Budgeted]:
    """Spends the requests of a round on what is latest, and what is left on a filler.

    What is due every minute has no privilege: something rarer overtakes it once it is later, so nothing starves.
    """

    def __init__(
        self,
        turns: list[Turn[T]],
        *,
        filler: Turn[T],
        last: Turn[T],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``last`` is asked where a round would else prove nothing of the recorder being there."""
        self._turns = turns
        self._filler = filler
        self._last = last
        self._now = now
        start = now()
        for turn in turns:
            # Set-up has just asked all of them.
            turn.asked = start

    def hurry(self, name: str) -> None:
        """Let a turn come up first in the next round."""
        for turn in self._turns:
            if turn.name == name:
                turn.asked = float("-inf")

    async def round(self, transport: T) -> None:
        """Ask what is due; ``transport`` lets ``REQUESTS_PER_ROUND`` through.

        Raises AuthenticationError, and CannotConnectError where the recorder answers nothing at all. One thing
        that hangs or cuts the connection while others answer waits like any other failure.
        """
        full = transport.left
        now = self._now()
        due = [turn for turn in self._turns if turn.is_due(now)]
        proven = False
        for turn in sorted(due, key=lambda turn: turn.lateness(now), reverse=True):
            if transport.left <= 0:
                return
            try:
                await self._take(turn, transport)
            except CannotConnectError as err:
                _LOGGER.debug("%s: %s", turn.name, err)
                if not proven:
                    await self._take(self._last, transport)
            proven = True
        if transport.left == full:
            await self._take(self._last, transport)
        if transport.left > 0 and self._filler.is_due(now):
            try:
                await self._take(self._filler, transport)
            except CannotConnectError as err:
                _LOGGER.debug("%s: %s", self._filler.name, err)

    async def _take(self, turn: Turn[T], transport: T) -> None:
        try:
            await turn.ask(transport)
        except AuthenticationError:
            raise
        except CannotConnectError:
            # Asked all the same: what always hangs must not stand first in line for ever.
            turn.asked = self._now()
            raise
        except BudgetSpentError as err:
            # Goes on in the next round.
            _LOGGER.debug("%s: %s", turn.name, err)
            return
        except DriverError as err:
            _LOGGER.debug("%s: %s", turn.name, err)
        turn.asked = self._now()
