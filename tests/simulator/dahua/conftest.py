"""Recorders of Dahua's make, plugged in, at a fixed time."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.dahua.face import DahuaFace
from simulator.faces import PERSONALITIES

from .client import PASSWORD, Cgi


@pytest.fixture
async def box(request: pytest.FixtureRequest, time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in the recorder that a test names, `current` if it names none."""
    name = getattr(request, "param", "current")
    options = Options(password=PASSWORD, now=time)
    async with RecorderBox(PERSONALITIES[f"dahua/{name}"](options)) as plugged:
        yield plugged


@pytest.fixture
async def cgi(box: RecorderBox) -> AsyncIterator[Cgi]:
    """Speak CGI to it, as its administrator."""
    async with Cgi(box) as client:
        yield client


def change(box: RecorderBox, **traits: Any) -> None:
    """Give the firmware of a box other traits."""
    face_of(box).change(**traits)


def face_of(box: RecorderBox) -> DahuaFace:
    """Give a box's face."""
    face = box.personality.face
    assert isinstance(face, DahuaFace)
    return face
