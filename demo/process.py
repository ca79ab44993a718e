"""Programs that are started beside us and surely ended again."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
import signal
from typing import Self

POLL_INTERVAL_S = 0.1
STOP_PATIENCE_S = 15.0
TAIL_LINES = 15
# Reads until its input ends, which is when we do, however that comes about; then ends a group of processes.
WATCHER = """
read -r _
kill -s TERM -- "-$1" 2>/dev/null || exit 0
tries=$2
while [ "$tries" -gt 0 ] && kill -s 0 -- "-$1" 2>/dev/null; do
    tries=$((tries - 1))
    sleep 0.1
done
kill -s KILL -- "-$1" 2>/dev/null
"""
WATCHER_TRIES = 100
MAX_ANSWER = 1 << 24


class ProcessError(Exception):
    """A program did not start, or ended when it should not have."""


class Process:
    """One program in a session and process group of its own.

    Ctrl-C in the terminal therefore reaches only us, and we end the programs in the right order;
    what a program itself started ends with its group. Should we be killed, a watcher beside each
    program ends it.
    """

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        watcher: asyncio.subprocess.Process,
        output: Path,
    ) -> None:
        self.name = name
        self.output = output
        self._process = process
        self._watcher = watcher

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        output: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        talk: bool = False,
    ) -> Self:
        """Start a program, its output appended to a file.

        With ``talk``, only its error output goes there, and ``ask`` works.

        Raises:
            ProcessError: it is not there or can't be run.
        """
        with output.open("ab") as sink:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=PIPE if talk else DEVNULL,
                    stdout=PIPE if talk else sink,
                    stderr=sink,
                    limit=MAX_ANSWER,
                    env=environment,
                    cwd=folder,
                    start_new_session=True,
                )
            except OSError as err:
                raise ProcessError(f"{name} can't be started: {err}") from err
        return cls(name, process, await _watch(process.pid), output)

    @property
    def pid(self) -> int:
        """The process id, which is the id of its group as well."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    @property
    def exit_status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.returncode

    def said(self) -> str:
        """Return all that it printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def ensure_running(self) -> None:
        """Raise ``ProcessError`` with the last lines of its output if it has ended."""
        if self.running:
            return
        tail = "\n".join(self.said().splitlines()[-TAIL_LINES:])
        raise ProcessError(f"{self.name} ended with status {self.exit_status}:\n{tail}")

    async def until[T](
        self, probe: Callable[[], Coroutine[None, None, T | None]], what: str, limit_s: float
    ) -> T:
        """Wait until a probe gives something, as long as the program runs.

        Raises:
            ProcessError: the program ended, or it took too long.
        """
        try:
            async with asyncio.timeout(limit_s):
                while (result := await probe()) is None:
                    self.ensure_running()
                    await asyncio.sleep(POLL_INTERVAL_S)
        except TimeoutError as err:
            raise ProcessError(f"{self.name}: no {what} after {limit_s:g} s") from err
        return result

    async def ask(self, line: str) -> str:
        """Write a line to its input and return the line that it answers.

        Raises:
            ProcessError: it ended instead.
        """
        sink, source = self._process.stdin, self._process.stdout
        if sink is None or source is None:
            raise ProcessError(f"{self.name} was not started to be talked to")
        try:
            sink.write(line.encode() + b"\n")
            await sink.drain()
            answer = await source.readline()
        except ConnectionError:
            answer = b""
        if not answer:
            await self._process.wait()
            self.ensure_running()
        return answer.decode()

    async def ended(self, limit_s: float | None) -> int:
        """Wait for its end, for any time if there is no limit, and return the exit status.

        Raises:
            ProcessError: it still runs after that time.
        """
        try:
            async with asyncio.timeout(limit_s):
                return await self._process.wait()
        except TimeoutError as err:
            raise ProcessError(f"{self.name} still runs after {limit_s:g} s") from err

    async def stop(self, patience_s: float = STOP_PATIENCE_S) -> None:
        """End it politely, then whatever is left of its group by force."""
        if self.running:
            self._signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """End it and its group at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        await self._process.wait()
        # Before the number of the group may be given to somebody else.
        with suppress(ProcessLookupError):
            self._watcher.kill()
        await self._watcher.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


async def _watch(group: int) -> asyncio.subprocess.Process:
    """Start what ends a group of processes when we are gone."""
    return await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", WATCHER, "watcher", str(group), str(WATCHER_TRIES)),
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        env=plain_environment(),
        start_new_session=True,
    )


@asynccontextmanager
async def running(process: Process) -> AsyncIterator[Process]:
    """Stop a process at the end of the block, also when that is left by an error."""
    try:
        yield process
    finally:
        await process.stop()


def plain_environment(**more: str) -> dict[str, str]:
    """Return the little that our programs need of the environment, and nothing secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"} | more
