"""Footage of a recording by playing it over RTSP, where it can't be downloaded or not at the right place."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import datetime

from .clock import DeviceClock
from .driver import Download
from .errors import DriverError, NoFootageError, NotSupportedError
from .guard import LoginGuard
from .memory import PLAYBACK_FORM, PLAYBACK_RANGE, PLAYBACK_TELLS_TIME, DeviceMemory
from .models import Connection, Recording
from .playable import BY_CLOCK, Playable
from .playback_footage import PlayedFootage, TimeWitness
from .rtsp.connection import Tally
from .rtsp.container import container_head
from .rtsp.description import Description
from .rtsp.refusals import INVALID_RANGE, NotTakenError, NotThereError
from .rtsp.session import DEFAULT_PORT, RtspSession, Started
from .rtsp_sessions import SLOT_PAUSES_SECONDS, RtspSessions, first_of, set_up
from .slot import TransferSlot

MOMENTS = 2
SILENCE_SECONDS = 10.0

type MakePlayable = Callable[[Recording, datetime, datetime, DeviceClock], Playable]


class Playbacks:
    """Plays recordings of one device, one at a time: it is the recorder's one bulk transfer."""

    def __init__(
        self,
        connection: Connection,
        memory: DeviceMemory,
        guard: LoginGuard,
        bulk: TransferSlot,
        *,
        port: Callable[[], int | None],
        playable: MakePlayable,
    ) -> None:
        """Initialize; ``port`` is where the device says that it offers RTSP, ``playable`` knows its addresses."""
        self._connection = connection
        self._port = port
        self._playable = playable
        self._memory = memory
        self._bulk = bulk
        self._sessions = RtspSessions(connection, guard, bulk)

    @property
    def tally(self) -> Tally:
        """What was asked over RTSP."""
        return self._sessions.tally

    @property
    def proven(self) -> bool:
        """Whether this device has ever played a recording."""
        return self._memory.text(PLAYBACK_FORM) is not None

    @property
    def tells_time(self) -> bool | None:
        """Whether what this device plays carries the time at which it was filmed, None before that was seen."""
        return self._memory.flag(PLAYBACK_TELLS_TIME)

    @asynccontextmanager
    async def open(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        clock: Callable[[], DeviceClock],
        *,
        patient: bool = True,
        yields: bool = False,
    ) -> AsyncIterator[Download]:
        """Play [start, end) of a recording. Raises DriverError.

        Where the device has no slot left, one is waited for: as long as a forgotten session holds it if
        ``patient``, else only for moments. One that ``yields`` raises DeviceBusyError after a while when
        another transfer waits: what is played at natural speed would keep the recorder to itself for hours.
        """
        if not recording.token:
            raise NoFootageError("the recorder gave no address for this recording")
        pauses = SLOT_PAUSES_SECONDS if patient else SLOT_PAUSES_SECONDS[:MOMENTS]
        async with self._sessions.in_turn(
            lambda: self._playing(recording, start, end, clock()), pauses
        ) as download:
            if yields:
                download.take_turns(lambda: self._bulk.wanted)
            yield download

    def close(self) -> None:
        """End what runs, and begin nothing any more."""
        self._sessions.close()

    @asynccontextmanager
    async def _playing(
        self, recording: Recording, start: datetime, end: datetime, device: DeviceClock
    ) -> AsyncIterator[PlayedFootage]:
        """Play, by the form of address that this device knows."""
        playable = self._playable(recording, start, end, device)
        known = self._memory.text(PLAYBACK_FORM)
        port = self._connection.rtsp_port or self._port() or DEFAULT_PORT
        error: DriverError = NoFootageError(
            "the recorder gave no address to play this recording from"
        )
        for name, address in playable.addresses(self._sessions.host, port, known).items():
            async with AsyncExitStack() as stack:
                session = await stack.enter_async_context(self._sessions.open(address, port))
                try:
                    download = await self._begin(stack, session, playable, name, device)
                except (NotThereError, NotTakenError) as err:
                    if name == known:
                        raise
                    error = err
                    continue
                self._memory.keep(PLAYBACK_FORM, name)
                yield download
                return
        raise error

    async def _begin(
        self,
        stack: AsyncExitStack,
        session: RtspSession,
        playable: Playable,
        form: str,
        device: DeviceClock,
    ) -> PlayedFootage:
        """Return footage that has begun to arrive. Raises DriverError for anything else."""
        description = await session.describe()
        await set_up(session, description)
        started = await self._play(session, playable, form, description)
        frames = await stack.enter_async_context(aclosing(session.frames(SILENCE_SECONDS)))
        first = await first_of(session.tracks[0], frames)
        begun = playable.begun(form, started, description)
        instant = None if begun is None else device.to_utc(begun)
        head = container_head(session.tracks, started.infos, instant)
        track = session.tracks[0]
        witness = TimeWitness(track, playable.moments(device), self._note_time)
        return PlayedFootage(track, head, first, frames, playable.span(begun), witness)

    def _note_time(self, tells: bool) -> None:
        self._memory.keep(PLAYBACK_TELLS_TIME, tells)

    async def _play(
        self, session: RtspSession, playable: Playable, form: str, description: Description
    ) -> Started:
        """Play from the asked start, by the form of range that this device takes."""
        known = self._memory.text(PLAYBACK_RANGE)
        if playable.start_was_ignored(description):
            known = BY_CLOCK
        error: DriverError = NotSupportedError("the recorder takes no form of range")
        ranges = playable.ranges(form)
        for name in sorted(ranges, key=lambda entry: entry != known):
            try:
                started = await session.play(range=ranges[name])
            except NotTakenError as err:
                error = err
            except NotThereError as err:
                if err.status != INVALID_RANGE:
                    raise
                error = err
            else:
                self._memory.keep(PLAYBACK_RANGE, name)
                return started
        raise error
