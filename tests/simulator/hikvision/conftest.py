"""Both personalities, plugged in, at a fixed time."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.core.time_source import TimeSource
from simulator.hikvision import personalities
from simulator.hikvision.face import HikvisionFace

from .isapi import PASSWORD, Isapi


@pytest.fixture
async def current(time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of today."""
    async with RecorderBox(personalities.current(Options(password=PASSWORD, now=time))) as box:
        yield box


@pytest.fixture
async def old(time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of yesterday."""
    async with RecorderBox(personalities.old(Options(password=PASSWORD, now=time))) as box:
        yield box


def change(box: RecorderBox, **traits: Any) -> None:
    """Give the firmware of a box other traits."""
    face = box.personality.face
    assert isinstance(face, HikvisionFace)
    face.change(**traits)


def session_for(box: RecorderBox, password: str = PASSWORD) -> aiohttp.ClientSession:
    """Give a session that signs its requests."""
    digest = aiohttp.DigestAuthMiddleware("admin", password)
    return aiohttp.ClientSession(f"http://{box.address}", middlewares=(digest,))


@pytest.fixture
async def current_isapi(current: RecorderBox) -> AsyncIterator[Isapi]:
    """Speak to the recorder of today."""
    async with session_for(current) as session:
        yield Isapi(session)


@pytest.fixture
async def old_isapi(old: RecorderBox) -> AsyncIterator[Isapi]:
    """Speak to the recorder of yesterday."""
    async with session_for(old) as session:
        yield Isapi(session)
