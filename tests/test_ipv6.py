"""The integration with simulated recorders that have IPv6 addresses, behind real sockets."""

from collections.abc import AsyncIterator
import socket

from homeassistant.components.camera import async_get_image, async_get_stream_source
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_socket import socket_allow_hosts

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES
from tests.boxes import PASSWORD, add, main_camera

HOST = "::1"


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as made:
        try:
            made.bind((HOST, 0))
        except OSError:
            return False
    return True


pytestmark = [
    pytest.mark.skipif(not _has_ipv6(), reason="no IPv6 on this machine"),
    pytest.mark.usefixtures("socket_enabled"),
]


@pytest.fixture(params=["dahua/nvr", "hikvision/current", "onvif/nvr"])
async def box(request: pytest.FixtureRequest) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of each kind."""
    # Other tests reach this machine by IPv4 alone; each sets it anew.
    socket_allow_hosts([HOST], allow_unix_socket=True)
    personality = PERSONALITIES[request.param](Options(password=PASSWORD))
    async with RecorderBox(personality, host=HOST) as box:
        yield box


async def test_recorder_is_added_by_its_address_and_watched(
    hass: HomeAssistant, box: RecorderBox
) -> None:
    entry = await add(hass, box)
    assert (entry.data[CONF_HOST], entry.data[CONF_PORT]) == (HOST, box.http_port)
    (device,) = (
        one
        for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        if one.id == entry.runtime_data.device_id
    )
    assert device.configuration_url == f"http://[{HOST}]:{box.http_port}"
    camera = main_camera(hass, entry)
    stream = await async_get_stream_source(hass, camera)
    assert stream is not None
    assert f"[{HOST}]:{box.rtsp_port}/" in stream
    assert (await async_get_image(hass, camera)).content.startswith(b"\xff\xd8")
