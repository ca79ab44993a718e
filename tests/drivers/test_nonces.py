"""Nonces that end, marked and unmarked, and who may use one at a time."""

import asyncio

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers import login as login_module, nonce as nonce_module
from custom_components.nvr.drivers.answer import Limits
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
)
from custom_components.nvr.drivers.guard import (
    RETRY_AFTER_SECONDS,
    LoginGuard,
)
from custom_components.nvr.drivers.http import RecorderSession

from .fake_web import PASSWORD, FakeWeb, hold

SHORT = Limits(max_bytes=1000, seconds=0.05)


async def transferred(session: RecorderSession) -> bytes:
    async with session.transfer("GET", "/a") as transfer:
        return await transfer.read(100)


async def drop(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_the_challenges_of_real_devices_let_the_nonce_be_reused(
    session: RecorderSession, fake: FakeWeb
) -> None:
    # aiohttp would take domain="::" for an address that none of our requests goes to.
    fake.challenges = [
        'Digest realm="DS-1", domain="::", qop="auth", nonce="{nonce}", opaque="", stale="FALSE"'
    ]
    for _ in range(3):
        assert (await session.request("GET", "/a")).status == 200
    assert session.traffic.requests == 4


async def test_a_stale_nonce_is_no_refusal(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    await session.request("GET", "/a")
    fake.new_nonce()
    assert (await session.request("GET", "/a")).requests == 2
    assert not guard.refused
    assert session.traffic.logins == 2


async def test_a_nonce_forgotten_by_a_boot_need_not_be_called_stale(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.marks_stale = False
    await session.request("GET", "/a")
    fake.routes["/drop"] = drop
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/drop")
    fake.new_nonce()
    assert (await session.request("GET", "/a")).requests == 2
    assert not guard.refused
    # It was not called stale, so the recorder may have counted a failed login.
    assert session.traffic.logins == 3


async def test_a_nonce_that_is_not_new_may_be_old_where_nothing_is_known_of_the_device(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nonce_module, "YOUNG_NONCE_SECONDS", 0)
    fake.marks_stale = False
    await session.request("GET", "/a")
    fake.new_nonce()
    assert (await session.request("GET", "/a")).requests == 2
    assert session.hides_stale


async def test_a_device_that_marks_old_nonces_is_believed_when_it_does_not(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nonce_module, "YOUNG_NONCE_SECONDS", 0)
    await session.request("GET", "/a")
    fake.new_nonce()
    await session.request("GET", "/a")
    assert session.hides_stale is False
    fake.marks_stale = False
    fake.password = "changed"
    fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert len(fake.logins) == 4


async def test_a_device_that_never_says_stale_is_known_for_it_after_once(
    fake: FakeWeb, http: ClientSession
) -> None:
    fake.marks_stale = False
    now = [0.0]
    guard = LoginGuard(now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    await session.request("GET", "/a")
    fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert not session.hides_stale
    now[0] += RETRY_AFTER_SECONDS
    await session.request("GET", "/a")
    assert session.hides_stale
    fake.new_nonce()
    assert (await session.request("GET", "/a")).requests == 2
    assert not guard.refused
    again = RecorderSession(fake.connection(), http, guard)
    again.hides_stale = True
    await again.request("GET", "/a")
    fake.new_nonce()
    await again.request("GET", "/a")
    assert not guard.refused


async def test_requests_side_by_side_share_one_login_where_the_nonce_was_forgotten(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    await session.request("GET", "/a")
    fake.new_nonce()
    fake.seen.clear()
    fake.side_by_side = asyncio.Barrier(3)
    first, second, third = await asyncio.gather(
        session.request("GET", "/a"), session.request("POST", "/a"), transferred(session)
    )
    assert (first.body, second.body, third) == (b"<a/>", b"<a/>", b"<a/>")
    assert not guard.refused
    # Each once in vain, each once again, and nobody asked for another challenge.
    assert len(fake.seen) == len(fake.logins) == 6
    assert session.traffic.logins == 1 + 1


async def test_requests_side_by_side_are_not_sent_again_where_the_password_has_changed(
    fake: FakeWeb, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    session = RecorderSession(fake.connection(), http, LoginGuard(now=lambda: now[0]))
    await session.request("GET", "/a")
    fake.password = "changed"
    fake.seen.clear()
    # What was good a moment ago is in doubt again.
    monkeypatch.setattr(nonce_module, "FRESH_SECONDS", 0)
    outcomes = await asyncio.gather(
        session.request("GET", "/a"),
        session.request("POST", "/a"),
        transferred(session),
        *(session.request("GET", "/a") for _ in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
    assert len(fake.seen) == len(fake.logins) == 1
    assert session.traffic.logins == 1 + 1
    now[0] += RETRY_AFTER_SECONDS
    outcomes = await asyncio.gather(
        *(session.request("GET", "/a") for _ in range(3)), return_exceptions=True
    )
    assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
    now[0] += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert len(fake.logins) == 2


async def test_the_one_more_try_knows_nothing_of_old_challenges(
    fake: FakeWeb, http: ClientSession
) -> None:
    now = [0.0]
    guard = LoginGuard(now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    await session.request("GET", "/a")
    # It boots, refuses right passwords, and forgets its nonces in the end.
    fake.password = "not yet"
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    fake.password = PASSWORD
    fake.new_nonce()
    fake.seen.clear()
    now[0] += RETRY_AFTER_SECONDS
    assert (await session.request("GET", "/a")).status == 200
    assert [bool(seen.authorization) for seen in fake.seen] == [False, True]
    assert not guard.refused


async def test_one_request_goes_ahead_of_the_others_after_a_while(
    session: RecorderSession, fake: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.request("GET", "/a")
    monkeypatch.setattr(nonce_module, "FRESH_SECONDS", 0)
    asked, released = hold(fake, "/slow")
    first = asyncio.create_task(session.request("GET", "/slow"))
    await asked.wait()
    fake.seen.clear()
    second = asyncio.create_task(session.request("GET", "/a"))
    third = asyncio.create_task(transferred(session))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not fake.seen
    released.set()
    await asyncio.gather(first, second, third)
    assert len(fake.seen) == 2


@pytest.mark.parametrize("marks_stale", [False, True])
async def test_counts_that_overtake_each_other_are_no_wrong_password(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard, *, marks_stale: bool
) -> None:
    fake.counts, fake.marks_stale = True, marks_stale
    await session.request("GET", "/a")
    # The second of them is judged first.
    fake.overtaking = asyncio.Event()
    answers = await asyncio.gather(session.request("GET", "/a"), session.request("POST", "/a"))
    assert [answer.status for answer in answers] == [200, 200]
    assert not guard.refused
    # From now on they go one after the other.
    fake.seen.clear()
    fake.most_at_once = 0
    await asyncio.gather(*(session.request("GET", "/a") for _ in range(6)))
    assert len(fake.seen) == 6
    assert fake.most_at_once == 1


async def test_a_request_that_takes_its_time_holds_up_nobody(
    session: RecorderSession, fake: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_module, "SCOUT_SECONDS", 0.01)
    await session.request("GET", "/a")
    monkeypatch.setattr(nonce_module, "FRESH_SECONDS", 0)
    asked, released = hold(fake, "/search")
    search = asyncio.create_task(session.request("GET", "/search"))
    await asked.wait()
    assert (await session.request("GET", "/a")).status == 200
    assert not search.done()
    released.set()
    await search


async def test_a_closed_session_has_no_say_about_the_login_of_the_next(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.marks_stale = False
    old = RecorderSession(fake.connection(), http, guard)
    await old.request("GET", "/a")
    monkeypatch.setattr(nonce_module, "FRESH_SECONDS", 0)
    # The refusal of the old nonce is under way at the close, and another request waits for what comes of it.
    fake.new_nonce()
    fake.seen.clear()
    fake.overtaking = asyncio.Event()
    asking = [asyncio.create_task(old.request("GET", "/a")) for _ in range(2)]
    while not fake.seen:
        await asyncio.sleep(0)
    refusals: list[bool] = []
    guard.on_refused_changed(lambda: refusals.append(guard.refused))
    old.close()
    new = RecorderSession(fake.connection(), http, guard)
    assert (await new.request("GET", "/a")).status == 200
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CannotConnectError] * 2
    assert not refusals
    assert (old.traffic.logins, new.traffic.logins) == (1, 1)


async def test_a_login_under_way_at_the_close_still_brings_its_verdict(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    asked, released = hold(fake, "/slow")
    old = RecorderSession(fake.connection(), http, guard)
    asking = asyncio.create_task(old.request("GET", "/slow"))
    await asked.wait()
    old.close()
    released.set()
    await asyncio.wait({asking})
    assert guard.proven
    # No pause after a login whose outcome nobody knows.
    new = RecorderSession(fake.connection(), http, guard)
    assert (await new.request("GET", "/a")).status == 200
