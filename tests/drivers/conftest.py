"""A recorder-like web server and a session with it."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession

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
