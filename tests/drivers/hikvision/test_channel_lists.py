"""Which channels there are, where lists are refused, fail, or count in their own way."""

import pytest

from custom_components.nvr.drivers.errors import DeviceBusyError
from custom_components.nvr.drivers.hikvision.driver import REQUESTS_TO_CONNECT
from custom_components.nvr.drivers.models import OfflineReason, StreamName

from .fake_isapi import (
    FakeIsapi,
    plugged,
    proxy_channels,
    proxy_statuses,
    status_error,
    stream,
    stream_list,
)
from .test_connect import INPUTS, PROXY, STREAMS, connected


async def test_a_hybrid_counts_on_where_ip_channels_start_again_at_one() -> None:
    fake = FakeIsapi()
    fake.answer(
        INPUTS,
        "<VideoInputChannelList>"
        "<VideoInputChannel><id>1</id><name>Gate</name><resDesc>1080P25</resDesc></VideoInputChannel>"
        "<VideoInputChannel><id>2</id><name>Yard</name><resDesc>NO VIDEO</resDesc></VideoInputChannel>"
        "</VideoInputChannelList>",
    )
    fake.answer(STREAMS, stream_list(101, 201, 3301, 3401))
    state = await connected(fake)
    assert [(channel.number, channel.name, channel.online) for channel in state.channels] == [
        (1, "Gate", True),
        (2, "Yard", False),
        (3, "Camera 1", True),
        (4, "Camera 2", False),
    ]
    assert state.channels[1].reason is OfflineReason.NO_VIDEO
    assert state.channels[0].streams[0].alive is True
    assert state.channels[1].streams[0].alive is False
    # Their streams are numbered from 33 on.
    assert len(state.channels[2].streams) == 1


async def test_where_the_recorder_reaches_a_camera() -> None:
    fake = FakeIsapi()
    source = "<proxyProtocol>HIKVISION</proxyProtocol>"
    listed = proxy_channels(1, 2)
    fake.answer(PROXY, listed.replace(source, f"{source}<ipAddress>192.0.2.20</ipAddress>", 1))
    state = await connected(fake)
    assert [channel.host for channel in state.channels] == ["192.0.2.20", None]


@pytest.mark.parametrize(
    ("ids", "bases"), [((1, 2), (33, 34)), ((1, 2), (3, 4)), ((33, 34), (33, 34))]
)
async def test_a_hybrid_without_a_list_of_streams_is_settled_by_what_answers(
    ids: tuple[int, int], bases: tuple[int, int]
) -> None:
    fake = FakeIsapi()
    fake.answer(
        INPUTS,
        "<VideoInputChannelList>"
        "<VideoInputChannel><id>1</id><resDesc>1080P25</resDesc></VideoInputChannel>"
        "<VideoInputChannel><id>2</id><resDesc>1080P25</resDesc></VideoInputChannel>"
        "</VideoInputChannelList>",
    )
    fake.answer(PROXY, proxy_channels(*ids))
    fake.answer(f"{PROXY}/status", proxy_statuses(**{f"c{id_}": "connect" for id_ in ids}))
    fake.answer(STREAMS, status_error(4, "notSupport"), 403)
    for base in (1, 2, *bases):
        for type_ in (1, 2):
            fake.answer(f"{STREAMS}/{base}0{type_}", stream(base * 100 + type_))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        for _ in range(12):
            driver._rota.hurry("stream")  # type: ignore[union-attr] # connected
            state = await driver.poll()
        urls = [driver.live_url(channel, StreamName.SUB) or "" for channel in state.channels]
    assert [(channel.number, channel.online) for channel in state.channels] == [
        (number, True) for number in (1, 2, 3, 4)
    ]
    assert all(len(channel.streams) == 2 for channel in state.channels)
    assert [int(url.rpartition("/")[2]) // 100 for url in urls] == [1, 2, *bases]


async def test_without_any_list_channels_are_found_by_their_streams() -> None:
    fake = FakeIsapi()
    for path in (PROXY, INPUTS, STREAMS):
        fake.answer(path, status_error(4, "notSupport"), 403)
    for number in (101, 102, 201, 401):
        fake.answer(f"{STREAMS}/{number}", stream(number))
    async with plugged(fake) as (driver, _):
        state = await driver.connect()
        assert [channel.number for channel in state.channels] == [1]
        assert driver.traffic.requests <= REQUESTS_TO_CONNECT
        for _ in range(8):
            driver._rota.hurry("stream")  # type: ignore[union-attr] # connected
            state = await driver.poll()
    assert [
        (channel.number, channel.online, len(channel.streams)) for channel in state.channels
    ] == [
        (1, True, 2),
        (2, True, 1),
        (4, True, 1),
    ]


async def test_a_recorder_whose_cameras_sit_on_high_channels_keeps_their_numbers() -> None:
    fake = FakeIsapi()
    fake.answer(PROXY, proxy_channels(40, 41))
    state = await connected(fake)
    assert [channel.number for channel in state.channels] == [40, 41]


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("path", [PROXY, INPUTS])
async def test_a_list_that_fails_on_the_device_leaves_the_other_lists(
    path: str, status: int
) -> None:
    fake = FakeIsapi()
    fake.answer(path, status_error(3, "deviceError"), status)
    state = await connected(fake)
    assert state.channels[0].number == 1


async def test_where_every_list_fails_on_the_device_there_is_no_recorder_without_channels() -> None:
    fake = FakeIsapi()
    for path in (PROXY, INPUTS, STREAMS):
        fake.answer(path, status_error(3, "deviceError"), 500)
    async with plugged(fake) as (driver, _):
        with pytest.raises(DeviceBusyError):
            await driver.connect()
