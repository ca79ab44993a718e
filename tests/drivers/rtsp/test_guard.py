"""What refusals over RTSP mean on a recorder whose other protocol takes the same login."""

from contextlib import suppress

import pytest

from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    NotPermittedError,
    RefusedApartError,
)
from custom_components.nvr.drivers.guard import (
    RETRY_AFTER_SECONDS,
    VOUCHES_SECONDS,
    LoginGuard,
)
from custom_components.nvr.drivers.rtsp.authentication import Authentication
from custom_components.nvr.drivers.rtsp.connection import RtspConnection, Tally
from custom_components.nvr.drivers.rtsp.guard import MAX_REFUSALS, REMEMBERED_SECONDS, RtspGuard
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
        self.rtsp = RtspGuard(self.guard)
        # Whether the other protocol takes the login, and how often it was asked.
        self.takes = True
        self.polls = 0
        self.guard.prove_by(self.poll)
        server.challenges = (CHALLENGE,)

    @property
    def logins(self) -> int:
        return sum("Authorization" in request.headers for request in self.server.requests)

    async def play(self) -> None:
        login = Authentication(USER, PASSWORD)
        connection = RtspConnection("127.0.0.1", self.server.port, login, self.rtsp, Tally())
        with self.rtsp.apart():
            async with playing(connection, self.server.url) as session:
                await session.describe()

    async def poll(self) -> None:
        """Log in by the other protocol. Raises AuthenticationError."""
        self.guard.check()
        self.polls += 1
        if self.takes:
            self.guard.accept()
            return
        error = AuthenticationError("wrong password")
        self.guard.refuse(error)
        raise error


@pytest.fixture
def recorder(server: ScriptedServer) -> Recorder:
    return Recorder(server)


async def test_a_refusal_over_rtsp_is_one_of_rtsp_alone(recorder: Recorder) -> None:
    with pytest.raises(RefusedApartError) as caught:
        await recorder.play()
    assert caught.value.right is None
    assert not recorder.guard.refused
    await recorder.poll()


async def test_two_refusals_over_rtsp_are_all_however_often_the_login_is_taken_otherwise(
    recorder: Recorder,
) -> None:
    for _ in range(MINUTES):
        await recorder.poll()
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


async def test_a_recorder_that_came_back_gets_one_more_try_each_time(recorder: Recorder) -> None:
    for returns in range(2):
        recorder.guard.note_trouble()
        await recorder.poll()
        for _ in range(MINUTES):
            with pytest.raises(NotPermittedError):
                await recorder.play()
            recorder.now += RETRY_AFTER_SECONDS
        # What boots may refuse twice.
        assert recorder.logins == 3 + returns
    recorder.guard.note_trouble()
    recorder.server.accepts = knows_password
    await recorder.poll()
    await recorder.play()
    assert not recorder.rtsp.refused


async def test_a_recorder_that_comes_and_goes_locks_nobody_out(recorder: Recorder) -> None:
    refused: list[float] = []
    for _ in range(MINUTES):
        before = recorder.logins
        recorder.guard.note_trouble()
        await recorder.poll()
        with pytest.raises(NotPermittedError):
            await recorder.play()
        refused += [recorder.now] * (recorder.logins - before)
        recorder.now += RETRY_AFTER_SECONDS
    assert len(refused) > MAX_REFUSALS
    for first, next_but_two in zip(refused, refused[MAX_REFUSALS:], strict=False):
        assert next_but_two - first >= REMEMBERED_SECONDS


async def test_refused_now_and_accepted_now_is_bounded_too(recorder: Recorder) -> None:
    refused: list[float] = []

    def every_other(request: Request) -> bool:
        if "Authorization" not in request.headers:
            return False
        accepted = recorder.logins % 2 == 0
        if not accepted:
            refused.append(recorder.now)
        return accepted

    recorder.server.accepts = every_other
    for _ in range(MINUTES):
        with suppress(NotPermittedError):
            await recorder.play()
        recorder.now += RETRY_AFTER_SECONDS
    assert len(refused) > MAX_REFUSALS
    for first, next_but_two in zip(refused, refused[MAX_REFUSALS:], strict=False):
        assert next_but_two - first >= REMEMBERED_SECONDS
    recorder.now += REMEMBERED_SECONDS
    recorder.server.accepts = knows_password
    await recorder.play()


async def test_where_the_recorder_refuses_nothing_is_tried_over_rtsp(recorder: Recorder) -> None:
    recorder.guard.refuse(AuthenticationError("wrong password"))
    with pytest.raises(AuthenticationError):
        await recorder.play()
    assert not recorder.polls
    # The one more try is left to whose word counts.
    recorder.takes = False
    recorder.now += RETRY_AFTER_SECONDS
    with pytest.raises(AuthenticationError):
        await recorder.play()
    assert recorder.polls == 1
    assert not recorder.server.connections


async def test_no_password_is_sent_over_rtsp_that_the_recorder_does_not_take(
    recorder: Recorder,
) -> None:
    recorder.takes = False
    with pytest.raises(AuthenticationError):
        await recorder.play()
    assert not recorder.server.connections


async def test_a_refusal_over_rtsp_makes_the_recorders_next_the_last(recorder: Recorder) -> None:
    await recorder.poll()
    # Changed within the minute in which that login vouches for one over RTSP.
    recorder.takes = False
    with pytest.raises(NotPermittedError):
        await recorder.play()
    for _ in range(MINUTES):
        recorder.now += RETRY_AFTER_SECONDS
        with pytest.raises(AuthenticationError):
            await recorder.play()
    assert recorder.logins == 1
    assert recorder.polls == 2
    assert recorder.guard.final


async def test_a_login_taken_just_now_vouches_for_the_next(recorder: Recorder) -> None:
    recorder.server.accepts = knows_password
    await recorder.poll()
    await recorder.play()
    assert recorder.polls == 1
    recorder.now += VOUCHES_SECONDS + 1
    await recorder.play()
    assert recorder.polls == 2
    # What boots may refuse what it took just now.
    recorder.guard.note_trouble()
    await recorder.play()
    assert recorder.polls == 3


async def test_where_rtsp_is_shut_no_login_is_made_for_it(recorder: Recorder) -> None:
    for _ in range(MINUTES):
        with pytest.raises(NotPermittedError):
            await recorder.play()
        recorder.now += RETRY_AFTER_SECONDS
    assert recorder.rtsp.final
    assert recorder.polls == 2


async def test_a_request_of_an_accepted_login_clears_the_suspicion(recorder: Recorder) -> None:
    with pytest.raises(NotPermittedError):
        await recorder.play()
    assert recorder.guard.suspected
    recorder.guard.confirm()
    assert recorder.guard.vouched


async def test_a_login_without_an_answer_delays_rtsp_alone(recorder: Recorder) -> None:
    recorder.rtsp.unanswered(login=True)
    with pytest.raises(CannotConnectError, match="waiting"):
        await recorder.play()
    await recorder.poll()
