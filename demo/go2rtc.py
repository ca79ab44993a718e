"""The go2rtc that Home Assistant plays live pictures through."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from demo.ports import LOOPBACK, free_ports
from demo.process import Process, ProcessError, plain_environment
from scripts.provision.layout import TOOLS_BIN

START_LIMIT_S = 20.0
PROGRAM = TOOLS_BIN / "go2rtc"

# Home Assistant writes every stream into this file, so it has to be a file.
CONFIGURATION = """\
api:
  listen: {host}:{api}
rtsp:
  listen: {host}:{rtsp}
webrtc:
  listen: {host}:{webrtc}
  candidates:
    - {host}:{webrtc}
  ice_servers: []
  filters:
    loopback: true
srtp:
  listen: ""
ffmpeg:
  bin: {ffmpeg}
"""


@dataclass
class Go2rtc:
    """A go2rtc on fixed ports that can be killed and started again.

    Attributes:
        url: where its interface listens.
        process: the running program.
    """

    url: str
    folder: Path
    process: Process

    @classmethod
    @asynccontextmanager
    async def run(cls, folder: Path) -> AsyncIterator[Go2rtc]:
        """Run go2rtc for the duration of the block, its file and log in a folder.

        Raises:
            ProcessError: it could not be had or did not start.
        """
        if not PROGRAM.exists():
            raise ProcessError("go2rtc is missing: see what scripts/setup says")
        folder.mkdir()
        api, rtsp, webrtc = free_ports(3)
        (folder / "go2rtc.yaml").write_text(
            CONFIGURATION.format(
                host=LOOPBACK, api=api, rtsp=rtsp, webrtc=webrtc, ffmpeg=TOOLS_BIN / "ffmpeg"
            ),
            encoding="utf-8",
        )
        server = cls(f"http://{LOOPBACK}:{api}", folder, await _launch(folder))
        try:
            await server._wait()
            yield server
        finally:
            await server.process.stop()

    async def restart(self) -> None:
        """Start it again after it was killed, on the same ports."""
        await self.process.stop()
        self.process = await _launch(self.folder)
        await self._wait()

    async def _wait(self) -> None:
        async with aiohttp.ClientSession() as session:

            async def probe() -> bool | None:
                try:
                    async with session.get(self.url + "/api") as response:
                        return response.ok or None
                except aiohttp.ClientError:
                    return None

            await self.process.until(probe, "answer", START_LIMIT_S)


async def _launch(folder: Path) -> Process:
    return await Process.start(
        "go2rtc",
        [PROGRAM, "-config", folder / "go2rtc.yaml"],
        output=folder / "go2rtc.log",
        environment=plain_environment(),
        folder=folder,
    )
