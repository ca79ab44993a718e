"""Real answers of devices, where this machine has them, and some written by hand."""

from functools import cache
from pathlib import Path
import re
from typing import Final
from xml.etree.ElementTree import Element

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import InvalidAnswerError
from custom_components.nvr.drivers.hikvision.recorded import read_folder
from scripts.provision.layout import ROOT

DEVICES: Final = ROOT.parent / "shared" / "devices" / "hikvision"
# Of a long list two items are as good as sixty, and read much faster.
ITEMS_KEPT = 2
LARGEST = 16 << 10


@cache
def answers() -> dict[str, list[bytes]]:
    """Return all recorded answers by their paths, long lists shortened."""
    found: dict[str, list[bytes]] = {}
    folders = [folder for folder in sorted(DEVICES.glob("*")) if folder.is_dir()]
    for folder in folders:
        for path, entries in read_folder(folder).answers.items():
            for _, body in entries:
                short = _shortened(body)
                if len(short) <= LARGEST:
                    found.setdefault(path.lower(), []).append(short)
    return found


def answers_to(pattern: str, *written: bytes) -> list[bytes]:
    """Return the recorded answers to paths that match a pattern, and those written by hand."""
    found = [
        body
        for path, bodies in answers().items()
        if re.search(pattern, path, re.IGNORECASE)
        for body in bodies
    ]
    return [*written, *found]


def files(folder: Path = DEVICES) -> list[bytes]:
    """Return recorded files as they are, the short ones."""
    found = [file.read_bytes() for file in sorted(folder.rglob("*.*")) if file.is_file()]
    return [content for content in found if len(content) <= LARGEST]


def _shortened(body: bytes) -> bytes:
    try:
        root = xml.parse(body)
    except InvalidAnswerError:
        return body
    if len(body) <= LARGEST // 8:
        return body
    _shorten(root)
    return xml.to_bytes(root)


def _shorten(element: Element) -> None:
    seen: dict[str, int] = {}
    for child in list(element):
        seen[child.tag] = seen.get(child.tag, 0) + 1
        if seen[child.tag] > ITEMS_KEPT:
            element.remove(child)
        else:
            _shorten(child)
