"""The driver against a camera that others wrote: ipycam, Profile S, where everything wants a token."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.errors import AuthenticationError, NotSupportedError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Connection, StreamName
from custom_components.nvr.drivers.onvif.driver import OnvifDriver
from custom_components.nvr.drivers.onvif.recognition import is_onvif
from tests.drivers.fake_web import client
from tests.servers.virtual_camera import PYTHON, VirtualCamera, virtual_camera

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="other people's server is not installed"
)


def _connection(camera: VirtualCamera, password: str | None = None) -> Connection:
    return Connection(
        host="127.0.0.1",
        port=camera.port,
        username=camera.user,
        password=camera.password if password is None else password,
    )


async def test_it_is_set_up_and_watched() -> None:
    async with virtual_camera() as camera, client() as http:
        assert await is_onvif(_connection(camera), http)
        driver = OnvifDriver(_connection(camera), http, {}, LoginGuard())
        state = await driver.connect()
        assert state.recorder.model
        assert state.recorder.serial
        (channel,) = state.channels
        assert channel.online
        assert [stream.name for stream in channel.streams] == [StreamName.MAIN, StreamName.SUB]
        assert {stream.codec for stream in channel.streams} == {"H.264"}
        for stream in channel.streams:
            assert driver.live_url(channel, stream.name) is not None
        assert driver.traffic.logins == 1
        assert state.clock.offset is not None
        await driver.poll()
        now = datetime.now(UTC)
        with pytest.raises(NotSupportedError, match="Profile G"):
            await anext(aiter(driver.search(1, now - timedelta(hours=1), now)))
        await driver.close()


async def test_a_wrong_password_costs_one_login() -> None:
    async with virtual_camera() as camera, client() as http:
        driver = OnvifDriver(_connection(camera, "wrong"), http, {}, LoginGuard())
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await driver.connect()
        assert driver.traffic.logins == 1
        await driver.close()
