"""``scripts/inspect`` against a live device, and misused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
import json
import os
from pathlib import Path
import sys

import pytest

from scripts.inspection import main
from tests.drivers.fake_web import PASSWORD, USER, running
from tests.drivers.hikvision.fake_isapi import SEARCH, FakeIsapi, status_error

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """What a run of the program left."""

    status: int
    out: str
    err: str


async def inspect(*arguments: str, **environment: str) -> Run:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "scripts/inspect",
        *arguments,
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("NVR_")}
        | environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Run(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture
async def fake() -> AsyncIterator[FakeIsapi]:
    async with running(FakeIsapi()) as device:
        assert isinstance(device, FakeIsapi)
        yield device


def address(fake: FakeIsapi) -> str:
    assert fake.server is not None
    return f"127.0.0.1:{fake.server.port}"


async def test_a_live_recorder(fake: FakeIsapi) -> None:
    run = await inspect(f"http://{address(fake)}/", NVR_USERNAME=USER, NVR_PASSWORD=PASSWORD)
    assert run.status == 0, run.err
    assert not run.err
    printed = json.loads(run.out)
    assert printed["recorder"]["model"] == "DS-7608NXI-I2"
    assert printed["recorder"]["mac"] == "02:00:00:**:**:**"
    assert [channel["number"] for channel in printed["channels"]] == [1, 2]
    assert printed["clock"]["offset_s"] == 0.0
    assert printed["recordings"] == []
    assert PASSWORD not in run.out


async def test_what_a_search_refuses_is_missing(fake: FakeIsapi) -> None:
    fake.answer(f"POST {SEARCH}", status_error(4, "lowPrivilege"), 403)
    run = await inspect(
        address(fake), "--full", "--vendor", "hikvision", NVR_USERNAME=USER, NVR_PASSWORD=PASSWORD
    )
    printed = json.loads(run.out)
    assert printed["recorder"]["mac"] == "02:00:00:00:00:01"
    assert "recordings" not in printed
    assert "recordings" in {entry["what"] for entry in printed["missing"]}


async def test_a_wrong_password(fake: FakeIsapi) -> None:
    run = await inspect(address(fake), NVR_USERNAME=USER, NVR_PASSWORD="wrong-one")
    assert (run.status, run.out) == (1, "")
    assert len(run.err.splitlines()) == 1
    assert "wrong-one" not in run.err
    assert len(fake.logins) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--bogus"],
        ["--recorded", "/nonexistent"],
        ["http://user:secret@127.0.0.1/"],
        ["ftp://127.0.0.1/"],
        ["http://["],
        ["127.0.0.1", "--recorded", "."],
    ],
)
def test_misuse_is_one_clear_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NVR_USERNAME", "u")
    monkeypatch.setenv("NVR_PASSWORD", "p")
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "secret" not in said.err


async def test_without_a_terminal_credentials_come_from_the_environment() -> None:
    run = await inspect("127.0.0.1:1")
    assert run.status == 2
    assert "NVR_PASSWORD" in run.err


async def test_nothing_there() -> None:
    run = await inspect("127.0.0.1:1", NVR_USERNAME="u", NVR_PASSWORD="p")
    assert run.status == 1
    assert len(run.err.splitlines()) == 1
