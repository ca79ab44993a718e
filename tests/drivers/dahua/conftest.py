"""A device's files, and what searches them."""

from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers.clock import DeviceClock, fixed_zone
from custom_components.nvr.drivers.dahua.memory import DeviceMemory
from custom_components.nvr.drivers.dahua.transport import LiveTransport
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from tests.drivers.fake_web import FakeWeb

from .fake_files import FakeFiles
from .searching import Device


@pytest.fixture
def files(fake: FakeWeb) -> FakeFiles:
    """Return the files of a device that answers."""
    found = FakeFiles()
    found.plug(fake)
    return found


@pytest.fixture
async def device(fake: FakeWeb, files: FakeFiles, http: ClientSession) -> AsyncIterator[Device]:
    """Return what searches the device, whose clock is an hour ahead of UTC."""
    connection = fake.connection()
    memory = DeviceMemory({})
    session = RecorderSession(connection, http, LoginGuard())
    transport = LiveTransport(session, connection, memory)
    device = Device(
        files=files,
        memory=memory,
        transport=transport,
        clock=DeviceClock(zone=fixed_zone(timedelta(hours=1))),
    )
    yield device
    await device.searches.close()
    await transport.rpc.sessions.close()
    # Whatever happened, nothing is left on the device.
    assert not files.searches
    assert not files.directories
