"""What the tests of views share: a recording, and an administrator who asks for it."""

from datetime import timedelta

from aiohttp import web
from aiohttp.test_utils import TestClient
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.media_identifier import RecordingIdentifier
from tests.fake_driver import FakeDriver

type Client = TestClient[web.Request, web.Application]


@pytest.fixture
def recording(driver: FakeDriver) -> Recording:
    """Let channel 1 have a recording."""
    start = dt_util.utcnow().replace(microsecond=0) - timedelta(hours=2)
    recording = Recording(
        channel=1,
        stream=StreamName.MAIN,
        start=start,
        end=start + timedelta(minutes=5),
        kinds=frozenset(),
        token="a",
    )
    driver.recordings = [recording]
    driver.footage = {"a": (b"video",)}
    return recording


@pytest.fixture
def identifier(loaded_entry: MockConfigEntry, recording: Recording) -> RecordingIdentifier:
    return RecordingIdentifier.of(loaded_entry.entry_id, recording)


@pytest.fixture
async def client(loaded_entry: MockConfigEntry, hass_client: ClientSessionGenerator) -> Client:
    """Return the client of an administrator."""
    return await hass_client()
