"""A real Home Assistant process."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
import os
from pathlib import Path
import signal

import aiohttp

from demo.api import Account, Api, ApiError
from demo.config_directory import ConfigDirectory
from demo.ports import free_ports
from demo.process import Process, plain_environment
from scripts.provision.layout import HOME_ASSISTANT_VENV, TOOLS_BIN

START_LIMIT_S = 120.0
STOP_LIMIT_S = 60.0
PROGRAM = ("-m", "homeassistant")

ACCOUNT = Account(name="Demo", username="demo", password="demo")


class HomeAssistant:
    """Home Assistant on a configuration folder, from the environment that users have.

    That environment holds only what Home Assistant and the integration's manifest ask for.
    """

    def __init__(
        self,
        directory: ConfigDirectory,
        session: aiohttp.ClientSession,
        output: Path,
        program: Sequence[str | Path] = PROGRAM,
    ) -> None:
        self.directory = directory
        self._session = session
        self._output = output
        self._program = program
        self._process: Process | None = None
        self._api: Api | None = None

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        folder: Path,
        *,
        go2rtc_url: str,
        prepare: Callable[[ConfigDirectory], None] | None = None,
        program: Sequence[str | Path] | None = None,
    ) -> AsyncIterator[HomeAssistant]:
        """Run a fresh Home Assistant with an account for the duration of the block.

        ``prepare`` is given its folder before the first start. ``program`` is what Python runs.
        """
        folder.mkdir()
        [port] = free_ports(1)
        directory = ConfigDirectory.make(folder / "config", port, go2rtc_url=go2rtc_url)
        if prepare is not None:
            prepare(directory)
        async with aiohttp.ClientSession() as session:
            self = cls(directory, session, folder / "output.log", program or PROGRAM)
            try:
                await self.start()
                yield self
            finally:
                if self._process is not None:
                    await self._process.stop(STOP_LIMIT_S)

    @property
    def api(self) -> Api:
        """The client of the account that was made at the first start."""
        if self._api is None:
            raise RuntimeError("Home Assistant was not started yet")
        return self._api

    @property
    def process(self) -> Process:
        """The running process."""
        if self._process is None:
            raise RuntimeError("Home Assistant was not started yet")
        return self._process

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return self.directory.url

    def logs(self) -> str:
        """Return the log file and all that the process printed, of all its starts."""
        rotated = sorted(self.directory.path.glob("home-assistant.log*"))
        return "\n".join(
            path.read_text(encoding="utf-8", errors="replace") for path in [*rotated, self._output]
        )

    async def start(self) -> None:
        """Start it and wait until it runs, with an account after the first time.

        Raises:
            ProcessError: it did not come up.
        """
        self._process = await Process.start(
            "Home Assistant",
            [
                HOME_ASSISTANT_VENV / "bin/python",
                *(*self._program, "--config", self.directory.path),
                *("--skip-pip", "--log-file", self.directory.log),
            ],
            output=self._output,
            environment=plain_environment(
                HOME=str(self.directory.path.parent), PATH=f"{TOOLS_BIN}:/usr/bin:/bin"
            ),
            folder=self.directory.path,
        )
        await self._process.until(self._page_answers, "web page", START_LIMIT_S)
        if self._api is None:
            self._api = await Api.onboard(self.url, self._session, ACCOUNT)
        await self._process.until(self._runs, "state RUNNING", START_LIMIT_S)

    async def stop(self) -> None:
        """Stop it as its users do and wait for the end."""
        await self.api.post("/api/services/homeassistant/stop")
        await self.process.ended(STOP_LIMIT_S)
        await self.process.stop()

    async def kill(self) -> None:
        """End it alone at once, as the kernel does that runs out of memory; its children live on."""
        os.kill(self.process.pid, signal.SIGKILL)
        await self.process.ended(STOP_LIMIT_S)

    async def restart(self) -> None:
        """Stop and start it."""
        await self.stop()
        await self.start()

    async def _page_answers(self) -> bool | None:
        # A configuration that is not accepted would be reverted to another port.
        try:
            async with self._session.get(self.url + "/manifest.json") as response:
                return response.ok or None
        except aiohttp.ClientError:
            return None

    async def _runs(self) -> bool | None:
        try:
            config = await self.api.get("/api/config")
        except aiohttp.ClientError, ApiError:
            return None
        return config["state"] == "RUNNING" or None
