"""The folder in which the parts of playbacks are kept, within bounds."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
import hashlib
from pathlib import Path
import shutil
import time

DEFAULT_MAX_BYTES = 2 << 30
DEFAULT_MAX_AGE = timedelta(hours=6)
# Making room a little at a time would mean making room all the time.
_TRIM_TO = 0.9


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    size: int
    used: float


class FootageCache:
    """A folder of its own, whose files may go at any time.

    The time of a file's last change tells when it was last used; what was not used for longest goes first. It never
    takes more than half of what the disk could give, for clips may need the same disk, and gives way to them at once.
    All file work runs in threads.
    """

    def __init__(
        self,
        root: Path,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        max_age: timedelta = DEFAULT_MAX_AGE,
    ) -> None:
        self._root = root
        self._max_bytes = max_bytes
        self._max_age = max_age.total_seconds()

    async def start(self) -> None:
        """Remove what an earlier run left behind and make the folder."""
        await asyncio.to_thread(self._clear)

    def _clear(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._root.mkdir(parents=True, exist_ok=True)

    def folder(self, key: str) -> Path:
        """Return the folder for what ``key`` names. It is made when it is needed."""
        return self._root / hashlib.sha256(key.encode()).hexdigest()[:32]

    async def remove(self, folder: Path) -> None:
        """Remove a folder of this cache and all in it."""
        if folder.parent != self._root:
            raise ValueError("not a folder of this cache")
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def trim(self) -> int:
        """Remove what is too old or too much; return how many bytes are left. Call it once a minute."""
        return await asyncio.to_thread(self._trim)

    def _trim(self) -> int:
        oldest = time.time() - self._max_age
        kept = sorted(self._files(), key=lambda file: file.used)
        total = sum(file.size for file in kept)
        limit = min(self._max_bytes, (total + self._free_bytes()) // 2)
        goal = total if total <= limit else int(limit * _TRIM_TO)
        for file in kept:
            if total <= goal and file.used >= oldest:
                break
            file.path.unlink(missing_ok=True)
            total -= file.size
        self._remove_empty()
        return total

    def give_way(self, wanted: int, place: Path) -> None:
        """Remove so many bytes, of what was not used for longest, for something else in a place on the same disk.

        Blocks. What lies on another disk is not in the way.

        Raises:
            OSError: The place can't be looked at.
        """
        try:
            disk = self._root.stat().st_dev
        except FileNotFoundError:
            # Nothing has been played yet.
            return
        if disk != place.stat().st_dev:
            return
        for file in sorted(self._files(), key=lambda file: file.used):
            if wanted <= 0:
                return
            file.path.unlink(missing_ok=True)
            wanted -= file.size

    def _free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._root).free
        except OSError:
            # Nothing has been played yet.
            return 0

    def _files(self) -> list[_Kept]:
        found = []
        for path in self._root.glob("*/*"):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            found.append(_Kept(path, status.st_size, status.st_mtime))
        return found

    def _remove_empty(self) -> None:
        for folder in self._root.glob("*"):
            try:
                folder.rmdir()
            except OSError:
                # It is in use.
                continue

    async def close(self) -> None:
        """Remove the folder and all in it."""
        await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)
