"""Servers that listen."""

from collections.abc import AsyncIterator

import pytest

from simulator.footage.formats import VideoCodec
from simulator.rtsp.replay import ReplayTraits
from simulator.rtsp.traits import End

from .client import Client
from .stage import Stage, make_stage
from .viewer import Viewer


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


@pytest.fixture
async def viewer(stage: Stage, client: Client) -> Viewer:
    """Give a viewer of a well-behaved device."""
    stage.server.change(replay=ReplayTraits(), end=End.FALLS_SILENT, reverse=True)
    return Viewer(client)
