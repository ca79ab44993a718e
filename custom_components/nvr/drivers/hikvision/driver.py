"""The Hikvision driver: one recorder over ISAPI."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import override

from aiohttp import ClientSession

from ..driver import Memory
from ..errors import InvalidAnswerError, NotSupportedError
from ..fetching import Fetching
from ..guard import LoginGuard
from ..http import RecorderSession
from ..models import (
    Channel,
    ClockConvention,
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
from .convention import ConventionMeter
from .device_time import read_stamp
from .download import Downloads
from .facts import Facts
from .faults import read_refusal
from .live import LivePaths
from .memory import DeviceMemory
from .playback_address import PlayableTrack
from .polling import Polling
from .search import Searches
from .snapshot import Snapshots
from .survey import Survey
from .transport import BudgetedTransport, HttpTransport
from .trees import Trees
from .witness import Witness

# Entry set-up may cost so much, however many channels there are.
REQUESTS_TO_CONNECT = 12
# The cheapest test of a login (section 2 of the notes).
LOGIN_TEST_PATH = "/ISAPI/Security/userCheck"
# Of how many recordings it is known where their last transfer began.
MAX_BEGUN = 64


class HikvisionDriver(RecorderDriver):
    """Speaks ISAPI with one recorder or camera."""

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
            DeviceMemory(memory), guard, RecorderSession(connection, session, guard, read_refusal)
        )
        self._trees = Trees(self._memory)
        self._transport = HttpTransport(self._session, self._trees)
        self._facts = Facts()
        self._clock = RecorderClock(self._memory)
        self._survey = Survey(self._facts, self._clock, self._memory)
        self._snapshots = Snapshots(self._transport, self._memory)
        self._searches = Searches(self._transport, self._clock, self._memory)
        self._meter = ConventionMeter(self._clock, self._likely_tracks)
        self._calendar = Calendar(self._transport, self._searches.exists)
        self._downloads = Downloads(self._session, self._transport, self._memory)
        self._playbacks = Playbacks(
            connection,
            self._memory,
            guard,
            self._session.bulk,
            port=lambda: self._facts.rtsp_port,
            playable=PlayableTrack.of,
        )
        self._live = LivePaths(connection, self._facts, self._memory, guard, self._playbacks.tally)
        self._notifiers.append(self._live.on_changed)
        self._fetching = Fetching(self._downloads, self._playbacks, self._memory)
        self._witness = Witness(self._clock, self._downloads, self._note_beginning)
        # By the addresses of recordings, the device's digits at which the last transfer began.
        self._begun: dict[str, datetime] = {}
        self._refiner = Refiner(self._clock, partial(self._survey.time, self._transport))
        self._polling = Polling(self._facts, self._clock, self._survey, self._searches, self._meter)
        self._rota: Rota[BudgetedTransport] | None = None

    @override
    async def connect(self) -> RecorderState:
        await self._survey.everything(BudgetedTransport(self._transport, REQUESTS_TO_CONNECT))
        if self._trees.is_old:
            self._live.doubt()
            await self._live.learn()
        self._rota = self._polling.rota()
        return self._renew()

    @override
    async def learn(self) -> RecorderState:
        await self._survey.thoroughly(self._transport)
        self._rota = self._polling.rota()
        return self._renew()

    @override
    async def poll(self) -> RecorderState:
        if self._rota is None:
            return await self.connect()
        online = self._online()
        await self._rota.round(BudgetedTransport(self._transport, REQUESTS_PER_ROUND))
        # Now that the login is known to be good.
        self._live.start()
        if self._online() != online:
            # A channel that comes back shows its streams again.
            self._rota.hurry("streams")
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
        size = None if width is None or height is None else (width, height)
        return await self._snapshots.fetch(self._facts.place(channel).stream_id(stream), size)

    @override
    def live_url(self, channel: Channel, stream: StreamName) -> str | None:
        place = self._facts.find_place(channel.number)
        refused = self.refused or self._live.refused
        if refused or place is None or channel.stream(stream) is None:
            return None
        return self._live.url(place, stream)

    @override
    def note_live_failed(self) -> None:
        self._live.doubt()

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
        # What is found may be cut next.
        self._refiner.start()
        await self._meter.ensure(self._searches.ask_in_turn)
        await self._refined()
        listed = partial(self._calendar.listed_days, place.stream_id(stream))
        spans = await self._spans(start, end, listed)
        async for recording in self._searches.search(
            place, spans, stream, kinds, self._witness.settle, self._recheck
        ):
            yield recording

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        place = self._facts.place(channel)
        await self._time_heard()
        device = self._clock.device
        main, sub = (place.stream_id(name) for name in (StreamName.MAIN, StreamName.SUB))
        days = await self._calendar.recorded_days(main, start, end, device)
        if days or not self._facts.records_sub(place):
            return days
        # Some record the sub stream of a channel only.
        try:
            return await self._calendar.recorded_days(sub, start, end, device)
        except NotSupportedError:
            return days

    @override
    def _note_begun(self, recording: Recording, moment: datetime) -> None:
        self._begun[recording.token] = self._clock.device.to_device(moment).replace(fold=0)
        while len(self._begun) > MAX_BEGUN:
            self._begun.pop(next(iter(self._begun)))

    @override
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        self._judge_footage(recording, wall, self._begun.get(recording.token))

    def _note_beginning(self, recording: Recording, wall: datetime) -> None:
        start = read_stamp(recording.start_device)
        self._judge_footage(recording, wall, None if start is None else start.digits)

    def _judge_footage(self, recording: Recording, wall: datetime, begun: datetime | None) -> None:
        start, end = read_stamp(recording.start_device), read_stamp(recording.end_device)
        if start is None or end is None or not self._clock.known:
            return
        convention = self._clock.device.convention_of(start.digits, end.digits, wall, begun=begun)
        if convention is not ClockConvention.UNKNOWN:
            evidence = (
                f"footage of the recording {recording.start_device} to {recording.end_device} "
                f"on the device shows {wall.isoformat(timespec='seconds')}"
            )
            self._clock.decide(convention, evidence, by_footage=True)

    @override
    async def close(self) -> None:
        self._vouch_no_more()
        self._session.close()
        self._playbacks.close()
        await self._refiner.close()
        await self._live.close()
        await self._snapshots.close()

    def _online(self) -> tuple[bool | None, ...]:
        state = self._facts.state()
        return tuple(channel.online for channel in state.channels)

    @override
    async def _prove_login(self) -> None:
        # Whatever it answers where that is unknown, the login was taken before.
        with suppress(InvalidAnswerError):
            answer = await self._session.request("GET", LOGIN_TEST_PATH)
            if answer.status == HTTPStatus.FORBIDDEN:
                self._session.judge_forbidden(answer.body)

    @override
    async def _ask_time(self) -> None:
        await self._survey.ask("time", self._transport)

    @override
    async def _reconsider(self) -> None:
        self._clock.doubt()
        self._meter.hurry()
        await self._meter.ensure(self._searches.ask_in_turn)

    def _likely_tracks(self) -> list[int]:
        """Return the tracks on which something is most likely being recorded now."""
        places = {place.number: place for place in self._facts.places()}
        channels = sorted(
            self._facts.state().channels,
            key=lambda channel: (not channel.recording, not channel.online),
        )
        return [places[channel.number].stream_id(StreamName.MAIN) for channel in channels]
