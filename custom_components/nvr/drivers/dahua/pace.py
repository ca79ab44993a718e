"""When the requests of something that takes many of them may go out: at once, or a few in each round of polling."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..budget import Budget, BudgetSpentError
from ..errors import CannotConnectError

type Ask[T] = Callable[[Budget | None], Awaitable[T]]


class Pace(Protocol):
    """Lets requests go out."""

    async def run[T](self, ask: Ask[T], *, tidying: bool = False) -> T:
        """Ask when it may be asked; ``tidying`` ends something on the device and has to go out."""


class AtOnce:
    """Lets all requests go out as they come."""

    async def run[T](self, ask: Ask[T], *, tidying: bool = False) -> T:
        """Ask."""
        return await ask(None)


AT_ONCE = AtOnce()


class InRounds:
    """Lets requests go out as far as the budget of a round reaches; what is left waits for the next."""

    def __init__(self) -> None:
        """Initialize; no round is on yet."""
        self._budget: Budget | None = None
        self._closed = False
        self._granted = asyncio.Event()
        self._waits = asyncio.Event()

    def grant(self, budget: Budget) -> None:
        """Begin a round."""
        self._budget = budget
        self._waits.clear()
        self._granted.set()

    async def exhausted(self) -> None:
        """Wait until the round's budget no longer pays for what is wanted next."""
        await self._waits.wait()

    def close(self) -> None:
        """Let nothing out any more but what ends things, and that at once."""
        self._closed = True
        self._granted.set()

    async def run[T](self, ask: Ask[T], *, tidying: bool = False) -> T:
        """Ask as soon as a round pays for it. Raises CannotConnectError when there will be none."""
        while True:
            try:
                await self._granted.wait()
            except asyncio.CancelledError:
                # Whoever waits no longer has something to end, and there may be no round any more.
                self.close()
                raise
            if self._closed:
                if not tidying:
                    raise CannotConnectError("the driver has been closed")
                return await ask(None)
            try:
                return await ask(self._budget)
            except BudgetSpentError:
                # Nobody else grants a round while this one waits.
                self._granted.clear()
                self._waits.set()
