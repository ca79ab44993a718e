"""Firefox, spoken to over WebDriver BiDi."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import re
from typing import Any, override

import aiohttp

from demo.process import Process, plain_environment, running
from scripts.provision.layout import TOOLS_BIN

from .engine import Engine, EngineError

FIREFOX = TOOLS_BIN / "firefox"
START_LIMIT_S = 60.0
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES = {
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "media.gmp-manager.url": "",
    "network.proxy.type": 0,
}


class Firefox(Engine):
    """One tab of a headless Firefox."""

    name = "Firefox"

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last_id = 0
        self._tab = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path) -> AsyncIterator[Firefox]:
        """Run a Firefox with an empty profile for the duration of the block."""
        profile = folder / "profile"
        profile.mkdir(parents=True)
        lines = (
            f'user_pref("{name}", {json.dumps(value)});' for name, value in PREFERENCES.items()
        )
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = (FIREFOX, "--headless", "--no-remote", "--profile", profile)
        process = await Process.start(
            cls.name,
            [*command, "--remote-debugging-port", "0"],
            output=folder / "firefox.log",
            environment=plain_environment(HOME=str(folder), MOZ_REMOTE_SETTINGS_DEVTOOLS="1"),
            folder=folder,
        )
        async with running(process):
            found = await process.until(lambda: _address(process), "listening", START_LIMIT_S)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{found}/session", max_msg_size=0) as socket,
            ):
                tab = cls(socket)
                await tab._call("session.new", capabilities={})
                tree = await tab._call("browsingContext.getTree")
                tab._tab = tree["contexts"][0]["context"]
                yield tab

    async def _call(self, method: str, **parameters: Any) -> Any:
        self._last_id += 1
        number = self._last_id
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json()
            if answer.get("id") == number:
                break
        if answer["type"] != "success":
            raise EngineError(f"{method}: {answer.get('error')}: {answer.get('message')}")
        return answer["result"]

    @override
    async def go(self, url: str) -> None:
        await self._call("browsingContext.navigate", context=self._tab, url=url, wait="interactive")

    @override
    async def run(self, function: str, *values: object) -> Any:
        answer = await self._call(
            "script.callFunction",
            # Results come as JSON in a text: values of BiDi have a notation of their own.
            functionDeclaration=f"async text => JSON.stringify(await ({function})(...JSON.parse(text)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(values)}],
            awaitPromise=True,
            target={"context": self._tab},
            userActivation=True,
        )
        if answer["type"] != "success":
            raise EngineError(f"{self.name}: {answer['exceptionDetails']['text']}")
        return json.loads(answer["result"]["value"])


async def _address(process: Process) -> str | None:
    found = LISTENING.search(process.said())
    return found[1] if found else None
