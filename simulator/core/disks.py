"""What a simulated recorder records to."""

from dataclasses import dataclass
from enum import StrEnum

MEBIBYTE = 1024 * 1024


class DiskState(StrEnum):
    """How a disk bay is doing."""

    OK = "ok"
    SLEEPING = "sleeping"
    FORMATTING = "formatting"
    UNFORMATTED = "unformatted"
    FAILED = "failed"
    SMART_FAILED = "about to fail"
    """By its own account; it records still."""
    MISSING = "missing"
    """The bay is empty."""


@dataclass(kw_only=True)
class Disk:
    """One bay, numbered from 1. No free bytes are normal for a disk that overwrites its oldest footage."""

    number: int
    state: DiskState = DiskState.OK
    capacity_bytes: int = 0
    free_bytes: int = 0
