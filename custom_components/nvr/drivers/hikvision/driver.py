"""The Hikvision driver: one recorder over ISAPI."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from typing import override

from aiohttp import ClientSession

from ..driver import Download, Driver, Memory, Traffic
from ..errors import NotSupportedError
from ..guard import LoginGuard
from ..http import RecorderSession
from ..models import (
    Channel,
    Connection,
    FootageClock,
    RecordedDay,
    RecorderState,
    Recording,
    RecordingKind,
    StreamName,
)
from .clock import RecorderClock
from .facts import ChannelPlace, Facts
from .faults import read_refusal
from .live import live_url
from .memory import CREDENTIALS_WORKED, DeviceMemory
from .rota import Rota, Turn
from .snapshot import Snapshots
from .survey import Survey
from .transport import BudgetedTransport, HttpTransport

# Entry set-up may cost so much, however many channels there are.
REQUESTS_TO_CONNECT = 12

MINUTE = 60.0


class HikvisionDriver(Driver):
    """Speaks ISAPI with one recorder or camera."""

    def __init__(self, connection: Connection, session: ClientSession, memory: Memory) -> None:
        """Initialize. ``session`` stays the caller's; its connector decides on TLS."""
        self._connection = connection
        self._memory = DeviceMemory(memory)
        self._guard = LoginGuard(proven=self._memory.flag(CREDENTIALS_WORKED) is True)
        self._session = RecorderSession(connection, session, self._guard, read_refusal)
        self._transport = HttpTransport(self._session)
        self._facts = Facts()
        self._clock = RecorderClock(self._memory)
        self._survey = Survey(self._facts, self._clock, self._memory)
        self._snapshots = Snapshots(self._transport, self._memory)
        self._rota: Rota | None = None
        self._state: RecorderState | None = None

    @override
    async def connect(self) -> RecorderState:
        await self._survey.everything(BudgetedTransport(self._transport, REQUESTS_TO_CONNECT))
        self._rota = self._make_rota()
        return self._renew()

    @override
    async def poll(self) -> RecorderState:
        if self._rota is None:
            return await self.connect()
        online = self._online()
        await self._rota.round(self._transport)
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
        return await self._snapshots.fetch(self._place(channel).stream_id(stream), size)

    @override
    def live_url(self, channel: Channel, stream: StreamName) -> str | None:
        place = self._facts.place(channel.number)
        if self.refused or place is None or channel.stream(stream) is None:
            return None
        return live_url(self._connection, self._facts, place, stream)

    @override
    def search(
        self,
        channel: int,
        start: datetime,
        end: datetime,
        *,
        stream: StreamName = StreamName.MAIN,
        kinds: frozenset[RecordingKind] | None = None,
    ) -> AsyncIterator[Recording]:
        raise NotImplementedError

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        raise NotImplementedError

    @override
    def download(
        self, recording: Recording, start: datetime, end: datetime
    ) -> AbstractAsyncContextManager[Download]:
        raise NotImplementedError

    @override
    def footage_clock(self, recording: Recording) -> FootageClock:
        raise NotImplementedError

    @override
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        raise NotImplementedError

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
        return self._guard.on_refused_changed(listener)

    @property
    @override
    def traffic(self) -> Traffic:
        return self._session.traffic

    @property
    @override
    def memory(self) -> Memory:
        if self._guard.proven:
            self._memory.keep(CREDENTIALS_WORKED, value=True)
        return self._memory.values

    @override
    async def close(self) -> None:
        await self._snapshots.close()

    def _renew(self) -> RecorderState:
        self._facts.clock = self._clock.clock
        self._state = self._facts.state()
        return self._state

    def _online(self) -> tuple[bool | None, ...]:
        state = self._facts.state()
        return tuple(channel.online for channel in state.channels)

    def _place(self, channel: int) -> ChannelPlace:
        place = self._facts.place(channel)
        if place is None:
            raise NotSupportedError(f"the recorder has no channel {channel}")
        return place

    def _make_rota(self) -> Rota:
        """Set up polling. Status each minute; what changes rarely takes its turn."""
        survey, facts = self._survey, self._facts
        time = Turn(name="time", seconds=5 * MINUTE, ask=survey.time)
        turns = [
            Turn(
                name="statuses",
                seconds=0,
                ask=survey.statuses,
                wanted=lambda: bool(facts.ip_channels) and facts.statuses is not None,
            ),
            Turn(
                name="inputs",
                seconds=0,
                ask=survey.inputs,
                wanted=lambda: any(entry.signal for entry in facts.inputs or ()),
            ),
            Turn(
                name="working",
                seconds=0,
                ask=survey.working,
                wanted=lambda: facts.working is not None,
            ),
            time,
            Turn(
                name="status",
                seconds=5 * MINUTE,
                ask=survey.status,
                wanted=lambda: "last_boot" not in facts.absent,
            ),
            Turn(name="disks", seconds=5 * MINUTE, ask=survey.disks),
            Turn(
                name="streams",
                seconds=15 * MINUTE,
                ask=survey.streams,
                wanted=lambda: facts.streams_listed,
            ),
            Turn(name="identity", seconds=30 * MINUTE, ask=survey.identity),
            Turn(
                name="channels",
                seconds=15 * MINUTE,
                ask=survey.ip_channels,
                wanted=lambda: facts.ip_channels is not None,
            ),
            Turn(
                name="rtsp_port",
                seconds=60 * MINUTE,
                ask=survey.rtsp_port,
                wanted=lambda: facts.rtsp_port is not None,
            ),
        ]
        return Rota(turns, last=replace(time))
