"""A recorder's own certificate is trusted once, and nothing is sent to whoever shows another."""

from collections.abc import AsyncIterator
from dataclasses import replace
import ssl
from typing import override

from aiohttp import ClientSession, TCPConnector, web
import pytest

from custom_components.nvr.drivers.address import glance
from custom_components.nvr.drivers.certificate import certificate_context, ssl_of
from custom_components.nvr.drivers.contact import failed_at_handshake, learn_certificate, step_down
from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    CertificateChangedError,
    CertificateError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.http import RecorderSession
from custom_components.nvr.drivers.models import Connection
from simulator.core.certificate import Tls, WebCertificate
from tests.old_tls import speak_old

from .fake_web import FakeWeb, running

OTHER = "0" * 64


@pytest.fixture(params=[Tls.TODAY])
def certificate(request: pytest.FixtureRequest) -> WebCertificate:
    return WebCertificate(request.param)


@pytest.fixture
async def secured(certificate: WebCertificate) -> AsyncIterator[FakeWeb]:
    async with running(FakeWeb(), certificate.context) as server:
        server.answer("/a", "<a/>")
        yield server


@pytest.fixture
def connection(secured: FakeWeb, certificate: WebCertificate) -> Connection:
    return secured.connection(tls=True, fingerprint=certificate.fingerprint)


def unpinned(connection: Connection) -> Connection:
    return replace(connection, fingerprint=None)


async def test_the_trusted_certificate_is_enough(
    connection: Connection, secured: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    session = RecorderSession(connection, http, guard)
    assert (await session.request("GET", "/a")).body == b"<a/>"
    assert secured.logins


async def test_nothing_is_sent_to_whoever_shows_another(
    connection: Connection,
    secured: FakeWeb,
    certificate: WebCertificate,
    http: ClientSession,
    guard: LoginGuard,
) -> None:
    session = RecorderSession(replace(connection, fingerprint=OTHER), http, guard)
    with pytest.raises(CertificateChangedError) as caught:
        await session.request("GET", "/a")
    assert (caught.value.trusted, caught.value.seen) == (OTHER, certificate.fingerprint)
    with pytest.raises(CertificateChangedError):
        await glance(replace(connection, fingerprint=OTHER), http, "/a")
    assert secured.seen == []


async def test_a_certificate_that_changed_costs_no_login(
    connection: Connection, secured: FakeWeb, certificate: WebCertificate, guard: LoginGuard
) -> None:
    async with ClientSession(connector=TCPConnector(force_close=True)) as http:
        session = RecorderSession(connection, http, guard)
        await session.request("GET", "/a")
        trusted = certificate.fingerprint
        certificate.renew()
        assert certificate.fingerprint != trusted
        asked = len(secured.seen)
        # Each would carry the nonce at hand, or begin a login.
        for method in ("GET", "POST", "GET"):
            with pytest.raises(CertificateChangedError):
                await session.request(method, "/a")
        assert len(secured.seen) == asked
        # What is trusted again is asked at once, as nothing waits for a login without an answer.
        guard.check()
        assert not guard.refused


class Swapped(FakeWeb):
    """Somebody else takes the recorder's place after its first answer."""

    def __init__(self, certificate: WebCertificate) -> None:
        super().__init__()
        self._certificate = certificate

    @override
    async def serve(self, request: web.Request) -> web.StreamResponse:
        answer = await super().serve(request)
        self._certificate.renew()
        return answer


async def test_a_login_that_is_held_back_is_not_counted(
    certificate: WebCertificate, guard: LoginGuard
) -> None:
    """The challenge came from the recorder, and its answer would go to somebody else."""
    async with (
        running(Swapped(certificate), certificate.context) as fake,
        ClientSession(connector=TCPConnector(force_close=True)) as http,
    ):
        connection = fake.connection(tls=True, fingerprint=certificate.fingerprint)
        with pytest.raises(CertificateChangedError):
            await RecorderSession(connection, http, guard).request("GET", "/a")
        assert len(fake.seen) == 1
        assert not fake.logins
    guard.check()


async def test_first_contact_learns_the_certificate_without_credentials(
    connection: Connection, secured: FakeWeb, http: ClientSession
) -> None:
    assert await learn_certificate(unpinned(connection), http) == connection
    assert len(secured.seen) == 1
    assert not secured.logins


@pytest.mark.parametrize("known", [{"tls": False}, {"verify_tls": True}, {"fingerprint": OTHER}])
async def test_nothing_is_learned_where_trust_is_settled(
    connection: Connection, secured: FakeWeb, http: ClientSession, known: dict[str, object]
) -> None:
    settled = replace(unpinned(connection), **known)  # type: ignore[arg-type] # given by name
    assert await learn_certificate(settled, http) == settled
    assert secured.seen == []


async def test_verified_means_verified(connection: Connection, http: ClientSession) -> None:
    """A fingerprint that was trusted earlier doesn't stand in for a certificate that can't be verified."""
    verified = replace(connection, verify_tls=True)
    assert ssl_of(verified) is True
    with pytest.raises(CertificateError):
        await glance(verified, http, "/a")


async def test_what_nobody_trusts_yet_is_verified(
    connection: Connection, secured: FakeWeb, http: ClientSession, guard: LoginGuard
) -> None:
    session = RecorderSession(unpinned(connection), http, guard)
    with pytest.raises(CertificateError):
        await session.request("GET", "/a")
    assert secured.seen == []


async def test_first_contact_where_nobody_is(http: ClientSession, fake: FakeWeb) -> None:
    with pytest.raises(CannotConnectError):
        await learn_certificate(fake.connection(tls=True), http)
    with pytest.raises(CannotConnectError):
        await learn_certificate(fake.connection(tls=True, port=1), http)
    assert fake.seen == []


@pytest.mark.parametrize("certificate", [Tls.OLD], indirect=True)
class TestOldTls:
    """A recorder that speaks TLS 1.0 with RSA key exchange and a short key."""

    async def test_is_tried_where_todays_fails(
        self, connection: Connection, http: ClientSession, guard: LoginGuard
    ) -> None:
        learned = await learn_certificate(unpinned(connection), http)
        assert learned == replace(connection, old_tls=True)
        session = RecorderSession(learned, http, guard)
        assert (await session.request("GET", "/a")).body == b"<a/>"

    async def test_is_spoken_with_no_other_device(
        self, connection: Connection, secured: FakeWeb, http: ClientSession
    ) -> None:
        with pytest.raises(CannotConnectError):
            await glance(connection, http, "/a")
        with pytest.raises(CannotConnectError):
            await glance(replace(connection, old_tls=True, verify_tls=True), http, "/a")
        assert secured.seen == []

    async def test_trusts_no_other_certificate_either(
        self, connection: Connection, secured: FakeWeb, http: ClientSession
    ) -> None:
        with pytest.raises(CertificateChangedError):
            await glance(replace(connection, old_tls=True, fingerprint=OTHER), http, "/a")
        assert secured.seen == []


class TestSteppingDown:
    """A recorder that is trusted, and by now speaks old TLS alone."""

    async def test_its_certificate_is_proof(
        self,
        connection: Connection,
        secured: FakeWeb,
        certificate: WebCertificate,
        http: ClientSession,
        guard: LoginGuard,
    ) -> None:
        speak_old(certificate)
        with pytest.raises(CannotConnectError) as caught:
            await glance(connection, http, "/a")
        assert failed_at_handshake(caught.value)
        stepped = await step_down(connection, http)
        assert stepped == replace(connection, old_tls=True)
        assert not secured.logins
        session = RecorderSession(stepped, http, guard)
        assert (await session.request("GET", "/a")).body == b"<a/>"

    async def test_whoever_shows_another_gets_nothing(
        self, connection: Connection, certificate: WebCertificate, http: ClientSession
    ) -> None:
        speak_old(certificate)
        stranger = replace(connection, fingerprint=OTHER)
        assert await step_down(stranger, http) == stranger

    async def test_one_that_speaks_todays_is_left_alone(
        self, connection: Connection, http: ClientSession
    ) -> None:
        assert await step_down(connection, http) == connection

    async def test_nobody_is_asked_who_is_not_trusted(
        self, connection: Connection, secured: FakeWeb, http: ClientSession
    ) -> None:
        for one in (unpinned(connection), replace(connection, verify_tls=True)):
            assert await step_down(one, http) == one
        assert secured.seen == []

    async def test_where_nobody_is(self, fake: FakeWeb, http: ClientSession) -> None:
        nowhere = fake.connection(tls=True, port=1, fingerprint=OTHER)
        with pytest.raises(CannotConnectError) as caught:
            await step_down(nowhere, http)
        assert not failed_at_handshake(caught.value)


async def test_old_tls_with_one_device_is_none_with_its_neighbour(
    http: ClientSession, guard: LoginGuard
) -> None:
    """Both in one session, the old one first: nothing of its context stays for the other."""
    old, other = WebCertificate(Tls.OLD), WebCertificate(Tls.OLD)
    async with running(FakeWeb(), old.context) as web, running(FakeWeb(), other.context) as beside:
        web.answer("/a", "<a/>")
        learned = await learn_certificate(web.connection(tls=True), http)
        assert (await RecorderSession(learned, http, guard).request("GET", "/a")).body == b"<a/>"
        for fingerprint in (other.fingerprint, learned.fingerprint):
            neighbour = beside.connection(tls=True, fingerprint=fingerprint)
            with pytest.raises(CannotConnectError) as caught:
                await glance(neighbour, http, "/a")
            assert failed_at_handshake(caught.value)
        assert beside.seen == []


def test_connections_are_kept_apart_by_what_they_trust(connection: Connection) -> None:
    context = ssl_of(connection)
    assert context is ssl_of(replace(connection, password="other"))
    assert context is not ssl_of(replace(connection, fingerprint=OTHER))
    assert context is not ssl_of(replace(connection, old_tls=True))
    assert ssl_of(replace(connection, tls=False)) is True


def test_todays_ciphers_are_pythons_own() -> None:
    own = ssl.create_default_context()
    ours = certificate_context(OTHER, old=False)
    assert ours.minimum_version == own.minimum_version
    assert [one["name"] for one in ours.get_ciphers()] == [one["name"] for one in own.get_ciphers()]
