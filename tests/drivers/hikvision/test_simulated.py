"""The driver against the simulated recorders, which nobody wrote who knew the driver."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest

from custom_components.nvr.drivers.catalog import recognise
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
)
from custom_components.nvr.drivers.models import (
    ClockConvention,
    DiskState,
    OfflineReason,
    Recording,
    RecordingKind,
    StreamName,
)
from simulator.core.faults import Fault
from simulator.footage.pattern import decode_image
from tests.drivers.paired import EXACT, Pair, paired

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(params=["current", "old"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Each simulated recorder with a driver."""
    async with paired(f"hikvision/{request.param}") as pair:
        yield pair


def is_old(pair: Pair) -> bool:
    return not pair.box.personality.recorder.identity.model.startswith("DS-7616NXI")


async def test_first_state_in_few_requests(pair: Pair) -> None:
    assert await recognise(pair.connection, pair.http) == "hikvision"
    before = pair.box.recorder.requests.count("*")
    state = await pair.driver.connect()
    assert pair.driver.traffic.requests <= 12
    assert pair.box.recorder.requests.count("*") - before == pair.driver.traffic.requests
    assert pair.driver.traffic.logins == 1
    assert len(state.channels) == len(pair.box.recorder.channels)
    assert {disk.state for disk in state.disks} <= set(DiskState) - {DiskState.UNKNOWN}
    assert state.last_boot is not None
    for channel in state.channels:
        if channel.online:
            assert pair.driver.live_url(channel, StreamName.MAIN) is not None


async def test_channels_that_are_offline_or_blind() -> None:
    async with paired("hikvision/current") as pair:
        state = await pair.driver.connect()
    offline = state.channel(14)
    blind = state.channel(16)
    assert offline is not None
    assert blind is not None
    assert (offline.online, offline.reason) == (False, OfflineReason.WRONG_PASSWORD)
    assert blind.online is True
    assert [stream.alive for stream in blind.streams] == [False, False]


@pytest.mark.parametrize("days_back", [0, 40, 80])
async def test_everything_is_found_where_it_is(pair: Pair, days_back: int) -> None:
    await pair.driver.connect()
    # On both sides of the changes to and from daylight saving time.
    end = datetime.now(UTC) - days_back * DAY
    start = end - 30 * HOUR
    for channel in (1, 3):
        found = await pair.found(channel, start, end)
        expected = pair.expected(channel, start, end)
        assert len(found) == len(expected)
        for recording, true_start in zip(found, expected, strict=True):
            assert abs(recording.start - true_start) <= EXACT
    assert pair.driver.memory["convention"] == ("wall" if is_old(pair) else "utc")


async def test_the_clock(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    await pair.found(1, now - HOUR, now)
    state = await pair.driver.poll()
    offset = state.clock.offset
    assert offset is not None
    true_offset = timedelta(seconds=-720.37) if is_old(pair) else timedelta()
    assert state.clock.convention is (ClockConvention.WALL if is_old(pair) else ClockConvention.UTC)
    if is_old(pair):
        assert abs(offset - true_offset) <= timedelta(milliseconds=60)
    else:
        assert offset == true_offset


async def test_kinds_and_the_open_recording(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    continuous = await pair.found(1, now - 2 * HOUR, now)
    assert continuous[-1].open
    assert not any(recording.open for recording in continuous[:-1])
    assert {kind for entry in continuous for kind in entry.kinds} == {RecordingKind.CONTINUOUS}
    events = [
        entry
        for channel in (3, 5, 7, 8)
        for entry in await pair.found(channel, now - DAY, now)
        if RecordingKind.CONTINUOUS not in entry.kinds
    ]
    assert events
    assert not any(RecordingKind.OTHER in entry.kinds for entry in events)


async def test_recorded_days(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    days = await pair.driver.recorded_days(1, now - 10 * DAY, now)
    assert len(days) == 11
    for day in days:
        assert pair.expected(1, day.start, min(day.end, now))


async def test_a_download_is_footage_of_the_span(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    recording = (await pair.found(1, now - 2 * HOUR, now))[-2]
    start = recording.start + timedelta(seconds=60)
    size = 0
    async with pair.driver.download(recording, start, start + timedelta(seconds=5)) as download:
        assert download.whole is is_old(pair)
        async for chunk in download:
            if not size:
                assert chunk.startswith(b"IMKH")
            size += len(chunk)
            if size > 1_000_000:
                break
        assert download.received_bytes == size
    assert size > 100_000


async def test_a_still_shows_now(pair: Pair) -> None:
    await pair.driver.connect()
    reading = decode_image(await pair.driver.snapshot(1))
    assert reading.channel == 1


async def test_polls_stay_within_four_requests(pair: Pair) -> None:
    await pair.driver.connect()
    for _ in range(12):
        before = pair.box.recorder.requests.count("*")
        await pair.driver.poll()
        assert pair.box.recorder.requests.count("*") - before <= 4


@pytest.mark.parametrize("forgets", [False, True])
async def test_a_changed_password_costs_one_login_at_once(pair: Pair, *, forgets: bool) -> None:
    await pair.driver.connect()
    pair.box.recorder.accounts.set_password("admin", "another")
    if forgets:
        pair.box.recorder.accounts.forget_nonces()
    logins = pair.driver.traffic.logins
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            await pair.driver.poll()
    assert pair.driver.refused
    assert pair.driver.traffic.logins == logins + 1


async def fetch(pair: Pair, recording: Recording, most: int) -> None:
    start = recording.start + timedelta(seconds=10)
    size = 0
    async with pair.driver.download(recording, start, start + timedelta(seconds=60)) as download:
        async for chunk in download:
            size += len(chunk)
            if size >= most:
                return


async def test_a_transfer_that_is_cut(pair: Pair) -> None:
    await pair.driver.connect()
    now = datetime.now(UTC)
    recording = (await pair.found(1, now - 2 * HOUR, now))[-2]
    # Learns the verb, so that the next request is the download.
    await fetch(pair, recording, most=1)
    pair.box.recorder.faults.add(Fault(path="/ISAPI/*/download", cut_at=300_000, count=1))
    start = recording.start + timedelta(seconds=10)
    async with pair.driver.download(recording, start, start + timedelta(seconds=60)) as download:
        # The head of the answer counts among the bytes that come.
        assert 299_000 < sum([len(chunk) async for chunk in download]) < 300_000
        # Ended in good order: whether anything is missing is for the footage to say.
        assert download.truncated


async def test_a_recorder_unplugged_and_back(pair: Pair) -> None:
    before = await pair.driver.connect()
    await pair.box.unplug()
    with pytest.raises(CannotConnectError):
        await pair.driver.poll()
    assert not pair.driver.refused
    await pair.box.plug()
    after = await pair.driver.poll()
    assert after.channels == before.channels


async def test_a_busy_recorder(pair: Pair) -> None:
    pair.box.recorder.faults.add(
        Fault(path="/ISAPI/*/InputProxy/channels", status=HTTPStatus.SERVICE_UNAVAILABLE)
    )
    with pytest.raises(DeviceBusyError):
        await pair.driver.connect()
