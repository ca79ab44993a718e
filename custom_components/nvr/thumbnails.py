"""Pictures that show what a recording begins with: made once, kept for a while."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from time import monotonic

from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .drivers.driver import Purpose
from .drivers.errors import DeviceBusyError, NoFootageError
from .footage.cache import FootageCache
from .footage.picture import make_picture
from .footage.workers import WorkerPool
from .footage_parts import footage_part
from .media_identifier import RecordingIdentifier
from .recordings import find_recording

FILE = "begin.jpg"
"""The picture lies among the parts of playbacks, within the bounds of the cache."""

WIDTH = 320
"""Of a picture, in pixels; the media browser shows tiles of about this size."""


PLAYING_SECONDS = 10
"""How long after its last request a player is taken to go on; it asks every few seconds."""


class Thumbnails:
    """Makes a recorder's pictures one at a time: playing and saving matter more.

    A picture that several ask for is made once, and no more once all have gone. While somebody watches
    a recording none is made: a browser has six connections to Home Assistant, and pictures that wait
    for the recorder would keep them from the player.
    """

    def __init__(self, hass: HomeAssistant, pool: WorkerPool, cache: FootageCache) -> None:
        """Initialize."""
        self._hass = hass
        self._pool = pool
        self._cache = cache
        self._making: dict[RecordingIdentifier, asyncio.Task[bytes]] = {}
        self._waiting: defaultdict[RecordingIdentifier, int] = defaultdict(int)
        self._playing: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def picture(self, entry: NvrConfigEntry, identifier: RecordingIdentifier) -> bytes:
        """Return a JPEG of the beginning of a recording.

        Raises:
            DriverError: The recorder can't be asked or is busy, or has the recording no more.
            FootageError: Its footage shows nothing.
        """
        path = self._cache.folder(str(identifier)) / FILE
        if (kept := await self._hass.async_add_executor_job(read_picture, path)) is not None:
            return kept
        if monotonic() - self._playing.get(entry.entry_id, -PLAYING_SECONDS) < PLAYING_SECONDS:
            raise _busy()
        task = self._making.get(identifier)
        if task is None:
            task = self._making[identifier] = entry.async_create_background_task(
                self._hass, self._make(entry, identifier, path), f"{DOMAIN} thumbnail"
            )
        self._waiting[identifier] += 1
        try:
            await asyncio.wait([task])
            if task.cancelled():
                raise _busy()
            return task.result()
        finally:
            self._waiting[identifier] -= 1
            if not self._waiting[identifier]:
                del self._waiting[identifier]
                self._give_up(identifier)

    @callback
    def give_way(self, entry_id: str) -> None:
        """Note that somebody watches a recording of this recorder, and let its pictures be."""
        self._playing[entry_id] = monotonic()
        for identifier in [one for one in self._making if one.entry_id == entry_id]:
            self._give_up(identifier)

    @callback
    def _give_up(self, identifier: RecordingIdentifier) -> None:
        # Whoever comes next must not find a task that is being cancelled.
        if (task := self._making.pop(identifier, None)) is not None:
            task.cancel()

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
            part = footage_part(driver, recording, Purpose.PICTURE)
            picture = await make_picture(
                self._pool.share(entry.entry_id), part, recording.start, width=WIDTH
            )
        await self._hass.async_add_executor_job(write_picture, path, picture.jpeg)
        return picture.jpeg


def _busy() -> DeviceBusyError:
    return DeviceBusyError("Somebody watches a recording")


def read_picture(path: Path) -> bytes | None:
    """Return a picture that was kept, None where there is none."""
    with suppress(OSError):
        return path.read_bytes()
    return None


def write_picture(path: Path, data: bytes) -> None:
    """Keep a picture if that is possible; it can be made again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(data)
        part.rename(path)
