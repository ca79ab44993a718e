"""Recorders of Dahua's make, plugged in, at a fixed time."""

from collections.abc import AsyncIterator

import pytest

from simulator.box import RecorderBox
from simulator.core.time_source import TimeSource
from simulator.dahua.face import DahuaFace

from ..plugged import recorder_box
from .client import PASSWORD, Cgi


@pytest.fixture
async def box(request: pytest.FixtureRequest, time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in the recorder that a test names, `current` if it names none."""
    name = getattr(request, "param", "current")
    async with recorder_box(f"dahua/{name}", PASSWORD, time) as box:
        yield box


@pytest.fixture
async def cgi(box: RecorderBox) -> AsyncIterator[Cgi]:
    """Speak CGI to it, as its administrator."""
    async with Cgi(box) as client:
        yield client


def face_of(box: RecorderBox) -> DahuaFace:
    """Give a box's face."""
    face = box.personality.face
    assert isinstance(face, DahuaFace)
    return face
