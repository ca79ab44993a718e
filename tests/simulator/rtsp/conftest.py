"""Servers that listen."""

from collections.abc import AsyncIterator

import pytest

from simulator.footage.formats import VideoCodec

from .client import Client
from .stage import Stage, make_stage


@pytest.fixture(params=list(VideoCodec))
async def both(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[Stage]:
    """Give a running server, once per codec."""
    made = make_stage(request.param)
    await made.server.start()
    yield made
    await made.server.stop()


@pytest.fixture
async def stage(socket_enabled: None) -> AsyncIterator[Stage]:
    """Give a running server."""
    made = make_stage()
    await made.server.start()
    yield made
    await made.server.stop()


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    """Give a client that is connected to it."""
    made = Client(stage)
    await made.connect()
    yield made
    await made.close()
