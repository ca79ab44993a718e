"""Objects that are made on the device for a while, and never left there (sections 4 and 8 of the notes).

What is left leaks until the device reboots, and there is only room for so many.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
import logging

from ..errors import DriverError
from .pace import AT_ONCE, Ask, Pace

_LOGGER = logging.getLogger(__name__)

TIDY_SECONDS = 10.0

type End = Callable[[int], Ask[object]]


class DeviceObjects:
    """Makes objects on one device, and ends each of them whatever happens meanwhile."""

    def __init__(self) -> None:
        """Initialize."""
        self._tidying: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(
        self, make: Ask[int], ends: Sequence[End], pace: Pace = AT_ONCE
    ) -> AsyncIterator[int]:
        """Make an object; when the context is left it is ended by each of ``ends`` in turn.

        Raises DriverError where none is made. A device that doesn't end one says so in vain.
        """
        making = asyncio.ensure_future(pace.run(make))
        try:
            number = await asyncio.shield(making)
        except asyncio.CancelledError:
            # The answer that is on its way says what there is to end.
            self._keep(_end_made(making, ends, pace))
            raise
        try:
            yield number
        finally:
            await asyncio.shield(self._keep(_end(number, ends, pace)))

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


async def _end(number: int, ends: Sequence[End], pace: Pace) -> None:
    for end in ends:
        try:
            await pace.run(end(number), tidying=True)
        except DriverError as err:
            _LOGGER.debug("An object on the recorder was not ended: %s", err)


async def _end_made(making: asyncio.Future[int], ends: Sequence[End], pace: Pace) -> None:
    with suppress(DriverError):
        await _end(await making, ends, pace)
