"""A simulated device, and the driver that asks it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers.driver import Memory
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.driver import OnvifDriver
from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from simulator.onvif.face import OnvifFace
from tests.drivers.fake_web import client

PASSWORD = "s3:cr@t/%&#"


@dataclass
class Device:
    """A simulated device and a driver for it."""

    box: RecorderBox
    driver: OnvifDriver
    guard: LoginGuard
    connection: Connection
    http: ClientSession

    @property
    def face(self) -> OnvifFace:
        """What answers."""
        face = self.box.personality.face
        assert isinstance(face, OnvifFace)
        return face

    def asked(self, operation: str) -> int:
        """Return how often an operation was asked."""
        return self.face.device.asked[operation]

    @property
    def requests(self) -> int:
        """Return how many requests the device has seen."""
        return self.box.recorder.requests.count("*")

    def another_driver(self, memory: Memory, *, proven: bool = True) -> OnvifDriver:
        """Return one as after a restart."""
        return OnvifDriver(self.connection, self.http, memory, LoginGuard(proven=proven))


type Plugged = Callable[..., AbstractAsyncContextManager[Device]]


@asynccontextmanager
async def _plugged(name: str = "onvif/nvr", **traits: Any) -> AsyncIterator[Device]:
    box = RecorderBox(PERSONALITIES[name](Options(user="admin", password=PASSWORD)))
    async with box, client() as http:
        if traits:
            face = box.personality.face
            assert isinstance(face, OnvifFace)
            face.change(**traits)
        connection = Connection(
            host=box.host, port=box.http_port, username="admin", password=PASSWORD
        )
        guard = LoginGuard()
        driver = OnvifDriver(connection, http, {}, guard)
        try:
            yield Device(box, driver, guard, connection, http)
        finally:
            await driver.close()


@pytest.fixture
def plugged() -> Plugged:
    """Return what plugs in a device with such traits."""
    return _plugged
