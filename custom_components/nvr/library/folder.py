"""The folder that holds the clips: ``<recorder>/<channel>/<yyyy-mm-dd>/<time>_<name>.mp4``.

Single pictures lie beside them, as ``.jpg``; whatever is said of clips here holds for them too.

Everything here blocks and is called from an executor thread.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
import hashlib
import os
from pathlib import Path
import shutil

from .clip import (
    CLIP_SUFFIX,
    PART_SUFFIX,
    PICTURE_SUFFIX,
    SUFFIXES,
    ClipNote,
    ClipPath,
    SavedClip,
    channel_number,
    is_recorder_folder,
    parse_day,
)
from .note_box import append_note, read_note
from .picture_note import read_picture_note

_NAMES_TRIED = 1000
"""How many clips may have the same second and name before the library gives up."""

_RESERVE_TRIES = 5
"""The day's folder may be removed as empty between making it and writing into it."""

RESERVE_BYTES = 256 * 1024 * 1024
"""Room that a clip leaves on the disk for everybody else, unless somebody wants more of it left."""

type GiveWay = Callable[[int, Path], None]
"""Removes what may go at any time, so many bytes of it, where it lies on the same disk as a folder. Blocks."""


class ClipFolder:
    """The clips below one folder. Nothing but whole clips is visible in it."""

    def __init__(self, root: Path, give_way: GiveWay | None = None) -> None:
        """Initialize. ``give_way`` is told how many bytes are wanted, and for which folder."""
        self.root = root
        self.reserve_bytes = RESERVE_BYTES
        self._give_way = give_way

    # Writing

    def reserve(
        self, recorder: str, channel: str, start: datetime, name: str, suffix: str = CLIP_SUFFIX
    ) -> ClipPath:
        """Choose a clip's path and hold it with an empty hidden file.

        Args:
            recorder: Slug of the recorder.
            channel: Number and slug of the channel.
            start: First instant of the clip, in Home Assistant's zone.
            name: Slug that the caller wants in the file's name.
            suffix: One of ``SUFFIXES``.

        Raises:
            OSError: The folder can't be written.
            ValueError: A part is no slug.
        """
        for _ in range(_RESERVE_TRIES):
            with suppress(FileNotFoundError):
                return self._try_reserve(recorder, channel, start, name, suffix)
        raise FileNotFoundError(f"The folder of {recorder}/{channel} vanishes again and again")

    def _try_reserve(
        self, recorder: str, channel: str, start: datetime, name: str, suffix: str
    ) -> ClipPath:
        stem = f"{start:%H%M%S}_{name}"
        for count in range(1, _NAMES_TRIED):
            file = f"{stem}{f'_{count}' if count > 1 else ''}{suffix}"
            path = ClipPath(recorder=recorder, channel=channel, day=start.date(), file=file)
            self.file(path).parent.mkdir(parents=True, exist_ok=True)
            if self.file(path).exists():
                continue
            with suppress(FileExistsError):
                self.part(path).touch(exist_ok=False)
                if not self.file(path).exists():
                    return path
                # Who held the name showed its clip just now, which freed the hidden name.
                self.part(path).unlink(missing_ok=True)
        raise FileExistsError(f"Too many clips are called {stem}")

    def file(self, path: ClipPath) -> Path:
        """Return where a whole clip lies."""
        return self.root.joinpath(*path.parts)

    def part(self, path: ClipPath) -> Path:
        """Return where a clip is written; Home Assistant's media browser hides names with a dot."""
        return self.file(path).with_name(f".{path.file}{PART_SUFFIX}")

    def publish(self, path: ClipPath, note: ClipNote) -> tuple[int, str]:
        """Make a written clip visible, with its note inside.

        Returns:
            The size of the file in bytes and its SHA-256.

        Raises:
            OSError: The file can't be written.
        """
        append_note(self.part(path), note)
        return self._show(path)

    def save_picture(
        self, recorder: str, channel: str, instant: datetime, name: str, jpeg: bytes
    ) -> tuple[ClipPath, int, str]:
        """Save a picture that has its note inside; all or nothing of it.

        Args:
            recorder: Slug of the recorder.
            channel: Number and slug of the channel.
            instant: When it was taken, in Home Assistant's zone.
            name: Slug that the caller wants in the file's name.
            jpeg: The bytes.

        Returns:
            Where it lies, its size in bytes and its SHA-256.

        Raises:
            OSError: The folder can't be written.
        """
        path = self.reserve(recorder, channel, instant, name, PICTURE_SUFFIX)
        try:
            self.part(path).write_bytes(jpeg)
            return path, *self._show(path)
        finally:
            # Of a picture that shows there is nothing left to discard.
            self.discard(path)

    def _show(self, path: ClipPath) -> tuple[int, str]:
        """Make what was written visible; return its size in bytes and its SHA-256."""
        part = self.part(path)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            # A name must never stand for bytes that a power cut can still take back.
            os.fsync(file.fileno())
            size = file.tell()
        part.rename(self.file(path))
        return size, digest.hexdigest()

    def discard(self, path: ClipPath) -> None:
        """Give up a reserved path: nothing of it stays."""
        self.part(path).unlink(missing_ok=True)
        self._remove_empty_folders(self.part(path).parent)

    def delete(self, path: ClipPath) -> None:
        """Delete a clip.

        Raises:
            FileNotFoundError: There is none.
            OSError: It can't be deleted.
        """
        self.file(path).unlink()
        self._remove_empty_folders(self.file(path).parent)

    def remove_left_overs(self) -> int:
        """Remove half-written clips of a Home Assistant that ended in the middle; return how many."""
        count = 0
        for day_folder in self._day_folders():
            left = [part for one in SUFFIXES for part in day_folder.glob(f".*{one}{PART_SUFFIX}")]
            for part in left:
                # A folder that may not be written is told of when the next clip is.
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                    count += 1
            self._remove_empty_folders(day_folder)
        return count

    def _day_folders(self) -> Iterator[Path]:
        for recorder in self.recorders():
            for channel in self.channels(recorder):
                for day in self.days(recorder, channel, with_clips=False):
                    yield self.root / recorder / channel / day.isoformat()

    def _remove_empty_folders(self, folder: Path) -> None:
        """Remove a folder and those above it as far as they are empty, but never the root."""
        while folder != self.root and self.root in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def free_bytes(self) -> int:
        """Return how much room is left where the clips lie.

        Raises:
            OSError: The disk can't be asked.
        """
        return shutil.disk_usage(self._there()).free

    def room(self, needed: int) -> int:
        """Return how much room is left, after what may go at any time has gone as far as that is less than needed.

        Raises:
            OSError: The disk can't be asked.
        """
        free = self.free_bytes()
        if free >= needed or self._give_way is None:
            return free
        self._give_way(needed - free, self._there())
        return self.free_bytes()

    def _there(self) -> Path:
        """Return the folder, or where it will be made."""
        folder = self.root
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return folder

    # Reading

    def recorders(self) -> tuple[str, ...]:
        """Return the recorders' folders, by name."""
        return tuple(sorted(name for name in _folders(self.root) if is_recorder_folder(name)))

    def channels(self, recorder: str) -> tuple[str, ...]:
        """Return the folders of a recorder's channels, by number."""
        names = [name for name in _folders(self.root / recorder) if _is(channel_number, name)]
        return tuple(sorted(names, key=lambda name: (channel_number(name), name)))

    def days(self, recorder: str, channel: str, *, with_clips: bool = True) -> tuple[date, ...]:
        """Return the days of a channel's folder, newest first, by default only those with clips."""
        folder = self.root / recorder / channel
        names = [name for name in _folders(folder) if _is(parse_day, name)]
        return tuple(
            sorted(
                (
                    parse_day(name)
                    for name in names
                    if not with_clips or next(_files(folder / name), None) is not None
                ),
                reverse=True,
            )
        )

    def clips(
        self, recorder: str, channel: str, day: date, limit: int
    ) -> tuple[tuple[SavedClip, ...], int]:
        """Return a day's clips, newest first, and how many more there are beyond the limit."""
        names = sorted(_files(self.root / recorder / channel / day.isoformat()), reverse=True)
        found = []
        for name in names[:limit]:
            with suppress(ValueError):
                path = ClipPath(recorder=recorder, channel=channel, day=day, file=name)
                if (clip := self.find(path)) is not None:
                    found.append(clip)
        return tuple(found), max(0, len(names) - limit)

    def find(self, path: ClipPath) -> SavedClip | None:
        """Return a clip, None where there is none."""
        file = self.file(path)
        try:
            if file.is_symlink() or not file.is_file():
                return None
            note = read_picture_note(file) if path.is_picture else read_note(file)
            return SavedClip(path=path, size_bytes=file.stat().st_size, note=note)
        except OSError:
            return None

    def path_of(self, text: str) -> ClipPath:
        """Return the clip that a path of the file system means, absolute or below the root.

        Raises:
            ValueError: It leads out of the library, or to nothing that the library makes.
        """
        path = Path(text)
        parts = path.relative_to(self.root).parts if path.is_absolute() else path.parts
        try:
            recorder, channel, day, file = parts
        except ValueError as error:
            raise ValueError("not a clip's path") from error
        return ClipPath.from_parts(recorder, channel, day, file)


def _folders(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        # What is not there, or may not be read, holds no clip for us.
        return


def _files(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from [
                entry.name
                for entry in entries
                if entry.name.endswith(SUFFIXES)
                and not entry.name.startswith(".")
                and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        # What is not there, or may not be read, holds no clip for us.
        return


def _is(parse: Callable[[str], object], name: str) -> bool:
    try:
        parse(name)
    except ValueError:
        return False
    return True
