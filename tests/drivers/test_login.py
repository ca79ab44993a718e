"""Logging in over HTTP: challenges, nonces, refusals, against a server as strict as a recorder."""

import asyncio

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers.answer import Limits
from custom_components.nvr.drivers.digest import split_challenges
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.http import RecorderSession

from .fake_web import PASSWORD, FakeWeb, hold

SHORT = Limits(max_bytes=1000, seconds=0.05)


async def test_one_login_serves_all_requests(session: RecorderSession, fake: FakeWeb) -> None:
    answers = [await session.request("GET", "/a") for _ in range(5)]
    assert [answer.body for answer in answers] == [b"<a/>"] * 5
    assert [answer.requests for answer in answers] == [2, 1, 1, 1, 1]
    assert len(fake.seen) == 6
    assert (session.traffic.requests, session.traffic.logins) == (6, 1)


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


async def test_the_strongest_of_several_challenges_is_answered(
    session: RecorderSession, fake: FakeWeb
) -> None:
    fake.challenges = [
        'Basic realm="x"',
        'Digest qop="auth", realm="r", nonce="{nonce}", algorithm=MD5',
        'Digest qop="auth", realm="r", nonce="{nonce}", algorithm=SHA-256',
    ]
    assert (await session.request("GET", "/a")).status == 200
    assert "SHA-256" in fake.logins[0].authorization


async def test_challenges_in_one_header_are_told_apart() -> None:
    assert split_challenges(['Basic realm="a, b", Digest realm="r", nonce="n"', "Basic x"]) == [
        'Basic realm="a, b"',
        'Digest realm="r", nonce="n"',
        "Basic x",
    ]


async def test_basic_only_where_digest_is_not_offered(
    session: RecorderSession, fake: FakeWeb
) -> None:
    fake.challenges = ['Basic realm="DS-FB2127"']
    assert (await session.request("GET", "/a")).status == 200
    assert (await session.request("GET", "/a")).requests == 1
    assert fake.logins[0].authorization.startswith("Basic ")


async def test_basic_is_never_sent_to_a_device_that_offered_digest(
    session: RecorderSession, fake: FakeWeb
) -> None:
    await session.request("GET", "/a")
    fake.new_nonce()
    fake.challenges = ['Basic realm="x"']
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert not any(seen.authorization.startswith("Basic") for seen in fake.seen)


async def test_a_stale_nonce_is_no_refusal(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    await session.request("GET", "/a")
    fake.new_nonce()
    assert (await session.request("GET", "/a")).requests == 2
    assert not guard.refused
    assert session.traffic.logins == 2


async def test_a_wrong_password_is_sent_once(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.password = "other"
    with pytest.raises(AuthenticationError) as caught:
        await session.request("GET", "/a")
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            await session.request("GET", "/a")
    assert len(fake.logins) == 1
    assert len(fake.seen) == 2
    assert guard.refused
    assert PASSWORD not in str(caught.value)


async def test_many_at_once_with_a_wrong_password_are_one_login(
    session: RecorderSession, fake: FakeWeb
) -> None:
    fake.password = "other"
    outcomes = await asyncio.gather(
        *(session.request("GET", "/a") for _ in range(8)), return_exceptions=True
    )
    assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
    assert len(fake.logins) == 1


async def test_a_password_changed_meanwhile_is_one_refused_login(
    fake: FakeWeb, http: ClientSession
) -> None:
    now = [0.0]
    guard = LoginGuard(now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    await session.request("GET", "/a")
    fake.password = "changed"
    fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == 2
    now[0] += RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == 3
    now[0] += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == 3


async def test_a_recorder_that_boots_is_forgiven(fake: FakeWeb, http: ClientSession) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    fake.password = "not yet"
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    fake.password = PASSWORD
    now[0] += RETRY_AFTER_SECONDS
    assert (await session.request("GET", "/a")).status == 200
    assert not guard.refused


async def test_a_retry_that_meets_nobody_may_be_repeated(
    fake: FakeWeb, http: ClientSession
) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    fake.password = "not yet"
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    now[0] += RETRY_AFTER_SECONDS
    _, released = hold(fake, "/a")
    fake.password = PASSWORD
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/a", limits=SHORT)
    released.set()
    assert (await session.request("GET", "/a")).status == 200


async def test_a_retry_ends_also_where_no_login_is_asked_for(
    fake: FakeWeb, http: ClientSession
) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    guard.refuse(AuthenticationError("booting"))
    now[0] += RETRY_AFTER_SECONDS
    fake.open_paths.add("/a")
    assert (await session.request("GET", "/a")).status == 200
    assert (await session.request("GET", "/a")).status == 200


async def test_tries_left_are_told(fake: FakeWeb, http: ClientSession, guard: LoginGuard) -> None:
    session = RecorderSession(
        fake.connection(), http, guard, lambda body: AuthenticationError("x", tries_left=3)
    )
    fake.password = "other"
    with pytest.raises(AuthenticationError) as caught:
        await session.request("GET", "/a")
    assert caught.value.tries_left == 3


async def test_nobody_logs_in_at_a_locked_recorder(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    session = RecorderSession(
        fake.connection(), http, guard, lambda body: AccountLockedError("x", seconds_left=60)
    )
    with pytest.raises(AccountLockedError):
        await session.request("GET", "/a")
    assert not fake.logins
    assert guard.refused


async def test_a_refusal_without_a_challenge_ends_the_talk(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.challenges = []
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert guard.refused


async def test_a_missing_right_is_no_wrong_password(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.answer("/forbidden", "<x/>", 403)
    assert (await session.request("GET", "/forbidden")).status == 403
    assert not guard.refused


async def test_a_user_name_with_a_colon_is_refused_here(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    session = RecorderSession(fake.connection(username="a:b"), http, guard)
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert not fake.seen
