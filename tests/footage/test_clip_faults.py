"""Whatever goes wrong, a clip ends in one error and leaves nothing behind."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
import os
from pathlib import Path
import random
import signal

import pytest

from custom_components.nvr.drivers.errors import CannotConnectError, NoFootageError
from custom_components.nvr.footage import transfer, workers
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.errors import (
    FootageError,
    InvalidFootageError,
    NoVideoError,
    WorkerCrashedError,
    WorkerHungError,
)
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import NOON, Filmed
from .sent import Sent

START, END = NOON + timedelta(seconds=10), NOON + timedelta(seconds=100)


def noise(size: int) -> bytes:
    """Return bytes that are no footage."""
    return random.Random(7).randbytes(size)


def recording(**values: object) -> Filmed:
    """Return a recording of two minutes."""
    return Filmed(NOON, NOON + timedelta(minutes=2), **values)  # type: ignore[arg-type]  # passed on as they are


async def works(pool: WorkerPool, folder: Path) -> None:
    """Check that the pool still makes clips, and that only they are there."""
    path = folder / "good"
    await make_clip(pool, [recording().part], START, START + timedelta(seconds=2), path)
    path.unlink()
    assert not list(folder.iterdir())


async def test_killed_worker_is_one_error_and_no_file(pool: WorkerPool, tmp_path: Path) -> None:
    def kill(number: int) -> None:
        if number == 20:
            assert list(tmp_path.iterdir())
            for pid in pool.pids:
                os.kill(pid, signal.SIGKILL)

    filmed = recording(on_chunk=kill)
    with pytest.raises(WorkerCrashedError):
        await make_clip(pool, [filmed.part], START, END, tmp_path / "clip")
    assert filmed.open == 0
    await works(pool, tmp_path)


async def test_hung_worker_is_ended(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: set[int] = set()

    with monkeypatch.context() as impatient:

        def stop(number: int) -> None:
            if number == 5:
                # Not before: on a busy machine a worker that is well takes its time, too.
                impatient.setattr(workers, "_HANG_SECONDS", 0.3)
                stopped.update(pool.pids)
                for pid in pool.pids:
                    os.kill(pid, signal.SIGSTOP)

        filmed = recording(on_chunk=stop)
        with pytest.raises(WorkerHungError):
            await make_clip(pool, [filmed.part], START, END, tmp_path / "clip")
    assert stopped
    await works(pool, tmp_path)
    assert not stopped & pool.pids


async def test_worker_that_is_silent_at_the_end_is_ended(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SETTLE_SECONDS", 0.3)

    def chunks() -> Iterator[bytes]:
        yield bytes(1000)
        for pid in pool.pids:
            os.kill(pid, signal.SIGSTOP)

    with pytest.raises(WorkerHungError):
        await make_clip(pool, [Sent(chunks).part], START, END, tmp_path / "clip")
    assert not list(tmp_path.iterdir())


async def test_cancelled_clip_leaves_nothing_and_the_worker_stays(
    pool: WorkerPool, tmp_path: Path
) -> None:
    far = asyncio.Event()

    def note(number: int) -> None:
        if number == 20:
            far.set()

    filmed = recording(on_chunk=note)
    making = asyncio.create_task(make_clip(pool, [filmed.part], START, END, tmp_path / "clip"))
    await far.wait()
    pids = pool.pids
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert filmed.open == 0
    await works(pool, tmp_path)
    assert pool.pids >= pids


async def test_error_of_the_recorder_passes_through(pool: WorkerPool, tmp_path: Path) -> None:
    gone = CannotConnectError("gone")

    def fail(number: int) -> None:
        if number == 20:
            raise gone

    filmed = recording(on_chunk=fail)
    with pytest.raises(CannotConnectError) as caught:
        await make_clip(pool, [filmed.part], START, END, tmp_path / "clip")
    assert caught.value is gone
    refused = Sent(list, error=NoFootageError("overwritten"))
    with pytest.raises(NoFootageError):
        await make_clip(pool, [refused.part], START, END, tmp_path / "clip")
    await works(pool, tmp_path)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NoVideoError),
        (b"<html>not found</html>", NoVideoError),
        (noise(300_000), FootageError),
        (b"IMKH" + noise(300_000), FootageError),
        (b"\0\0\0\x20ftypisom" + noise(300_000), InvalidFootageError),
        (b"\0\0\1\xba" * 100_000, FootageError),
        (b"\0\0\1\xe0\xff\xff" + noise(300_000), FootageError),
        (b"\0\0\1\xe0\0\x09\x80\0\0\0\0\1\x67ab" * 20_000, FootageError),
    ],
    ids=["empty", "text", "noise", "head", "mp4", "packs", "packet", "parameters"],
)
async def test_bytes_that_are_no_footage(
    pool: WorkerPool, tmp_path: Path, data: bytes, error: type[FootageError]
) -> None:
    chunks = [data[at : at + 65_536] for at in range(0, len(data), 65_536)]
    with pytest.raises(error):
        await make_clip(pool, [Sent(lambda: chunks).part], START, END, tmp_path / "clip")
    await works(pool, tmp_path)


@pytest.mark.parametrize(
    "chunk",
    [
        b"\1" * 65_536,
        b"\0\0\1\xe0\xff\xf0" + b"\x80\0\0" + b"\0" * 65_517,
        b"\0\0\1\xe0\xff\xf0" + b"\x80\0\0" + (b"\0\0\1\x67" + b"\1" * 96) * 655 + b"\0" * 17,
    ],
    ids=["noise", "no codec", "no picture"],
)
async def test_endless_bytes_find_an_end(pool: WorkerPool, tmp_path: Path, chunk: bytes) -> None:
    sent = Sent(lambda: repeat(chunk))
    with pytest.raises(InvalidFootageError):
        await make_clip(pool, [sent.part], START, END, tmp_path / "clip")
    assert sent.streams[0].sent < 100 << 20
    await works(pool, tmp_path)


async def test_footage_with_holes_in_its_bytes_still_makes_a_clip(
    pool: WorkerPool, tmp_path: Path
) -> None:
    """Bytes are lost and others come in between: the pictures around them survive."""
    randomly = random.Random(3)

    def damaged(chunks: Iterator[bytes]) -> Iterator[bytes]:
        for number, chunk in enumerate(chunks):
            if number % 7 == 3:
                at = randomly.randrange(len(chunk))
                yield chunk[:at] + noise(randomly.randrange(2000)) + chunk[at + 500 :]
            else:
                yield chunk

    filmed = recording(transform=damaged)
    report = await make_clip(
        pool, [filmed.part], START, START + timedelta(seconds=60), tmp_path / "clip"
    )
    assert report.duration > 50


async def test_file_that_can_not_be_written(pool: WorkerPool, tmp_path: Path) -> None:
    with pytest.raises(FootageError) as caught:
        await make_clip(pool, [recording().part], START, END, tmp_path / "no" / "folder" / "clip")
    assert str(tmp_path) not in str(caught.value)


async def test_memory_stays_the_same_however_long_the_stream(
    pool: WorkerPool, tmp_path: Path
) -> None:
    filmed = Filmed(NOON, NOON + timedelta(hours=1), whole=True)

    def high_water() -> int:
        (pid,) = pool.pids
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024

    padding = b"\0\0\1\xbe\xff\xf0" + b"\xff" * 0xFFF0

    def padded(chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk
            yield padding * 64

    filmed.transform = padded
    await make_clip(pool, [filmed.part], START, START + timedelta(seconds=9), tmp_path / "one")
    before = high_water()
    late = NOON + timedelta(minutes=4, seconds=20)
    await make_clip(pool, [filmed.part], START, late, tmp_path / "two")
    assert filmed.streams[-1].sent > 500 << 20
    assert high_water() - before < 40


@pytest.mark.parametrize(("later_s", "shown"), [(0.02, True), (0.3, False)])
async def test_what_ended_before_the_clip_is_not_in_it(
    pool: WorkerPool, tmp_path: Path, later_s: float, shown: bool
) -> None:
    filmed = Filmed(NOON, NOON + timedelta(seconds=10))
    part = replace(filmed.part, end=NOON + timedelta(minutes=1))
    last = filmed.source.frame_at_or_before(NOON + timedelta(seconds=9.999))
    start = last + timedelta(seconds=later_s)
    path = tmp_path / "clip"
    if shown:
        report = await make_clip(pool, [part], start, start + timedelta(seconds=5), path)
        assert report.start == last
        return
    with pytest.raises(NoVideoError):
        await make_clip(pool, [part], start, start + timedelta(seconds=5), path)
    assert not list(tmp_path.iterdir())
