"""What a config flow finds at the address that is typed in."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import AsyncMock, patch

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant
import pytest

from custom_components.nvr.discovery.models import FoundDevice
from custom_components.nvr.drivers.driver import Memory
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Connection
from tests.fake_driver import FakeDriver

FINGERPRINT = "5a" * 32


class Site:
    """What answers at the address of the form, and how often it was asked to."""

    def __init__(self, driver: FakeDriver) -> None:
        """Initialize."""
        self.driver = driver
        self.recognise = AsyncMock(side_effect=self._recognise)
        self.schemes = {False}
        self.closed_ports: set[int | None] = set()
        self.closed_tls_ports: set[int | None] = set()
        self.vendors: dict[tuple[int | None, bool], str] = {}
        self.found: tuple[FoundDevice, ...] = ()
        self.scan_error: OSError | None = None
        self.connections: list[Connection] = []
        self.sessions: list[ClientSession] = []
        self._paused = False

    def pause(self) -> None:
        """Let every answer take a moment, as those that come over a network do."""
        self._paused = True

    async def _recognise(self, connection: Connection, session: ClientSession) -> str:
        """Answer a stranger at any port, by the schemes that are spoken here."""
        if self._paused:
            await asyncio.sleep(0)
        closed = self.closed_ports | (self.closed_tls_ports if connection.tls else set())
        if connection.tls not in self.schemes or connection.port in closed:
            raise CannotConnectError("another scheme")
        return self.vendors.get((connection.port, connection.tls), "fake")

    async def scan(self, hass: HomeAssistant) -> tuple[FoundDevice, ...]:
        """Stand in for the scan of the network."""
        if self.scan_error is not None:
            raise self.scan_error
        return self.found

    async def trusting(self, hass: HomeAssistant, connection: Connection) -> Connection:
        """Stand in for the first contact."""
        known = connection.fingerprint is not None or connection.verify_tls or not connection.tls
        return connection if known else replace(connection, fingerprint=FINGERPRINT)

    def make_driver(
        self,
        vendor: str,
        connection: Connection,
        session: ClientSession,
        memory: Memory,
        guard: LoginGuard | None,
    ) -> FakeDriver:
        """Stand in for the catalogue."""
        assert vendor in {"fake", *self.vendors.values()}
        self.driver.restart(connection, memory, guard or LoginGuard())
        self.connections.append(connection)
        self.sessions.append(session)
        return self.driver


@pytest.fixture
def site(driver: FakeDriver) -> Iterator[Site]:
    """Put the test's recorder where the flow looks."""
    site = Site(driver)
    with (
        patch("custom_components.nvr.config_flow.async_scan", site.scan),
        patch("custom_components.nvr.finding.async_trusting", site.trusting),
        patch("custom_components.nvr.locating.async_trusting", site.trusting),
        patch("custom_components.nvr.locating.recognise", site.recognise),
        patch("custom_components.nvr.finding.recognise", site.recognise),
        patch("custom_components.nvr.finding.make_driver", site.make_driver),
    ):
        yield site


@pytest.fixture
def set_up() -> Iterator[AsyncMock]:
    """Keep a finished flow from setting up its entry."""
    with patch("custom_components.nvr.async_setup_entry", return_value=True) as mock:
        yield mock
