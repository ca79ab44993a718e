"""Folders of recorded answers, whatever they are answers to."""

import codecs
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
import re

MAX_FILES = 5000
MAX_FILE_BYTES = 16 * 1024 * 1024

# What may stand before a body that was saved as it came over the wire.
_HEAD = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")


def files_in(folder: Path, wanted: Callable[[Path], bool]) -> Iterator[tuple[Path, bytes]]:
    """Yield the wanted files of a folder and its folders in order, by their paths inside it, with what they hold.

    Links out of it are left aside, and what can't be read. Raises OSError where the folder itself can't be.
    """
    for file in sorted(_files(folder, wanted)):
        try:
            yield file.relative_to(folder), _as_sent(file.read_bytes())
        except OSError:
            continue


def split_head(content: bytes) -> tuple[int, bytes]:
    """Return the status and the body of what a file holds; without a head it was answered well."""
    if (head := _HEAD.match(content)) is None:
        return HTTPStatus.OK, content
    return int(head[1]), content[head.end() :]


def _as_sent(content: bytes) -> bytes:
    """Return in UTF-8 what was saved in UTF-16, as some shells do."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace").encode()
    return content


def _files(folder: Path, wanted: Callable[[Path], bool]) -> Iterator[Path]:
    root = folder.resolve(strict=True)
    count = 0
    for parent, _, names in root.walk():
        for name in names:
            file = parent / name
            count += 1
            if count > MAX_FILES:
                return
            if not wanted(Path(name)) or not file.is_file():
                continue
            if not file.resolve().is_relative_to(root) or file.stat().st_size > MAX_FILE_BYTES:
                continue
            yield folder / file.relative_to(root)
