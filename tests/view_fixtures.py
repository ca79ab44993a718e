"""What the tests of views share: a recording, and an administrator who asks for it."""

from datetime import timedelta
import re

from aiohttp import web
from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
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


@pytest.fixture
async def stranger(
    loaded_entry: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    """Return a client that has not logged in."""
    return await hass_client_no_auth()


@pytest.fixture
async def neighbour(
    hass: HomeAssistant, loaded_entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> Client:
    """Return the client of a user who may see the second channel's camera alone."""
    user = MockUser(id="neighbour").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"camera.yard": True}}})
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    return await hass_client(hass.auth.async_create_access_token(token))


def addresses(playlist: str) -> list[str]:
    """Return the addresses that a playlist names."""
    return re.findall(r"/api/nvr/[^\s\"]+", playlist)
