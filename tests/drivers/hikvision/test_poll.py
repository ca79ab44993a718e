"""Polling: what it brings up to date, and that it keeps to its budget."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
import pytest

from custom_components.nvr.drivers.errors import CannotConnectError
from custom_components.nvr.drivers.hikvision.driver import HikvisionDriver
from custom_components.nvr.drivers.models import (
    DiskState,
    OfflineReason,
    RecordingExtent,
    StreamName,
)
from custom_components.nvr.drivers.rota import REQUESTS_PER_ROUND, Rota, Turn
from tests.drivers.conftest import Clock

from .fake_isapi import (
    SEARCH,
    FakeIsapi,
    Footage,
    device_time,
    plugged,
    proxy_channels,
    proxy_statuses,
    status_error,
    stream_list,
    whole,
)

HOUR = timedelta(hours=1)
PROXY = "/ISAPI/ContentMgmt/InputProxy/channels"


async def test_a_channel_that_goes_and_comes_back() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        streams = state.channels[0].streams
        fake.answer(f"{PROXY}/status", proxy_statuses(c1="ipcConflict", c2="connect"))
        # Recorders hide the streams of a channel that is offline.
        fake.answer("/ISAPI/Streaming/channels", stream_list(201, 202))
        state = await driver.poll()
        assert state.channels[0].reason is OfflineReason.IP_CONFLICT
        state = await driver.poll()
        assert state.channels[0].streams == streams
        assert len(state.channels[1].streams) == 2
        fake.answer(f"{PROXY}/status", proxy_statuses(c1="connect", c2="connect"))
        await driver.poll()
        state = await driver.poll()
        # Now it is online and the list is the truth.
        assert state.channels[0].streams == ()


async def test_four_requests_a_round_and_nothing_starves(clock: Clock) -> None:
    fake = FakeIsapi()
    numbers = range(1, 33)
    fake.answer(PROXY, proxy_channels(*numbers))
    fake.answer(f"{PROXY}/status", proxy_statuses(**{f"c{n}": "connect" for n in numbers}))
    fake.answer(
        "/ISAPI/System/Video/inputs/channels",
        "<VideoInputChannelList><VideoInputChannel><id>40</id><resDesc>1080P</resDesc>"
        "</VideoInputChannel></VideoInputChannelList>",
    )
    fake.answer("/ISAPI/System/workingstatus", '{"WorkingStatus": {"ChanStatus": []}}')
    fake.routes["/ISAPI/System/time"] = device_time(HOUR, "GMT+0:00", "manual")  # type: ignore[assignment] # a handler
    fake.answer(
        "/ISAPI/System/status", "<DeviceStatus><deviceUpTime>9</deviceUpTime></DeviceStatus>"
    )
    paths: list[str] = []
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(40):
            clock.now += 60
            before = len(fake.seen)
            await driver.poll()
            assert len(fake.seen) - before <= REQUESTS_PER_ROUND
            paths += [seen.path.partition("?")[0] for seen in fake.seen[before:]]
    # All of it has had its turn within forty minutes.
    for path in ("deviceInfo", "time", "status", "workingstatus", "Video/inputs/channels"):
        assert any(seen.endswith(f"/System/{path}") for seen in paths), path
    for path in (PROXY, "/ISAPI/Streaming/channels", "/ISAPI/ContentMgmt/Storage"):
        assert path in paths
    assert paths.count(f"{PROXY}/status") >= 30


async def test_a_nonce_that_ran_out_stays_within_the_budget() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.new_nonce()
        before = len(fake.seen)
        await driver.poll()
        assert len(fake.seen) - before <= REQUESTS_PER_ROUND
        assert not driver.refused


async def test_how_far_recordings_reach_is_found_bit_by_bit() -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    fake = FakeIsapi()
    fake.footage = [
        Footage(wall - 2000 * HOUR, wall - 1999 * HOUR),
        Footage(wall - 5 * HOUR, wall - 4 * HOUR),
        Footage(wall - 3 * HOUR, wall - 2 * HOUR, track=201),
        Footage(wall - HOUR, wall + HOUR, track=201),
    ]
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(4):
            before = len(fake.seen)
            state = await driver.poll()
            assert len(fake.seen) - before <= REQUESTS_PER_ROUND
        assert state.extents[1] == RecordingExtent(oldest=now - 2000 * HOUR, newest=now - 4 * HOUR)
        newest = state.extents[2].newest
        assert newest is not None
        assert now <= newest <= now + HOUR
        # Done for now: only what is due is asked.
        before = len(fake.searches)
        await driver.poll()
        assert len(fake.searches) == before


async def test_extents_go_on_from_what_is_known(clock: Clock) -> None:
    now = whole(datetime.now(UTC))
    wall = now.replace(tzinfo=None)
    fake = FakeIsapi()
    fake.answer(PROXY, proxy_channels(1))
    fake.footage = [Footage(wall - 30 * HOUR, wall - 29 * HOUR)]
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(3):
            state = await driver.poll()
        assert state.extents[1].newest == now - 29 * HOUR
        fake.footage.append(Footage(wall - 2 * HOUR, wall - HOUR))
        clock.now += 700
        asked = len(fake.searches)
        for _ in range(3):
            state = await driver.poll()
        assert state.extents[1].newest == now - HOUR
        assert len(fake.searches) == asked + 2


async def test_a_channel_without_recordings_has_no_extent() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(3):
            state = await driver.poll()
    assert state.extents[1] == RecordingExtent()


async def test_extents_are_no_reason_to_fail() -> None:
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(3):
            state = await driver.poll()
    assert state.extents == {}


async def test_the_convention_is_measured_by_and_by(clock: Clock) -> None:
    wall = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - 7 * HOUR
    fake = FakeIsapi(footage=[Footage(wall - HOUR, wall + HOUR)])
    fake.routes["/ISAPI/System/time"] = device_time(-7 * HOUR, "MST+7:00:00")  # type: ignore[assignment] # a handler
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert state.clock.evidence == "not measured yet"
        clock.now += 60
        state = await driver.poll()
    assert state.clock.convention == "wall"


async def test_disks_change(clock: Clock) -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.answer(
            "/ISAPI/ContentMgmt/Storage",
            "<storage><hddList><hdd><id>1</id><status>error</status></hdd></hddList></storage>",
        )
        clock.now += 310
        for _ in range(4):
            state = await driver.poll()
    assert [disk.state for disk in state.disks] == [DiskState.FAILED]


async def test_what_fails_for_once_keeps_its_last_value() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, _):
        before = await driver.connect()
        for status, word in ((503, "deviceBusy"), (403, "notSupport")):
            fake.answer(f"{PROXY}/status", status_error(2 if status == 503 else 4, word), status)
            state = await driver.poll()
            assert state.channels == before.channels


async def test_a_recorder_that_went_away() -> None:
    fake = FakeIsapi()

    async def drop(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with plugged(fake) as (driver, _):
        await driver.connect()
        for path in list(fake.routes):
            fake.routes[path] = drop
        with pytest.raises(CannotConnectError):
            await driver.poll()
        assert driver.state is not None
        assert not driver.refused


@pytest.mark.parametrize(
    "path",
    [
        f"{PROXY}/status",
        "/ISAPI/System/status",
        "/ISAPI/System/time",
        "/ISAPI/ContentMgmt/Storage",
        SEARCH,
    ],
)
async def test_one_thing_that_cuts_the_connection_does_not_take_the_rest_along(
    clock: Clock, path: str
) -> None:
    fake = FakeIsapi()

    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.routes.pop(f"POST {SEARCH}")
        fake.routes[path] = cut
        fake.answer(PROXY, proxy_channels(1, 2, 3))
        for _ in range(20):
            clock.now += 60
            before = len(fake.seen)
            state = await driver.poll()
            # A kept connection that is cut is tried once more.
            assert len(fake.seen) - before <= REQUESTS_PER_ROUND + 1
        # Everything else has had its turn.
        assert len(state.channels) == 3


@pytest.mark.parametrize(
    ("path", "status", "word", "most"),
    [
        ("/ISAPI/Security/adminAccesses", 503, "deviceBusy", 2),
        ("/ISAPI/Security/adminAccesses", 500, "deviceError", 7),
        ("/ISAPI/Security/adminAccesses", 403, "notSupport", 70),
        ("/ISAPI/System/workingstatus", 503, "deviceBusy", 2),
    ],
)
async def test_what_failed_at_set_up_is_asked_again(
    clock: Clock, path: str, status: int, word: str, most: int
) -> None:
    code = {503: 2, 500: 3, 403: 4}[status]
    fake = FakeIsapi()
    fake.answer(path, status_error(code, word), status)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        fake.answer(
            "/ISAPI/Security/adminAccesses",
            "<AdminAccessProtocolList><AdminAccessProtocol><protocol>RTSP</protocol>"
            "<portNo>10554</portNo></AdminAccessProtocol></AdminAccessProtocolList>",
        )
        fake.answer(
            "/ISAPI/System/workingstatus",
            '{"WorkingStatus": {"ChanStatus": [{"chanNo": 1, "record": 1}]}}',
        )
        asked = 0
        while not heard(driver, path):
            clock.now += 60
            await driver.poll()
            asked += 1
            assert asked <= most
    # What a model lacks is not asked for every minute.
    assert asked > 30 or status != 403


def heard(driver: HikvisionDriver, path: str) -> bool:
    assert driver.state is not None
    channel = driver.state.channels[0]
    if path.endswith("adminAccesses"):
        return ":10554/" in (driver.live_url(channel, StreamName.MAIN) or "")
    return channel.recording is True


async def test_ip_channels_that_were_not_listed_at_set_up_come_later(clock: Clock) -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, status_error(3, "deviceError"), 500)
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert [channel.name for channel in state.channels] == ["Channel 1"]
        fake.answer(PROXY, proxy_channels(1, 2))
        for _ in range(8):
            clock.now += 60
            state = await driver.poll()
    assert [channel.name for channel in state.channels] == ["Camera 1", "Camera 2"]
    assert state.channels[1].reason is OfflineReason.UNREACHABLE


async def test_what_no_longer_answers_is_said_and_its_last_value_kept(clock: Clock) -> None:
    fake = FakeIsapi()
    fake.answer(
        "/ISAPI/ContentMgmt/Storage",
        "<storage><hddList><hdd><id>1</id><status>ok</status></hdd></hddList></storage>",
    )
    async with plugged(fake) as (driver, _):
        before = await driver.connect()
        fake.answer("/ISAPI/ContentMgmt/Storage", status_error(2, "deviceBusy"), 503)
        for _ in range(8):
            clock.now += 60
            state = await driver.poll()
        assert state.disks == before.disks
        assert "disks" in {entry.what for entry in state.missing}
        fake.answer("/ISAPI/ContentMgmt/Storage", "<storage><hddList/></storage>")
        for _ in range(3):
            clock.now += 60
            state = await driver.poll()
    assert state.disks == ()
    assert "disks" not in {entry.what for entry in state.missing}


async def test_a_round_always_proves_that_the_recorder_is_there(clock: Clock) -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, status_error(4, "notSupport"), 403)
    fake.answer(
        "/ISAPI/System/Video/inputs/channels",
        "<VideoInputChannelList><VideoInputChannel><id>1</id></VideoInputChannel></VideoInputChannelList>",
    )
    async with plugged(fake) as (driver, _):
        await driver.connect()
        clock.now += 1
        before = len(fake.seen)
        await driver.poll()
        assert len(fake.seen) > before


class Unspent:
    """Carries nothing."""

    left = REQUESTS_PER_ROUND


async def test_the_latest_goes_first() -> None:
    clock = Clock()
    asked: list[str] = []

    def turn(name: str, seconds: float) -> Turn[Unspent]:
        async def ask(_: Unspent) -> None:
            asked.append(name)

        return Turn(name=name, seconds=seconds, ask=ask)

    rota = Rota(
        [turn("often", 10), turn("rarely", 100)],
        filler=turn("filler", 1000),
        last=turn("last", 1),
        now=clock,
    )
    transport = Unspent()
    clock.now = 120
    await rota.round(transport)
    assert asked == ["often", "rarely", "last", "filler"]
    asked.clear()
    rota.hurry("rarely")
    clock.now = 131
    await rota.round(transport)
    assert asked == ["rarely", "often", "last"]
