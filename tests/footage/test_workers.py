"""Worker processes: bare, warm, replaced when they die, and gone with their parent."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
import errno
import io
import os
from pathlib import Path
import signal
import sys
import textwrap
from typing import override

import av
import pytest

from custom_components.nvr.footage import workers
from custom_components.nvr.footage.errors import FootageError, WorkerCrashedError
from custom_components.nvr.footage.worker import service
from custom_components.nvr.footage.worker.faults import Fault
from custom_components.nvr.footage.worker.wire import (
    MAX_FRAME_BYTES,
    Kind,
    Wire,
    WireClosedError,
    decode_header,
    decode_json,
    encode,
    encode_json,
)
from custom_components.nvr.footage.workers import Worker, WorkerPool, WorkerShare

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> None:
    """Wait until a process has ended; a process that stays fails the test by its time limit."""
    async with asyncio.timeout(30):
        while alive(pid):
            await asyncio.sleep(0.01)


async def test_worker_knows_nothing_of_us(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "secret")
    async with pool.worker() as worker:
        process = Path(f"/proc/{worker.pid}")
        environment = (process / "environ").read_bytes()
        command = (process / "cmdline").read_bytes().split(b"\0")
        loaded = (process / "maps").read_text()
    assert b"secret" not in environment
    assert b"TOKEN" not in environment
    assert command[1] == b"-I"
    assert command[2].endswith(b"footage/worker/__main__.py")
    assert len(command) == 4
    assert "libavcodec" in loaded
    assert "orjson" not in loaded


async def test_worker_stays_warm(pool: WorkerPool) -> None:
    async with pool.worker() as worker:
        first = worker.pid
    async with pool.worker() as worker:
        assert worker.pid == first
        async with pool.worker() as another:
            second = another.pid
            async with pool.worker() as third:
                assert len(pool.pids) == 3
    # Two are kept, those that came back first.
    async with asyncio.timeout(30):
        while pool.pids != {second, third.pid}:
            await asyncio.sleep(0.01)
    assert not alive(first)


async def test_dead_worker_is_replaced(pool: WorkerPool) -> None:
    async with pool.worker() as worker:
        pid = worker.pid
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(WorkerCrashedError):
            await worker.receive()
    async with pool.worker() as worker:
        assert worker.pid != pid
    # One that dies in its sleep is noticed too.
    os.kill(worker.pid, signal.SIGKILL)
    async with asyncio.timeout(30):
        while worker.usable:
            await asyncio.sleep(0.01)
    async with pool.worker() as another:
        assert another.pid != worker.pid


async def test_worker_whose_start_was_cancelled_does_no_job(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that is just being killed must not come back for the next job."""
    starting = asyncio.Event()

    async def greet(self: Worker, search_path: Sequence[str]) -> None:
        starting.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "greet", greet)
        asking = asyncio.create_task(pool.worker().__aenter__())
        await starting.wait()
        (killed,) = pool.pids
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    async with pool.worker() as worker:
        assert worker.pid != killed
        await worker.start("clip")
        with pytest.raises(FootageError) as caught:
            await worker.receive()
        assert type(caught.value) is FootageError
    await gone(killed)


async def test_python_that_is_not_there() -> None:
    pool = WorkerPool(python="/no/such/python")
    with pytest.raises(WorkerCrashedError):
        async with pool.worker():
            pass
    await pool.close()


async def test_program_that_is_no_worker() -> None:
    pool = WorkerPool(python="/bin/false")
    with pytest.raises(WorkerCrashedError):
        async with pool.worker():
            pass
    await pool.close()
    assert not pool.pids


async def test_a_worker_that_is_being_started_ends_with_the_pool() -> None:
    before = asyncio.all_tasks()
    pool = WorkerPool()

    async def borrow() -> None:
        async with pool.worker():
            pytest.fail("a closed pool lent a worker")

    borrowing = asyncio.create_task(borrow())
    # It has asked for a process by now.
    await asyncio.sleep(0)
    await pool.close()
    with pytest.raises(FootageError):
        await borrowing
    assert not pool.pids
    assert asyncio.all_tasks() == before


async def test_program_that_talks_nonsense(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho this is not the protocol\ncat >/dev/null\n")
    program.chmod(0o755)
    pool = WorkerPool(python=str(program))
    with pytest.raises(WorkerCrashedError):
        async with pool.worker():
            pass
    await pool.close()
    assert not pool.pids


async def test_closed_pool_starts_nothing_and_ends_busy_workers() -> None:
    pool = WorkerPool()
    async with pool.worker() as worker:
        await worker.start("clip", path="/nowhere", start=0, end=1)
        await pool.close()
        assert not alive(worker.pid)
        with pytest.raises(WorkerCrashedError):
            await worker.receive()
    await pool.close()
    with pytest.raises(FootageError):
        async with pool.worker():
            pass
    assert not pool.pids


async def test_worker_that_does_not_obey_is_killed(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_ABORT_SECONDS", 0.1)
    async with pool.worker() as worker:
        await worker.start("clip", path="/nowhere", start=0, end=1)
        os.kill(worker.pid, signal.SIGSTOP)
    await gone(worker.pid)


async def test_job_that_is_unknown_or_malformed(pool: WorkerPool) -> None:
    async with pool.worker() as worker:
        for job, values in (
            ("dance", {}),
            ("clip", {}),
            ("clip", {"path": "x", "start": "y", "end": 1}),
        ):
            await worker.start(job, **values)  # type: ignore[arg-type]  # passed on as they are
            with pytest.raises(FootageError):
                await worker.receive()
        assert worker.usable


async def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """Even if the parent has no time to say so."""
    program = tmp_path / "parent.py"
    program.write_text(
        textwrap.dedent("""
            import asyncio, os, sys
            from custom_components.nvr.footage.workers import WorkerPool

            async def main():
                pool = WorkerPool()
                async with pool.worker() as idle, pool.worker() as busy:
                    await busy.start("clip", path="/nowhere", start=0, end=1)
                    print(idle.pid, busy.pid, flush=True)
                    os._exit(0)

            asyncio.run(main())
        """)
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    out, _ = await process.communicate()
    pids = [int(pid) for pid in out.split()]
    assert len(pids) == 2
    for pid in pids:
        await gone(pid)


class _Pipes:
    """Both ends of a wire in one process."""

    def __init__(self, *frames: bytes) -> None:
        self.written = io.BytesIO()
        self.wire = Wire(io.BytesIO(b"".join(frames)), self.written)

    def said(self) -> Iterator[tuple[Kind, bytes]]:
        """Give what the worker's side said."""
        data = self.written.getvalue()
        while data:
            kind, length = decode_header(data[:5])
            yield kind, data[5 : 5 + length]
            data = data[5 + length :]


def test_worker_answers_every_abort_once() -> None:
    pipes = _Pipes(encode(Kind.ABORT), encode(Kind.DATA, b"late"), encode(Kind.ABORT))
    service.run(pipes.wire)
    assert [kind for kind, _ in pipes.said()] == [Kind.READY, Kind.ABORTED, Kind.ABORTED]


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "full", "/secret/path"), Fault.NO_SPACE),
        (OSError(errno.EDQUOT, "full", "/secret/path"), Fault.NO_SPACE),
        (av.error.OSError(errno.ENOSPC, "full", "/secret/path"), Fault.NO_SPACE),
        (av.error.InvalidDataError(1, "bad", "/secret/path"), Fault.INVALID),
        (PermissionError(errno.EACCES, "no", "/secret/path"), Fault.INTERNAL),
        (MemoryError(), Fault.INTERNAL),
    ],
)
def test_what_fails_in_a_job_is_told_without_paths(
    monkeypatch: pytest.MonkeyPatch, error: Exception, fault: Fault
) -> None:
    def job(wire: Wire, values: object) -> dict[str, object]:
        raise error

    monkeypatch.setitem(service.JOBS, "test", job)
    pipes = _Pipes(encode_json(Kind.JOB, {"job": "test"}))
    service.run(pipes.wire)
    (_, (kind, payload)) = pipes.said()
    assert kind is Kind.FAILED
    values = decode_json(payload)
    assert values["fault"] == fault.value
    assert "secret" not in payload.decode()


def test_frames_have_bounds() -> None:
    with pytest.raises(ValueError, match="too large"):
        encode(Kind.DATA, bytes(MAX_FRAME_BYTES + 1))
    with pytest.raises(ValueError, match="too large"):
        decode_header(b"D" + (MAX_FRAME_BYTES + 1).to_bytes(4))
    with pytest.raises(ValueError, match="not a valid Kind"):
        decode_header(b"?\0\0\0\0")
    with pytest.raises(ValueError, match="not an object"):
        decode_json(b"[]")


def test_wire_notices_that_the_other_side_is_gone() -> None:
    wire = Wire(io.BytesIO(b"D\0\0"), io.BytesIO())
    with pytest.raises(WireClosedError):
        wire.receive()

    class Closed(io.BytesIO):
        @override
        def write(self, data: object) -> int:
            raise BrokenPipeError

    with pytest.raises(WireClosedError):
        Wire(io.BytesIO(), Closed()).event("late")


async def test_worker_that_sends_nonsense_in_a_job_is_written_off(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pool.worker() as worker:
        await nonsense(worker, encode(Kind.RESULT, b"[1]"))
        assert not worker.usable
    async with pool.worker() as worker:
        await nonsense(worker, b"?????")
        assert not worker.usable


async def nonsense(worker: Worker, data: bytes) -> None:
    """Let a worker seem to have said something, and hear it."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    worker._stdout = reader
    with pytest.raises(WorkerCrashedError):
        await worker.receive()


async def test_a_device_that_stalls_takes_workers_from_nobody_else(pool: WorkerPool) -> None:
    async with AsyncExitStack() as stalled:
        for _ in range(workers._SHARE):
            await stalled.enter_async_context(pool.share("stalled").worker())
        waits = asyncio.create_task(borrow(pool.share("stalled")))
        async with pool.share("other").worker() as worker:
            assert worker.usable
        assert not waits.done()
    assert await waits > 0
    assert pool.share("other") is pool.share("other")


async def borrow(share: WorkerShare) -> int:
    async with share.worker() as worker:
        return worker.pid
