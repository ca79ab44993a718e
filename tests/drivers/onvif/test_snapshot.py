"""Which stills stand for a stream."""

from datetime import UTC, datetime
from io import BytesIO

from PIL import Image
import pytest

from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.models import StreamName
from simulator.core.channels import OfflineReason

from .conftest import Device, Plugged

SUB = StreamName.SUB


def _size(picture: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(picture)).size


def _size_of(device: Device, stream: int) -> tuple[int, int]:
    recorded = device.box.recorder.channels[1].streams[stream]
    return recorded.width, recorded.height


async def test_stills_are_of_the_stream_that_is_asked_for(plugged: Plugged) -> None:
    async with plugged() as device:
        await device.driver.connect()
        assert _size_of(device, 1) != _size_of(device, 2)
        assert _size(await device.driver.snapshot(1)) == _size_of(device, 1)
        assert _size(await device.driver.snapshot(1, SUB)) == _size_of(device, 2)


async def test_a_stream_without_stills_shows_those_of_the_main_one(plugged: Plugged) -> None:
    async with plugged(sub_snapshots=False) as device:
        await device.driver.connect()
        before = device.requests
        assert _size(await device.driver.snapshot(1, SUB)) == _size_of(device, 1)
        # Two addresses and what is there, and a login.
        assert device.requests - before <= 5
        device.driver._snapshots._shared._fresh.clear()
        before = device.requests
        assert _size(await device.driver.snapshot(1, SUB)) == _size_of(device, 1)
        # That there are none of it is not asked again.
        assert device.requests - before <= 1


async def test_what_a_channel_without_pictures_says_is_not_held_against_its_streams(
    plugged: Plugged,
) -> None:
    async with plugged() as device:
        await device.driver.connect()
        channel = device.box.recorder.channels[1]
        channel.lose(datetime.now(UTC), OfflineReason.UNREACHABLE)
        with pytest.raises(NotSupportedError):
            await device.driver.snapshot(1, SUB)
        channel.restore()
        assert _size(await device.driver.snapshot(1, SUB)) == _size_of(device, 2)
