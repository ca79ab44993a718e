"""Orders to a process that holds simulated recorders, and their answers: one JSON object a line.

Orders never stand in the arguments, for they hold passwords. When the input ends, so does the
process: it can't outlive the one that started it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
import json
from pathlib import Path
import sys
from typing import Any, ClassVar, Final, Self

from demo.process import Process, plain_environment
from scripts.provision.layout import ROOT, TOOLS_BIN

type Json = str | int | float | bool | list["Json"] | Mapping[str, "Json"] | None

MAX_LINE: Final = 1 << 20


class OrderedProcess:
    """A process that carries out orders.

    Attributes:
        module: what Python runs in it.
    """

    module: ClassVar[str]

    def __init__(self, process: Process) -> None:
        """Give orders to a process that is running."""
        self._process = process
        self._turn = asyncio.Lock()
        self._given: set[asyncio.Task[Any]] = set()

    @property
    def output(self) -> str:
        """All that it printed beside its answers."""
        return self._process.said()

    @classmethod
    @asynccontextmanager
    async def run(cls, folder: Path) -> AsyncIterator[Self]:
        """Run it for the duration of the block, without a recorder yet."""
        folder.mkdir(parents=True)
        process = await Process.start(
            "the simulator",
            [sys.executable, "-m", cls.module],
            output=folder / "simulator.log",
            environment=plain_environment(
                PYTHONPATH=str(ROOT), PATH=f"{TOOLS_BIN}:/usr/bin:/bin", HOME=str(folder)
            ),
            folder=folder,
            talk=True,
        )
        try:
            yield cls(process)
        finally:
            await process.stop()

    async def order(self, fields: Mapping[str, Any]) -> Any:
        """Send an order and return what it gives.

        Who no longer waits leaves no answer behind that the next order would take for its own.
        """
        task = asyncio.create_task(self._carried_out(json.dumps(fields)))
        self._given.add(task)
        task.add_done_callback(self._given.discard)
        return await asyncio.shield(task)

    async def _carried_out(self, order: str) -> Any:
        async with self._turn:
            return json.loads(await self._process.ask(order))


async def take_orders(carry_out: Callable[[dict[str, Any]], Awaitable[Json]]) -> None:
    """Carry out what comes on standard input, one after the other, until there is no more."""
    reader = asyncio.StreamReader(limit=MAX_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        answer = await carry_out(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
