"""A recorder-like web server and a session with it; clocks that run when told to, or are told by whole seconds."""

from collections.abc import AsyncIterator
from datetime import timedelta

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers import drift
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from custom_components.nvr.drivers.rota import Rota

from .fake_web import FakeWeb, client, running


@pytest.fixture
async def fake() -> AsyncIterator[FakeWeb]:
    async with running(FakeWeb()) as server:
        server.answer("/a", "<a/>")
        yield server


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with client() as session:
        yield session


@pytest.fixture
def guard() -> LoginGuard:
    return LoginGuard()


@pytest.fixture
def session(fake: FakeWeb, http: ClientSession, guard: LoginGuard) -> RecorderSession:
    return RecorderSession(fake.connection(), http, guard)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock that the rota goes by."""
    clock = Clock()
    monkeypatch.setattr(Rota.__init__, "__kwdefaults__", {"now": clock})
    return clock


@pytest.fixture
def coarse_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be content with whole seconds; test_clock shows how hundredths are found."""
    monkeypatch.setattr(drift, "FINE_ENOUGH", timedelta(seconds=1))
