"""python-amcrest on real devices as they were recorded.

Its log-in asks for the device's name: where that wasn't recorded it gets no further.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
import re
from typing import Any

from amcrest import AmcrestCamera
from amcrest.exceptions import AmcrestError
import pytest

from simulator.replay.box import ReplayBox, ReplayOptions

from .conftest import PASSWORD, USER

DEVICES = Path(__file__).resolve().parents[3] / "shared" / "devices" / "dahua"
_PATH = re.compile(r"\.FilePath=(\S+)")
# Of each its name, serial, and what it is called besides where that was recorded.
EXPECTED = {
    "amcrest-ipc-sdcard": ("AMCTEST_MACHINE", "AMCTESTSERIALNO", {}),
    "nvr6xx-4ks2": (
        "NVR",
        "4C0048DPAJ8F3C9",
        {"device_type": "31", "software_information": ("4.002.0000000.2.R", "2023-02-20\r\n")},
    ),
}
pytestmark = pytest.mark.skipif(not DEVICES.is_dir(), reason="no ../shared here")


@pytest.fixture
async def camera(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[Any]:
    """Serve what was recorded of a device, and let the library speak to it."""
    options = ReplayOptions(user=USER, password=PASSWORD)
    async with ReplayBox(DEVICES / request.param, options) as box:
        host, _, port = box.address.partition(":")
        yield AmcrestCamera(host, int(port), USER, PASSWORD, retries_connection=0).camera


@pytest.mark.parametrize(
    ("camera", "expected"), EXPECTED.items(), indirect=["camera"], ids=EXPECTED
)
async def test_identity(camera: Any, expected: tuple[str, str, dict[str, object]]) -> None:
    name, serial, more = expected
    assert await asyncio.to_thread(lambda: camera.machine_name) == name
    assert await asyncio.to_thread(lambda: camera.serial_number) == serial
    for word, value in more.items():
        assert await asyncio.to_thread(getattr, camera, word) == value


@pytest.mark.parametrize("camera", ["amcrest-ipc-sdcard"], indirect=True)
async def test_search(camera: Any) -> None:
    """The pages as its own tests have them, the one that announces more than it holds among them."""

    def found(start: datetime, end: datetime) -> list[str]:
        return list(camera.find_files(start, end, channel=0))

    day = datetime(2020, 1, 6)
    pages = await asyncio.to_thread(found, day, datetime(2020, 1, 7))
    assert [page.partition("\r\n")[0] for page in pages] == ["found=2", "found=2"]
    assert [_PATH.findall(page) for page in pages] == [
        [
            "/mnt/sd/2020-01-06/001/dav/06/06.05.00-06.13.00[M][0@0][0].mp4",
            "/mnt/sd/2020-01-06/001/dav/06/06.13.00-06.21.00[M][0@0][0].mp4",
        ],
        ["/mnt/sd/2020-01-06/001/dav/06/06.36.10-06.36.44[M][0@0][0].mp4"],
    ]
    late = await asyncio.to_thread(found, day.replace(hour=6, minute=30), day.replace(hour=7))
    assert [page.count("FilePath") for page in late] == [1]
    with pytest.raises(AmcrestError):
        await asyncio.to_thread(found, datetime(2019, 1, 1), datetime(2019, 1, 2))


@pytest.mark.parametrize("camera", ["nvr608h-128-4ks3"], indirect=True)
async def test_without_a_recorded_name_there_is_no_log_in(camera: Any) -> None:
    with pytest.raises(AmcrestError):
        await asyncio.to_thread(lambda: camera.serial_number)
