"""The memory of a process at its highest, as the kernel counts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_KIBIBYTES_PER_MEBIBYTE = 1024
# proc(5): forgets the highest so far.
_RESET_PEAK = "5"


@dataclass
class Growth:
    """By how much a process grew while it was watched, in MiB."""

    mb: float = 0.0


@contextmanager
def growth(pid: int) -> Iterator[Growth]:
    """Measure how much more memory a process held at its highest than at the beginning of the block."""
    folder = Path("/proc") / str(pid)
    (folder / "clear_refs").write_text(_RESET_PEAK, "ascii")
    found = Growth()
    idle = _mebibytes(folder, "VmRSS")
    try:
        yield found
    finally:
        found.mb = _mebibytes(folder, "VmHWM") - idle


def _mebibytes(folder: Path, field: str) -> float:
    for line in (folder / "status").read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / _KIBIBYTES_PER_MEBIBYTE
    raise ValueError(f"the kernel does not tell {field}")
