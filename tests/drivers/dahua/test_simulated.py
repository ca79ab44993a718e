"""The driver against every simulated recorder, which nobody wrote who knew the driver."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers import login, nonce
from custom_components.nvr.drivers.catalog import make_driver, recognise
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DriverError,
)
from custom_components.nvr.drivers.guard import RETRY_AFTER_SECONDS, LoginGuard
from custom_components.nvr.drivers.models import (
    ClockConvention,
    DiskState,
    StreamName,
)
from simulator.dahua.face import DahuaFace
from simulator.faces import PERSONALITIES
from simulator.footage.pattern import decode_image
from tests.drivers.conftest import Clock
from tests.drivers.paired import EXACT, Pair, paired as paired_with_driver

VENDOR = "dahua"
NAMES = sorted(name for name in PERSONALITIES if name.startswith(f"{VENDOR}/"))
HOUR = timedelta(hours=1)
MOST_TO_CONNECT = 16
MOST_IN_A_ROUND = 4


@asynccontextmanager
async def paired(name: str) -> AsyncIterator[Pair]:
    async with paired_with_driver(name) as pair:
        yield pair
    face = pair.box.personality.face
    assert isinstance(face, DahuaFace)
    # Whatever was done: never too much at once, and nothing left behind but where we are let in no more.
    assert face.device.load.wedges == 0
    assert pair.box.recorder.accounts.failed_logins or not len(face.device.finders)


@pytest.fixture(params=NAMES)
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Each simulated recorder with a driver."""
    async with paired(request.param) as pair:
        yield pair


async def test_the_first_state_in_few_requests(pair: Pair) -> None:
    assert await recognise(pair.connection, pair.http) == VENDOR
    before = pair.requests
    state = await pair.driver.connect()
    assert pair.requests - before == pair.driver.traffic.requests <= MOST_TO_CONNECT
    assert state.recorder.serial == pair.box.recorder.identity.serial
    assert state.recorder.firmware
    assert state.recorder.title
    there = [channel.number for channel in pair.box.recorder.channels.values()]
    assert [channel.number for channel in state.channels] == there
    for channel in state.channels:
        assert pair.driver.live_url(channel, StreamName.MAIN) is not None


async def test_what_is_known_after_some_rounds(pair: Pair, clock: Clock) -> None:
    state = await pair.settled(clock)
    recorder = pair.box.recorder
    assert {channel.number: channel.online for channel in state.channels} == {
        channel.number: channel.has_pictures for channel in recorder.channels.values()
    }
    for channel in state.channels:
        assert (channel.reason is None) is bool(channel.online)
    assert {disk.state for disk in state.disks} <= set(DiskState) - {DiskState.UNKNOWN}
    assert len(state.disks) <= len(recorder.disks)
    assert state.clock.convention is ClockConvention.WALL
    assert state.recorder.mac == recorder.identity.mac
    if state.last_boot is not None:
        assert abs(state.last_boot - recorder.started) < timedelta(minutes=2)


async def test_rounds_stay_within_four_requests(pair: Pair, clock: Clock) -> None:
    await pair.driver.connect()
    for _ in range(12):
        clock.now += 60
        before = pair.requests
        await pair.driver.poll()
        assert pair.requests - before <= MOST_IN_A_ROUND


async def test_everything_is_found_where_it_is(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    channel = next(
        channel.number for channel in pair.box.recorder.channels.values() if channel.has_pictures
    )
    start = now - 7 * HOUR
    expected = pair.expected(channel, start, now)
    found = await pair.found(channel, start, now)
    assert found
    assert len(found) == len(expected)
    for recording, true_start in zip(found, expected, strict=True):
        assert abs(recording.start - true_start) <= EXACT


async def test_a_still_is_of_the_channel_that_is_meant(pair: Pair) -> None:
    state = await pair.driver.connect()
    told = pair.box.personality.face.told
    channels = [
        channel.number
        for channel in pair.box.recorder.channels.values()
        if channel.has_pictures and channel.number not in told.unserved
    ]
    assert len(state.channels) >= len(channels)
    for number in (channels[0], channels[-1]):
        assert decode_image(await pair.driver.snapshot(number)).channel == number


async def test_a_second_start_with_what_was_learned(pair: Pair) -> None:
    await pair.driver.connect()
    memory = pair.driver.memory
    await pair.driver.close()
    again = make_driver(VENDOR, pair.connection, pair.http, memory, LoginGuard(proven=True))
    state = await again.connect()
    assert state.channels
    assert again.traffic.requests <= pair.driver.traffic.requests
    assert again.traffic.logins <= max(2, pair.driver.traffic.logins)
    await again.close()


async def test_a_wrong_password_is_tried_twice_at_most(pair: Pair) -> None:
    pair.box.recorder.accounts.set_password("admin", "another")
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            await pair.driver.connect()
    assert pair.driver.traffic.logins <= 2
    assert pair.driver.refused


async def test_a_changed_password_is_refused_twice_at_most(
    pair: Pair, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "SECOND_LOOK_SECONDS", 0)
    now = [0.0]
    pair.driver = make_driver(
        VENDOR, pair.connection, pair.http, {}, LoginGuard(proven=True, now=lambda: now[0])
    )
    await pair.settled(clock)
    # Whatever the stills of other tests cost: here they are by the nonce at hand.
    for _ in range(2):
        await pair.driver.snapshot(1)
    accounts = pair.box.recorder.accounts
    accounts.set_password("admin", "another")
    # Its nonce may be old as well.
    monkeypatch.setattr(nonce, "YOUNG_NONCE_SECONDS", 0)
    for _ in range(3):
        now[0] += RETRY_AFTER_SECONDS
        clock.now += 60
        for ask in (pair.driver.snapshot(1), pair.driver.poll()):
            with suppress(DriverError):
                await ask
    await pair.driver.close()
    assert accounts.failed_logins <= 2


async def test_a_recorder_unplugged_and_back(pair: Pair, clock: Clock) -> None:
    before = await pair.settled(clock)
    await pair.box.unplug()
    clock.now += 60
    with pytest.raises(CannotConnectError):
        await pair.driver.poll()
    assert not pair.driver.refused
    await pair.box.plug()
    clock.now += 60
    after = await pair.driver.poll()
    assert len(after.channels) == len(before.channels)


@pytest.mark.parametrize("name", ["dahua/nvr", "dahua/current"])
async def test_an_hour_of_polling_is_one_login_over_rpc2(name: str, clock: Clock) -> None:
    async with paired(name) as pair:
        await pair.driver.connect()
        for _ in range(60):
            clock.now += 60
            await pair.driver.poll()
        assert pair.driver.traffic.logins == 1


async def test_a_session_that_ended_is_begun_anew(clock: Clock) -> None:
    async with paired("dahua/current") as pair:
        await pair.driver.connect()
        pair.box.recorder.reboot()
        await asyncio.sleep(0)
        state = pair.driver.state
        for _ in range(200):
            clock.now += 60
            try:
                state = await pair.driver.poll()
            except CannotConnectError, AuthenticationError:
                await asyncio.sleep(0.05)
            else:
                break
        assert state is not None
        assert not pair.driver.refused
        assert pair.driver.traffic.logins == 2
