"""A recorder that is healthy over HTTP stays so, whatever its RTSP server says of live streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.hikvision.live import LEARNT_AT_MOST, LivePaths
from custom_components.nvr.drivers.models import StreamName
from tests.drivers.conftest import Clock
from tests.drivers.fake_web import client, running as plugged
from tests.drivers.rtsp.scripted_server import ScriptedServer, answer, running

from .fake_isapi import FakeIsapi, stream_list

CHALLENGE = 'Digest realm="0123456789ab", nonce="5d3f:1785062014"'
UNKNOWN = 'Digest realm="0123456789ab", nonce="5d3f:1785062014", qop="auth-int"'
FORMS = 6
POLLS = 60


@dataclass
class Setting:
    """A driver of a recorder that is perfect over HTTP, and the RTSP server that it meets."""

    driver: HikvisionDriver
    server: ScriptedServer
    clock: Clock

    async def polled(self, minutes: int = 1) -> None:
        """Poll each minute, until all has been asked that is to be asked."""
        for _ in range(minutes):
            await self.driver.poll()
            await asyncio.gather(*self._learning)
            self.clock.now += RETRY_AFTER_SECONDS

    @property
    def _learning(self) -> set[asyncio.Task[None]]:
        return {
            task
            for task in asyncio.all_tasks()
            if getattr(task.get_coro(), "__qualname__", "") == LivePaths.learn.__qualname__
        }

    @property
    def logins(self) -> int:
        return sum("Authorization" in request.headers for request in self.server.requests)

    @property
    def url(self) -> str | None:
        assert self.driver.state is not None
        return self.driver.live_url(self.driver.state.channels[0], StreamName.MAIN)


@asynccontextmanager
async def set_up(fake: FakeIsapi, server: ScriptedServer, clock: Clock) -> AsyncIterator[Setting]:
    async with running(server), plugged(fake), client() as http:
        connection = fake.connection(rtsp_port=server.port)
        driver = HikvisionDriver(connection, http, {}, LoginGuard(proven=True))
        await driver.connect()
        try:
            yield Setting(driver, server, clock)
        finally:
            await driver.close()


@pytest.fixture
async def setting(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setting]:
    clock = Clock()
    monkeypatch.setattr(LivePaths.__init__, "__defaults__", (clock,))
    async with set_up(FakeIsapi(), ScriptedServer(), clock) as setting:
        yield setting


@pytest.mark.parametrize("challenge", [CHALLENGE, UNKNOWN])
async def test_what_rtsp_refuses_does_not_take_the_recorder_down(
    setting: Setting, challenge: str
) -> None:
    setting.server.challenges = (challenge,)
    setting.driver.note_live_failed()
    await setting.polled(POLLS)
    assert setting.server.requests
    assert not setting.driver.refused
    assert setting.logins == (2 if challenge is CHALLENGE else 0)


async def test_live_streams_that_would_be_refused_are_withdrawn(setting: Setting) -> None:
    setting.server.challenges = (CHALLENGE,)
    changes: list[bool] = []
    setting.driver.on_refused_changed(lambda: changes.append(setting.url is None))
    setting.driver.note_live_failed()
    await setting.polled()
    assert changes == [True]
    # A recorder that boots refuses what is right; a minute later it may not.
    setting.server.accepts = lambda request: "Authorization" in request.headers
    await setting.polled()
    assert changes == [True, False]
    assert setting.url is not None
    assert not setting.driver.refused


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_where_no_form_is_taken_none_is_asked_for_again(
    setting: Setting, hangs_up: bool
) -> None:
    server = setting.server
    server.challenges = (CHALLENGE,)
    server.accepts = lambda request: "Authorization" in request.headers
    server.hangs_up = lambda request: hangs_up and "Authorization" in request.headers
    server.scripts["DESCRIBE"] = [lambda request: answer(request, "404 Not Found")]
    setting.driver.note_live_failed()
    await setting.polled(POLLS)
    assert len({request.url for request in server.requests}) == FORMS
    assert setting.logins == FORMS
    assert server.connections == (FORMS if hangs_up else 1)
    assert setting.url is not None


async def test_a_server_that_can_not_be_heard_is_asked_a_few_times(setting: Setting) -> None:
    setting.server.scripts["DESCRIBE"] = [b""]
    setting.server.hangs_up = lambda request: True
    setting.driver.note_live_failed()
    await setting.polled(POLLS)
    assert setting.server.connections == LEARNT_AT_MOST


async def test_a_device_that_counts_its_streams_from_1_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeIsapi()
    fake.answer("/ISAPI/Streaming/channels", stream_list(1, 2))
    clock = Clock()
    monkeypatch.setattr(LivePaths.__init__, "__defaults__", (clock,))
    async with set_up(fake, ScriptedServer(), clock) as setting:
        await setting.polled()
        assert setting.server.requests
        assert setting.driver.memory["live_form"] == "streaming"
