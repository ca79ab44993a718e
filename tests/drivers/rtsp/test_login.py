"""Logins over RTSP: every form of challenge, and never more tries than the guard allows."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    NotSupportedError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.rtsp import connection as connection_module
from custom_components.nvr.drivers.rtsp.authentication import Authentication
from custom_components.nvr.drivers.rtsp.connection import RtspConnection, Tally
from custom_components.nvr.drivers.rtsp.session import playing

from .scripted_server import PASSWORD, USER, Request, ScriptedServer, answer, knows_password

type Connect = Callable[[], RtspConnection]

MD5 = 'Digest realm="0123456789ab", nonce="5d3f:1785062014", stale="FALSE"'
BASIC = 'Basic realm="/"'


async def describe(server: ScriptedServer, connect: Connect) -> None:
    async with playing(connect(), server.url) as session:
        await session.describe()


@pytest.mark.parametrize(
    ("challenges", "algorithm"),
    [
        ((MD5,), "MD5"),
        (('Digest qop="auth",realm="r",nonce="n",algorithm="MD5",stale=FALSE',), "MD5"),
        (("Digest realm=r, nonce=n, qop=auth, algorithm=MD5, opaque=o",), "MD5"),
        (('Digest realm="a \\"b\\" \\\\c", nonce="n\\"", qop="auth,auth-int"',), "MD5"),
        (('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"',), "MD5-sess"),
        (('Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"',), "SHA-256"),
        ((MD5, 'Digest realm="r", nonce="n", algorithm="SHA-256"'), "SHA-256"),
        ((BASIC, MD5), "MD5"),
        ((f"{BASIC}, {MD5}",), "MD5"),
        (('Digest realm="r", nonce="n", algorithm=SHA-512-256', MD5), "MD5"),
    ],
)
async def test_digest_in_every_form(
    server: ScriptedServer,
    connect: Connect,
    guard: LoginGuard,
    tally: Tally,
    challenges: tuple[str, ...],
    algorithm: str,
) -> None:
    server.challenges = challenges
    server.accepts = partial(knows_password, algorithm=algorithm)
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        for track in description.tracks:
            await session.setup(track)
    assert guard.proven
    assert not guard.refused
    # One challenge; every later request carries the same nonce.
    assert (tally.requests, tally.logins) == (5, 1)
    assert not any(
        "Basic" in request.headers.get("Authorization", "") for request in server.requests
    )


async def test_basic_only_where_nothing_else_is_offered(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    server.challenges = (BASIC,)
    server.accepts = lambda request: "Authorization" in request.headers
    await describe(server, connect)
    assert guard.proven
    first, second = server.requests
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"].startswith("Basic ")


def test_basic_never_after_digest() -> None:
    login = Authentication(USER, PASSWORD)
    assert login.take([MD5])
    assert not login.take([BASIC])
    assert login.header("DESCRIBE", "rtsp://host/") is None


@pytest.mark.parametrize("challenges", [(MD5,), (BASIC,)])
async def test_a_wrong_password_is_tried_once(
    server: ScriptedServer, connect: Connect, guard: LoginGuard, challenges: tuple[str, ...]
) -> None:
    server.challenges = challenges
    with pytest.raises(AuthenticationError) as caught:
        await describe(server, connect)
    assert guard.final
    assert sum("Authorization" in request.headers for request in server.requests) == 1
    assert PASSWORD not in str(caught.value)
    connections = server.connections
    with pytest.raises(AuthenticationError):
        await describe(server, connect)
    # Nothing is even connected to.
    assert server.connections == connections


@pytest.mark.parametrize(
    "challenges", [(), ("Digest realm=r",), ("Negotiate",), ('Digest nonce="n", qop="auth-int"',)]
)
async def test_a_challenge_that_nobody_can_answer_costs_no_login(
    server: ScriptedServer, connect: Connect, guard: LoginGuard, challenges: tuple[str, ...]
) -> None:
    headers = [f"WWW-Authenticate: {challenge}" for challenge in challenges]
    server.scripts["DESCRIBE"] = [lambda request: answer(request, "401 Unauthorized", *headers)]
    with pytest.raises(NotSupportedError):
        await describe(server, connect)
    assert not guard.refused
    assert server.count("DESCRIBE") == 1


async def test_a_nonce_that_ran_out_is_replaced_once(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    def accepts(request: Request) -> bool:
        if request.method == "SETUP" and 'nonce="second"' not in request.headers["Authorization"]:
            server.challenges = ('Digest realm="r", nonce="second", stale="TRUE"',)
            return False
        return knows_password(request)

    server.challenges, server.accepts = (MD5,), accepts
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        await session.setup(description.tracks[0])
    assert not guard.refused
    assert server.count("SETUP") == 2


async def test_a_fresh_nonce_that_is_called_stale_is_a_refusal(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    server.challenges = ('Digest realm="r", nonce="n", stale=true',)
    with pytest.raises(AuthenticationError):
        await describe(server, connect)
    assert guard.refused
    assert sum("Authorization" in request.headers for request in server.requests) == 1


async def test_a_forgotten_nonce_without_a_word_costs_one_login(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    server.challenges, server.accepts = (MD5,), knows_password
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        server.accepts = lambda request: False
        with pytest.raises(AuthenticationError):
            await session.setup(description.tracks[0])
    assert guard.refused
    assert not guard.final
    assert server.count("SETUP") == 2


async def test_a_login_without_an_answer_keeps_the_next_at_a_distance(
    server: ScriptedServer, connect: Connect, guard: LoginGuard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "ANSWER_SECONDS", 0.05)
    server.scripts["DESCRIBE"] = [
        lambda request: answer(request, "401 Unauthorized", f"WWW-Authenticate: {MD5}"),
        b"",
    ]
    with pytest.raises(CannotConnectError):
        await describe(server, connect)
    assert not guard.refused
    with pytest.raises(CannotConnectError, match="waiting"):
        guard.check()


async def test_one_more_try_after_a_minute(server: ScriptedServer, tally: Tally) -> None:
    now = 0.0
    guard = LoginGuard(proven=True, now=lambda: now)

    def connect() -> RtspConnection:
        login = Authentication(USER, PASSWORD)
        return RtspConnection("127.0.0.1", server.port, login, guard, tally)

    server.challenges = (MD5,)
    with pytest.raises(AuthenticationError):
        await describe(server, connect)
    with pytest.raises(AuthenticationError):
        await describe(server, connect)
    assert tally.logins == 1
    now = RETRY_AFTER_SECONDS
    server.accepts = knows_password
    await describe(server, connect)
    assert not guard.refused
    assert tally.logins == 2


async def test_a_server_that_fails_says_nothing_of_the_password(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    server.challenges, server.accepts = (MD5,), knows_password
    server.scripts["DESCRIBE"] = [lambda request: answer(request, "503 Service Unavailable")]
    with pytest.raises(DeviceBusyError):
        await describe(server, connect)
    assert not guard.proven


async def test_one_more_try_that_meets_a_failure_is_no_acceptance(
    server: ScriptedServer, tally: Tally
) -> None:
    now = 0.0
    guard = LoginGuard(proven=True, now=lambda: now)
    guard.refuse(AuthenticationError("refused"))
    server.challenges, server.accepts = (MD5,), knows_password
    server.scripts["DESCRIBE"] = [
        lambda request: answer(request, "503 Service Unavailable"),
        server.usual,
    ]
    for verdict in (True, False):
        now += RETRY_AFTER_SECONDS
        login = Authentication(USER, PASSWORD)
        connection = RtspConnection("127.0.0.1", server.port, login, guard, tally)
        with suppress(DeviceBusyError):
            async with playing(connection, server.url) as session:
                await session.describe()
        assert guard.refused is verdict


async def test_a_try_that_can_not_connect_leaves_the_way_open(
    server: ScriptedServer, tally: Tally
) -> None:
    now = 0.0
    guard = LoginGuard(proven=True, now=lambda: now)
    guard.refuse(AuthenticationError("refused"))
    now = RETRY_AFTER_SECONDS
    nobody = RtspConnection("127.0.0.1", 1, Authentication(USER, PASSWORD), guard, tally)
    with pytest.raises(CannotConnectError):
        async with playing(nobody, server.url):
            pass
    # Whoever comes next is let through.
    guard.check()


async def test_credentials_travel_in_one_header_only(
    server: ScriptedServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.challenges, server.accepts = (MD5,), knows_password
    async with playing(connect(), server.url) as session:
        description = await session.describe()
        await session.setup(description.tracks[0])
        await session.play()
    for request in server.requests:
        assert PASSWORD not in request.url
        others = {name: value for name, value in request.headers.items() if name != "Authorization"}
        assert PASSWORD not in str(others)
        assert USER not in str(others)
    assert PASSWORD not in caplog.text
    assert "response=" not in caplog.text


async def test_who_turns_away_is_no_sign_of_a_silent_server(
    server: ScriptedServer, connect: Connect, guard: LoginGuard
) -> None:
    server.challenges, server.accepts = (MD5,), knows_password
    server.scripts["DESCRIBE"] = [b""]
    task = asyncio.create_task(describe(server, connect))
    await server.until(lambda: server.count("DESCRIBE") == 2)
    task.cancel()
    await asyncio.wait({task})
    guard.check()
