"""Recordings that are being watched: one playback for all viewers of the same recording."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
import math
from time import monotonic

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .drivers.driver import Purpose
from .drivers.errors import CannotConnectError, NoFootageError
from .drivers.models import StreamName
from .footage.cache import FootageCache
from .footage.codecs import PartCodecs, presumed_codecs
from .footage.converted import ConvertedParts, Converter
from .footage.playback import Playback, PlaybackBounds
from .footage.workers import WorkerPool
from .footage_parts import footage_part
from .media_identifier import RecordingIdentifier
from .playback_session import PlaybackSession
from .recordings import find_recording

IDLE_SECONDS = 60
"""A player that is paused asks for nothing; when it goes on later, its session is opened again."""

BOUNDS = PlaybackBounds(idle=timedelta(seconds=3))
"""A recorder has one bulk transfer for all: a player that is two minutes ahead lets go of it at once,
so that clips are saved and others watch meanwhile."""

SESSIONS_LIMIT = 8
"""Most recordings watched at the same time; the one unused for longest gives way."""

LONGEST_SLOT = timedelta(seconds=15)
"""Of a part of a recording; a player waits for the whole of one."""

SLOTS_LIMIT = 512
"""Of how many recordings the length of the parts is remembered."""


class PlaybackSessions:
    """Opens sessions when somebody watches, and closes them when nobody does any more."""

    def __init__(
        self,
        hass: HomeAssistant,
        pool: WorkerPool,
        cache: FootageCache,
        converter: Converter,
        on_use: Callable[[str], None],
    ) -> None:
        """Initialize; ``on_use`` is told the id of an entry whenever its footage is asked for."""
        self._on_use = on_use
        self._hass = hass
        self._pool = pool
        self._cache = cache
        self._converter = converter
        self._opening: dict[RecordingIdentifier, asyncio.Task[PlaybackSession]] = {}
        self._sessions: dict[RecordingIdentifier, PlaybackSession] = {}
        self._slots: dict[RecordingIdentifier, timedelta] = {}
        self._codecs: dict[tuple[str, int, StreamName], PartCodecs] = {}
        self._longest_gops: dict[tuple[str, int, StreamName], timedelta] = {}
        self._cancel_sweep: CALLBACK_TYPE | None = None

    async def open(self, entry: NvrConfigEntry, identifier: RecordingIdentifier) -> PlaybackSession:
        """Return the session of a recording, made now if there is none.

        Raises:
            DriverError: The recorder can't be asked, or has the recording no more.
        """
        self._on_use(entry.entry_id)
        if (session := self._sessions.get(identifier)) is None:
            task = self._opening.get(identifier)
            if task is None:
                # A viewer who leaves takes nothing away from the others who wait for the same.
                task = self._opening[identifier] = entry.async_create_background_task(
                    self._hass, self._open(entry, identifier), f"{DOMAIN} playback"
                )
                task.add_done_callback(partial(self._opened, identifier))
            await asyncio.wait([task])
            if task.cancelled():
                raise CannotConnectError("The recorder was unloaded")
            session = task.result()
        session.used = monotonic()
        return session

    @callback
    def _opened(self, identifier: RecordingIdentifier, task: asyncio.Task[PlaybackSession]) -> None:
        self._opening.pop(identifier, None)
        # What it failed with is of no interest when all who waited have left.
        if not task.cancelled():
            task.exception()

    async def _open(
        self, entry: NvrConfigEntry, identifier: RecordingIdentifier
    ) -> PlaybackSession:
        driver = entry.runtime_data.driver
        recording = await find_recording(
            driver, identifier.channel, identifier.stream, identifier.start, identifier.end
        )
        if recording is None:
            raise NoFootageError("The recording is no more")
        while len(self._sessions) >= SESSIONS_LIMIT:
            oldest = min(self._sessions, key=lambda one: self._sessions[one].used)
            await self._close(oldest)
        part = footage_part(driver, recording, Purpose.PLAY)
        slot = self._slot(identifier)
        # Parts made before the recording grew or the clock was known better don't fit the others.
        folder = self._cache.folder(f"{identifier} {part.start} {part.end} {part.clock} {slot}")
        workers = self._pool.share(entry.entry_id)
        playback = Playback(
            workers,
            part,
            folder,
            bounds=replace(BOUNDS, slot=slot),
            on_transfer=partial(self._others_give_way, identifier),
        )
        session = PlaybackSession(
            playback,
            ConvertedParts(self._converter, playback, folder),
            entry.entry_id,
            presumed=self.codecs_expected(entry, identifier.channel, identifier.stream),
        )
        self._sessions[identifier] = session
        self._sweep_later()
        return session

    @callback
    def _others_give_way(self, identifier: RecordingIdentifier) -> None:
        """Let other playbacks of a recorder let go of it: it sends one transfer at a time."""
        for other, session in self._sessions.items():
            if other != identifier and other.entry_id == identifier.entry_id:
                session.copied.give_way()

    def codecs_expected(
        self, entry: NvrConfigEntry, number: int, stream: StreamName
    ) -> PartCodecs | None:
        """Return what a stream's recordings presumably have, None if nothing is known of it.

        What was seen of the stream's footage counts more than what the recorder says: that is sometimes wrong,
        and true of recordings made now at best.
        """
        wanted = (entry.entry_id, number, stream)
        seen = next(
            (
                session.codecs
                for identifier, session in self._sessions.items()
                if session.codecs is not None and _stream_of(identifier) == wanted
            ),
            self._codecs.get(wanted),
        )
        if seen is not None:
            return seen
        channel = entry.runtime_data.coordinator.data.channel(number)
        return None if channel is None else presumed_codecs(channel.stream(stream))

    async def close_entry(self, entry_id: str) -> None:
        """Close the sessions of a recorder that is unloaded, and open no more that were asked for."""
        for identifier, task in self._opening.items():
            if identifier.entry_id == entry_id:
                task.cancel()
        await self._close_all(
            [one for one, session in self._sessions.items() if session.entry_id == entry_id]
        )

    async def close(self) -> None:
        """Close all sessions."""
        await self._close_all(list(self._sessions))

    async def _close_all(self, identifiers: list[RecordingIdentifier]) -> None:
        for identifier in identifiers:
            await self._close(identifier)
        if not self._sessions and self._cancel_sweep is not None:
            self._cancel_sweep()
            self._cancel_sweep = None

    async def _close(self, identifier: RecordingIdentifier) -> None:
        if (session := self._sessions.pop(identifier, None)) is not None:
            self._learn(identifier, session)
            # Who waits for it may be cancelled; nobody else would end the transfer then.
            await asyncio.shield(
                self._hass.async_create_task(session.close(), f"{DOMAIN} playback end")
            )

    def _slot(self, identifier: RecordingIdentifier) -> timedelta:
        """Return how long the parts of a recording are.

        No shorter than the longest group of pictures seen on its stream, and once chosen always the
        same: a paused player goes on by the playlist that it has.
        """
        slot = self._slots.pop(identifier, None)
        if slot is None:
            slot = max(BOUNDS.slot, self._longest_gops.get(_stream_of(identifier), BOUNDS.slot))
        self._slots[identifier] = slot
        while len(self._slots) > SLOTS_LIMIT:
            self._slots.pop(next(iter(self._slots)))
        return slot

    def _learn(self, identifier: RecordingIdentifier, session: PlaybackSession) -> None:
        stream = _stream_of(identifier)
        if session.codecs is not None:
            self._codecs[stream] = session.codecs
        whole_seconds = timedelta(seconds=math.ceil(session.longest_gop.total_seconds()))
        longest = max(whole_seconds, self._longest_gops.get(stream, whole_seconds))
        self._longest_gops[stream] = min(longest, LONGEST_SLOT)

    @callback
    def _sweep_later(self) -> None:
        if self._cancel_sweep is None:
            self._cancel_sweep = async_call_later(
                self._hass,
                IDLE_SECONDS / 2,
                HassJob(self._sweep, f"{DOMAIN} idle playbacks", cancel_on_shutdown=True),
            )

    async def _sweep(self, _: object) -> None:
        """Close what nobody has asked for a while."""
        self._cancel_sweep = None
        idle = monotonic() - IDLE_SECONDS
        await self._close_all(
            [one for one, session in self._sessions.items() if session.used <= idle]
        )
        if self._sessions:
            self._sweep_later()


def _stream_of(identifier: RecordingIdentifier) -> tuple[str, int, StreamName]:
    return identifier.entry_id, identifier.channel, identifier.stream
