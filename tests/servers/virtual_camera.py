"""ipycam, a camera in Python that others wrote, as a process that speaks ONVIF: Profile S, tokens alone."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scripts.provision.layout import OTHERS_VENV

PYTHON = OTHERS_VENV / "bin/python"
_PROGRAM = Path(__file__).with_name("virtual_camera_device.py")


@dataclass(frozen=True, kw_only=True)
class VirtualCamera:
    """A camera that speaks ONVIF.

    Attributes:
        port: on which it listens on the loopback address.
        user: who may log in.
        password: the user's.
    """

    port: int
    user: str = "viewer"
    password: str = field(default="s3cret", repr=False)

    @property
    def address(self) -> str:
        """Host and port, as a user would type them."""
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def virtual_camera() -> AsyncIterator[VirtualCamera]:
    """Let it run."""
    camera = VirtualCamera(port=0)
    process = await asyncio.create_subprocess_exec(
        PYTHON, _PROGRAM, camera.user, camera.password, stdout=PIPE, stderr=DEVNULL
    )
    assert process.stdout is not None
    try:
        yield VirtualCamera(port=int(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()
