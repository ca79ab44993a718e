"""Real Home Assistants with our integration, with another one, or with none."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
import shutil
from typing import Any, Final

import psutil

from demo.api import Api
from demo.config_directory import ConfigDirectory
from demo.flow import go_through
from demo.go2rtc import Go2rtc
from demo.homeassistant import HomeAssistant

from .recorders import PASSWORD, USER, BenchRecorder

OURS: Final = "nvr"

MEBIBYTE = 1 << 20
LOOP_PROBE = Path(__file__).parent / "loop_probe"
_TALKATIVE = "debug"
# The demo's Home Assistant compiles its modules at every start, half of that start's time; a user's does not.
_REMEMBER_BYTECODE = """\
import runpy, sys
sys.dont_write_bytecode = False
sys.pycache_prefix = sys.argv.pop(1)
sys.argv[0] = "homeassistant"
runpy.run_module("homeassistant", run_name="__main__", alter_sys=True)
"""


def _quieten(directory: ConfigDirectory) -> None:
    """Log as a user's Home Assistant does: the demo wants to know everything."""
    file = directory.path / "configuration.yaml"
    file.write_text(file.read_text("utf-8").replace(_TALKATIVE, "warning"), "utf-8")


def _with_probe(directory: ConfigDirectory) -> None:
    """Have the lag of the event loop measured from inside."""
    _quieten(directory)
    shutil.copytree(
        LOOP_PROBE,
        directory.path / "custom_components" / LOOP_PROBE.name,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    with (directory.path / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write(f"{LOOP_PROBE.name}:\n")


class Home:
    """One Home Assistant.

    Attributes:
        home_assistant: the process, started.
        go2rtc: the server beside it.
    """

    def __init__(self, home_assistant: HomeAssistant, go2rtc: Go2rtc) -> None:
        self.home_assistant = home_assistant
        self.go2rtc = go2rtc

    @property
    def api(self) -> Api:
        """Its interface."""
        return self.home_assistant.api

    @classmethod
    @asynccontextmanager
    async def run(
        cls, folder: Path, *, probe: bool = False, program: Sequence[str | Path] | None = None
    ) -> AsyncIterator[Home]:
        """Run one with an account and nothing in it for the duration of the block.

        Args:
            folder: where it lives.
            probe: whether its event loop's lag is measured.
            program: what Python runs instead of Home Assistant itself.
        """
        folder.mkdir(parents=True)
        async with (
            Go2rtc.run(folder / "go2rtc") as go2rtc,
            HomeAssistant.run(
                folder / "homeassistant",
                go2rtc_url=go2rtc.url,
                prepare=_with_probe if probe else _quieten,
                program=program or ("-c", _REMEMBER_BYTECODE, folder / "bytecode"),
            ) as home_assistant,
        ):
            yield cls(home_assistant, go2rtc)

    @classmethod
    @asynccontextmanager
    async def run_two(
        cls, folder: Path, *, program: Sequence[str | Path] | None = None
    ) -> AsyncIterator[tuple[Home, Home]]:
        """Run two for the duration of the block: one for our integration, and a bare one."""
        async with AsyncExitStack() as stack:
            ours, bare = await asyncio.gather(
                *(
                    stack.enter_async_context(cls.run(folder / name, program=program))
                    for name in ("ours", "bare")
                )
            )
            yield ours, bare

    @property
    def _tree(self) -> list[psutil.Process]:
        process = psutil.Process(self.home_assistant.process.pid)
        return [process, *process.children(recursive=True)]

    def cpu_s(self) -> float:
        """Return the processor seconds spent by it and what it started."""
        times = [each.cpu_times() for each in self._tree]
        return sum(each.user + each.system for each in times)

    def memory_mb(self) -> float:
        """Return the memory that it and what it started hold, in MiB."""
        return sum(each.memory_info().rss for each in self._tree) / MEBIBYTE

    async def add(self, recorder: BenchRecorder) -> str:
        """Add a recorder to our integration as a user would and return the entry's id.

        Raises:
            RuntimeError: the form was not accepted.
        """
        return await self._add(OURS, _answers(recorder))

    async def submit(self, domain: str, fields: Mapping[str, Any]) -> str:
        """Fill in the only form of any integration and return the entry's id.

        Raises:
            RuntimeError: the form was not accepted.
        """
        return await self._add(domain, {"user": fields})

    async def _add(self, domain: str, answers: Mapping[str, Mapping[str, Any]]) -> str:
        done = await go_through(self.api, domain, answers)
        if done["type"] != "create_entry":
            raise RuntimeError(f"{domain}: {done.get('errors') or done.get('reason')}")
        entry_id: str = done["result"]["entry_id"]
        return entry_id

    async def entry(self, entry_id: str) -> dict[str, Any]:
        """Return a config entry as Home Assistant describes it."""
        entries = await self.api.ask("config_entries/get")
        found: dict[str, Any] = next(each for each in entries if each["entry_id"] == entry_id)
        return found

    async def remove(self, entry_id: str) -> None:
        """Remove a recorder with all that belongs to it."""
        await self.api.request("DELETE", f"/api/config/config_entries/entry/{entry_id}")

    async def cameras(self) -> dict[str, datetime]:
        """Return when each camera had its first state, by its id."""
        return {
            state["entity_id"]: datetime.fromisoformat(state["last_changed"]).astimezone(UTC)
            for state in await self.api.states()
            if state["entity_id"].startswith("camera.")
        }


def _answers(recorder: BenchRecorder) -> dict[str, dict[str, Any]]:
    return {
        "user": {"host": recorder.address},
        "credentials": {"username": USER, "password": PASSWORD},
        "report": {"areas": False},
    }
