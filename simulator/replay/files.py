"""The files of a folder in which a device's answers were recorded."""

import codecs
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
import re
from typing import Final

MAX_FILES = 5000
MAX_FILE_BYTES = 16 * 1024 * 1024
_SUFFIXES = frozenset({".xml", ".json", ".txt", ".soap", ""})
_HEAD: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n")
_STATUSES: Final = frozenset(HTTPStatus)


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


def read_answer(file: Path) -> tuple[HTTPStatus | None, bytes]:
    """Give the status and the body of an answer; the status is None where it was saved without its head.

    What was saved in UTF-16, as some shells do, is given in the UTF-8 in which it came.
    """
    content = file.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        content = content.decode("utf-16", errors="replace").encode()
    head = _HEAD.match(content)
    if head is None:
        return None, content
    status = int(head[1])
    return HTTPStatus(status) if status in _STATUSES else None, content[head.end() :]
