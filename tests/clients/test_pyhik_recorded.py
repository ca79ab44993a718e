"""pyHik on real devices as they were recorded: what it reads there is what we read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from pyhik.hikvision import HikCamera, get_video_channels
import pytest

from simulator.replay.box import ReplayBox, ReplayOptions

from .conftest import PASSWORD, USER

DEVICES = Path(__file__).resolve().parents[3] / "shared" / "devices" / "hikvision"
# Of each its name, whether pyHik takes it for a recorder, and its channels.
EXPECTED = {
    "DS-2CD2146G2-ISU": ("IP CAMERA", "CAM", ["Terrasse"]),
    "DS-2CD2386G2-IU": ("yard", "CAM", ["yard"]),
    "DS-2CD2532F-IWS": ("SCD14 #TUIN", "CAM", ["SCD14"]),
    "DS-2SE4C425MWG-E-26": ("IP DOME", "CAM", ["DS-2SE4C425MWG-E-26(FC2493386)", "IPdome 02"]),
    "DS-7608NXI-I2": ("nvr", "NVR", ["garden", "home", "road", "gate"]),
    "DS-7616NI-K2": (
        "NVR",
        "NVR",
        ["tagahoov", "garaazh", "eeshoov", "sauna uks", "terrass", "uksekell"],
    ),
    "iDS-7204HUHI-M1": (
        "Embedded Net DVR",
        "NVR",
        ["Entrada", "Camera 02", "Terraza - Taller", "Camera 04"],
    ),
}
pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


@pytest.fixture
async def device(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[ReplayBox]:
    """Serve what was recorded of a device."""
    options = ReplayOptions(user=USER, password=PASSWORD)
    async with ReplayBox(DEVICES / request.param, options) as box:
        yield box


@pytest.mark.parametrize(
    ("device", "expected"), EXPECTED.items(), indirect=["device"], ids=EXPECTED
)
async def test_pyhik_reads_it(device: ReplayBox, expected: tuple[str, str, list[str]]) -> None:
    host, _, port = device.address.partition(":")
    camera = await asyncio.to_thread(HikCamera, host, int(port), USER, PASSWORD)
    channels = await asyncio.to_thread(get_video_channels, host, int(port), USER, PASSWORD)
    seen = camera.get_name, camera.get_type, [channel.name for channel in channels]
    assert seen == expected
    assert camera.current_event_states["Motion"]
