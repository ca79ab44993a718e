"""What a driver learns when it connects, and what that costs."""

from aiohttp import web
import pytest

from custom_components.nvr.drivers.catalog import (
    VENDORS,
    make_driver,
    recognise,
)
from custom_components.nvr.drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    DeviceBusyError,
    NotInitialisedError,
    NotPermittedError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.hikvision.driver import REQUESTS_TO_CONNECT, HikvisionDriver
from custom_components.nvr.drivers.models import (
    Connection,
    DiskState,
    OfflineReason,
    RecorderState,
    StreamName,
)
from tests.drivers.fake_web import PASSWORD, FakeWeb, client, running

from .fake_isapi import (
    FakeIsapi,
    plugged,
    proxy_channels,
    proxy_statuses,
    status_error,
    stream,
    stream_list,
)

PROXY = "/ISAPI/ContentMgmt/InputProxy/channels"
INPUTS = "/ISAPI/System/Video/inputs/channels"
STREAMS = "/ISAPI/Streaming/channels"


async def connected(fake: FakeIsapi) -> RecorderState:
    async with plugged(fake) as (driver, _):
        return await driver.connect()


async def test_a_recorder_with_ip_channels() -> None:
    state = await connected(FakeIsapi())
    first, second = state.channels
    assert (first.number, first.name, first.online, first.reason) == (1, "Camera 1", True, None)
    assert [entry.name for entry in first.streams] == [StreamName.MAIN, StreamName.SUB]
    main = first.streams[0]
    assert (main.codec, main.width, main.height, main.fps) == ("H.264", 1920, 1080, 25.0)
    assert (main.bitrate_kbps, main.audio_codec) == (4096, "AAC")
    assert (second.online, second.reason) == (False, OfflineReason.UNREACHABLE)
    assert second.reason_device == "netUnreachable"
    assert state.recorder.mac == "02:00:00:00:00:01"


@pytest.mark.parametrize("count", [4, 64])
async def test_connecting_costs_the_same_at_any_number_of_channels(count: int) -> None:
    fake = FakeIsapi()
    numbers = range(1, count + 1)
    fake.answer(PROXY, proxy_channels(*numbers))
    fake.answer(STREAMS, stream_list(*(number * 100 + 1 for number in numbers)))
    fake.answer(f"{PROXY}/status", proxy_statuses(**{f"c{n}": "connect" for n in numbers}))
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert len(state.channels) == count
        assert len(fake.seen) == driver.traffic.requests <= REQUESTS_TO_CONNECT
        assert driver.traffic.logins == 1
    assert fake.most_at_once <= 2


async def test_connecting_keeps_to_its_budget_where_much_is_refused() -> None:
    fake = FakeIsapi()
    for path in (STREAMS, INPUTS, "/ISAPI/ContentMgmt/Storage", "/ISAPI/System/status"):
        fake.answer(path, status_error(4, "notSupport"), 403)
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert driver.traffic.requests == REQUESTS_TO_CONNECT
    assert len(state.channels) == 2


async def test_where_no_streams_are_listed_the_usual_ones_are_assumed_and_then_asked_for() -> None:
    fake = FakeIsapi()
    fake.answer(STREAMS, status_error(4, "notSupport"), 403)
    fake.answer(f"{STREAMS}/101", stream(101, "H.265"))
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert [entry.codec for entry in state.channels[0].streams] == [None, None]
        for _ in range(4):
            driver._rota.hurry("stream")  # type: ignore[union-attr] # connected
            state = await driver.poll()
    first, second = state.channels
    assert [(entry.name, entry.codec) for entry in first.streams] == [(StreamName.MAIN, "H.265")]
    assert second.streams == ()


async def test_the_other_tree_of_streams() -> None:
    fake = FakeIsapi()
    fake.answer(STREAMS, status_error(4, "notSupport"), 403)
    fake.answer("/ISAPI/ContentMgmt/StreamingProxy/channels", stream_list(101, 201))
    state = await connected(fake)
    assert [len(channel.streams) for channel in state.channels] == [1, 1]


async def test_a_camera() -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, status_error(4, "notSupport"), 403)
    fake.answer(INPUTS, "<VideoInputChannel><name> A  B </name></VideoInputChannel>")
    fake.answer(STREAMS, stream_list(101, 102, 103))
    state = await connected(fake)
    assert [(channel.number, channel.name, channel.online) for channel in state.channels] == [
        (1, "A B", True)
    ]
    assert len(state.channels[0].streams) == 3


async def test_an_old_camera_that_numbers_its_streams_from_one() -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, "", 404)
    fake.answer(STREAMS, stream_list(1).replace("<channelName>1<", "<channelName>Porch<"))
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        url = driver.live_url(state.channels[0], StreamName.MAIN)
    assert state.channels[0].name == "Porch"
    assert url is not None
    assert url.endswith("/Streaming/Channels/1")


@pytest.mark.parametrize(
    ("signal", "rate", "alive"), [(0, 4000, True), (1, 4000, False), (0, 0, False)]
)
async def test_streams_are_alive_by_what_the_recorder_says(
    signal: int, rate: int, *, alive: bool
) -> None:
    fake = FakeIsapi()
    fake.answer(
        "/ISAPI/System/workingstatus",
        f'{{"WorkingStatus": {{"ChanStatus": [{{"chanNo": 1, "online": 1, "signal": {signal}, '
        f'"record": 1, "bitRate": {rate}}}, {{"chanNo": 2, "signal": 1, "bitRate": 0}}, {{}}]}}}}',
    )
    state = await connected(fake)
    assert state.channels[0].streams[0].alive is alive
    assert state.channels[0].recording is True
    # Offline: nothing is to be expected from it.
    assert all(entry.alive is None for entry in state.channels[1].streams)


async def test_disks() -> None:
    fake = FakeIsapi()
    disks = "".join(
        f"<hdd><id>{number}</id><hddName>hdd{number}</hddName><status>{word}</status>"
        f"<capacity>{size}</capacity><freeSpace>\n12.7</freeSpace></hdd>"
        for number, (word, size) in enumerate(
            [("ok", "1000"), ("smartFailed", "-3"), ("odd", "many"), ("sleeping", "")], start=1
        )
    )
    fake.answer("/ISAPI/ContentMgmt/Storage", "", 404)
    fake.answer("/ISAPI/ContentMgmt/Storage/hdd", f"<hddList>{disks}</hddList>")
    state = await connected(fake)
    assert [disk.state for disk in state.disks] == [
        DiskState.OK,
        DiskState.FAILED,
        DiskState.UNKNOWN,
        DiskState.SLEEPING,
    ]
    assert [disk.capacity_bytes for disk in state.disks] == [1000 << 20, None, None, None]
    assert state.disks[0].free_bytes == 12 << 20


async def test_what_is_missing_is_said() -> None:
    fake = FakeIsapi()
    fake.answer(f"{PROXY}/status", status_error(3, "deviceError"), 500)
    fake.answer("/ISAPI/System/time", "<Time/>")
    fake.answer("/ISAPI/ContentMgmt/Storage", "<html><body>no</body></html>")
    state = await connected(fake)
    assert {entry.what for entry in state.missing} == {
        "channel_status",
        "streams",
        "disks",
        "clock",
    }
    assert all(entry.reason for entry in state.missing)


async def test_an_account_without_rights_is_told_which() -> None:
    fake = FakeIsapi()
    for path in (PROXY, INPUTS, STREAMS):
        fake.answer(path, status_error(4, "lowPrivilege"), 403)
    async with plugged(fake) as (driver, _):
        with pytest.raises(NotPermittedError) as caught:
            await driver.connect()
        assert not driver.refused
    assert caught.value.right is not None


async def test_a_busy_recorder_is_not_taken_for_one_without_channels() -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, status_error(2, "deviceBusy"), 503)
    async with plugged(fake) as (driver, _):
        with pytest.raises(DeviceBusyError):
            await driver.connect()
        assert driver.state is None


async def test_something_else_than_a_hikvision_device() -> None:
    fake = FakeIsapi()
    fake.answer("/ISAPI/System/deviceInfo", "<welcome/>")
    async with plugged(fake) as (driver, _):
        with pytest.raises(UnknownDeviceError):
            await driver.connect()


async def test_a_device_that_is_not_activated() -> None:
    fake = FakeIsapi()
    fake.answer("/ISAPI/System/deviceInfo", status_error(4, "notActivated"), 403)
    async with plugged(fake) as (driver, _):
        with pytest.raises(NotInitialisedError):
            await driver.connect()


async def test_a_wrong_password_withdraws_the_streams() -> None:
    fake = FakeIsapi(
        refusal_body=b"<userCheck><statusValue>401</statusValue><lockStatus>unlock</lockStatus>"
        b"<retryLoginTime>4</retryLoginTime></userCheck>"
    )
    heard: list[bool] = []
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        driver.on_refused_changed(lambda: heard.append(driver.refused))
        assert driver.live_url(state.channels[0], StreamName.MAIN) is not None
        fake.password = "other"
        fake.new_nonce()
        with pytest.raises(AuthenticationError) as caught:
            await driver.poll()
        assert caught.value.tries_left == 4
        assert driver.live_url(state.channels[0], StreamName.MAIN) is None
        asked = len(fake.seen)
        with pytest.raises(AuthenticationError):
            await driver.poll()
        with pytest.raises(AuthenticationError):
            await driver.snapshot(1)
        assert len(fake.seen) == asked
    assert heard == [True]


@pytest.mark.parametrize("status", [401, 403])
async def test_a_locked_account(status: int) -> None:
    body = (
        "<ResponseStatus><statusCode>4</statusCode><AuthenticationFailed><lockStatus>locked"
        "</lockStatus><resLockTime>1780</resLockTime></AuthenticationFailed></ResponseStatus>"
    )
    fake = FakeIsapi(refusal_body=body.encode() if status == 401 else b"")
    if status == 403:
        fake.answer("/ISAPI/System/deviceInfo", body, 403)
    async with plugged(fake) as (driver, _):
        with pytest.raises(AccountLockedError) as caught:
            await driver.connect()
        assert caught.value.seconds_left == 1780
        assert driver.refused
        assert len(fake.logins) == (0 if status == 401 else 1)


async def test_live_addresses_encode_every_reserved_character() -> None:
    fake = FakeIsapi()
    fake.answer(
        "/ISAPI/Security/adminAccesses",
        "<AdminAccessProtocolList><AdminAccessProtocol><protocol>HTTP</protocol><portNo>80</portNo>"
        "</AdminAccessProtocol><AdminAccessProtocol><protocol>RTSP</protocol><portNo>10554</portNo>"
        "</AdminAccessProtocol></AdminAccessProtocolList>",
    )
    async with plugged(fake) as (driver, session):
        state = await driver.connect()
        first, second = state.channels
        assert driver.live_url(first, StreamName.SUB) == (
            "rtsp://admin:pa%3Ass%40w%2Ford%3F%23%25@127.0.0.1:10554/Streaming/Channels/102"
        )
        assert driver.live_url(first, StreamName.THIRD) is None
        assert driver.live_url(second, StreamName.MAIN) is None
        forwarded = HikvisionDriver(fake.connection(rtsp_port=9554), session, {}, LoginGuard())
        await forwarded.connect()
        url = forwarded.live_url(first, StreamName.MAIN)
        assert url is not None
        assert ":9554/" in url
        assert PASSWORD not in url


async def test_the_memory_serves_the_next_driver() -> None:
    fake = FakeIsapi()
    async with plugged(fake) as (driver, session):
        await driver.connect()
        memory = driver.memory
        assert memory
        assert PASSWORD not in repr(memory)
        again = make_driver("hikvision", fake.connection(), session, memory)
        assert again.memory == memory


async def test_new_firmware_makes_forget_what_may_differ() -> None:
    async with plugged(FakeIsapi(), firmware="V1", search_dialect="isapi") as (driver, _):
        await driver.connect()
        assert "search_dialect" not in driver.memory


async def test_polling_connects_where_nobody_did() -> None:
    async with plugged(FakeIsapi()) as (driver, _):
        assert driver.state is None
        assert await driver.poll() is driver.state


async def test_recognising_sends_no_credentials() -> None:
    fake = FakeIsapi()
    async with running(fake), client() as session:
        assert await recognise(fake.connection(), session) == "hikvision"
    assert not fake.logins


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>a router</html>"),
        (404, b""),
        (401, b"<html/>"),
        (200, b"{}"),
    ],
)
async def test_other_devices_are_not_recognised(status: int, body: bytes) -> None:
    fake = FakeWeb(open_paths={f"{tree}/System/deviceInfo" for tree in ("", "/ISAPI", "/PSIA")})
    fake.answer("/ISAPI/System/deviceInfo", body, status)
    async with running(fake), client() as session:
        with pytest.raises(UnknownDeviceError):
            await recognise(fake.connection(), session)


async def test_a_device_is_recognised_by_its_refusal() -> None:
    async def forbidden(_: web.Request) -> web.Response:
        return web.Response(status=403, text=status_error(4, "notSupport"))

    fake = FakeWeb(open_paths={"/ISAPI/System/deviceInfo"})
    fake.routes["/ISAPI/System/deviceInfo"] = forbidden
    async with running(fake), client() as session:
        assert await recognise(fake.connection(), session) == "hikvision"


async def test_an_unknown_vendor() -> None:
    assert "hikvision" in VENDORS
    async with client() as session:
        with pytest.raises(UnknownDeviceError):
            make_driver(
                "acme", Connection(host="127.0.0.1", username="u", password="p"), session, {}
            )
