"""The driver against every simulated device, which nobody wrote who knew the driver."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.models import (
    ClockConvention,
    DiskState,
    OfflineReason,
    StreamName,
)
from custom_components.nvr.drivers.onvif.live import FIRST_STREAMS
from simulator.core.channels import ChannelState
from simulator.core.disks import DiskState as BoxDiskState
from simulator.faces import PERSONALITIES
from simulator.footage.pattern import decode_image
from tests.drivers.conftest import Clock

from .conftest import Device, Plugged

HOSTILE = "onvif/hostile"
NAMES = sorted(name for name in PERSONALITIES if name.startswith("onvif/"))
# Set-up, whatever the number of channels, and one for the address of each stream where it is the first time.
MOST_TO_CONNECT = 20
MOST_IN_A_ROUND = 4

pytestmark = pytest.mark.parametrize("name", NAMES)


def _streams(device: Device) -> int:
    state = device.driver.state
    assert state is not None
    return sum(len(channel.streams) for channel in state.channels)


async def test_a_first_state(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        state = await device.driver.connect()
        identity = device.box.recorder.identity
        assert state.recorder.serial == identity.serial
        assert state.recorder.model == identity.model
        assert state.recorder.mac == identity.mac
        assert [channel.number for channel in state.channels] == sorted(
            device.box.recorder.channels
        )
        assert state.clock.convention is ClockConvention.UTC
        for channel in state.channels:
            assert channel.streams
            for stream in FIRST_STREAMS:
                known = device.driver.live_url(channel, stream) is not None
                assert known is (channel.stream(stream) is not None)
        assert device.requests <= MOST_TO_CONNECT + _streams(device)
        assert device.driver.traffic.logins == 1


async def test_a_second_start_costs_the_same_for_any_number_of_channels(
    plugged: Plugged, name: str
) -> None:
    async with plugged(name) as device:
        await device.driver.connect()
        memory = device.driver.memory
        await device.driver.close()
        before = device.requests
        again = device.another_driver(memory)
        state = await again.connect()
        assert device.requests - before <= MOST_TO_CONNECT
        for channel in state.channels:
            assert again.live_url(channel, StreamName.MAIN) is not None
        await again.close()


async def test_rounds_stay_within_four_requests(plugged: Plugged, name: str, clock: Clock) -> None:
    async with plugged(name) as device:
        await device.driver.connect()
        for _ in range(12):
            clock.now += 60
            before = device.requests
            await device.driver.poll()
            assert device.requests - before <= MOST_IN_A_ROUND


async def test_a_still_is_of_the_channel_that_is_meant(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        await device.driver.connect()
        channels = [
            channel.number
            for channel in device.box.recorder.channels.values()
            if channel.has_pictures
        ]
        for number in {*channels[:1], *channels[-1:]}:
            if not device.face.device.firmware.snapshots:
                with pytest.raises(NotSupportedError):
                    await device.driver.snapshot(number)
                continue
            assert decode_image(await device.driver.snapshot(number)).channel == number


async def test_inputs_without_a_signal_and_disks_that_fail(
    plugged: Plugged, name: str, clock: Clock
) -> None:
    async with plugged(name) as device:
        recorder = device.box.recorder
        state = await device.driver.connect()
        with_picture = {one.number: one.has_pictures for one in recorder.channels.values()}
        told = {channel.number: channel.online for channel in state.channels}
        # That one names the first input whichever it means.
        assert told == dict.fromkeys(told) if name == HOSTILE else with_picture
        broken = {disk.number for disk in recorder.disks if disk.state is not BoxDiskState.OK}
        failed = {disk.number for disk in state.disks if disk.state is DiskState.FAILED}
        assert failed == (broken if state.disks else set())
        recorder.channels[1].state = ChannelState.NO_VIDEO
        for _ in range(6):
            clock.now += 60
            state = await device.driver.poll()
        first = state.channels[0]
        assert first.online in ((None,) if name == HOSTILE else (False,))
        assert (first.reason is OfflineReason.NO_VIDEO) is (first.online is False)


async def test_what_is_made_on_the_device_is_given_back(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        await device.driver.connect()
        assert device.asked("CreatePullPointSubscription") > 0
        assert device.asked("Unsubscribe") > 0
        assert device.asked("PullMessages") == 1


async def test_the_clock_is_measured(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        state = await device.driver.connect()
        now = datetime.now(UTC)
        assert state.clock.offset is not None
        ahead = device.box.recorder.clock.shown(now) - now
        assert abs(state.clock.offset - ahead) <= timedelta(seconds=1)
