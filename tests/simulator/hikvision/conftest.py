"""Both personalities, plugged in, at a fixed time."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from simulator.box import RecorderBox
from simulator.core.time_source import TimeSource

from ..plugged import recorder_box
from .isapi import PASSWORD, Isapi


@pytest.fixture
async def current(time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of today."""
    async with recorder_box("hikvision/current", PASSWORD, time) as box:
        yield box


@pytest.fixture
async def old(time: TimeSource) -> AsyncIterator[RecorderBox]:
    """Plug in a recorder of yesterday."""
    async with recorder_box("hikvision/old", PASSWORD, time) as box:
        yield box


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
