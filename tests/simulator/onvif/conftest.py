"""Devices that speak ONVIF, plugged in, at a fixed time."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.faces import PERSONALITIES
from simulator.onvif.face import OnvifFace

from .client import PASSWORD, Soap


@pytest.fixture
async def box(request: pytest.FixtureRequest, time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in the device that a test names, `nvr` if it names none."""
    name = getattr(request, "param", "nvr")
    options = Options(password=PASSWORD, now=time)
    async with RecorderBox(PERSONALITIES[f"onvif/{name}"](options)) as plugged:
        yield plugged


@pytest.fixture
async def soap(box: RecorderBox) -> AsyncIterator[Soap]:
    """Speak SOAP to it, as its administrator."""
    async with Soap(box) as client:
        yield client


def change(box: RecorderBox, **traits: Any) -> None:
    """Give the firmware of a box other traits."""
    face_of(box).change(**traits)


def face_of(box: RecorderBox) -> OnvifFace:
    """Give a box's face."""
    face = box.personality.face
    assert isinstance(face, OnvifFace)
    return face
