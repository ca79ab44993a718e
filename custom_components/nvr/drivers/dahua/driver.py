"""The Dahua driver: one recorder over RPC2 and CGI."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus
import logging
from typing import override

from aiohttp import ClientSession

from ..budget import Budget
from ..driver import Memory
from ..errors import AuthenticationError, CannotConnectError, DriverError
from ..fetching import Fetching
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
from ..playback import Playbacks
from ..probing import Refiner
from ..recorder_driver import RecorderDriver
from ..rota import REQUESTS_PER_ROUND, Rota
from .calendar import Calendar
from .clock import RecorderClock
from .download import Downloads
from .extents import Extents
from .facts import Facts
from .faults import read_refusal
from .identity import MACHINE_NAME
from .live import LiveAddresses
from .memory import DeviceMemory
from .playback_address import PlayableFile
from .polling import Polling
from .question import CgiRequest
from .search import Searches
from .snapshot import Snapshots
from .survey import Survey
from .transport import BudgetedTransport, LiveTransport

_LOGGER = logging.getLogger(__name__)

# Entry set-up may cost so much, however many channels there are.
REQUESTS_TO_CONNECT = 16
# Needs no right (section 5 of the notes).
LOGIN_TEST = CgiRequest(module="magicBox", action="getMachineName")


class DahuaDriver(RecorderDriver):
    """Speaks RPC2 and CGI with one recorder or camera."""

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
        super().__init__(
            DeviceMemory(memory),
            guard,
            RecorderSession(connection, session, guard, read_refusal, doubts_refusals=True),
        )
        self._transport = LiveTransport(self._session, connection, self._memory)
        self._facts = Facts()
        self._clock = RecorderClock()
        self._survey = Survey(self._facts, self._clock, self._memory)
        self._snapshots = Snapshots(
            self._transport.cgi,
            self._memory,
            self._with_picture,
            self._capacity,
            unsure=self._perhaps_with_picture,
        )
        self._live = LiveAddresses(connection, self._facts)
        self._searches = Searches(
            self._transport, lambda: self._clock.device, self._memory, self._is_alone
        )
        self._calendar = Calendar(
            self._transport.rpc,
            self._searches.asking.objects,
            self._memory,
            self._searches.recorded_dates,
            self._searches.exists,
        )
        self._extents = Extents(
            self._searches.asking,
            lambda: self._clock.device,
            lambda: [place.number for place in self._facts.places()],
            self._facts.extents,
            recording=self._is_recording,
        )
        self._playbacks = Playbacks(
            connection,
            self._memory,
            guard,
            self._session.bulk,
            port=lambda: self._facts.rtsp_port,
            playable=PlayableFile.of,
        )
        downloads = Downloads(self._transport.cgi, self._transport.rpc, self._memory)
        self._fetching = Fetching(downloads, self._playbacks, self._memory)
        self._refiner = Refiner(self._clock, partial(self._survey.time, self._transport))
        self._rota: Rota[BudgetedTransport] | None = None
        # A session of RPC2 lives on with the old password, while each further try of a stream is a refused login.
        self._live_doubt = LiveDoubt()

    @override
    async def connect(self) -> RecorderState:
        await self._survey.everything(BudgetedTransport(self._transport, REQUESTS_TO_CONNECT))
        return self._begin()

    @override
    async def learn(self) -> RecorderState:
        self._facts.assumes = False
        await self._survey.thoroughly(self._transport)
        return self._begin()

    @override
    async def poll(self) -> RecorderState:
        if self._rota is None:
            return await self.connect()
        transport = BudgetedTransport(self._transport, REQUESTS_PER_ROUND)
        if self._guard.suspected or self._live_doubt.is_due(vouched=self._guard.vouched):
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
        return await self._snapshots.fetch(self._facts.place(channel).number)

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
        place = self._facts.place(channel)
        if not self._is_costly():
            # What is found may be cut next.
            await self._refined()
        await self._time_heard()
        spans = await self._spans(start, end, partial(self._calendar.listed_days, place.number))
        async for recording in self._searches.search(
            place.number, spans, stream, kinds, self._recheck
        ):
            yield recording
        self._clock.searched = True

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        number = self._facts.place(channel).number
        await self._time_heard()
        return await self._calendar.recorded_days(number, start, end, self._clock.device)

    @override
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        """Learn nothing: all times of these devices are wall clock."""

    @override
    async def close(self) -> None:
        self._vouch_no_more()
        await self._refiner.close()
        await self._snapshots.close()
        self._playbacks.close()
        # What was made on the device is ended there before the talk is over.
        await self._extents.close()
        await self._searches.close()
        await self._transport.rpc.sessions.close()
        self._session.close()

    def _begin(self) -> RecorderState:
        self._rota = Polling(
            self._facts,
            self._clock,
            self._survey,
            self._snapshots,
            self._extents,
            costly=self._is_costly,
            costs=self._costs,
            presence=self._presence,
        ).rota()
        return self._renew()

    @override
    async def _refined(self) -> None:
        self._clock.costly = self._is_costly()
        await super()._refined()

    def _costs(self, what: str) -> bool:
        """Whether a question is a login each time."""
        return self._session.nonces_last is False and self._transport.is_by_cgi(what)

    def _is_costly(self) -> bool:
        """Whether each question is a login: no session, and nonces that are good for one request."""
        return not self._transport.prefers_rpc and self._session.nonces_last is False

    async def _presence(self, transport: BudgetedTransport) -> None:
        """See whether the recorder answers; where each question is a login, without one."""
        if not self._is_costly():
            await transport.ask(MACHINE_NAME)
            return
        answer = await self._session.request(
            "GET",
            LOGIN_TEST.path,
            limits=LOGIN_TEST.limits,
            budget=transport.budget,
            unsigned=True,
        )
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise CannotConnectError(f"the recorder answers with HTTP {answer.status}")

    def _with_picture(self) -> list[int]:
        """Return the channels of which the recorder surely can show a picture."""
        through = {place.number for place in self._facts.places() if not place.is_foreign}
        channels = self._facts.state().channels
        return [
            channel.number for channel in channels if channel.online and channel.number in through
        ]

    def _perhaps_with_picture(self) -> list[int]:
        """Return the channels of which the recorder may show a picture: of other makers' cameras, too."""
        channels = self._facts.state().channels
        return [channel.number for channel in channels if channel.online is not False]

    def _capacity(self) -> int:
        """Return how many channels there could be."""
        titles = self._facts.titles or {}
        places = self._facts.places()
        return max(
            [*(index + 1 for index in titles), *(place.number for place in places)], default=1
        )

    def _is_recording(self, number: int) -> bool:
        return (self._facts.recording or {}).get(number - 1) is True

    def _is_alone(self) -> bool:
        return self._capacity() == 1

    @override
    async def _prove_login(self, budget: Budget | None = None) -> None:
        try:
            if self._transport.prefers_rpc and not self._session.nonces_last:
                await self._transport.rpc.sessions.prove(budget)
            else:
                await self._transport.cgi.hear(LOGIN_TEST, budget)
        except AuthenticationError, CannotConnectError:
            raise
        except DriverError as err:
            _LOGGER.debug("Nobody knows whether the login is good: %s", err)

    @override
    async def _ask_time(self) -> None:
        await self._survey.ask("time", self._transport)
