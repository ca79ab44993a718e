"""Logging in over HTTP: challenges, nonces, refusals, against a server as strict as a recorder."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from aiohttp import ClientSession, web
import pytest

from custom_components.nvr.drivers.answer import Limits
from custom_components.nvr.drivers.digest import split_challenges
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
)
from custom_components.nvr.drivers.guard import (
    RETRY_AFTER_SECONDS,
    UNANSWERED_LOGINS,
    LoginGuard,
)
from custom_components.nvr.drivers.http import RecorderSession

from .fake_web import PASSWORD, FakeWeb, hold, running

SHORT = Limits(max_bytes=1000, seconds=0.05)


async def test_one_login_serves_all_requests(session: RecorderSession, fake: FakeWeb) -> None:
    answers = [await session.request("GET", "/a") for _ in range(5)]
    assert [answer.body for answer in answers] == [b"<a/>"] * 5
    assert [answer.requests for answer in answers] == [2, 1, 1, 1, 1]
    assert len(fake.seen) == 6
    assert (session.traffic.requests, session.traffic.logins) == (6, 1)


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


async def test_a_stranger_gets_no_password_to_read(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    connection = replace(fake.connection(), digest_only=True)
    session = RecorderSession(connection, http, guard)
    assert (await session.request("GET", "/a")).status == 200
    fake.challenges = ['Basic realm="x"']
    session = RecorderSession(connection, http, guard)
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert not any(seen.authorization.startswith("Basic") for seen in fake.seen)


@pytest.mark.parametrize("tries", [None, 1])
async def test_no_login_is_spent_where_the_refusal_is_sure_or_the_last(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard, tries: int | None
) -> None:
    error = AuthenticationError("x", tries_left=tries)
    session = RecorderSession(fake.connection(), http, guard, lambda body: error)
    fake.marks_stale = False
    session.hides_stale = True
    await session.request("GET", "/a")
    fake.password = "changed"
    if tries:
        fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    # Either the very nonce is offered again, or there is but one try left.
    assert len(fake.logins) == 2
    assert guard.final is (tries == 1)


async def transferred(session: RecorderSession) -> bytes:
    async with session.transfer("GET", "/a") as transfer:
        return await transfer.read(100)


async def test_a_challenge_left_over_is_not_answered_late(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.answer("/forbidden", "<x/>", 403)
    await session.request("GET", "/forbidden")
    fake.new_nonce()
    assert (await session.request("GET", "/a")).status == 200
    assert not guard.refused


async def test_basic_credentials_that_are_refused_were_wrong(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.challenges = ['Basic realm="DS-FB2127"']
    await session.request("GET", "/a")
    fake.challenges = []
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert guard.refused
    assert len(fake.logins) == 2
    assert session.traffic.logins == 2


async def drop(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_login_that_meets_a_closed_connection_is_not_repeated(
    fake: FakeWeb, http: ClientSession, method: str
) -> None:
    now = [0.0]
    session = RecorderSession(fake.connection(), http, LoginGuard(now=lambda: now[0]))
    await session.request("GET", "/a")
    fake.new_nonce()
    fake.seen.clear()
    fake.routes["/drop"] = drop
    with pytest.raises(CannotConnectError):
        await session.request(method, "/drop", body=b"<x/>")
    # With the forgotten nonce, and one login.
    assert len(fake.logins) == 2
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/a")
    assert len(fake.seen) == 2
    now[0] += RETRY_AFTER_SECONDS
    assert (await session.request("GET", "/a")).status == 200


async def test_a_picture_nobody_waits_for_any_more_holds_up_nothing(
    session: RecorderSession, fake: FakeWeb
) -> None:
    asked, released = hold(fake, "/a")
    waiting = asyncio.create_task(session.request("GET", "/a"))
    await asked.wait()
    waiting.cancel()
    await asyncio.wait({waiting})
    released.set()
    assert (await session.request("GET", "/a")).status == 200


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


@pytest.mark.parametrize("new_nonce", [False, True])
async def test_a_password_changed_meanwhile_is_tried_once_more(
    fake: FakeWeb, http: ClientSession, *, new_nonce: bool
) -> None:
    now = [0.0]
    fake.marks_stale = False
    guard = LoginGuard(now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    await session.request("GET", "/a")
    fake.password = "changed"
    if new_nonce:
        fake.new_nonce()
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == len(fake.logins) == 1 + 1
    now[0] += RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == 1 + 2
    now[0] += 100 * RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await session.request("GET", "/a")
    assert session.traffic.logins == len(fake.logins) == 1 + 2


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


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_retry_that_is_cut_after_its_login_is_not_repeated_at_once(
    fake: FakeWeb, http: ClientSession, *, cancelled: bool
) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    session = RecorderSession(fake.connection(), http, guard)
    guard.refuse(AuthenticationError("booting"))
    for _ in range(UNANSWERED_LOGINS):
        now[0] += RETRY_AFTER_SECONDS
        asked, released = hold(fake, "/a")
        cut = asyncio.create_task(session.request("GET", "/a"))
        await asked.wait()
        if cancelled:
            cut.cancel()
        else:
            # The time for an answer is over, whatever that of the login before it took.
            (limit,) = session._waiting
            limit.reschedule(asyncio.get_running_loop().time())
        with pytest.raises(asyncio.CancelledError if cancelled else CannotConnectError):
            await cut
        released.set()
        with pytest.raises(AuthenticationError):
            await session.request("GET", "/a")
    assert guard.final
    assert len(fake.logins) == UNANSWERED_LOGINS


async def test_a_retry_that_meets_nobody_may_be_repeated(http: ClientSession) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    guard.refuse(AuthenticationError("booting"))
    now[0] += RETRY_AFTER_SECONDS
    async with running(FakeWeb()) as gone:
        connection = gone.connection()
    session = RecorderSession(connection, http, guard)
    for _ in range(5):
        with pytest.raises(CannotConnectError):
            await session.request("GET", "/a")


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


async def test_a_recorder_that_fails_and_refuses_in_turn_is_not_tried_for_ever(
    fake: FakeWeb, http: ClientSession
) -> None:
    now = [0.0]
    guard = LoginGuard(proven=True, now=lambda: now[0])
    fake.answer("/failing", "<x/>", 503)
    for _ in range(10):
        for path, password in (("/a", "locked"), ("/failing", PASSWORD)):
            fake.password = password
            session = RecorderSession(fake.connection(), http, guard)
            with suppress(AuthenticationError):
                await session.request("GET", path)
            now[0] += RETRY_AFTER_SECONDS
    assert guard.final
    # One refused, one that failed, and the last one refused.
    assert len(fake.logins) == 3


async def test_a_failure_proves_no_password(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.answer("/failing", "<x/>", 503)
    for _ in range(2):
        assert (await session.request("GET", "/failing")).status == 503
    assert not guard.proven
    # It costs no more logins, and the next answer of another kind is the proof.
    assert (await session.request("GET", "/a")).status == 200
    assert guard.proven
    assert session.traffic.logins == 1


async def test_a_password_that_met_a_failure_first_is_sent_once(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    fake.answer("/failing", "<x/>", 503)
    await session.request("GET", "/failing")
    # It had not looked at the password, and forgets its nonce.
    fake.password, fake.marks_stale = "other", False
    session.hides_stale = True
    fake.new_nonce()
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            await session.request("GET", "/a")
    assert len(fake.logins) == 2
    assert guard.final
