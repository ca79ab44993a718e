"""Where streams are, and how much of that is written down."""

import pytest

from custom_components.nvr.drivers.models import Connection, StreamName
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.live import LiveAddresses
from custom_components.nvr.drivers.onvif.memory import STREAM_ADDRESS, DeviceMemory
from custom_components.nvr.drivers.onvif.profiles import Profile

from .answers import ScriptedDevice

CAMERA = Facts(profiles2=(Profile(token="P1", name="main", source="VS_1"),))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("rtsp://10.0.0.2/live?a=1", "rtsp://10.0.0.2/live?a=1"),
        # Who may see it is nobody's business but the device's.
        ("rtsp://admin:secret@10.0.0.2/live", "rtsp://192.0.2.1:554/live"),
        ("rtsp://admin@10.0.0.2/live", "rtsp://192.0.2.1:554/live"),
        ("rtsp://10.0.0.2/live?usr=admin&psw=secret", None),
        ("rtsp://10.0.0.2/live_user=admin_password=secret", None),
    ],
)
async def test_no_secret_of_an_address_is_kept(told: str, kept: str | None) -> None:
    memory = DeviceMemory({})
    connection = Connection(host="192.0.2.1", username="u", password="p")
    live = LiveAddresses(SafeAddresses(connection), CAMERA, memory)
    await live.learn(ScriptedDevice(GetStreamUri=f"<tt:Uri>{told.replace('&', '&amp;')}</tt:Uri>"))
    assert memory.text(STREAM_ADDRESS + "P1") == kept
    # It is watched all the same.
    [place] = CAMERA.places()
    assert (live.url(place, StreamName.MAIN) or "").startswith("rtsp://u:p@192.0.2.1:554/live")
