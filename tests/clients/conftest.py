"""Recorders for other people's clients."""

from collections.abc import AsyncIterator

import pytest

from simulator.box import RecorderBox
from simulator.core.personality import Options
from simulator.faces import PERSONALITIES

PASSWORD = "p@ss:w/rd?#%1"
USER = "admin"


@pytest.fixture
async def box(request: pytest.FixtureRequest, socket_enabled: None) -> AsyncIterator[RecorderBox]:
    """Plug in the recorder whose personality the test names."""
    made = PERSONALITIES[request.param](Options(user=USER, password=PASSWORD))
    async with RecorderBox(made) as plugged:
        yield plugged
