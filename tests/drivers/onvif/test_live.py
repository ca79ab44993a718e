"""Where streams are, and how much of that is written down."""

import pytest

from custom_components.nvr.drivers.errors import DeviceFaultError, DriverError, NotSupportedError
from custom_components.nvr.drivers.inquiry import RARELY_SECONDS, SOON_SECONDS
from custom_components.nvr.drivers.models import Connection, StreamName
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses
from custom_components.nvr.drivers.onvif.facts import Facts
from custom_components.nvr.drivers.onvif.live import LiveAddresses
from custom_components.nvr.drivers.onvif.memory import STREAM_ADDRESS, DeviceMemory
from custom_components.nvr.drivers.onvif.profiles import Profile
from tests.drivers.conftest import Clock

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


@pytest.mark.parametrize(
    "error", [DeviceFaultError("off"), NotSupportedError("no profile")], ids=repr
)
async def test_an_address_that_was_not_told_is_asked_for_later(error: DriverError) -> None:
    clock = Clock()
    connection = Connection(host="192.0.2.1", username="u", password="p")
    live = LiveAddresses(SafeAddresses(connection), CAMERA, DeviceMemory({}), clock)
    device = ScriptedDevice(GetStreamUri=error)
    [place] = CAMERA.places()
    await live.learn(device)
    assert not live.unknown
    clock.now += SOON_SECONDS
    await live.learn(device)
    clock.now += SOON_SECONDS
    # Each time it is left alone for longer.
    await live.learn(device)
    assert device.count("GetStreamUri") == 2
    assert live.url(place, StreamName.MAIN) is None
    clock.now += RARELY_SECONDS
    assert live.unknown
    device.scripts["GetStreamUri"] = "<tt:Uri>rtsp://10.0.0.2/live</tt:Uri>"
    await live.learn(device)
    assert live.url(place, StreamName.MAIN) is not None
    assert not live.unknown
