"""The HTTP session with a recorder, against a small server that is as strict as one."""

import asyncio

from aiohttp import ClientSession, TCPConnector, web
import pytest

from custom_components.nvr.drivers.address import glance
from custom_components.nvr.drivers.answer import EndedEarlyError, Limits, Transfer
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    CertificateError,
    InvalidAnswerError,
    TlsRequiredError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from simulator.core.certificate import WebCertificate

from .fake_web import PASSWORD, USER, FakeWeb, hold, running

SHORT = Limits(max_bytes=1000, seconds=0.05)


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


@pytest.mark.parametrize("told", ["//192.0.2.1/a", "http://192.0.2.1/a", "//evil/a"])
async def test_nothing_is_asked_of_another_host(
    session: RecorderSession, fake: FakeWeb, told: str
) -> None:
    with pytest.raises(InvalidAnswerError):
        await session.request("GET", told)
    assert not fake.seen
    await session.request("GET", "/a")


@pytest.mark.parametrize(
    ("tls", "told"), [(True, "http://{host}:{port}/a"), (False, "https://{host}:{port}/a")]
)
async def test_nothing_is_asked_of_the_same_host_another_way(
    fake: FakeWeb, http: ClientSession, guard: LoginGuard, *, tls: bool, told: str
) -> None:
    """What would go out unencrypted, least of all."""
    connection = fake.connection(tls=tls)
    session = RecorderSession(connection, http, guard)
    with pytest.raises(InvalidAnswerError):
        await session.request("GET", told.format(host=connection.host, port=connection.port))
    assert not fake.seen


async def test_another_port_of_the_same_host_is_asked(session: RecorderSession) -> None:
    async with running(FakeWeb()) as other:
        other.answer("/b", "<b/>")
        there = other.connection()
        answer = await session.request("GET", f"http://{there.host}:{there.port}/b")
    assert answer.body == b"<b/>"


async def test_two_control_requests_at_once(session: RecorderSession, fake: FakeWeb) -> None:
    await session.request("GET", "/a")
    pair = asyncio.Barrier(2)

    async def with_another(_: web.Request) -> web.Response:
        await pair.wait()
        return web.Response()

    fake.routes["/paired"] = with_another
    await asyncio.gather(*(session.request("GET", "/paired") for _ in range(6)))
    assert fake.most_at_once == 2


async def test_what_has_to_be_of_the_moment_is_written_when_it_may_go_out(
    session: RecorderSession, fake: FakeWeb
) -> None:
    await session.request("GET", "/a")
    written: list[bytes] = []
    heard: list[bytes] = []

    def write() -> bytes:
        written.append(b"written %d" % len(written))
        return written[-1]

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.read())
        return web.Response()

    fake.routes["/heard"] = hear
    fake.open_paths.add("/heard")
    asked, released = hold(fake, "/busy")
    busy = [asyncio.create_task(session.request("GET", "/busy")) for _ in range(2)]
    await asked.wait()
    waiting = asyncio.create_task(session.request("POST", "/heard", body=write, unsigned=True))
    # It waits for its turn, as everything has been asked of it.
    done, _ = await asyncio.wait({waiting}, timeout=0)
    assert not done
    assert not written
    released.set()
    await asyncio.gather(waiting, *busy)
    assert heard == written == [b"written 0"]


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
    assert [bool(seen.authorization) for seen in fake.seen] == [False, True]


async def test_a_new_connection_that_is_closed_is_not_tried_again(
    session: RecorderSession, fake: FakeWeb
) -> None:
    fake.open_paths.add("/drop")

    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    fake.routes["/drop"] = drop
    with pytest.raises(CannotConnectError):
        await session.request("POST", "/drop", body=b"<x/>")
    assert len(fake.seen) == 1


async def test_a_kept_connection_that_was_closed_meanwhile(
    session: RecorderSession, fake: FakeWeb
) -> None:
    drops = [True]

    async def drop_once(request: web.Request) -> web.Response:
        if drops and drops.pop():
            assert request.transport is not None
            request.transport.close()
        return web.Response(text="there")

    fake.routes["/drop"] = drop_once
    await session.request("GET", "/a")
    answer = await session.request("POST", "/drop", body=b"<x/>")
    assert (answer.body, answer.requests) == (b"there", 2)


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


async def test_nothing_that_came_is_lost_where_a_transfer_ends_early(
    session: RecorderSession, fake: FakeWeb
) -> None:
    """Whoever writes to a slow disk reads the last bytes long after the connection ended."""
    sent = bytes(100_000)

    async def overstated(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(2 * len(sent))})
        await response.prepare(request)
        await response.write(sent)
        assert request.transport is not None
        request.transport.close()
        return response

    fake.routes["/overstated"] = overstated
    received = bytearray()

    async def read(transfer: Transfer) -> None:
        async for chunk in transfer:
            received.extend(chunk)

    async with session.transfer("GET", "/overstated") as transfer:
        assert transfer._protocol is not None
        ended = transfer._protocol.closed
        assert ended is not None
        await ended
        with pytest.raises(EndedEarlyError):
            await read(transfer)
    assert received == sent


async def test_a_transfer_that_stalls(
    session: RecorderSession, fake: FakeWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.nvr.drivers.answer.BULK_IDLE_SECONDS", 0.05)
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


@pytest.mark.parametrize("verify", [True, False])
async def test_a_certificate_signed_by_itself(guard: LoginGuard, *, verify: bool) -> None:
    """Where the connection names none that is trusted, the session decides."""
    async with running(FakeWeb(), WebCertificate().context) as fake:
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


async def test_a_session_that_its_owner_has_closed_sends_nothing(
    session: RecorderSession, fake: FakeWeb, http: ClientSession
) -> None:
    await http.close()
    with pytest.raises(CannotConnectError):
        await session.request("GET", "/a")
    assert not fake.seen
