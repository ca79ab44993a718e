"""Small pictures that show what a saved clip begins with, or what a saved picture shows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from homeassistant.core import HomeAssistant
from PIL import Image

from .drivers.models import FootageClock
from .footage.cache import FootageCache
from .footage.part import FootagePart
from .footage.picture import make_picture
from .footage.workers import WorkerPool
from .library.clip import SavedClip
from .thumbnails import FILE, WIDTH, read_picture, write_picture

CHUNK_BYTES = 256 * 1024

_NO_NOTE_START = datetime(2000, 1, 1, tzinfo=UTC)
"""Taken for the beginning of a clip that doesn't tell; only its first picture is looked for."""

_NO_NOTE_DURATION = timedelta(minutes=1)


class ClipThumbnails:
    """Makes pictures of clips one at a time, for there is no hurry; a viewer who leaves ends the wait."""

    def __init__(self, hass: HomeAssistant, pool: WorkerPool, cache: FootageCache) -> None:
        """Initialize."""
        self._hass = hass
        self._pool = pool
        self._cache = cache
        self._turn = asyncio.Lock()

    async def picture(self, clip: SavedClip, file: Path) -> bytes:
        """Return a JPEG of the beginning of a clip that lies in ``file``.

        Raises:
            FootageError: It shows nothing.
            OSError: It can't be read.
        """
        # A clip that was deleted may be followed by another one of the same name.
        path = self._cache.folder(f"{'/'.join(clip.path.parts)} {clip.size_bytes}") / FILE
        async with self._turn:
            if (kept := await self._hass.async_add_executor_job(read_picture, path)) is not None:
                return kept
            if clip.path.is_picture:
                small = await self._hass.async_add_executor_job(_small_picture, file)
            else:
                part = self._part(clip, file)
                small = (await make_picture(self._pool, part, part.start, width=WIDTH)).jpeg
        await self._hass.async_add_executor_job(write_picture, path, small)
        return small

    def _part(self, clip: SavedClip, file: Path) -> FootagePart:
        @asynccontextmanager
        async def fetch(_start: datetime, _end: datetime) -> AsyncIterator[_FileBytes]:
            yield _FileBytes(self._hass, file)

        start = clip.note.start if clip.note else _NO_NOTE_START
        return FootagePart(
            start=start,
            end=start + (clip.note.duration if clip.note else _NO_NOTE_DURATION),
            clock=FootageClock(offsets=(timedelta(),), expected=start),
            fetch=fetch,
        )


def _small_picture(file: Path) -> bytes:
    """Return a small copy of a picture.

    Raises:
        OSError: It can't be read, or is none.
    """
    target = BytesIO()
    try:
        with Image.open(file, formats=("JPEG",)) as picture:
            picture.thumbnail((WIDTH, WIDTH))
            picture.save(target, "JPEG")
    except (Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise OSError("not a picture that can be shown") from error
    return target.getvalue()


class _FileBytes:
    """A clip's bytes from the beginning, as much of them as somebody wants."""

    whole = True

    def __init__(self, hass: HomeAssistant, file: Path) -> None:
        """Initialize."""
        self._hass = hass
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the chunks, in order."""
        offset = 0
        while chunk := await self._hass.async_add_executor_job(self._read, offset):
            offset += len(chunk)
            yield chunk

    def _read(self, offset: int) -> bytes:
        with self._file.open("rb") as file:
            file.seek(offset)
            return file.read(CHUNK_BYTES)
