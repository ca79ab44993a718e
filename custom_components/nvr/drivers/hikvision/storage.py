"""Disks, cards and network stores: ``/ISAPI/ContentMgmt/Storage`` (section 16 of the notes)."""

from xml.etree.ElementTree import Element

from .. import xml
from ..models import Disk, DiskState
from .transport import Document, Request

MIB = 1024 * 1024
MAX_MIB = 1024**3
MAX_DISKS = 256
MAX_NAME = 64

_STATES = {
    "ok": DiskState.OK,
    "normal": DiskState.OK,
    "idle": DiskState.OK,
    "expand": DiskState.OK,
    "sleeping": DiskState.SLEEPING,
    "sleep": DiskState.SLEEPING,
    "hibernating": DiskState.SLEEPING,
    "unformatted": DiskState.UNFORMATTED,
    "formating": DiskState.FORMATTING,
    "formatting": DiskState.FORMATTING,
    "error": DiskState.FAILED,
    "abnormal": DiskState.FAILED,
    "bad": DiskState.FAILED,
    "mismatch": DiskState.FAILED,
    "smartfailed": DiskState.FAILED,
    "reparing": DiskState.FAILED,
    "repairing": DiskState.FAILED,
    "notexist": DiskState.MISSING,
    "offline": DiskState.OFFLINE,
}


def read_disks(root: Element) -> tuple[Disk, ...]:
    """Read a storage document, or a list of disks alone: disks first, then network stores."""
    found: dict[tuple[str, int], Disk] = {}
    for kind, name_field in ("hdd", "hddName"), ("nas", "nasName"):
        for place, element in enumerate(xml.items(root, kind), start=1):
            if len(found) >= MAX_DISKS:
                break
            number = xml.integer(element, "id")
            number = place if number is None or number < 0 else number
            found.setdefault((kind, number), _disk(element, kind, number, name_field))
    return tuple(found.values())


STORAGE = Request(path="/ISAPI/ContentMgmt/Storage", decode=Document(read_disks))
# Recordings of some devices hold only this one, and some devices answer only it.
HARD_DISKS = Request(path="/ISAPI/ContentMgmt/Storage/hdd", decode=Document(read_disks))


def _disk(element: Element, kind: str, number: int, name_field: str) -> Disk:
    word = (xml.text(element, "status") or "").casefold()
    name = xml.text(element, name_field) or xml.text(element, "path") or f"{kind} {number}"
    return Disk(
        number=number,
        name=name[:MAX_NAME],
        state=_STATES.get(word, DiskState.UNKNOWN),
        capacity_bytes=_bytes(element, "capacity"),
        free_bytes=_bytes(element, "freeSpace"),
    )


def _bytes(element: Element, name: str) -> int | None:
    """Return a size; the device counts MiB."""
    value = xml.number(element, name)
    return int(value) * MIB if value is not None and 0 <= value <= MAX_MIB else None
