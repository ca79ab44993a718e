"""How rarely the driver logs in, and what it does about a login that is refused."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self, override

from aiohttp import web
import pytest

from custom_components.nvr.drivers import drift, exchange, login, probing
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DriverError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import Recording, StreamName

from ..conftest import Clock
from . import fake_dahua
from .fake_dahua import (
    FakeDahua,
    now_in,
    plugged,
)
from .old_recorder import CGI, STATE_LINES, old_texts

# Of a device on which each question is one; others have polled some so 7600 times (section 3 of the notes).
MOST_LOGINS_AN_HOUR = 40
MOST_LOGINS_A_SEARCH = 5
MOST_PROBES = 6


async def test_where_each_question_is_a_login_few_are_asked(clock: Clock) -> None:
    fake = FakeDahua(has_rpc=False, texts=old_texts())
    async with plugged(fake, {"rpc2_answers": False, "nonces_last": False}) as (driver, _):
        await driver.connect()
        for _ in range(20):
            clock.now += 60
            await driver.poll()
        settled = driver.traffic.logins
        for _ in range(60):
            clock.now += 60
            await driver.poll()
        # In an hour; and each round saw that the recorder is there.
        assert driver.traffic.logins - settled < MOST_LOGINS_AN_HOUR
        fake.routes.clear()
        fake.routes["/"] = gone
        for path in list(fake.open_paths):
            fake.routes[path] = gone
        fake.open_paths.add(f"{CGI}/magicBox.cgi")
        fake.routes[f"{CGI}/magicBox.cgi"] = gone
        # A round without a question that is due sees whether it is there.
        driver._rota = None
        with pytest.raises(CannotConnectError):
            await driver.poll()


class Slept(datetime):
    """Time that passes by sleep alone."""

    moment = datetime(2026, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC)

    @classmethod
    @override
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return how far sleep has brought it."""
        return cls.fromtimestamp(cls.moment.timestamp(), tz)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let answers take no time: those that come late tell less, and a busy machine would need more of them."""
    at_once = asyncio.sleep
    monkeypatch.setattr(Slept, "moment", Slept.moment)

    async def sleep(seconds: float) -> None:
        Slept.moment += timedelta(seconds=max(0.0, seconds))
        await at_once(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for module in (login, exchange, probing, drift, fake_dahua):
        monkeypatch.setattr(module, "datetime", Slept)


@pytest.mark.usefixtures("slept")
async def test_where_each_answer_is_a_login_the_clock_is_made_fine_for_cuts_alone(
    clock: Clock,
) -> None:
    fake = FakeDahua(has_rpc=False, texts=old_texts())

    async def ticking(_: web.Request) -> web.Response:
        return web.Response(text=f"result={now_in(timedelta(hours=1, seconds=7.3))}")

    async with plugged(fake, {"rpc2_answers": False, "nonces_last": False}) as (driver, _):
        fake.routes[f"{CGI}/global.cgi"] = ticking
        await driver.connect()
        while not any("getCurrentTime" in seen.path for seen in fake.logins):
            clock.now += 60
            await driver.poll()
        before = driver.traffic.logins
        now = Slept.now(UTC)
        with suppress(DriverError):
            _ = [found async for found in driver.search(1, now - timedelta(hours=1), now)]
        searching = driver.traffic.logins - before
        asked = sum("getCurrentTime" in seen.path for seen in fake.logins)
        recording = Recording(
            channel=1,
            start=now - timedelta(hours=1),
            end=now,
            stream=StreamName.MAIN,
            kinds=frozenset(),
            token="/mnt/dvr/nothing.dav",
        )
        with suppress(DriverError):
            async with driver.download(recording, now - timedelta(minutes=5), now):
                pass
        probes = sum("getCurrentTime" in seen.path for seen in fake.logins) - asked
    assert searching <= MOST_LOGINS_A_SEARCH
    # Half a second is halved until half a picture is left.
    assert 0 < probes <= MOST_PROBES


async def test_a_single_question_that_is_a_login_is_asked_rarely(clock: Clock) -> None:
    path = f"{CGI}/LogicDeviceManager.cgi?action=getCameraState&uniqueChannels[0]=-1"
    fake = FakeDahua(texts={path: STATE_LINES})
    del fake.methods["LogicDeviceManager.getCameraState"]
    async with plugged(fake, {"nonces_last": False}) as (driver, _):
        await driver.connect()
        before = driver.traffic.logins
        for _ in range(30):
            clock.now += 60
            await driver.poll()
        # The others go on over their session.
        assert fake.asked("recordManager.getStateAll") > 20
        assert driver.traffic.logins - before <= 7


async def gone(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_after_a_refusal_nothing_is_sent_and_no_stream_offered() -> None:
    fake = FakeDahua()
    now = [0.0]
    guard = LoginGuard(now=lambda: now[0])
    changes: list[bool] = []
    async with plugged(fake, guard=guard) as (driver, _):
        state = await driver.connect()
        driver.on_refused_changed(lambda: changes.append(driver.refused))
        fake.forget_sessions()
        fake.password = "changed"
        with pytest.raises(AuthenticationError):
            await driver.poll()
        asked = len(fake.seen)
        with pytest.raises(AuthenticationError):
            await driver.poll()
        with pytest.raises(AuthenticationError):
            await driver.snapshot(1)
        assert len(fake.seen) == asked
        assert driver.live_url(state.channels[0], StreamName.MAIN) is None
        now[0] += 61
        with pytest.raises(AuthenticationError):
            await driver.poll()
        assert guard.final
        assert fake.rpc_logins == 3
        assert changes == [True]


async def test_a_stream_that_fails_tells_of_a_changed_password(clock: Clock) -> None:
    fake = FakeDahua()
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    async with plugged(fake, guard=guard) as (driver, _):
        await driver.connect()
        fake.password = "other"
        clock.now += 60
        now[0] += 3600
        # The session lives on.
        await driver.poll()
        assert not driver.refused
        driver.note_live_failed()
        with pytest.raises(AuthenticationError):
            await driver.poll()
        assert driver.refused
        assert fake.rpc_logins == 2


async def test_a_stream_that_comes_and_goes_is_no_login_each_time(clock: Clock) -> None:
    fake = FakeDahua()
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    async with plugged(fake, guard=guard) as (driver, _):
        await driver.connect()
        for _ in range(10):
            clock.now += 60
            now[0] += 3600
            driver.note_live_failed()
            await driver.poll()
        assert fake.rpc_logins == 2
        assert fake.asked("global.logout") == 1
