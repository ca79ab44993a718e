"""How many steps and how much memory reading something may take."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import resource
import sys
from types import CodeType
from typing import Any, Final

_TOOL: Final = sys.monitoring.PROFILER_ID
_EVENTS: Final = (
    sys.monitoring.events.PY_START | sys.monitoring.events.PY_RESUME | sys.monitoring.events.JUMP
)
# Every reader goes over its bytes a few times, and knows names and numbers for the rest.
BASE_STEPS = 50_000
STEPS_PER_BYTE = 200
MEMORY_BYTES = 512 << 20
# The slowest readers are ten times as fast on a slow machine; what computes longer has no end.
CPU_SECONDS = 60
CPU_INPUTS = 100


class TooManyStepsError(BaseException):
    """Reading goes on and on. No reader catches this."""


class Steps:
    """Counts calls and turns of loops, and ends what has no end."""

    def __init__(self) -> None:
        self._left = sys.maxsize

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count in the block."""
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "fuzz")
        for event in (monitoring.events.PY_START, monitoring.events.PY_RESUME):
            monitoring.register_callback(_TOOL, event, self._step)
        monitoring.register_callback(_TOOL, monitoring.events.JUMP, self._jump)
        monitoring.set_events(_TOOL, _EVENTS)
        try:
            yield
        finally:
            monitoring.set_events(_TOOL, 0)
            monitoring.free_tool_id(_TOOL)

    def allow(self, size: int) -> None:
        """Begin anew with as many steps as an input of so many bytes may take."""
        self._left = BASE_STEPS + STEPS_PER_BYTE * size

    def stop(self) -> None:
        """Allow everything."""
        self._left = sys.maxsize

    def _step(self, _code: CodeType, _offset: int) -> Any:
        self._left -= 1
        if self._left < 0:
            self._left = sys.maxsize
            raise TooManyStepsError
        return None

    def _jump(self, code: CodeType, offset: int, _target: int) -> Any:
        return self._step(code, offset)


def limit_process() -> None:
    """Let this process die rather than take all memory, or time without end."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_virtual_bytes() + MEMORY_BYTES, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    allow_time()


def allow_time() -> None:
    """Let this process compute for as long as `CPU_INPUTS` more inputs may take."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, most))


def _virtual_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    return int(pages) * resource.getpagesize()
