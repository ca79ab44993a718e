"""WebKitGTK, the nearest stand-in for Safari, spoken to over WebDriver."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
import json
from pathlib import Path
from typing import Any, override

import psutil
from selenium.webdriver import WebKitGTK
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from urllib3.exceptions import TimeoutError as NoAnswerError

from demo.api import Api
from demo.process import Process, plain_environment, running
from scripts.provision.layout import TOOLS_BIN

from .engine import LIMIT_S, Engine, EngineError

DISPLAY_SERVER = TOOLS_BIN / "Xvfb"
DRIVER = TOOLS_BIN / "WebKitWebDriver"
BROWSER = TOOLS_BIN / "MiniBrowser"
START_LIMIT_S = 60.0
# A script and an address are given up before.
ANSWER_LIMIT_S = 90.0
PAGE_LIMIT_S = 75.0
# What it needs where no graphics card is.
SOFTWARE_ONLY = {
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
    "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
}
# WebKitGTK comes without these; where other programs' packages bring them it takes them. Then pictures from
# before a video's beginning show, which an edit list cuts off, and sometimes none at all.
NOT_ITS_OWN = (
    "libde265dec",
    "h265parse",
    "h264parse",
    "h265timestamper",
    "h264timestamper",
)
ELEMENTS = {"GST_PLUGIN_FEATURE_RANK": ",".join(f"{name}:NONE" for name in NOT_ITS_OWN)}


class WebKit(Engine):
    """One window of WebKitGTK on a display that nobody sees."""

    name = "WebKit"
    # To show the beginning of a video that stands still its player jumps there, and one time in ten never
    # arrives, idle machine or not. Another jump, as a click into the bar makes, ends both.
    encouragement = "video => { if (video.seeking) video.currentTime += 0.1; }"

    def __init__(self, start: Callable[[], WebKitGTK]) -> None:
        self._start = start
        self._driver = start()
        self._api: Api | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[WebKit]:
        """Run a browser with an empty profile for the duration of the block."""
        folder.mkdir(parents=True)
        log = folder / "display.log"
        display = await Process.start(
            "Xvfb",
            [DISPLAY_SERVER, "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            output=log,
            environment=plain_environment(),
        )
        async with running(display):
            number = await display.until(lambda: _first_line(log), "display", START_LIMIT_S)
            browser = await asyncio.to_thread(cls, partial(_start, folder, f":{number}"))
            try:
                yield browser
            finally:
                await asyncio.to_thread(browser._end)

    @override
    async def go(self, url: str) -> None:
        await self._command(lambda driver: driver.get(url))

    @override
    async def run(self, function: str, *values: object) -> Any:
        script = f"""const done = arguments[1];
          Promise.resolve(({function})(...JSON.parse(arguments[0])))
            .then(result => done(JSON.stringify({{result: result ?? null}})))
            .catch(error => done(JSON.stringify({{error: String(error)}})));"""
        text = await self._command(
            lambda driver: driver.execute_async_script(script, json.dumps(values))
        )
        answer = json.loads(text)
        if "error" in answer:
            raise EngineError(f"{self.name}: {answer['error']}")
        return answer["result"]

    @override
    async def log_in(self, api: Api) -> None:
        self._api = api
        await super().log_in(api)

    async def _command(self, command: Callable[[WebKitGTK], Any]) -> Any:
        """Give a command; WebKitWebDriver at times never answers one, and then is started anew.

        Raises:
            EngineError: there was no answer. The page is another one now.
        """
        try:
            return await asyncio.to_thread(command, self._driver)
        except NoAnswerError as error:
            await self.begin_again()
            raise EngineError(f"{self.name} did not answer") from error

    @override
    async def begin_again(self) -> None:
        await asyncio.to_thread(self._end)
        self._driver = await asyncio.to_thread(self._start)
        if self._api is not None:
            await super().log_in(self._api)

    def _end(self) -> None:
        """Kill the browser: one that does not answer would not end itself either."""
        process = psutil.Process(self._driver.service.process.pid)
        family = [*process.children(recursive=True), process]
        for one in family:
            one.kill()
        psutil.wait_procs(family)
        self._driver.service.stop()


def _start(folder: Path, display: str) -> WebKitGTK:
    options = Options()
    options.binary_location = str(BROWSER)
    options.add_argument("--automation")
    environment = plain_environment(HOME=str(folder), DISPLAY=display, **SOFTWARE_ONLY, **ELEMENTS)
    service = Service(str(DRIVER), log_path=str(folder / "driver.log"), env=environment)
    driver = WebKitGTK(options=options, service=service)
    driver.set_script_timeout(LIMIT_S)
    driver.set_page_load_timeout(PAGE_LIMIT_S)
    assert isinstance(driver.command_executor, RemoteConnection)
    driver.command_executor.client_config.timeout = ANSWER_LIMIT_S
    return driver


async def _first_line(log: Path) -> str | None:
    lines = log.read_text(encoding="utf-8").split()
    return lines[0] if lines else None
