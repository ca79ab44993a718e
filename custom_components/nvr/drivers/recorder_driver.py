"""What the drivers share that speak HTTP and RTSP with one recorder: its session, its clock, and how footage comes."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol, override

from .clock import DeviceClock
from .drift import MeasuredClock
from .driver import Download, Driver, Memory, Purpose, Traffic
from .errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    NotPermittedError,
    NotSupportedError,
)
from .facts import DeviceFacts, Place
from .fetching import Wish, WishFetching
from .guard import LoginGuard
from .http import RecorderSession
from .inquiry import UNHEARD
from .listeners import joined
from .memory import HIDES_STALE, NONCES_LAST, DeviceMemory
from .models import FootageClock, RecordedDay, RecorderState, Recording
from .probing import Refiner
from .rtsp.connection import Tally

# What contradicts the clock still after it was measured again is left alone for a while.
RECHECK_SECONDS = 60.0
# A recorder that answers its time as nonsense more often than so does not tell it.
TIMES_UNTOLD = 3
# In longer spans the calendar's one request a month spares most searches.
SEARCH_EACH_DAY = timedelta(days=31)

type ListedDays = Callable[
    [datetime, datetime, DeviceClock], Awaitable[tuple[RecordedDay, ...] | None]
]


class Player(Protocol):
    """What plays recordings over RTSP, and counts what it asks for that."""

    @property
    def tally(self) -> Tally:
        """What was asked."""

    def close(self) -> None:
        """End what runs, and begin nothing any more."""


class RecorderDriver(Driver):
    """Holds the recorder's session, and brings footage by whichever way serves best.

    A vendor's driver sets what is declared here when it is made.
    """

    _memory: DeviceMemory
    _clock: MeasuredClock
    _facts: DeviceFacts[Place]
    _refiner: Refiner
    _playbacks: Player
    _fetching: WishFetching

    def __init__(self, memory: DeviceMemory, guard: LoginGuard, session: RecorderSession) -> None:
        """Initialize; the session is told what was seen of the recorder's login earlier."""
        self._guard = guard
        self._session = session
        self._memory = memory
        session.hides_stale = memory.flag(HIDES_STALE)
        session.nonces_last = memory.flag(NONCES_LAST)
        self._state: RecorderState | None = None
        self._recheck_not_before = float("-inf")
        # How often the recorder answered no good time instead of one.
        self._untold = 0
        # What tells that streams can be had no more, or again, or elsewhere.
        self._notifiers = [guard.on_refused_changed]
        # To be called when the driver is closed.
        self._vouch_no_more = guard.prove_by(self._prove_login)

    @override
    @asynccontextmanager
    async def download(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        *,
        purpose: Purpose = Purpose.CLIP,
    ) -> AsyncIterator[Download]:
        await self._refined()
        wish = Wish(
            recording=recording,
            start=start,
            end=end,
            purpose=purpose,
            clock=lambda: self._clock.device,
        )
        async with self._fetching.open(wish) as download:
            self._note_begun(recording, recording.start if download.whole else start)
            yield download

    @override
    def footage_clock(self, recording: Recording) -> FootageClock:
        return FootageClock(
            offsets=self._clock.device.offsets_near(recording.start),
            expected=recording.start,
            error=self._clock.error,
        )

    @override
    def take_rough_times(self) -> None:
        self._refiner.wanted = False

    @override
    def note_short_footage(self, recording: Recording, *, truncated: bool) -> bool:
        return self._fetching.shortfalls.note_short(recording.token, truncated=truncated)

    @override
    def note_further_footage(self, recording: Recording, *, more: bool | None) -> None:
        self._fetching.shortfalls.note_further(recording.token, more=more)

    @property
    @override
    def state(self) -> RecorderState | None:
        return self._state

    @property
    @override
    def refused(self) -> bool:
        return self._guard.refused

    @override
    def on_refused_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        return joined(*(notify(listener) for notify in self._notifiers))

    @property
    @override
    def traffic(self) -> Traffic:
        traffic, played = self._session.traffic, self._playbacks.tally
        return Traffic(
            requests=traffic.requests + played.requests, logins=traffic.logins + played.logins
        )

    @property
    @override
    def memory(self) -> Memory:
        for key, seen in (
            (HIDES_STALE, self._session.hides_stale),
            (NONCES_LAST, self._session.nonces_last),
        ):
            if seen is not None:
                self._memory.keep(key, seen)
        return self._memory.values

    def _renew(self) -> RecorderState:
        """Bring the state up to date with what has been heard, and return it."""
        self._facts.clock = self._clock.clock
        self._state = self._facts.state()
        return self._state

    def _note_begun(self, recording: Recording, moment: datetime) -> None:
        """Take at which moment (true UTC) a transfer of a recording was to begin."""

    async def _time_heard(self) -> None:
        """Ask for the time where it was never heard: without it the recorder's times mean nothing.

        What it doesn't tell, or tells as nonsense time after time, is done without. Raises DriverError.
        """
        if self._clock.known:
            return
        try:
            await self._ask_time()
        except NotSupportedError, NotPermittedError:
            return
        except DriverError as err:
            self._untold += not isinstance(err, CannotConnectError | DeviceBusyError)
            if isinstance(err, AuthenticationError) or self._untold <= TIMES_UNTOLD:
                raise

    async def _refined(self) -> None:
        """Wait until the clock is known as well as it can be: to cut, it has to be to hundredths of a second.

        Not longer than for the first answer where rough times do.
        """
        await self._time_heard()
        self._refiner.start()
        await self._refiner.wait()

    async def _spans(
        self, start: datetime, end: datetime, listed: ListedDays
    ) -> list[tuple[datetime, datetime]]:
        """Return what to search; in a long span only the days on which there is something."""
        if end - start <= SEARCH_EACH_DAY:
            return [(start, end)]
        days = await listed(start, end, self._clock.device)
        if days is None:
            return [(start, end)]
        return [(max(day.start, start), min(day.end, end)) for day in days]

    async def _recheck(self) -> bool:
        """Measure the clock again, as something was recorded later than now; tell whether that changed it."""
        if monotonic() < self._recheck_not_before:
            return False
        self._recheck_not_before = monotonic() + RECHECK_SECONDS
        before = self._clock.device
        with suppress(*UNHEARD):
            await self._ask_time()
        await self._reconsider()
        return self._clock.device != before

    @abstractmethod
    async def _prove_login(self) -> None:
        """Have the recorder take the login once more, by one cheap request that needs no right.

        Other protocols send it right after. Raises AuthenticationError, CannotConnectError; whatever else comes of
        it leaves open whether the login is good.
        """

    @abstractmethod
    async def _ask_time(self) -> None:
        """Ask the recorder for its time. Raises DriverError."""

    async def _reconsider(self) -> None:
        """Look again at what the digits of its answers mean, where that may be either."""
