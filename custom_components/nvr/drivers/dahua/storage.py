"""Disks, arrays and cards: ``getDeviceAllInfo`` (section 12 of the notes).

A recorder with an array lists the array alone. One that overwrites itself is full: that is no failure.
"""

from ..models import Disk, DiskState
from .question import Call, CgiRequest, Question
from .tree import Tree, boolean, indexed, number, text

MAX_DISKS = 256
MAX_NAME = 64
MAX_BYTES = 2**63

_STATES = {
    "success": DiskState.OK,
    "running": DiskState.OK,
    "active": DiskState.OK,
    "normal": DiskState.OK,
    "ok": DiskState.OK,
    "idle": DiskState.OK,
    "sleep": DiskState.SLEEPING,
    "sleeping": DiskState.SLEEPING,
    "standby": DiskState.SLEEPING,
    "initializing": DiskState.FORMATTING,
    "formatting": DiskState.FORMATTING,
    "unformatted": DiskState.UNFORMATTED,
    "noformat": DiskState.UNFORMATTED,
    "error": DiskState.FAILED,
    "failure": DiskState.FAILED,
    "failed": DiskState.FAILED,
    "degraded": DiskState.FAILED,
    "recovering": DiskState.FAILED,
    "missing": DiskState.MISSING,
    "notexist": DiskState.MISSING,
    "offline": DiskState.OFFLINE,
}


def read_disks(tree: Tree) -> tuple[Disk, ...]:
    """Read the list, under ``info`` or bare."""
    rows = [*indexed(tree, "info")] or [*indexed(tree)]
    return tuple(_disk(place, row) for place, row in rows[:MAX_DISKS] if isinstance(row, dict))


DISKS = Question(
    what="disks",
    forms={
        "rpc": Call(method="storage.getDeviceAllInfo", service="storage"),
        "cgi": CgiRequest(module="storageDevice", action="getDeviceAllInfo", inside=("list",)),
    },
    read=read_disks,
)


def _disk(place: int, row: Tree) -> Disk:
    parts = [part for _, part in indexed(row, "Detail")]
    total = [size for part in parts if (size := _bytes(part, "TotalBytes")) is not None]
    used = [size for part in parts if (size := _bytes(part, "UsedBytes")) is not None]
    word = text(row, "State")
    broken = any(boolean(part, "IsError") for part in parts)
    # What is not known to be well is a problem.
    state = DiskState.UNKNOWN if word is None else _STATES.get(word.casefold(), DiskState.FAILED)
    return Disk(
        number=place + 1,
        name=(text(row, "Name") or f"disk {place + 1}")[:MAX_NAME],
        state=DiskState.FAILED if broken else state,
        capacity_bytes=sum(total) if total else None,
        free_bytes=max(0, sum(total) - sum(used)) if total and used else None,
    )


def _bytes(part: Tree, name: str) -> int | None:
    """Return a size; devices print it with zeros behind the point."""
    value = number(part, name)
    return int(value) if value is not None and 0 <= value <= MAX_BYTES else None
