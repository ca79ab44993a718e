"""Does Home Assistant hold more than before: tasks, sockets, memory?"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psutil

from demo.installation import Installation
from faults.probe import DOMAIN as PROBE

MEBIBYTE = 1 << 20
# Kept connections end after this, playbacks that nobody watches after a minute.
SETTLE_LIMIT_S = 100.0
INTERVAL_S = 2.0
# A connection to each recorder may be kept, or not, at the moment of counting.
SOCKETS_BOUND = 8
# What takes so many requests that it goes on from poll to poll, and what keeps a login that may be there or not at the
# moment of counting: one of each for a recorder is no growth.
PACED = ("Extents._walk", "InRounds.run", "DeviceObjects._end", "RpcSessions._keep_alive")
# Caches fill, and so does what Home Assistant remembers of states: within this.
MEMORY_BOUND_MB = 32.0


@dataclass(frozen=True, slots=True)
class Size:
    """What Home Assistant holds at a moment.

    Attributes:
        tasks: of its event loop, by what they do, without the connections of its clients and without
            what is under way at each recorder all the time.
        sockets: without those of its own web server.
        memory_mb: that is its own alone.
    """

    tasks: Counter[str]
    sockets: int
    memory_mb: float

    @property
    def total(self) -> int:
        """The number of all tasks."""
        return self.tasks.total()


@dataclass
class Growth:
    """The most that was found to be more than before, of all lives of Home Assistant in a run."""

    tasks: int = 0
    sockets: int = 0
    memory_mb: float = 0.0
    details: list[str] = field(default_factory=list)

    def note(self, before: Size, after: Size) -> None:
        """Compare the end of a life with its beginning."""
        more = after.tasks - before.tasks
        if after.total > before.total:
            self.tasks = max(self.tasks, after.total - before.total)
            self.details.append(f"tasks grew by {dict(more)}")
        self.sockets = max(self.sockets, after.sockets - before.sockets)
        self.memory_mb = max(self.memory_mb, after.memory_mb - before.memory_mb)


async def measure(installation: Installation) -> Size:
    """Count what Home Assistant holds now."""
    tasks: dict[str, int] = await installation.api.get(f"/api/{PROBE}/tasks")
    for name in PACED:
        tasks[name] = max(0, tasks.get(name, 0) - len(installation.recorders))
    process = psutil.Process(installation.home_assistant.process.pid)
    port = installation.home_assistant.directory.port
    sockets = [
        each for each in process.net_connections() if not (each.laddr and each.laddr.port == port)
    ]
    return Size(Counter(tasks), len(sockets), process.memory_full_info().uss / MEBIBYTE)


async def settled(installation: Installation, before: Size | None = None) -> Size:
    """Wait until it holds no more than before, or no less than a while ago, and return what."""
    size = await measure(installation)

    async def at_rest() -> bool:
        nonlocal size
        last, size = size, await measure(installation)
        if before is None:
            return size.tasks == last.tasks and size.sockets == last.sockets
        return size.total <= before.total and size.sockets <= before.sockets + SOCKETS_BOUND

    await _until(at_rest)
    return size


async def _until(probe: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(SETTLE_LIMIT_S):
            while not await probe():
                await asyncio.sleep(INTERVAL_S)
    except TimeoutError:
        return
