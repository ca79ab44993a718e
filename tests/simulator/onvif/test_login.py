"""Who sends a message: tokens, digest, clocks, locks (section 3 of the notes)."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.box import RecorderBox
from simulator.core.accounts import Right, User
from simulator.core.time_source import TimeSource
from simulator.onvif.traits.login import Proof
from tests.simulator.instants import NOW

from ..plugged import change
from .client import PASSWORD, TDS, TRT, Soap, token

INFORMATION = "GetDeviceInformation"


@pytest.fixture
def utc(box: RecorderBox) -> datetime:
    """Give the time by the device's own clock."""
    return NOW + box.recorder.clock.offset


async def test_anybody_is_told_what_comes_before_the_log_in(soap: Soap) -> None:
    for name in (
        "GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetServiceCapabilities",
        "GetHostname", "GetWsdlUrl", "GetEndpointReference",
    ):  # fmt: skip
        assert (await soap.bare(TDS, name)).status == 200, name
    assert (await soap.bare(TRT, "GetServiceCapabilities")).status == 200
    for namespace, name in ((TDS, INFORMATION), (TRT, "GetProfiles"), (TDS, "GetScopes")):
        assert (await soap.bare(namespace, name)).status == 401, name


async def test_a_token_lets_in(soap: Soap, box: RecorderBox) -> None:
    reply = await soap.ask(TDS, INFORMATION)
    assert reply.status == 200
    assert reply.text("SerialNumber") == box.recorder.identity.serial
    assert box.recorder.requests.count("*/GetDeviceInformation", status=200) == 1


async def test_a_wrong_password_is_not_authorized(
    soap: Soap, box: RecorderBox, utc: datetime
) -> None:
    reply = await soap.bare(TDS, INFORMATION, header=token("wrong", at=utc))
    assert (reply.status, reply.subcodes) == (400, ["Sender", "NotAuthorized"])
    assert box.recorder.accounts.failed_logins == 1


@pytest.mark.parametrize(
    ("off", "status"), [(-59, 200), (59, 200), (-61, 400), (61, 400), (3600, 400)]
)
async def test_a_token_of_another_time_is_like_a_wrong_password(
    soap: Soap, utc: datetime, off: int, status: int
) -> None:
    """By the device's own clock, which is three seconds ahead."""
    late = utc + timedelta(seconds=off)
    reply = await soap.bare(TDS, INFORMATION, header=token(at=late.replace(microsecond=600_000)))
    assert reply.status == status


async def test_a_nonce_is_good_once(soap: Soap, box: RecorderBox, utc: datetime) -> None:
    header = token(nonce=b"once", at=utc)
    assert (await soap.bare(TDS, INFORMATION, header=header)).status == 200
    assert (await soap.bare(TDS, INFORMATION, header=header)).subcodes[1:] == ["NotAuthorized"]
    change(box, remembers_nonces=False)
    assert (await soap.bare(TDS, INFORMATION, header=header)).status == 200


async def test_who_does_not_know_the_password_uses_no_nonce_up(soap: Soap, utc: datetime) -> None:
    wrong = token("wrong", nonce=b"shared", at=utc)
    assert (await soap.bare(TDS, INFORMATION, header=wrong)).status == 400
    right = token(nonce=b"shared", at=utc)
    assert (await soap.bare(TDS, INFORMATION, header=right)).status == 200


async def test_some_want_zulu_time(soap: Soap, box: RecorderBox, utc: datetime) -> None:
    offset = utc.astimezone(UTC).isoformat(timespec="seconds")
    assert offset.endswith("+00:00")
    assert (await soap.bare(TDS, INFORMATION, header=token(created=offset))).status == 200
    change(box, zulu_only=True)
    assert (await soap.bare(TDS, INFORMATION, header=token(created=offset))).status == 400


async def test_digest_lets_in(soap: Soap, box: RecorderBox) -> None:
    body = envelope(TDS, INFORMATION)
    assert (await soap.post(body, http=soap.digest)).status == 200
    assert box.recorder.requests.count(status=401) == 1


async def test_who_sends_both_is_told_by_the_digest(soap: Soap, utc: datetime) -> None:
    wrong = token("wrong", at=utc)
    assert (await soap.post(envelope(TDS, INFORMATION), http=soap.digest)).status == 200
    assert (await soap.post(envelope(TDS, INFORMATION, wrong), http=soap.digest)).status == 200


async def test_digest_alone_ignores_tokens(soap: Soap, box: RecorderBox) -> None:
    change(box, proofs=frozenset({Proof.DIGEST}))
    reply = await soap.ask(TDS, INFORMATION)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"].startswith("Digest ")
    assert box.recorder.accounts.failed_logins == 0
    assert (await soap.post(envelope(TDS, INFORMATION), http=soap.digest)).status == 200


async def test_tokens_alone_give_no_challenge(soap: Soap, box: RecorderBox) -> None:
    change(box, proofs=frozenset({Proof.TOKEN}))
    reply = await soap.bare(TDS, INFORMATION)
    assert (reply.status, reply.subcodes) == (400, ["Sender", "NotAuthorized"])
    assert "WWW-Authenticate" not in reply.headers
    assert (await soap.ask(TDS, INFORMATION)).status == 200


async def test_without_a_guard_anybody_is_the_owner(soap: Soap, box: RecorderBox) -> None:
    change(box, proofs=frozenset())
    assert (await soap.bare(TDS, "GetUsers")).status == 200


async def test_some_tell_the_time_to_users_alone(soap: Soap, box: RecorderBox) -> None:
    change(box, guards_time=True)
    assert (await soap.bare(TDS, "GetSystemDateAndTime")).status == 401
    assert (await soap.ask(TDS, "GetSystemDateAndTime")).status == 200


async def test_locks_after_five(soap: Soap, box: RecorderBox, time: TimeSource) -> None:
    async with Soap(box, password="wrong") as wrong:
        for _ in range(5):
            assert (await wrong.ask(TDS, INFORMATION)).status == 400
    assert (await soap.ask(TDS, INFORMATION)).subcodes == ["Sender", "NotAuthorized"]
    assert (await soap.post(envelope(TDS, INFORMATION), http=soap.digest)).status == 401
    assert (await soap.bare(TDS, "GetServices")).status == 200
    time.advance(timedelta(minutes=5))
    assert (await soap.ask(TDS, INFORMATION)).status == 200


async def test_rights(soap: Soap, box: RecorderBox) -> None:
    """A user who may look sees profiles and the device, but no users (section 5)."""
    looks = User(name="guest", password=PASSWORD, rights=frozenset({Right.LIVE}))
    box.recorder.accounts.users["guest"] = looks
    async with Soap(box, user="guest") as guest:
        assert (await guest.ask(TRT, "GetProfiles")).status == 200
        refused = await guest.ask(TDS, "GetUsers")
        assert refused.subcodes == ["Sender", "NotAuthorized"]
    assert (await soap.ask(TDS, "GetUsers")).texts("Username") == ["admin", "guest"]
    assert box.recorder.accounts.failed_logins == 0


async def test_plain_passwords_prove_nothing(soap: Soap, utc: datetime) -> None:
    header = token(at=utc).replace("#PasswordDigest", "#PasswordText")
    assert (await soap.bare(TDS, INFORMATION, header=header)).status == 400


def envelope(namespace: str, name: str, header: str = "") -> bytes:
    """Give a message."""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
        f'<s:Header>{header}</s:Header><s:Body><{name} xmlns="{namespace}"/></s:Body></s:Envelope>'
    ).encode()
