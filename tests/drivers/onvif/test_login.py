"""Which login a device wants, and how few refusals finding it out and a wrong password cost."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import web
import pytest

from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.drivers.onvif.driver import OnvifDriver
from custom_components.nvr.drivers.onvif.identity import DEVICE_INFORMATION
from custom_components.nvr.drivers.onvif.question import Question
from custom_components.nvr.drivers.onvif.username_token import UsernameToken
from custom_components.nvr.drivers.onvif.writer import Description, Written
from simulator.onvif.traits.box import Clock
from simulator.onvif.traits.login import Proof
from tests.drivers.conftest import Clock as Seconds
from tests.drivers.fake_web import FakeWeb, client, running

from .conftest import Device, Plugged

TOKEN = frozenset({Proof.TOKEN})
DIGEST = frozenset({Proof.DIGEST})


def _clock(device: Device, **changes: Any) -> None:
    recorder = device.box.recorder
    recorder.clock = replace(recorder.clock, **changes)


@pytest.mark.parametrize("proofs", [TOKEN, DIGEST, TOKEN | DIGEST])
async def test_a_device_is_logged_in_to_as_it_wants(
    plugged: Plugged, proofs: frozenset[Proof]
) -> None:
    async with plugged(proofs=proofs) as device:
        state = await device.driver.connect()
        assert state.recorder.model
        assert device.driver.memory["login"] == ("token" if proofs == TOKEN else "digest")
        assert device.driver.traffic.logins == 1
        assert device.guard.proven


@pytest.mark.parametrize("status", [HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.OK])
@pytest.mark.parametrize("proofs", [TOKEN, DIGEST])
async def test_a_wrong_password_costs_one_login(
    plugged: Plugged, proofs: frozenset[Proof], status: HTTPStatus
) -> None:
    async with plugged(proofs=proofs, refusal_status=status) as device:
        device.box.recorder.accounts.set_password("admin", "another")
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await device.driver.connect()
        assert device.driver.traffic.logins == 1
        assert device.driver.refused
        before = device.requests
        with pytest.raises(AuthenticationError):
            await device.driver.poll()
        assert device.requests == before


async def test_who_tells_strangers_everything_still_knows_a_wrong_token(plugged: Plugged) -> None:
    async with plugged(proofs=frozenset()) as device:
        await device.driver.connect()
        assert device.driver.memory["login"] == "token"


@pytest.mark.parametrize("ahead", [timedelta(minutes=-40), timedelta(days=300)])
async def test_tokens_go_by_the_clock_of_the_device(plugged: Plugged, ahead: timedelta) -> None:
    async with plugged(proofs=TOKEN, created_window=timedelta(seconds=5)) as device:
        _clock(device, offset=ahead)
        state = await device.driver.connect()
        assert device.driver.traffic.logins == 1
        assert state.clock.offset is not None
        assert abs(state.clock.offset - ahead) < timedelta(seconds=2)


@pytest.mark.parametrize("told", list(Clock))
async def test_clocks_that_call_their_wall_clock_utc(plugged: Plugged, told: Clock) -> None:
    async with plugged(proofs=TOKEN, created_window=timedelta(seconds=5), clock=told) as device:
        state = await device.driver.connect()
        assert device.driver.traffic.logins == 1
        assert state.clock.offset is not None
        shown = device.box.recorder.clock.offset
        assert abs(state.clock.offset - shown) < timedelta(seconds=5)


async def test_a_wall_clock_without_a_zone_costs_a_second_login_once(plugged: Plugged) -> None:
    async with plugged(proofs=TOKEN, created_window=timedelta(seconds=5)) as device:
        # An hour ahead by what it tells, and not by what it goes by.
        real = device.driver._survey.time
        told = timedelta(hours=1)

        async def mislabelled(transport: Any, budget: Any = None) -> None:
            await real(transport, budget)
            device.driver._clock._drift = (device.driver._clock._drift or timedelta()) + told

        device.driver._survey._inquired["time"] = replace(
            device.driver._survey._inquired["time"], ask=mislabelled
        )
        await device.driver.connect()
        assert device.driver.traffic.logins == 2
        assert device.driver.memory["mislabelled_seconds"] == "3600"
        assert abs(device.driver._clock.offset or told) < timedelta(seconds=5)


async def test_a_clock_that_is_set_later_costs_no_login_that_fails_for_good(
    plugged: Plugged, clock: Seconds
) -> None:
    async with plugged(proofs=TOKEN, created_window=timedelta(seconds=5)) as device:
        await device.driver.connect()
        _clock(device, offset=timedelta(minutes=20))
        for _ in range(3):
            clock.now += 60
            state = await device.driver.poll()
        assert not device.driver.refused
        assert state.clock.offset is not None
        assert abs(state.clock.offset - timedelta(minutes=20)) < timedelta(seconds=5)


async def test_a_device_that_changes_what_it_wants(plugged: Plugged, clock: Seconds) -> None:
    async with plugged(proofs=TOKEN) as device:
        await device.driver.connect()
        device.face.change(proofs=DIGEST)
        for _ in range(2):
            clock.now += 60
            await device.driver.poll()
        assert not device.driver.refused
        assert device.driver.memory["login"] == "digest"


@pytest.mark.parametrize("proofs", [TOKEN, DIGEST])
async def test_a_password_that_is_changed_shuts_the_door(
    plugged: Plugged, clock: Seconds, proofs: frozenset[Proof]
) -> None:
    async with plugged(proofs=proofs) as device:
        state = await device.driver.connect()
        told: list[bool] = []
        device.driver.on_refused_changed(lambda: told.append(device.driver.refused))
        device.box.recorder.accounts.set_password("admin", "another")
        clock.now += 60
        with pytest.raises(AuthenticationError):
            await device.driver.poll()
        assert told == [True]
        assert device.driver.live_url(state.channels[0], StreamName.MAIN) is None
        # One for the question and one to be sure that it is the password.
        assert device.driver.traffic.logins <= 3
        before = device.requests
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await device.driver.poll()
        assert device.requests == before


@pytest.mark.parametrize("proofs", [TOKEN, DIGEST])
async def test_who_wants_a_login_for_the_time_gets_it(
    plugged: Plugged, proofs: frozenset[Proof]
) -> None:
    async with plugged(proofs=proofs, guards_time=True) as device:
        state = await device.driver.connect()
        assert state.clock.offset is not None
        assert device.driver.traffic.logins == 1


async def test_a_lost_answer_to_a_login_keeps_the_next_away(plugged: Plugged) -> None:
    async with plugged(proofs=TOKEN) as device:
        guard = device.guard
        guard.unanswered(login=True)
        with pytest.raises(CannotConnectError):
            await device.driver.connect()
        assert device.requests == 0
        assert isinstance(guard, LoginGuard)


async def test_a_token_is_of_the_moment_at_which_it_goes_out(
    plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device refuses what is older than some seconds, however long the request waited for its turn."""
    async with plugged(proofs=TOKEN) as device:
        await device.driver.connect()
        turns = device.driver._session._control
        write = Description.write
        had_turn: list[bool] = []

        def noted(
            description: Description, question: Question[Any], token: UsernameToken | None
        ) -> Written:
            had_turn.append(turns.locked())
            return write(description, question, token)

        monkeypatch.setattr(Description, "write", noted)
        async with turns:
            # The other place is free until a request takes it.
            await device.driver._transport.ask(DEVICE_INFORMATION)
        assert had_turn == [True]


ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>{}</s:Body></s:Envelope>'
)
FAULT = ENVELOPE.format("<s:Fault><s:Code><s:Value>s:{}</s:Value></s:Code></s:Fault>")


async def _tell_model(request: web.Request) -> web.Response:
    """Answer as a device that tells who it is, and refuses the rest."""
    if b"GetDeviceInformation" not in await request.read():
        return web.Response(status=400, text=FAULT.format("Sender"))
    return web.Response(
        text=ENVELOPE.format(
            "<GetDeviceInformationResponse><Model>M1</Model></GetDeviceInformationResponse>"
        )
    )


@pytest.mark.parametrize(
    "refusal",
    ["", "<html><body>401</body></html>", FAULT.format("Sender"), FAULT.format("Receiver")],
    ids=["nothing", "page", "sender", "receiver"],
)
async def test_a_challenge_is_answered_whatever_comes_with_it(refusal: str) -> None:
    fake = FakeWeb(refusal_body=refusal.encode())
    fake.routes["/onvif/device_service"] = _tell_model
    async with running(fake), client() as http:
        driver = OnvifDriver(fake.connection(), http, {}, LoginGuard())
        with pytest.raises(UnknownDeviceError):
            # It names no services.
            await driver.connect()
        assert driver.memory["login"] == "digest"
        assert driver.traffic.logins == 1
        await driver.close()
