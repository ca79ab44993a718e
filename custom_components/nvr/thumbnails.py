"""Pictures that show what a recording begins with: made once, kept for a while."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .drivers.errors import NoFootageError
from .footage.cache import FootageCache
from .footage.picture import make_picture
from .footage.workers import WorkerPool
from .library.maker import footage_part
from .media_identifier import RecordingIdentifier
from .recordings import find_recording

FILE = "begin.jpg"
"""The picture lies beside the parts of the recording's playback, within the bounds of the cache."""

WIDTH = 320
"""Of a picture, in pixels; the media browser shows tiles of about this size."""


class Thumbnails:
    """Makes a recorder's pictures one at a time: playing and saving matter more.

    A picture that several ask for is made once, and no more once all have gone.
    """

    def __init__(self, hass: HomeAssistant, pool: WorkerPool, cache: FootageCache) -> None:
        """Initialize."""
        self._hass = hass
        self._pool = pool
        self._cache = cache
        self._making: dict[RecordingIdentifier, asyncio.Task[bytes]] = {}
        self._waiting: defaultdict[RecordingIdentifier, int] = defaultdict(int)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def picture(self, entry: NvrConfigEntry, identifier: RecordingIdentifier) -> bytes:
        """Return a JPEG of the beginning of a recording.

        Raises:
            DriverError: The recorder can't be asked, or has the recording no more.
            FootageError: Its footage shows nothing.
        """
        path = self._cache.folder(str(identifier)) / FILE
        if (kept := await self._hass.async_add_executor_job(_read, path)) is not None:
            return kept
        task = self._making.get(identifier)
        if task is None:
            task = self._making[identifier] = entry.async_create_background_task(
                self._hass, self._make(entry, identifier, path), f"{DOMAIN} thumbnail"
            )
        self._waiting[identifier] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting[identifier] -= 1
            if not self._waiting[identifier]:
                # Whoever comes next must not find a task that is being cancelled.
                del self._waiting[identifier], self._making[identifier]
                if not task.cancel() and not task.cancelled():
                    task.exception()

    async def _make(
        self, entry: NvrConfigEntry, identifier: RecordingIdentifier, path: Path
    ) -> bytes:
        async with self._turns[entry.entry_id]:
            driver = entry.runtime_data.driver
            recording = await find_recording(
                driver, identifier.channel, identifier.stream, identifier.start, identifier.end
            )
            if recording is None:
                raise NoFootageError("The recording is no more")
            part = footage_part(driver, recording)
            picture = await make_picture(self._pool, part, recording.start, width=WIDTH)
        await self._hass.async_add_executor_job(_write, path, picture.jpeg)
        return picture.jpeg


def _read(path: Path) -> bytes | None:
    with suppress(OSError):
        return path.read_bytes()
    return None


def _write(path: Path, data: bytes) -> None:
    """Keep a picture if that is possible; it can be made again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.rename(path)
