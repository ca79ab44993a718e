"""Footage of a recording by playing it over RTSP, where it can't be downloaded or not at the right place."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from datetime import datetime

from .answer import StalledError
from .clock import DeviceClock
from .driver import Download
from .errors import (
    CannotConnectError,
    DriverError,
    NoFootageError,
    NotSupportedError,
)
from .guard import LoginGuard
from .memory import PLAYBACK_FORM, PLAYBACK_RANGE, PLAYBACK_TELLS_TIME, DeviceMemory
from .models import Connection, Recording, Right
from .playable import BY_CLOCK, Playable
from .playback_footage import PlayedFootage, TimeWitness
from .rtsp.authentication import Authentication
from .rtsp.connection import RtspConnection, Tally
from .rtsp.container import container_head
from .rtsp.description import Description
from .rtsp.guard import RtspGuard
from .rtsp.message import Frame
from .rtsp.packet import is_rtp
from .rtsp.refusals import INVALID_RANGE, NoSlotError, NotTakenError, NotThereError
from .rtsp.session import DEFAULT_PORT, PlayedTrack, RtspSession, Started, playing
from .slot import TransferSlot

# A session that somebody left without a word stays up for a minute; together these are a little more.
SLOT_PAUSES_SECONDS = (2.0, 4.0, 8.0, 16.0, 32.0)
MOMENTS = 2
# Some recorders answer all as if they had footage, and never send any.
FIRST_FRAME_SECONDS = 15.0
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
        self._guard = RtspGuard(guard)
        self._bulk = bulk
        self._running: set[RtspConnection] = set()
        self._closed = False
        self.tally = Tally()

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
        pauses = iter(SLOT_PAUSES_SECONDS if patient else SLOT_PAUSES_SECONDS[:MOMENTS])
        while True:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self._bulk)
                try:
                    download = await stack.enter_async_context(
                        self._playing(recording, start, end, clock())
                    )
                except NoSlotError:
                    if (pause := next(pauses, None)) is None:
                        raise
                else:
                    if yields:
                        download.take_turns(lambda: self._bulk.wanted)
                    yield download
                    return
            # Others have their turn meanwhile.
            await asyncio.sleep(pause)

    def close(self) -> None:
        """End what runs, and begin nothing any more."""
        self._closed = True
        for connection in tuple(self._running):
            connection.abort()

    @asynccontextmanager
    async def _playing(
        self, recording: Recording, start: datetime, end: datetime, device: DeviceClock
    ) -> AsyncIterator[PlayedFootage]:
        """Play, by the form of address that this device knows."""
        playable = self._playable(recording, start, end, device)
        known = self._memory.text(PLAYBACK_FORM)
        host, port = self._server
        error: DriverError = NoFootageError(
            "the recorder gave no address to play this recording from"
        )
        for name, address in playable.addresses(host, port, known).items():
            async with AsyncExitStack() as stack:
                session = await stack.enter_async_context(self._session(address))
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

    @property
    def _server(self) -> tuple[str, int]:
        """The host as it stands in an address, and the port: the user's before the one that the device reports."""
        host = self._connection.host
        port = self._connection.rtsp_port or self._port() or DEFAULT_PORT
        return f"[{host}]" if ":" in host else host, port

    @asynccontextmanager
    async def _session(self, address: str) -> AsyncIterator[RtspSession]:
        if self._closed:
            raise CannotConnectError("the driver has been closed")
        login = Authentication(
            self._connection.username,
            self._connection.password,
            digest_only=self._connection.digest_only,
        )
        connection = RtspConnection(
            self._connection.host, self._server[1], login, self._guard, self.tally
        )
        self._running.add(connection)
        try:
            with self._guard.apart(Right.PLAYBACK):
                async with playing(connection, address, right=Right.PLAYBACK) as session:
                    yield session
        finally:
            self._running.discard(connection)

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
        await _set_up(session, description)
        started = await self._play(session, playable, form, description)
        frames = await stack.enter_async_context(aclosing(session.frames(SILENCE_SECONDS)))
        first = await _first_of(session.tracks[0], frames)
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


async def _set_up(session: RtspSession, description: Description) -> None:
    pictures, sound = (description.track(media) for media in ("video", "audio"))
    if pictures is None:
        raise NotSupportedError("the recorder plays no pictures that we know")
    await session.setup(pictures)
    if sound is not None:
        # Better without than not at all.
        with suppress(NotTakenError, NotThereError, NoSlotError):
            await session.setup(sound)


async def _first_of(track: PlayedTrack, frames: AsyncIterator[list[Frame]]) -> list[Frame]:
    """Return all up to the first packet of pictures. Raises NoFootageError where none comes."""
    found: list[Frame] = []
    try:
        async with asyncio.timeout(FIRST_FRAME_SECONDS):
            async for batch in frames:
                found += batch
                if any(one.channel == track.channel and is_rtp(one.payload) for one in batch):
                    return found
    except TimeoutError, StalledError:
        pass
    raise NoFootageError("the recorder plays nothing there")
