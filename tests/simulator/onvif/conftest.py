"""Devices that speak ONVIF, plugged in, at a fixed time."""

from collections.abc import AsyncIterator

import pytest

from simulator.box import RecorderBox
from simulator.core.time_source import TimeSource

from ..plugged import recorder_box
from .client import PASSWORD, Soap


@pytest.fixture
async def box(request: pytest.FixtureRequest, time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in the device that a test names, `nvr` if it names none."""
    name = getattr(request, "param", "nvr")
    async with recorder_box(f"onvif/{name}", PASSWORD, time) as box:
        yield box


@pytest.fixture
async def soap(box: RecorderBox) -> AsyncIterator[Soap]:
    """Speak SOAP to it, as its administrator."""
    async with Soap(box) as client:
        yield client
