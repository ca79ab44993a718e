"""A scripted server, and a client with the login that it wants."""

from collections.abc import AsyncIterator, Callable

import pytest

from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.rtsp.authentication import Authentication
from custom_components.nvr.drivers.rtsp.connection import RtspConnection, Tally

from .scripted_server import PASSWORD, USER, ScriptedServer, running


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    async with running(ScriptedServer()) as server:
        yield server


@pytest.fixture
def guard() -> LoginGuard:
    return LoginGuard()


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def connect(
    server: ScriptedServer, guard: LoginGuard, tally: Tally
) -> Callable[[], RtspConnection]:
    """Return what makes a connection with the server, all under one guard."""

    def make() -> RtspConnection:
        login = Authentication(USER, PASSWORD)
        return RtspConnection("127.0.0.1", server.port, login, guard, tally)

    return make
