"""A home with recorders: simulator, go2rtc and Home Assistant together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.api import Api
from demo.config_directory import ConfigDirectory
from demo.go2rtc import Go2rtc
from demo.homeassistant import HomeAssistant
from demo.recorders import RecorderHost, RecorderPlan, SimulatedRecorder


class Installation:
    """All that runs, below one temporary folder.

    Attributes:
        folder: where everything of it is.
        host: the process with the recorders.
        recorders: them, by their names.
        go2rtc: the server for live pictures.
        home_assistant: Home Assistant.
    """

    def __init__(
        self,
        folder: Path,
        host: RecorderHost,
        recorders: dict[str, SimulatedRecorder],
        go2rtc: Go2rtc,
        home_assistant: HomeAssistant,
    ) -> None:
        self.folder = folder
        self.host = host
        self.recorders = recorders
        self.go2rtc = go2rtc
        self.home_assistant = home_assistant

    @property
    def api(self) -> Api:
        """Home Assistant's interface."""
        return self.home_assistant.api

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        plans: Iterable[RecorderPlan],
        *,
        prepare: Callable[[ConfigDirectory], None] | None = None,
    ) -> AsyncIterator[Installation]:
        """Run everything for the duration of the block; the recorders are not added yet.

        Args:
            plans: which recorders there are.
            prepare: is given Home Assistant's folder before the first start.

        Raises:
            ProcessError: a part of it could not be had or did not start.
        """
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="nvr-demo-")))
            host = await stack.enter_async_context(RecorderHost.run(folder / "simulator"))
            # Python takes a second to load: meanwhile the rest starts.
            plugging = asyncio.create_task(host.start(plans))
            stack.push_async_callback(_forget, plugging)
            go2rtc = await stack.enter_async_context(Go2rtc.run(folder / "go2rtc"))
            home_assistant = await stack.enter_async_context(
                HomeAssistant.run(folder / "homeassistant", go2rtc_url=go2rtc.url, prepare=prepare)
            )
            yield cls(folder, host, await plugging, go2rtc, home_assistant)

    def logs(self) -> dict[str, str]:
        """Return the logs of everything, by the name of the program."""
        return {
            "Home Assistant's log": self.home_assistant.logs(),
            "go2rtc's log": self.go2rtc.process.said(),
            "the simulator's log": self.host.output,
        }

    def keep_logs(self, folder: Path) -> None:
        """Copy the logs of everything to a folder that stays."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.logs().items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")


async def _forget(task: asyncio.Task[dict[str, SimulatedRecorder]]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
