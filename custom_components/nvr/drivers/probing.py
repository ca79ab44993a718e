"""Bringing the drift of a device's clock down to hundredths of a second.

The device prints whole seconds. Asked just when the printed second is expected to change, each answer halves
what is open.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
import logging
from time import monotonic

from .drift import MeasuredClock
from .errors import DriverError
from .rota import EVERY_ROUND, Turn

_LOGGER = logging.getLogger(__name__)

PROBES = 16
# A probe should halve what is open; where the network's delay is all that is left, it doesn't.
USEFUL = 0.9
USELESS_PROBES = 2
# What can't be made fine is left alone for a while; a machine that is too busy to ask in time soon has time again.
PAUSE_SECONDS = 600.0
BUSY_PAUSE_SECONDS = 20.0


async def probe_drift(clock: MeasuredClock, ask: Callable[[], Awaitable[None]]) -> None:
    """Ask once for the time, at the moment that tells most: within a second from now."""
    now = datetime.now(UTC)
    await asyncio.sleep((clock.next_probe(now) - now).total_seconds())
    await ask()


def drift_turn[T](
    clock: MeasuredClock,
    ask: Callable[[T], Awaitable[None]],
    wanted: Callable[[], bool] = lambda: True,
) -> Turn[T]:
    """Return the turn that makes the drift finer until it is fine, where that is wanted."""
    return Turn(
        name="drift",
        seconds=EVERY_ROUND,
        ask=lambda transport: probe_drift(clock, partial(ask, transport)),
        wanted=lambda: clock.known and not clock.fine and wanted(),
    )


class Refiner:
    """Makes the drift fine when somebody is about to cut footage by it, once for all who wait."""

    def __init__(
        self,
        clock: MeasuredClock,
        ask: Callable[[], Awaitable[None]],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``ask`` asks the device for its time and lets the clock note the answer."""
        self._clock = clock
        self._ask = ask
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._not_before = float("-inf")
        # Whether anybody is going to cut footage at all.
        self.wanted = True

    def start(self) -> None:
        """Begin in the background where it is needed. Failures only leave the drift coarse."""
        if not self.wanted or (self._task is not None and not self._task.done()):
            return
        if not self._clock.known or self._clock.fine or self._now() < self._not_before:
            return
        self._task = asyncio.create_task(self._refine())

    async def wait(self) -> None:
        """Wait until the drift is as fine as it gets."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """End what runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _refine(self) -> None:
        useless = 0
        for _ in range(PROBES):
            before = self._clock.uncertainty
            try:
                await probe_drift(self._clock, self._ask)
            except DriverError as err:
                _LOGGER.debug("Asking for the time failed: %s", err)
                self._not_before = self._now() + PAUSE_SECONDS
                return
            if self._clock.fine:
                return
            after = self._clock.uncertainty
            if before is not None and after is not None and after > before * USEFUL:
                useless += 1
            if useless >= USELESS_PROBES and self._clock.exhausted:
                break
        pause = PAUSE_SECONDS if self._clock.exhausted else BUSY_PAUSE_SECONDS
        self._not_before = self._now() + pause
