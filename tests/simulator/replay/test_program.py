"""`python -m simulator --replay DIR` as a program."""

import asyncio
from asyncio.subprocess import PIPE
from pathlib import Path
import re
import signal
import sys

import aiohttp
import pytest

from .folders import dictionaries

ROOT = Path(__file__).resolve().parents[3]


async def run(*arguments: str) -> asyncio.subprocess.Process:
    """Start it."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


async def test_prints_where_it_is_and_who_may_log_in(tmp_path: Path) -> None:
    process = await run("--replay", str(dictionaries(tmp_path)), "--user", "x", "--password", "y")
    assert process.stdout is not None
    text = ""
    while "Ctrl-C" not in text:
        line = await process.stdout.readline()
        assert line, (await process.communicate())[1].decode()
        text += line.decode()
    assert "login x / y" in text
    [address] = re.findall(r"HTTP  (http://127\.0\.0\.1:\d+)", text)
    digest = aiohttp.DigestAuthMiddleware("x", "y")
    async with (
        aiohttp.ClientSession(address, middlewares=(digest,)) as session,
        session.get("/ISAPI/System/deviceInfo") as answer,
    ):
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        ([], 2, "give either"),
        (["--replay", ".", "simulator/example.yaml"], 2, "give either"),
        (["--replay", "no/such/folder"], 1, "No such file"),
    ],
)
async def test_misuse(arguments: list[str], status: int, word: str) -> None:
    process = await run(*arguments)
    _, errors = await process.communicate()
    assert process.returncode == status
    assert word in errors.decode()
