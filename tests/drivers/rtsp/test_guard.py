"""What refusals over RTSP mean on a recorder whose other protocol takes the same login."""

from contextlib import suppress

import pytest

from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    NotPermittedError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.models import Right
from custom_components.nvr.drivers.rtsp.authentication import Authentication
from custom_components.nvr.drivers.rtsp.connection import RtspConnection, Tally
from custom_components.nvr.drivers.rtsp.guard import DAY_SECONDS, REFUSALS_A_DAY, RtspGuard
from custom_components.nvr.drivers.rtsp.session import playing

from .scripted_server import PASSWORD, USER, Request, ScriptedServer, knows_password

MINUTES = 120
CHALLENGE = 'Digest realm="0123456789ab", nonce="5d3f:1785062014"'


class Recorder:
    """A recorder whose other protocol takes every login, and its RTSP server."""

    def __init__(self, server: ScriptedServer) -> None:
        """Initialize."""
        self.server = server
        self.now = 0.0
        self.guard = LoginGuard(proven=True, now=lambda: self.now)
        self.rtsp = RtspGuard(self.guard, lambda: self.now)
        server.challenges = (CHALLENGE,)

    @property
    def logins(self) -> int:
        return sum("Authorization" in request.headers for request in self.server.requests)

    async def play(self) -> None:
        login = Authentication(USER, PASSWORD)
        connection = RtspConnection("127.0.0.1", self.server.port, login, self.rtsp, Tally())
        with self.rtsp.apart(Right.PLAYBACK):
            async with playing(connection, self.server.url) as session:
                await session.describe()

    def poll(self) -> None:
        """Log in by the other protocol."""
        self.guard.check()
        self.guard.accept()


@pytest.fixture
def recorder(server: ScriptedServer) -> Recorder:
    return Recorder(server)


async def test_a_refusal_over_rtsp_is_one_of_rtsp_alone(recorder: Recorder) -> None:
    with pytest.raises(NotPermittedError) as caught:
        await recorder.play()
    assert caught.value.right is Right.PLAYBACK
    assert not recorder.guard.refused
    recorder.poll()


async def test_two_refusals_over_rtsp_are_all_however_often_the_login_is_taken_otherwise(
    recorder: Recorder,
) -> None:
    for _ in range(MINUTES):
        recorder.poll()
        with pytest.raises(NotPermittedError):
            await recorder.play()
        recorder.now += RETRY_AFTER_SECONDS
    assert recorder.logins == 2
    assert recorder.rtsp.final


async def test_a_recorder_that_boots_gets_one_more_try(recorder: Recorder) -> None:
    with pytest.raises(NotPermittedError):
        await recorder.play()
    with pytest.raises(NotPermittedError):
        await recorder.play()
    assert recorder.logins == 1
    recorder.now += RETRY_AFTER_SECONDS
    recorder.server.accepts = knows_password
    await recorder.play()
    await recorder.play()
    assert not recorder.rtsp.refused


async def test_refused_now_and_accepted_now_is_bounded_too(recorder: Recorder) -> None:
    refused = 0

    def every_other(request: Request) -> bool:
        nonlocal refused
        if "Authorization" not in request.headers:
            return False
        accepted = recorder.logins % 2 == 0
        refused += not accepted
        return accepted

    recorder.server.accepts = every_other
    for _ in range(MINUTES):
        with suppress(NotPermittedError):
            await recorder.play()
        recorder.now += RETRY_AFTER_SECONDS
    assert refused == REFUSALS_A_DAY
    recorder.now += DAY_SECONDS
    recorder.server.accepts = knows_password
    await recorder.play()


async def test_where_the_recorder_refuses_nothing_is_tried_over_rtsp(recorder: Recorder) -> None:
    recorder.guard.refuse(AuthenticationError("wrong password"))
    recorder.now += RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await recorder.play()
    assert not recorder.server.connections
    # The one more try is still there for whose word counts.
    recorder.poll()


async def test_a_login_without_an_answer_delays_rtsp_alone(recorder: Recorder) -> None:
    recorder.rtsp.unanswered(login=True)
    with pytest.raises(CannotConnectError, match="waiting"):
        await recorder.play()
    recorder.poll()
