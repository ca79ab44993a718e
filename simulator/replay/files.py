"""The files of a folder in which a device's answers were recorded."""

from collections.abc import Iterator
from pathlib import Path

MAX_FILES = 5000
MAX_FILE_BYTES = 16 * 1024 * 1024
_SUFFIXES = frozenset({".xml", ".json", ".txt"})


def recorded_files(root: Path) -> Iterator[Path]:
    """Give the files of a folder in order, links out of it left aside.

    Raises:
        OSError: the folder can't be read.
    """
    root = root.resolve(strict=True)
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in _SUFFIXES)
    for file in files[:MAX_FILES]:
        inside = file.is_file() and file.resolve().is_relative_to(root)
        if inside and file.stat().st_size <= MAX_FILE_BYTES:
            yield file
