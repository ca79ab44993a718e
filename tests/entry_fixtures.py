"""An entry of the integration whose recorder exists only in memory."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession
from homeassistant.const import CONF_HOST, CONF_PASSWORD, CONF_PORT, CONF_USERNAME
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.nvr.const import (
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VENDOR,
    CONF_VERIFY_TLS,
    DOMAIN,
)
from custom_components.nvr.drivers.driver import Memory
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Connection
from tests.fake_driver import CONNECTION, RECORDER, SERIAL, FakeDriver

ENTRY_DATA: dict[str, Any] = {
    CONF_HOST: CONNECTION.host,
    CONF_PORT: CONNECTION.port,
    CONF_TLS: False,
    CONF_VERIFY_TLS: False,
    CONF_USERNAME: CONNECTION.username,
    CONF_PASSWORD: CONNECTION.password,
    CONF_RTSP_PORT: None,
    CONF_VENDOR: "fake",
}


@pytest.fixture
def driver() -> FakeDriver:
    """Return the recorder of this test."""
    return FakeDriver()


@pytest.fixture
def made_drivers(driver: FakeDriver) -> Iterator[list[FakeDriver]]:
    """Hand out the test's recorder wherever the entry makes a driver; list how often it did."""
    made: list[FakeDriver] = []

    def make(
        vendor: str,
        connection: Connection,
        session: ClientSession,
        memory: Memory,
        guard: LoginGuard,
    ) -> FakeDriver:
        assert vendor == "fake"
        driver.restart(connection, memory, guard)
        made.append(driver)
        return driver

    with patch("custom_components.nvr.make_driver", side_effect=make):
        yield made


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return the entry of the test's recorder, not yet set up."""
    entry = MockConfigEntry(domain=DOMAIN, title=RECORDER.name, unique_id=SERIAL, data=ENTRY_DATA)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded_entry(
    hass: HomeAssistant, entry: MockConfigEntry, made_drivers: list[FakeDriver]
) -> MockConfigEntry:
    """Set the test's recorder up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry
