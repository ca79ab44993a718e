"""WebKitGTK, the nearest stand-in for Safari, spoken to over WebDriver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
from typing import Any, override

from selenium.webdriver import WebKitGTK
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from demo.process import Process, plain_environment, running
from scripts.provision.layout import TOOLS_BIN

from .engine import LIMIT_S, Engine, EngineError

DISPLAY_SERVER = TOOLS_BIN / "Xvfb"
DRIVER = TOOLS_BIN / "WebKitWebDriver"
BROWSER = TOOLS_BIN / "MiniBrowser"
START_LIMIT_S = 60.0
# What it needs where no graphics card is.
SOFTWARE_ONLY = {
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
    "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
}


class WebKit(Engine):
    """One window of WebKitGTK on a display that nobody sees."""

    name = "WebKit"

    def __init__(self, driver: WebKitGTK) -> None:
        self._driver = driver

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
            driver = await asyncio.to_thread(_start, folder, f":{number}")
            try:
                yield cls(driver)
            finally:
                await asyncio.to_thread(driver.quit)

    @override
    async def go(self, url: str) -> None:
        await asyncio.to_thread(self._driver.get, url)

    @override
    async def run(self, function: str, *values: object) -> Any:
        script = f"""const done = arguments[1];
          Promise.resolve(({function})(...JSON.parse(arguments[0])))
            .then(result => done(JSON.stringify({{result: result ?? null}})))
            .catch(error => done(JSON.stringify({{error: String(error)}})));"""
        text = await asyncio.to_thread(
            self._driver.execute_async_script, script, json.dumps(values)
        )
        answer = json.loads(text)
        if "error" in answer:
            raise EngineError(f"{self.name}: {answer['error']}")
        return answer["result"]


def _start(folder: Path, display: str) -> WebKitGTK:
    options = Options()
    options.binary_location = str(BROWSER)
    options.add_argument("--automation")
    environment = plain_environment(HOME=str(folder), DISPLAY=display, **SOFTWARE_ONLY)
    service = Service(str(DRIVER), log_path=str(folder / "driver.log"), env=environment)
    driver = WebKitGTK(options=options, service=service)
    driver.set_script_timeout(LIMIT_S)
    return driver


async def _first_line(log: Path) -> str | None:
    lines = log.read_text(encoding="utf-8").split()
    return lines[0] if lines else None
