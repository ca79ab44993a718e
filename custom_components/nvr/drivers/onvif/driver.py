"""The ONVIF driver: one recorder or camera of Profile S, T or G."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from functools import partial
import logging
from typing import override

from aiohttp import ClientSession

from ..budget import Budget
from ..clock import DeviceClock
from ..driver import Memory, Traffic
from ..errors import AuthenticationError, CannotConnectError, DriverError
from ..guard import LoginGuard
from ..http import RecorderSession
from ..live_doubt import LiveDoubt
from ..models import (
    Channel,
    Connection,
    RecordedDay,
    RecorderState,
    Recording,
    RecordingKind,
    StreamName,
)
from ..probing import Refiner
from ..recorder_driver import RecorderDriver
from ..rota import REQUESTS_PER_ROUND, Rota
from ..rtsp.guard import RtspGuard
from .addresses import SafeAddresses
from .archive import Archive
from .clock import RecorderClock
from .facts import Facts
from .live import FIRST_STREAMS, LiveAddresses
from .login import DeviceLogin
from .memory import DeviceMemory
from .polling import RECORDINGS, Polling
from .snapshot import Snapshots
from .survey import Survey
from .transport import BudgetedTransport, LiveTransport, StrangersTransport

_LOGGER = logging.getLogger(__name__)

# Set-up may cost so much, however many channels there are, before the addresses of their streams.
REQUESTS_TO_CONNECT = 20
# The first time a device is set up: one request for the address of each main and sub stream, for which the
# protocol has no list; logins that have to be made anew are on top.
REQUESTS_FOR_ADDRESSES = 160


class OnvifDriver(RecorderDriver):
    """Speaks SOAP with one device."""

    _memory: DeviceMemory
    _clock: RecorderClock
    _facts: Facts

    def __init__(
        self,
        connection: Connection,
        session: ClientSession,
        memory: Memory,
        guard: LoginGuard,
    ) -> None:
        """Initialize. ``session`` and ``guard`` stay the caller's; the session's connector decides on TLS."""
        super().__init__(DeviceMemory(memory), guard, RecorderSession(connection, session, guard))
        self._clock = RecorderClock()
        self._facts = Facts()
        self._addresses = SafeAddresses(connection)
        self._login = DeviceLogin(self._session, connection, guard, self._memory, self._clock)
        self._transport = LiveTransport(self._session, self._login)
        self._survey = Survey(self._facts, self._clock, self._memory, self._addresses)
        # A login that needs the time can't be needed for the time.
        self._login.measure = partial(self._survey.time, StrangersTransport(self._transport))
        self._live = LiveAddresses(self._addresses, self._facts, self._memory)
        self._notifiers.append(self._live.on_changed)
        # Where messages carry a token, stills are behind a login of HTTP's own, which may know other users.
        self._stills_guard = RtspGuard(guard)
        self._stills = RecorderSession(connection, session, self._stills_guard)
        self._snapshots = Snapshots(
            self._transport, self._stills_session, self._addresses, self._facts
        )
        self._refiner = Refiner(self._clock, partial(self._survey.time, self._transport))
        self._archive = Archive(
            connection,
            self._transport,
            self._session.bulk,
            lambda: self._clock.device,
            self._facts,
            self._memory,
            guard,
            self._addresses,
        )
        self._playbacks = self._fetching = self._archive.replays
        self._rota: Rota[BudgetedTransport] | None = None
        self._live_doubt = LiveDoubt()

    @override
    async def connect(self) -> RecorderState:
        await self._survey.everything(BudgetedTransport(self._transport, REQUESTS_TO_CONNECT))
        await self._learn_addresses()
        return self._begin()

    @override
    async def learn(self) -> RecorderState:
        await self._survey.thoroughly(self._transport)
        await self._learn_addresses()
        return self._begin()

    @override
    async def poll(self) -> RecorderState:
        if self._rota is None:
            return await self.connect()
        transport = BudgetedTransport(self._transport, REQUESTS_PER_ROUND)
        doubted = self._live_doubt.is_due(vouched=False)
        if doubted:
            self._live.doubt()
        if self._guard.suspected or (doubted and not self._guard.vouched):
            with suppress(CannotConnectError):
                await self._prove_login(transport.budget)
        await self._rota.round(transport)
        return self._renew()

    @override
    async def snapshot(
        self,
        channel: int,
        stream: StreamName = StreamName.MAIN,
        *,
        width: int | None = None,
        height: int | None = None,
    ) -> bytes:
        with self._stills_guard.apart():
            return await self._snapshots.fetch(self._facts.place(channel))

    @override
    def live_url(self, channel: Channel, stream: StreamName) -> str | None:
        place = self._facts.find_place(channel.number)
        if self.refused or place is None or channel.stream(stream) is None:
            return None
        return self._live.url(place, stream)

    @override
    def note_live_failed(self) -> None:
        self._live_doubt.note()

    @override
    async def search(
        self,
        channel: int,
        start: datetime,
        end: datetime,
        *,
        stream: StreamName = StreamName.MAIN,
        kinds: frozenset[RecordingKind] | None = None,
    ) -> AsyncIterator[Recording]:
        number = self._facts.place(channel).number
        # What is found may be cut next.
        await self._refined()
        spans = await self._spans(start, end, partial(self._listed_days, number))
        async for recording in self._archive.search(number, spans, stream, kinds, self._recheck):
            yield recording
        self._clock.searched = True

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        return await self._archive.recorded_days(self._facts.place(channel).number, start, end)

    @override
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        """Learn nothing: footage carries the device's UTC, as all else does."""

    @property
    @override
    def traffic(self) -> Traffic:
        rest, stills = super().traffic, self._stills.traffic
        return Traffic(requests=rest.requests + stills.requests, logins=rest.logins + stills.logins)

    @override
    async def close(self) -> None:
        self._vouch_no_more()
        await self._refiner.close()
        await self._snapshots.close()
        await self._archive.end_searches()
        self._archive.close()
        self._stills.close()
        self._session.close()

    def _begin(self) -> RecorderState:
        self._rota = Polling(
            self._facts,
            self._clock,
            self._survey,
            self._live,
            self._archive,
            lambda name: self._survey.is_wanted(name, self._transport),
        ).rota()
        # How far recordings reach is no part of a first state.
        self._rota.hurry(RECORDINGS)
        return self._renew()

    async def _learn_addresses(self) -> None:
        """Ask where streams are, which is remembered; what is left over the polls ask for."""
        transport = BudgetedTransport(self._transport, REQUESTS_FOR_ADDRESSES)
        try:
            await self._live.learn(transport, FIRST_STREAMS)
        except AuthenticationError, CannotConnectError:
            raise
        except DriverError as err:
            _LOGGER.debug("Not all addresses of streams are known: %s", err)

    def _stills_session(self) -> RecorderSession:
        """Return what asks for stills: where messages are behind the same login, their session."""
        return self._session if self._login.uses_digest else self._stills

    async def _listed_days(
        self, number: int, start: datetime, end: datetime, device: DeviceClock
    ) -> tuple[RecordedDay, ...]:
        return await self._archive.recorded_days(number, start, end)

    @override
    async def _prove_login(self, budget: Budget | None = None) -> None:
        try:
            await self._transport.prove(budget)
        except AuthenticationError, CannotConnectError:
            raise
        except DriverError as err:
            _LOGGER.debug("Nobody knows whether the login is good: %s", err)

    @override
    async def _ask_time(self) -> None:
        await self._survey.ask("time", self._transport)
