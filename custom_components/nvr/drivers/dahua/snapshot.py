"""Stills of now (section 7 of the notes).

Snapshots count channels from 1, on some older firmware from 0. A number that is one off brings the neighbour's
picture, so on a device of several channels it is found out before the first is handed on.
"""

import asyncio
from collections.abc import Callable, Collection
import logging
from time import monotonic

from ..answer import PICTURE, Answer
from ..budget import Budget
from ..errors import AuthenticationError, DeviceFaultError, DriverError, InvalidAnswerError
from ..models import Right
from ..pictures import PatientPictures, SharedPictures, read_picture
from .cgi import Cgi
from .faults import RefusedRequestError
from .memory import SNAPSHOT_BASE, DeviceMemory
from .question import CgiRequest

_LOGGER = logging.getLogger(__name__)

# A recorder fetches each from its camera; more often than this is too often for some.
FRESH_SECONDS = 5.0
USUAL_BASE = 1
OTHER_BASE = 0


class Snapshots:
    """Fetches stills, one at a time; calls for one picture at the same time share one request."""

    def __init__(
        self,
        cgi: Cgi,
        memory: DeviceMemory,
        online: Callable[[], list[int]],
        capacity: Callable[[], int],
        now: Callable[[], float] = monotonic,
        *,
        unsure: Callable[[], Collection[int]] = tuple,
    ) -> None:
        """Initialize; ``online`` returns the numbers of channels with a picture, ``capacity`` how many could be.

        ``unsure`` returns those of which nobody knows whether they have one.
        """
        self._cgi = cgi
        self._memory = memory
        self._online = online
        self._capacity = capacity
        self._unsure = unsure
        self._shared = SharedPictures[int](now, FRESH_SECONDS)
        self._patient = PatientPictures()
        self._one = asyncio.Lock()
        # Told of each channel whether it gave a picture.
        self.on_seen: Callable[[int, bool], None] = lambda number, seen: None

    async def fetch(self, number: int) -> bytes:
        """Return a JPEG of a channel. Raises DriverError."""
        return await self._shared.get(number, lambda: self._seen(number))

    async def _seen(self, number: int) -> bytes:
        try:
            picture = await self._fetch(number)
        except RefusedRequestError:
            self.on_seen(number, False)
            raise
        self.on_seen(number, True)
        return picture

    async def probe(self, number: int, budget: Budget) -> bool:
        """Return whether a channel gives a picture. Raises DriverError where that stays open."""
        async with self._one:
            try:
                read_picture((await self._ask(number - 1 + self._base, budget)).body)
            except RefusedRequestError:
                return False
            except DeviceFaultError, InvalidAnswerError:
                # Something was sent.
                return True
            return True

    async def close(self) -> None:
        """End what runs."""
        await self._shared.close()

    @property
    def _base(self) -> int:
        kept = self._memory.text(SNAPSHOT_BASE)
        return OTHER_BASE if kept == str(OTHER_BASE) else USUAL_BASE

    async def _fetch(self, number: int) -> bytes:
        async with self._one:
            if self._memory.text(SNAPSHOT_BASE) is None:
                await self._find_base()
            return await self._picture(number - 1 + self._base)

    async def _find_base(self) -> None:
        """Find from which number on channels are counted; only a definite answer decides.

        Behind the last channel with a picture there is none, so its number brings one only if they are counted from
        1; and none is before the first, so one number less brings one only if they are counted from 0. Neighbours
        that may have one prove nothing, but number 0 is none if not by counting from 0, and the other number has to be
        refused then.
        """
        alone = [USUAL_BASE] if self._capacity() == 1 else []
        online = self._online() or alone
        perhaps = {*online, *self._unsure()}
        last = next((one for one in reversed(online) if one + 1 not in perhaps), None)
        first = next((one for one in online if one - 1 not in perhaps), None)
        try:
            if last is not None and await self._is_there(last):
                self._keep(USUAL_BASE)
            elif await self._is_there(OTHER_BASE if first is None else first - 1):
                self._keep(OTHER_BASE)
            elif online and (last is None or first is None):
                by_number = await self._is_there(online[-1])
                by_index = await self._is_there(online[0] - 1)
                if by_number is not by_index:
                    self._keep(USUAL_BASE if by_number else OTHER_BASE)
        except AuthenticationError:
            raise
        except DriverError as err:
            _LOGGER.debug("No word on how snapshots count channels: %s", err)

    async def _is_there(self, channel: int) -> bool:
        """Return whether there is a picture by a number. Raises DriverError where that stays open."""
        try:
            read_picture((await self._ask(channel)).body)
        except RefusedRequestError:
            return False
        return True

    def _keep(self, base: int) -> None:
        self._memory.keep(SNAPSHOT_BASE, str(base))

    async def _picture(self, channel: int) -> bytes:
        async def read(answer: Answer) -> bytes:
            return read_picture(answer.body)

        return await self._patient.take(str(channel), lambda: self._ask(channel), read)

    async def _ask(self, channel: int, budget: Budget | None = None) -> Answer:
        request = CgiRequest(
            module="snapshot",
            action="",
            args=(("channel", str(channel)),),
            limits=PICTURE,
            right=Right.LIVE,
        )
        return await self._cgi.fetch(request, budget)
