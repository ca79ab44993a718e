"""A file system of its own for the clips, small enough to be filled."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
import errno
import os
from pathlib import Path
import subprocess
from tempfile import TemporaryDirectory

# What the library and the cache want free, and room for what a fault leaves: hardly any leaves more than one clip.
SIZE_MIB = 512
MIB_OF_A_FAULT = 1.5
# No room smaller than this is given.
PAGE_BYTES = 4096
BALLAST = ".ballast"


class SmallDisk:
    """The file system that holds the media folder.

    Attributes:
        folder: where it is mounted; None where this user may not mount anything.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._filled = 0
        self._turn = asyncio.Lock()

    @property
    def ballast(self) -> Path | None:
        """The file that fills it."""
        return None if self.folder is None else self.folder / BALLAST

    @property
    def full(self) -> bool:
        """Whether it is filled at present."""
        return self._filled > 0

    def take_place_of(self, *folders: Path) -> None:
        """Lie where folders are that Home Assistant writes to; they must be empty or not there."""
        for folder in folders:
            if self.folder is not None:
                target = self.folder / folder.name
                target.mkdir()
                if folder.is_dir():
                    folder.rmdir()
                folder.symlink_to(target)

    async def fill(self) -> None:
        """Leave no room on it, until as many have freed it as have filled it."""
        self._filled += 1
        await self._settle()

    async def free(self) -> None:
        """Give the room back."""
        self._filled = max(0, self._filled - 1)
        await self._settle()

    async def _settle(self) -> None:
        # To the end, also where whoever wanted it doesn't want it any more: a thread goes on in any case,
        # and one that begins late would fill what has been freed.
        await asyncio.shield(asyncio.create_task(self._follow()))

    async def _follow(self) -> None:
        async with self._turn:
            if self.ballast is None:
                return
            if self.full:
                await asyncio.to_thread(_grow, self.ballast)
            else:
                await asyncio.to_thread(self.ballast.unlink, missing_ok=True)


def _grow(file: Path) -> None:
    """Take all room, in pieces that get smaller: others may free some meanwhile, and that is taken, too."""
    size = os.statvfs(file.parent).f_bfree * os.statvfs(file.parent).f_frsize
    with file.open("ab") as sink:
        while size >= PAGE_BYTES:
            try:
                os.posix_fallocate(sink.fileno(), os.fstat(sink.fileno()).st_size, size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


@contextmanager
def small_disk(faults: int = 0) -> Iterator[SmallDisk]:
    """Mount it on a new folder for the duration of the block; nowhere if this user may not.

    ``faults`` is of how many the clips are to be kept.
    """
    with TemporaryDirectory(prefix="nvr-faults-") as folder:
        size_mib = max(2 * SIZE_MIB, SIZE_MIB + round(faults * MIB_OF_A_FAULT))
        options = f"size={size_mib}m,mode=0755"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            yield SmallDisk(None)
            return
        try:
            yield SmallDisk(Path(folder))
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
