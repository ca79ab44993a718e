"""Programs are ended together with what they started, however the block is left."""

import asyncio
import os
from pathlib import Path
import signal
import sys

import pytest

from demo.ports import free_ports
from demo.process import Process, ProcessError, plain_environment, running

ROOT = Path(__file__).parents[2]
LIMIT_S = 30.0
# Starts a program and never ends it.
PARENT = """
import asyncio, pathlib, sys
from demo.process import Process

async def main():
    await Process.start("a program", ["sh", "-c", sys.argv[2]], output=pathlib.Path(sys.argv[1]))
    print("watched", flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""
# A program that ignores the polite way and has a child.
STUBBORN = "trap '' TERM; sleep 1000 & echo $!; wait"


async def started(tmp_path: Path, script: str) -> Process:
    return await Process.start(
        "a program",
        ["sh", "-c", script],
        output=tmp_path / "output.txt",
        environment=plain_environment(),
    )


async def child_of(process: Process) -> int:
    async def probe() -> int | None:
        text = process.said().strip()
        return int(text) if text else None

    return await process.until(probe, "child", LIMIT_S)


def exists(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    # What has ended and was not asked after by its parent is a zombie.
    return state.exists() and state.read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"


async def test_a_stubborn_program_ends_with_its_children(tmp_path: Path) -> None:
    process = await started(tmp_path, STUBBORN)
    child = await child_of(process)
    await process.stop(patience_s=0.1)
    assert not process.running
    while exists(child):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_programs_end_when_whoever_started_them_is_killed(
    tmp_path: Path, number: signal.Signals
) -> None:
    output = tmp_path / "output.txt"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, output, "sleep 1000 & echo $! $$; wait"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    # The program runs a moment before what watches over it.
    assert parent.stdout is not None
    assert await parent.stdout.readline() == b"watched\n"
    while len(pids := output.read_text().split() if output.exists() else []) < 2:
        await asyncio.sleep(0.01)
    programs = [int(pid) for pid in pids]
    assert all(map(exists, programs))
    parent.send_signal(number)
    await parent.wait()
    while any(map(exists, programs)):
        await asyncio.sleep(0.01)


async def test_no_watcher_stays(tmp_path: Path) -> None:
    process = await started(tmp_path, "exec sleep 1000")
    watcher = process._watcher
    assert exists(watcher.pid)
    await process.stop()
    assert not exists(watcher.pid)


async def test_a_program_ends_when_the_block_is_left_by_an_error(tmp_path: Path) -> None:
    process = await started(tmp_path, "exec sleep 1000")
    with pytest.raises(ZeroDivisionError):
        async with running(process):
            raise ZeroDivisionError
    assert not exists(process.pid)


async def test_a_program_that_ends_by_itself_is_quoted(tmp_path: Path) -> None:
    async def never() -> None:
        return None

    process = await started(tmp_path, "echo no such recorder >&2; exit 3")
    with pytest.raises(ProcessError, match="status 3:\nno such recorder"):
        await process.until(never, "answer", LIMIT_S)


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="a recorder can't be started"):
        await Process.start("a recorder", ["/nowhere"], output=tmp_path / "output.txt")


def test_secrets_of_the_environment_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERVISOR_TOKEN", "secret")
    assert "SUPERVISOR_TOKEN" not in plain_environment(HOME="/home")
    assert os.environ["PATH"] == plain_environment()["PATH"]


def test_ports_given_out_together_differ() -> None:
    assert len(set(free_ports(20))) == 20
