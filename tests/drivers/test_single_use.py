"""Nonces that are good for one request, and refusals that prove nothing, as with recorders that log each login."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import re
from typing import override

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers import login as login_module, nonce as nonce_module
from custom_components.nvr.drivers.errors import AuthenticationError
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.http import RecorderSession

from .fake_web import FakeWeb, client, hold, running


@dataclass
class Strict(FakeWeb):
    """Takes each nonce once, and challenges everybody with his own."""

    marks_stale: bool = False
    count_of_nonces: int = 0
    spent: set[str] = field(default_factory=set)

    @override
    async def serve(self, request: web.Request) -> web.StreamResponse:
        authorization = request.headers.get("Authorization", "")
        used = re.search(r'nonce="([^"]+)"', authorization)
        if used is not None and used[1] not in self.spent:
            self.nonce = used[1]
            self.spent.add(used[1])
        else:
            self.count_of_nonces += 1
            self.nonce = f"nonce{self.count_of_nonces}"
        return await super().serve(request)


@asynccontextmanager
async def talking(fake: FakeWeb, guard: LoginGuard | None = None) -> AsyncIterator[RecorderSession]:
    fake.answer("/a", "<a/>")
    async with running(fake), client() as http:
        yield RecorderSession(fake.connection(), http, guard or LoginGuard(), doubts_refusals=True)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login_module, "SECOND_LOOK_SECONDS", 0)


async def test_a_nonce_that_is_good_once_is_learned_and_no_wrong_password() -> None:
    fake = Strict()
    async with talking(fake) as session:
        costs = [(await session.request("GET", "/a")).requests for _ in range(6)]
        assert costs == [2] * 6
        assert session.nonces_last is False
        assert not session.guard.refused
        # Two were spent on learning it.
        assert len(fake.logins) == 8


async def test_what_was_seen_earlier_spares_the_learning() -> None:
    fake = Strict()
    async with talking(fake) as session:
        session.nonces_last = False
        for _ in range(3):
            assert (await session.request("GET", "/a")).status == 200
        assert len(fake.logins) == 3


async def test_requests_side_by_side_have_each_their_own() -> None:
    fake = Strict()
    async with talking(fake) as session:
        session.nonces_last = False
        answers = await asyncio.gather(*(session.request("GET", "/a") for _ in range(8)))
        assert [answer.status for answer in answers] == [200] * 8
        assert len(fake.logins) == 8


async def test_a_request_that_takes_its_time_lets_the_next_log_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(login_module, "SCOUT_SECONDS", 0.01)
    fake = Strict()
    asked, released = hold(fake, "/slow")
    async with talking(fake) as session:
        session.nonces_last = False
        slow = asyncio.create_task(session.request("GET", "/slow"))
        await asked.wait()
        assert (await session.request("GET", "/a")).status == 200
        released.set()
        assert (await slow).status == 200


async def test_where_nonces_last_that_is_learned_too(http: ClientSession) -> None:
    fake = FakeWeb()
    async with talking(fake) as session:
        for _ in range(3):
            await session.request("GET", "/a")
        assert session.nonces_last is True
        # One that was forgotten meanwhile is no sign of the contrary.
        fake.new_nonce()
        await session.request("GET", "/a")
        await session.request("GET", "/a")
        assert session.nonces_last is True
        assert session.traffic.logins == 2


async def test_a_refusal_that_proves_nothing_gets_a_second_look() -> None:
    fake = FakeWeb()
    refusals = [1]

    async def serve(request: web.Request) -> web.StreamResponse:
        if refusals and request.headers.get("Authorization"):
            refusals.pop()
            fake.new_nonce()
        return await plain(request)

    plain = fake.serve
    fake.serve = serve  # type: ignore[method-assign] # as a busy device does
    async with talking(fake) as session:
        assert (await session.request("GET", "/a")).status == 200
        assert not session.guard.refused
        assert len(fake.logins) == 2


async def test_a_login_that_met_a_failure_is_no_refusal_of_the_next() -> None:
    fake = Strict()
    answers = [500, 200, 200]

    async def failing(_: web.Request) -> web.Response:
        return web.Response(status=answers.pop(0))

    fake.routes["/b"] = failing
    async with talking(fake) as session:
        found = [(await session.request("GET", "/b")).status for _ in range(3)]
        assert found == [500, 200, 200]
        assert not session.guard.refused


async def test_a_second_refusal_ends_the_talk() -> None:
    fake = FakeWeb(password="other")
    async with talking(fake) as session:
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await session.request("GET", "/a")
        assert len(fake.logins) == 2
        assert session.guard.final


async def test_credentials_that_worked_before_are_left_to_the_guard() -> None:
    fake = FakeWeb(password="other")
    async with talking(fake, LoginGuard(proven=True)) as session:
        with pytest.raises(AuthenticationError):
            await session.request("GET", "/a")
        assert len(fake.logins) == 1
        assert not session.guard.final


async def test_a_changed_password_costs_no_third_refusal_for_a_guess(
    fake: FakeWeb, session: RecorderSession, guard: LoginGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nonce_module, "YOUNG_NONCE_SECONDS", 0)
    fake.marks_stale = False
    await session.request("GET", "/a")
    fake.password = "changed"
    fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    # One that worked, the nonce at hand, and the login that it was guessed to need.
    assert len(fake.logins) == 3
    assert guard.final


@pytest.mark.parametrize("changed", [False, True])
async def test_where_a_single_refusal_proves_nothing_the_next_login_waits(
    monkeypatch: pytest.MonkeyPatch, *, changed: bool
) -> None:
    monkeypatch.setattr(nonce_module, "YOUNG_NONCE_SECONDS", 0)
    fake = FakeWeb(marks_stale=False)
    now = [0.0]
    async with talking(fake, LoginGuard(now=lambda: now[0])) as session:
        for _ in range(2):
            await session.request("GET", "/a")
        assert session.nonces_last
        if changed:
            fake.password = "changed"
        fake.new_nonce()
        for _ in range(2):
            with pytest.raises(AuthenticationError):
                await session.request("GET", "/a")
        assert len(fake.logins) == 3
        assert not session.guard.final
        now[0] += RETRY_AFTER_SECONDS
        if changed:
            with pytest.raises(AuthenticationError):
                await session.request("GET", "/a")
            assert session.guard.final
        else:
            assert (await session.request("GET", "/a")).status == 200
            # From now on it is known what such a refusal means.
            assert session.hides_stale
        assert len(fake.logins) == 4


async def test_a_login_by_other_means_takes_its_turn(
    fake: FakeWeb, session: RecorderSession, guard: LoginGuard
) -> None:
    fake.open_paths.add("/own")
    fake.answer("/own", "{}")
    async with session.own_login() as login:
        other = asyncio.create_task(session.request("GET", "/a"))
        login.announce_login()
        assert (await session.request("POST", "/own", body=b"{}", login=login)).status == 200
        login.accept()
        # Nobody else logs in meanwhile.
        assert not fake.logins
    assert (await other).status == 200
    assert session.traffic.logins == 2

    async def cut() -> None:
        async with session.own_login() as login:
            login.announce_login()
            raise TimeoutError

    with pytest.raises(TimeoutError):
        await cut()
    # What became of it nobody heard: the next keeps its distance.
    assert guard.kept()["unanswered"] == 1
