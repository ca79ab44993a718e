"""Objects that are made on the device for a while, and never left there (sections 4 and 8 of the notes).

What is left leaks until the device reboots, and there is only room for so many.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
import logging

from ..errors import CannotConnectError, DeviceBusyError, DriverError, InvalidAnswerError
from .pace import AT_ONCE, Ask, Pace

_LOGGER = logging.getLogger(__name__)

TIDY_SECONDS = 10.0
# More than that is no accident any more.
MAX_LEFT = 16
MAX_TRIES = 3

# Whether the device did what it was asked for is open then.
_UNKNOWN = (CannotConnectError, DeviceBusyError, InvalidAnswerError)

type End = Callable[[int], Ask[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """An object that the device did not end; ``tries`` is how often that was asked for again."""

    ends: Sequence[End]
    tries: int = 0


class DeviceObjects:
    """Makes objects on one device, and ends each of them whatever happens meanwhile."""

    def __init__(self) -> None:
        """Initialize."""
        self._tidying: set[asyncio.Task[None]] = set()
        # What could not be ended when it was due.
        self._left: dict[int, _Left] = {}

    @asynccontextmanager
    async def open(
        self, make: Ask[int], ends: Sequence[End], pace: Pace = AT_ONCE
    ) -> AsyncIterator[int]:
        """Make an object; when the context is left it is ended by each of ``ends`` in turn.

        Raises DriverError where none is made. A device that doesn't end one says so in vain.
        """
        await self._end_left(pace)
        making = asyncio.ensure_future(pace.run(make))
        try:
            number = await asyncio.shield(making)
        except asyncio.CancelledError:
            # The answer that is on its way says what there is to end.
            self._keep(self._end_made(making, ends, pace))
            raise
        # Made anew, and not by us alone: a device that began to count again since.
        self._left.pop(number, None)
        try:
            yield number
        finally:
            await asyncio.shield(self._keep(self._end(number, ends, pace)))

    async def close(self) -> None:
        """Wait until everything is ended, but not for long."""
        if self._tidying:
            _, late = await asyncio.wait(self._tidying, timeout=TIDY_SECONDS)
            for task in late:
                task.cancel()

    def _keep(self, ending: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(ending)
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)
        return task

    async def _end(self, number: int, ends: Sequence[End], pace: Pace) -> None:
        await self._end_or_keep(number, _Left(ends=ends), pace)

    async def _end_or_keep(self, number: int, left: _Left, pace: Pace) -> None:
        again = left.tries < MAX_TRIES and len(self._left) < MAX_LEFT
        if not await _ended(number, left.ends, pace, last=not again) and again:
            self._left[number] = replace(left, tries=left.tries + 1)

    async def _end_made(self, making: asyncio.Future[int], ends: Sequence[End], pace: Pace) -> None:
        with suppress(DriverError):
            await self._end(await making, ends, pace)

    async def _end_left(self, pace: Pace) -> None:
        """Try once more to end what could not be ended: the device has room for few."""
        due, self._left = self._left, {}
        for number, left in due.items():
            await asyncio.shield(self._keep(self._end_or_keep(number, left, pace)))


async def _ended(number: int, ends: Sequence[End], pace: Pace, *, last: bool) -> bool:
    """End an object; tell whether the device took the last step, which frees it.

    Where nobody knows whether a step was taken, those after it wait for another try, but for the ``last`` one: what
    is destroyed without having been closed may be lost until the device reboots.
    """
    taken = True
    for end in ends:
        try:
            await pace.run(end(number), tidying=True)
        except DriverError as err:
            _LOGGER.debug("An object on the recorder was not ended: %s", err)
            if isinstance(err, _UNKNOWN) and not last:
                return False
            taken = False
        else:
            taken = True
    return taken
