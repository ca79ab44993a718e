"""Processes of their own that read what recorders send.

A worker is a bare Python with PyAV, without Home Assistant, without secrets and without its parent's
environment. Bytes made to crash a demuxer end one worker and the job it did, nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
import logging
from pathlib import Path
import sys

from .errors import (
    FootageError,
    InvalidFootageError,
    NoSpaceError,
    NoVideoError,
    VerificationError,
    WorkerCrashedError,
    WorkerHungError,
)
from .worker.faults import Fault
from .worker.wire import (
    HEADER,
    JsonObject,
    JsonValue,
    Kind,
    decode_header,
    decode_json,
    encode,
    encode_json,
)

_LOGGER = logging.getLogger(__name__)

_PROGRAM = Path(__file__).parent / "worker" / "__main__.py"
_START_SECONDS = 30.0
_HANG_SECONDS = 45.0
_ABORT_SECONDS = 3.0
_END_SECONDS = 2.0
_DATA_BYTES = 256 << 10
_WRITE_BUFFER_BYTES = 512 << 10
# A device sends one transfer at a time; meanwhile others are being verified, or wait for their turn.
_SHARE = 4
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    # What is freed goes back to the system: a warm worker would else stay as large as its largest job.
    "MALLOC_MMAP_THRESHOLD_": str(256 << 10),
}

_ERRORS: dict[Fault, type[FootageError]] = {
    Fault.INVALID: InvalidFootageError,
    Fault.NO_VIDEO: NoVideoError,
    Fault.NO_SPACE: NoSpaceError,
    Fault.VERIFICATION: VerificationError,
    Fault.INTERNAL: FootageError,
}


@dataclass(frozen=True, slots=True)
class Message:
    """What a worker says during a job: an event, bytes, or the job's result."""

    kind: Kind
    values: JsonObject
    data: bytes = b""


class Worker:
    """One process, doing one job at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self._stdin.transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        # A header whose payload was not waited for.
        self._header: tuple[Kind, int] | None = None
        self._busy = False
        self._failed = False

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can take a job."""
        return not self._busy and not self._failed and self._process.returncode is None

    async def greet(self, search_path: Sequence[str]) -> None:
        """Hand over the search path and wait until the worker is ready."""
        await self._send(encode_json(Kind.HELLO, {"path": list(search_path)}))
        message = await self.receive(timeout=_START_SECONDS)
        if message.kind is not Kind.READY:
            raise WorkerCrashedError("the worker did not start")

    async def start(self, job: str, **values: JsonValue) -> None:
        """Begin a job."""
        self._busy = True
        await self._send(encode_json(Kind.JOB, {"job": job, **values}))

    async def send_part(self, **values: JsonValue) -> None:
        """Announce the bytes of a transfer."""
        await self._send(encode_json(Kind.PART, values))

    async def send_data(self, data: bytes) -> None:
        """Send bytes of a transfer; waits while the worker is slower than they come."""
        for start in range(0, len(data), _DATA_BYTES):
            await self._send(encode(Kind.DATA, data[start : start + _DATA_BYTES]))

    async def end_part(self) -> None:
        """Say that a transfer is over."""
        await self._send(encode(Kind.END))

    async def finish(self) -> None:
        """Say that there are no more transfers."""
        await self._send(encode(Kind.FINISH))

    async def _send(self, frame: bytes) -> None:
        try:
            self._stdin.write(frame)
            async with asyncio.timeout(_HANG_SECONDS):
                await self._stdin.drain()
        except TimeoutError as error:
            raise self.give_up() from error
        except ConnectionError as error:
            raise self._crashed() from error

    async def receive(self, *, timeout: float | None = None) -> Message:
        """Wait for the next message of the job.

        Raises the job's own error, WorkerCrashedError if the process dies, and WorkerHungError if it
        says nothing for ``timeout`` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                if self._header is None:
                    self._header = decode_header(await self._stdout.readexactly(HEADER.size))
                kind, length = self._header
                payload = await self._stdout.readexactly(length)
                self._header = None
        except TimeoutError as error:
            raise self.give_up() from error
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            raise self._crashed() from error
        if kind is Kind.BYTES:
            return Message(kind, {}, payload)
        try:
            values = decode_json(payload) if payload else {}
        except ValueError as error:
            raise self._crashed() from error
        if kind in {Kind.RESULT, Kind.FAILED, Kind.ABORTED}:
            self._busy = False
        if kind is Kind.FAILED:
            raise _error_of(values)
        return Message(kind, values)

    def _crashed(self) -> WorkerCrashedError:
        self._failed = True
        return WorkerCrashedError("the process that read the footage died")

    def give_up(self) -> WorkerHungError:
        """Write the worker off; return the error to raise."""
        self._failed = True
        return WorkerHungError("the process that read the footage stopped answering")

    async def abort(self) -> None:
        """End the job whose result nobody wants. Kills the process if it doesn't obey."""
        if not self._busy or self._failed:
            return
        try:
            async with asyncio.timeout(_ABORT_SECONDS):
                await self._send(encode(Kind.ABORT))
                while True:
                    try:
                        message = await self.receive()
                    except WorkerCrashedError:
                        raise
                    except FootageError:
                        continue
                    if message.kind is Kind.ABORTED:
                        return
        except TimeoutError, WorkerCrashedError:
            self._failed = True

    async def settle(self) -> None:
        """Wait until the job's process does nothing more: it is at rest or dead."""
        await self.abort()
        if self._failed:
            self.kill()
            await self._process.wait()

    async def close(self) -> None:
        """End the process: by the end of its input if it is idle, else by force."""
        if self._busy or self._failed:
            self.kill()
        self._stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End the process at once. It may be seen to live for a moment more, but does no more jobs."""
        self._failed = True
        if self._process.returncode is None:
            self._process.kill()


class WorkerPool:
    """Warm worker processes.

    ``size`` of them are kept for the next job; when all are busy more are started, so that viewers don't
    wait for a long clip. Each device has a share of its own: one that stalls holds up nobody else.
    """

    def __init__(
        self,
        *,
        size: int = 2,
        python: str = sys.executable,
        search_path: Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Initialize; no process is started before the first job.

        ``search_path`` is what the workers find packages on, by default our own. ``environment`` is added
        to theirs, which else holds nothing of ours.
        """
        self._size = size
        self._python = python
        self._search_path = search_path
        self._environment = {**_ENVIRONMENT, **(environment or {})}
        self._idle: list[Worker] = []
        self._alive: set[Worker] = set()
        self._shares: dict[str, WorkerShare] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pids(self) -> frozenset[int]:
        """The processes that are alive."""
        return frozenset(worker.pid for worker in self._alive)

    def share(self, owner: str) -> WorkerShare:
        """Return the share of one device, always the same one."""
        return self._shares.setdefault(owner, WorkerShare(self))

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        """Lend a worker for one job, however many are lent. Leaving the context ends the job if it still runs.

        Raises WorkerCrashedError if no process can be started.
        """
        worker = await self._take()
        try:
            yield worker
        finally:
            self._hand_back(worker)

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.usable:
                return worker
            await self._end(worker)
        return await self._start()

    async def _start(self) -> Worker:
        self._check_open()
        try:
            process = await asyncio.create_subprocess_exec(
                self._python,
                "-I",
                str(_PROGRAM),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
            )
        except OSError as error:
            raise WorkerCrashedError("no process can be started") from error
        worker = Worker(process)
        try:
            self._check_open()
        except FootageError:
            # Closed while the process was being made.
            worker.kill()
            await worker.close()
            raise
        self._alive.add(worker)
        path = sys.path if self._search_path is None else self._search_path
        try:
            await worker.greet([entry for entry in path if Path(entry).is_absolute()])
        except BaseException:
            worker.kill()
            self._hand_back(worker)
            raise
        return worker

    def _check_open(self) -> None:
        if self._closed:
            raise FootageError("footage is no longer read")

    def _hand_back(self, worker: Worker) -> None:
        """Bring a worker back to rest without keeping the caller, who may just be cancelled."""
        if worker not in self._alive:
            # It ended with the pool.
            return
        if self._keeps(worker):
            self._idle.append(worker)
            return
        task = asyncio.create_task(self._settle(worker))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _settle(self, worker: Worker) -> None:
        await worker.settle()
        if self._keeps(worker):
            self._idle.append(worker)
        else:
            await self._end(worker)

    def _keeps(self, worker: Worker) -> bool:
        return worker.usable and not self._closed and len(self._idle) < self._size

    async def _end(self, worker: Worker) -> None:
        await worker.close()
        self._alive.discard(worker)

    async def close(self) -> None:
        """End all workers, busy ones too. Safe to call twice."""
        self._closed = True
        await self._settled()
        for worker in self._alive - set(self._idle):
            worker.kill()
        idle, self._idle = self._idle, []
        for worker in idle:
            await self._end(worker)
        while self._alive or self._closing:
            await self._settled()
            for worker in list(self._alive):
                await self._end(worker)

    async def _settled(self) -> None:
        """Wait for workers that are on their way back."""
        while self._closing:
            await asyncio.wait(self._closing)


class WorkerShare:
    """As many workers of a pool as jobs of one device may have at once; further ones wait."""

    def __init__(self, pool: WorkerPool) -> None:
        """Initialize."""
        self._pool = pool
        self._free = asyncio.Semaphore(_SHARE)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Worker]:
        """Lend a worker as the pool does."""
        async with self._free, self._pool.worker() as worker:
            yield worker


type Workers = WorkerPool | WorkerShare


def _error_of(values: JsonObject) -> FootageError:
    try:
        fault = Fault(str(values.get("fault")))
    except ValueError:
        fault = Fault.INTERNAL
    return _ERRORS[fault](str(values.get("message")))
