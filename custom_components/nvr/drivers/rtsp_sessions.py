"""Sessions of RTSP in which recordings of one device are played, one at a time: they are its one bulk transfer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress

from .answer import StalledError
from .errors import CannotConnectError, InvalidAnswerError, NoFootageError, NotSupportedError
from .guard import LoginGuard
from .models import Connection, Right
from .rtsp.authentication import Authentication
from .rtsp.connection import RtspConnection, Tally
from .rtsp.description import Description
from .rtsp.guard import RtspGuard
from .rtsp.message import Frame
from .rtsp.packet import is_rtp
from .rtsp.refusals import NoSlotError, NotTakenError, NotThereError
from .rtsp.session import NO_HEADERS, PlayedTrack, RtspSession, playing
from .slot import TransferSlot

# A session that somebody left without a word stays up for a minute; together these are a little more.
SLOT_PAUSES_SECONDS = (2.0, 4.0, 8.0, 16.0, 32.0)
# Some recorders answer all as if they had footage, and never send any.
FIRST_FRAME_SECONDS = 15.0
# Before the first picture there may be seconds of sound, which is far less.
MAX_FIRST_BYTES = 16 * 1024 * 1024


class RtspSessions:
    """Opens sessions under one guard, and ends them all where the driver is closed."""

    def __init__(self, connection: Connection, guard: LoginGuard, bulk: TransferSlot) -> None:
        """Initialize; ``guard`` is the recorder's, ``bulk`` its one place for a transfer."""
        self._connection = connection
        self._guard = RtspGuard(guard)
        self._bulk = bulk
        self._running: set[RtspConnection] = set()
        self._closed = False
        self.tally = Tally()

    @property
    def host(self) -> str:
        """The host as it stands in an address."""
        host = self._connection.host
        return f"[{host}]" if ":" in host else host

    @asynccontextmanager
    async def in_turn[Opened](
        self,
        begin: Callable[[], AbstractAsyncContextManager[Opened]],
        pauses: Sequence[float] = SLOT_PAUSES_SECONDS,
    ) -> AsyncIterator[Opened]:
        """Enter what ``begin`` returns once no other transfer runs. Raises DriverError.

        Where the device has no session left, it is begun again after each of the pauses (seconds).
        """
        left = iter(pauses)
        while True:
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self._bulk)
                try:
                    opened = await stack.enter_async_context(begin())
                except NoSlotError:
                    if (pause := next(left, None)) is None:
                        raise
                else:
                    yield opened
                    return
            # Others have their turn meanwhile.
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def open(self, address: str, port: int) -> AsyncIterator[RtspSession]:
        """Open a session with an address (without credentials) on a port of the device. Raises DriverError."""
        if self._closed:
            raise CannotConnectError("the driver has been closed")
        login = Authentication(
            self._connection.username,
            self._connection.password,
            digest_only=self._connection.digest_only,
        )
        connection = RtspConnection(self._connection.host, port, login, self._guard, self.tally)
        self._running.add(connection)
        try:
            with self._guard.apart():
                async with playing(connection, address, right=Right.PLAYBACK) as session:
                    yield session
        finally:
            self._running.discard(connection)

    def close(self) -> None:
        """End what runs, and begin nothing any more."""
        self._closed = True
        for connection in tuple(self._running):
            connection.abort()


async def set_up(
    session: RtspSession, description: Description, headers: Mapping[str, str] = NO_HEADERS
) -> None:
    """Set up pictures, and sound where that works. Raises DriverError."""
    pictures, sound = (description.track(media) for media in ("video", "audio"))
    if pictures is None:
        raise NotSupportedError("the recorder plays no pictures that we know")
    await session.setup(pictures, headers)
    if sound is not None:
        # Better without than not at all.
        with suppress(NotTakenError, NotThereError, NoSlotError):
            await session.setup(sound, headers)


async def first_of(track: PlayedTrack, frames: AsyncIterator[list[Frame]]) -> list[Frame]:
    """Return all up to the first packet of pictures.

    Raises NoFootageError where none comes, InvalidAnswerError where too much else does.
    """
    found: list[Frame] = []
    size = 0
    try:
        async with asyncio.timeout(FIRST_FRAME_SECONDS):
            async for batch in frames:
                found += batch
                size += sum(len(one.raw) for one in batch)
                if size > MAX_FIRST_BYTES:
                    raise InvalidAnswerError("the recorder sends much and no pictures")
                if any(one.channel == track.channel and is_rtp(one.payload) for one in batch):
                    return found
    except TimeoutError, StalledError:
        pass
    raise NoFootageError("the recorder plays nothing there")
