"""The HTTP session with a recorder, against a small server that is as strict as one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
import ssl

from aiohttp import ClientSession, TCPConnector, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
import pytest

from custom_components.nvr.drivers.digest import split_challenges
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    CertificateError,
    InvalidAnswerError,
    TlsRequiredError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.http import Limits, RecorderSession, glance

from .fake_web import PASSWORD, USER, FakeWeb, client, running

SHORT = Limits(max_bytes=1000, seconds=0.05)


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


def hold(fake: FakeWeb, path: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Let a path answer only when told; returns (somebody asks, let it answer)."""
    asked, released = asyncio.Event(), asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        asked.set()
        await released.wait()
        return web.Response(text="late")

    fake.routes[path] = handler
    return asked, released


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


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("https://127.0.0.1/a", TlsRequiredError),
        ("https://192.0.2.1/a", CannotConnectError),
        ("/elsewhere", CannotConnectError),
        ("http://[", CannotConnectError),
    ],
)
async def test_redirects_are_not_followed(
    session: RecorderSession, fake: FakeWeb, target: str, error: type[Exception]
) -> None:
    async def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    fake.routes["/a"] = redirect
    with pytest.raises(error) as caught:
        await session.request("GET", "/a")
    assert type(caught.value) is error
    assert {seen.path for seen in fake.seen} == {"/a"}


async def test_two_control_requests_at_once(session: RecorderSession, fake: FakeWeb) -> None:
    await session.request("GET", "/a")
    pair = asyncio.Barrier(2)

    async def with_another(_: web.Request) -> web.Response:
        await pair.wait()
        return web.Response()

    fake.routes["/paired"] = with_another
    await asyncio.gather(*(session.request("GET", "/paired") for _ in range(6)))
    assert fake.most_at_once == 2


async def test_control_does_not_wait_for_bulk_and_bulk_takes_turns(
    session: RecorderSession, fake: FakeWeb
) -> None:
    await session.request("GET", "/a")
    asked, released = hold(fake, "/bulk")
    second_started = asyncio.Event()

    async def transfer(event: asyncio.Event) -> bytes:
        async with session.transfer("GET", "/bulk") as running_transfer:
            event.set()
            return await running_transfer.read(100)

    first = asyncio.create_task(transfer(asyncio.Event()))
    await asked.wait()
    second = asyncio.create_task(transfer(second_started))
    assert (await session.request("GET", "/a")).body == b"<a/>"
    assert sum(seen.path == "/bulk" for seen in fake.seen) == 1
    assert not second_started.is_set()
    released.set()
    assert [await first, await second] == [b"late", b"late"]


async def test_an_answer_has_an_end(session: RecorderSession, fake: FakeWeb) -> None:
    fake.answer("/long", b"x" * 5000)
    with pytest.raises(InvalidAnswerError):
        await session.request("GET", "/long", limits=Limits(max_bytes=1000, seconds=5))


async def test_a_refusal_has_an_end_too(session: RecorderSession, fake: FakeWeb) -> None:
    fake.refusal_body = b"x" * 1_000_000
    assert (await session.request("GET", "/a")).status == 200


async def test_a_recorder_that_does_not_answer(session: RecorderSession, fake: FakeWeb) -> None:
    _, released = hold(fake, "/never")
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/never", limits=SHORT)
    released.set()


async def test_a_recorder_that_stops_in_the_middle_of_an_answer(
    session: RecorderSession, fake: FakeWeb
) -> None:
    released = asyncio.Event()

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"<a>")
        await released.wait()
        return response

    fake.routes["/stall"] = stall
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/stall", limits=SHORT)
    released.set()


async def test_an_answer_shorter_than_announced_is_kept(
    session: RecorderSession, fake: FakeWeb
) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"<short/>")
        assert request.transport is not None
        request.transport.close()
        return response

    fake.routes["/short"] = short
    assert (await session.request("GET", "/short")).body == b"<short/>"


async def test_nothing_there(http: ClientSession, guard: LoginGuard) -> None:
    async with running(FakeWeb()) as fake:
        connection = fake.connection()
    with pytest.raises(CannotConnectError) as caught:
        await RecorderSession(connection, http, guard).request("GET", "/a")
    assert PASSWORD not in str(caught.value)
    assert not guard.refused


async def test_a_closed_connection(session: RecorderSession, fake: FakeWeb) -> None:
    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    fake.routes["/drop"] = drop
    with pytest.raises(CannotConnectError):
        await session.request("POST", "/drop", body=b"<x/>")


async def test_a_transfer_that_is_cut(session: RecorderSession, fake: FakeWeb) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 10)
        assert request.transport is not None
        request.transport.close()
        return response

    fake.routes["/cut"] = cut
    async with session.transfer("GET", "/cut") as transfer:
        assert transfer.announced_bytes == 1000
        with pytest.raises(CannotConnectError):
            await transfer.read(1000)


async def test_a_transfer_that_stalls(
    session: RecorderSession, fake: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.drivers.http.BULK_IDLE_SECONDS", 0.05)
    released = asyncio.Event()

    async def stall(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await released.wait()
        return response

    fake.routes["/stall"] = stall
    async with session.transfer("GET", "/stall") as transfer:
        with pytest.raises(CannotConnectError):
            await transfer.read(1000)
    released.set()


async def endless(request: web.Request, ended: asyncio.Event) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65536)
    except ConnectionError, asyncio.CancelledError:
        ended.set()
        raise


async def test_leaving_a_transfer_closes_its_connection(
    session: RecorderSession, fake: FakeWeb
) -> None:
    ended = asyncio.Event()
    fake.routes["/endless"] = lambda request: endless(request, ended)
    async with session.transfer("GET", "/endless") as transfer:
        assert len(await transfer.read(10)) == 10
    await ended.wait()


async def test_closing_ends_what_runs(session: RecorderSession, fake: FakeWeb) -> None:
    ended = asyncio.Event()
    fake.routes["/endless"] = lambda request: endless(request, ended)
    async with session.transfer("GET", "/endless") as transfer:
        await transfer.read(10)
        session.close()
        await ended.wait()
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/a")


async def test_a_glance_shows_no_credentials(fake: FakeWeb, http: ClientSession) -> None:
    seen = await glance(fake.connection(), http, "/a")
    assert seen.status == 401
    assert "Digest" in seen.challenge
    assert not fake.logins


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return certificate and key of a recorder that signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


@pytest.mark.parametrize("verify", [True, False])
async def test_a_certificate_signed_by_itself(
    certificate: tuple[Path, Path], guard: LoginGuard, *, verify: bool
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    async with running(FakeWeb(), context) as fake:
        fake.answer("/a", "<a/>")
        async with ClientSession(connector=TCPConnector(ssl=verify)) as http:
            session = RecorderSession(fake.connection(tls=True), http, guard)
            if verify:
                with pytest.raises(CertificateError):
                    await session.request("GET", "/a")
            else:
                assert (await session.request("GET", "/a")).body == b"<a/>"


async def test_tls_where_there_is_none(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    session = RecorderSession(fake.connection(tls=True), http, guard)
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/a")


def test_the_account_of_the_fake_is_a_hard_one() -> None:
    assert USER
    assert not PASSWORD.isalnum()
