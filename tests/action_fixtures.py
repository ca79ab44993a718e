"""What the tests of actions share: a recorder with recordings, and calls of actions."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import (
    entity_registry as er,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.nvr.const import DOMAIN
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName
from custom_components.nvr.library.maker import Patience
from custom_components.nvr.library.queue import ClipQueue
from tests.fake_driver import FakeDriver
from tests.fake_footage import FakeCutter

FRONT = "camera.front_door"
FRONT_SUB = "camera.front_door_sub_stream"
YARD = "camera.yard"
OFFLINE = "camera.camera_3"


@pytest.fixture
def recorded(driver: FakeDriver) -> Recording:
    """Let each channel have an hour that ended an hour ago; return that of channel 1."""
    end = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=1)
    driver.recordings = [
        Recording(
            channel=number,
            stream=StreamName.MAIN,
            start=end - timedelta(hours=1),
            end=end,
            kinds=frozenset({RecordingKind.MOTION, RecordingKind.CONTINUOUS}),
            size_bytes=1_000_000,
            token="a",
        )
        for number in (1, 2, 3)
    ]
    driver.footage = {"a": (b"video",)}
    return driver.recordings[0]


@pytest.fixture
def cutter() -> FakeCutter:
    return FakeCutter()


@pytest.fixture
def queue(
    recorded: Recording, loaded_entry: MockConfigEntry, cutter: FakeCutter
) -> Iterator[ClipQueue]:
    """Return the queue of the loaded recorder, which waits for nothing."""
    queue: ClipQueue = loaded_entry.runtime_data.clips
    queue.maker.patience = Patience(
        settle=timedelta(), ask_again=timedelta(seconds=1), retries=(timedelta(),)
    )
    with patch("custom_components.nvr.library.maker.make_clip", cutter):
        yield queue


async def act(hass: HomeAssistant, action: str, context: Context | None = None, **data: Any) -> Any:
    """Call an action and return what it answers."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True, context=context
    )


def span(recorded: Recording, offset: float = 60, seconds: float = 10) -> dict[str, Any]:
    """Return start and end of a clip as a caller writes them."""
    start = recorded.start + timedelta(seconds=offset)
    return {"start": start.isoformat(), "end": (start + timedelta(seconds=seconds)).isoformat()}


def device_of(hass: HomeAssistant, entity_id: str) -> str:
    entity = er.async_get(hass).async_get(entity_id)
    assert entity is not None
    assert entity.device_id is not None
    return entity.device_id
