"""What a round of requests costs, and where it ends."""

from aiohttp import ClientSession
import pytest

from custom_components.nvr.drivers.budget import BudgetSpentError
from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision.transport import (
    BudgetedTransport,
    HttpTransport,
    Request,
)
from custom_components.nvr.drivers.http import RecorderSession
from tests.drivers.fake_web import FakeWeb

ASK = Request(path="/a", decode=bytes)


async def test_a_login_counts_with_its_challenge(session: RecorderSession, fake: FakeWeb) -> None:
    round_ = BudgetedTransport(HttpTransport(session), 4)
    for left in (2, 1, 0):
        assert await round_.send(ASK) == b"<a/>"
        assert round_.left == left
    with pytest.raises(BudgetSpentError):
        await round_.send(ASK)
    assert len(fake.seen) == 4


async def test_a_forgotten_nonce_under_the_last_request_ends_the_round(
    session: RecorderSession, fake: FakeWeb, guard: LoginGuard
) -> None:
    transport = HttpTransport(session)
    await transport.send(ASK)
    fake.new_nonce()
    fake.seen.clear()
    with pytest.raises(BudgetSpentError):
        await BudgetedTransport(transport, 1).send(ASK)
    assert len(fake.seen) == 1
    assert not guard.refused
    assert await transport.send(ASK) == b"<a/>"


async def test_requests_that_fail_are_paid_for(http: ClientSession, fake: FakeWeb) -> None:
    session = RecorderSession(fake.connection(port=1), http, LoginGuard())
    round_ = BudgetedTransport(HttpTransport(session), 2)
    with pytest.raises(CannotConnectError):
        await round_.send(ASK)
    assert round_.left == 1
