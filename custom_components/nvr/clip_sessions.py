"""Clips that are being watched in parts, because not every browser decodes their file."""

from pathlib import Path
from time import monotonic

from homeassistant.core import HomeAssistant

from .footage.cache import FootageCache
from .footage.clip_playback import ClipPlayback
from .footage.codecs import read_clip
from .footage.converted import ConvertedParts, Converter
from .footage.workers import WorkerPool
from .library.clip import SavedClip
from .playback_session import PlaybackSession

SESSIONS_LIMIT = 8
"""Most clips of which the signed playlists are remembered."""


class ClipSessions:
    """Opens sessions when somebody watches. They hold nothing that has to be closed in time."""

    def __init__(
        self, hass: HomeAssistant, pool: WorkerPool, cache: FootageCache, converter: Converter
    ) -> None:
        """Initialize."""
        self._hass = hass
        self._pool = pool
        self._cache = cache
        self._converter = converter
        self._sessions: dict[str, PlaybackSession] = {}

    async def open(self, clip: SavedClip, file: Path) -> PlaybackSession:
        """Return the session of a clip that lies in ``file``.

        Raises:
            OSError: The clip can't be read.
            ValueError: Its file is none of ours.
        """
        # A clip that was deleted may be followed by another one of the same name.
        key = f"{'/'.join(clip.path.parts)} {clip.size_bytes} parts"
        session = self._sessions.pop(key, None)
        if session is None:
            codecs, duration = await self._hass.async_add_executor_job(read_clip, file)
            folder = self._cache.folder(key)
            copied = ClipPlayback(self._pool, file, duration, folder)
            converted = ConvertedParts(self._converter, copied, folder)
            session = PlaybackSession(copied, converted, codecs=codecs)
        session.used = monotonic()
        self._sessions[key] = session
        while len(self._sessions) > SESSIONS_LIMIT:
            await self._sessions.pop(next(iter(self._sessions))).close()
        return session

    async def close(self) -> None:
        """End what is being converted."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()
