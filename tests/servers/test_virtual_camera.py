"""ipycam serves ONVIF as the drivers are going to meet it."""

from typing import Any

from onvif import ONVIFCamera
import pytest
from zeep.exceptions import Error

from .virtual_camera import PYTHON, virtual_camera

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="other people's server is not installed"
)


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.parametrize("right", [True, False])
async def test_it_tells_two_profiles_to_who_logs_in(right: bool) -> None:
    async with virtual_camera() as served:
        password = served.password if right else "wrong"
        camera: Any = ONVIFCamera("127.0.0.1", served.port, served.user, password, no_cache=True)
        try:
            if not right:
                with pytest.raises(Error):
                    await (await camera.create_devicemgmt_service()).GetDeviceInformation()
                return
            await camera.update_xaddrs()
            told = await (await camera.create_devicemgmt_service()).GetDeviceInformation()
            profiles = await (await camera.create_media_service()).GetProfiles()
        finally:
            await camera.close()
    assert told.Model == "VirtualCam-1"
    assert len(profiles) == 2
    assert {each.VideoEncoderConfiguration.Encoding for each in profiles} == {"H264"}
