"""What the driver keeps, forgets and keeps apart."""

import asyncio
from dataclasses import replace

import pytest

from custom_components.nvr.drivers.errors import (
    CannotConnectError,
    DriverError,
    NotPermittedError,
    NotSupportedError,
    UnknownDeviceError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import StreamName
from custom_components.nvr.drivers.onvif.driver import OnvifDriver
from custom_components.nvr.drivers.onvif.memory import STREAM_ADDRESS
from simulator.onvif.namespaces import Service
from simulator.onvif.traits.login import Proof
from tests.drivers.conftest import Clock
from tests.drivers.fake_web import FakeWeb, client, running

from .conftest import Plugged

TOKEN = frozenset({Proof.TOKEN})
MAIN = StreamName.MAIN


def _addresses(driver: OnvifDriver) -> dict[str, object]:
    return {key: value for key, value in driver.memory.items() if key.startswith(STREAM_ADDRESS)}


async def test_addresses_of_streams_are_asked_once_in_a_device_s_life(plugged: Plugged) -> None:
    async with plugged() as device:
        await device.driver.connect()
        asked = device.asked("GetStreamUri")
        assert asked == len(_addresses(device.driver))
        again = device.another_driver(device.driver.memory)
        await again.connect()
        assert device.asked("GetStreamUri") == asked
        await again.close()


async def test_another_firmware_may_have_them_elsewhere(plugged: Plugged) -> None:
    async with plugged() as device:
        await device.driver.connect()
        asked = device.asked("GetStreamUri")
        again = device.another_driver({**device.driver.memory, "firmware": "another"})
        await again.connect()
        assert device.asked("GetStreamUri") == 2 * asked
        await again.close()


async def test_addresses_of_a_stream_that_failed_are_asked_anew(
    plugged: Plugged, clock: Clock
) -> None:
    async with plugged() as device:
        state = await device.driver.connect()
        asked = device.asked("GetStreamUri")
        changed: list[str | None] = []
        device.driver.on_refused_changed(
            lambda: changed.append(device.driver.live_url(state.channels[0], MAIN))
        )
        tokens = device.face.device.firmware.tokens
        device.face.change(tokens=replace(tokens, live=f"{tokens.live}&moved=1"))
        device.driver.note_live_failed()
        for _ in range(12):
            clock.now += 60
            await device.driver.poll()
            # What was known stays in use meanwhile.
            assert device.driver.live_url(state.channels[0], MAIN) is not None
        assert device.asked("GetStreamUri") == 2 * asked
        assert (changed[-1] or "").endswith("moved=1")


async def test_addresses_with_secrets_in_them_are_not_written_down(plugged: Plugged) -> None:
    async with plugged() as device:
        tokens = device.face.device.firmware.tokens
        device.face.change(tokens=replace(tokens, live=f"{tokens.live}&password=x"))
        state = await device.driver.connect()
        assert device.driver.live_url(state.channels[0], MAIN) is not None
        assert not _addresses(device.driver)


async def test_stills_behind_a_login_that_does_not_know_us_shut_nothing_else(
    plugged: Plugged, clock: Clock
) -> None:
    async with plugged(proofs=TOKEN) as device:
        state = await device.driver.connect()
        # Users of messages and of everything else are two lists on some devices.
        check = device.box.recorder.accounts.check
        refused = check("", "GET", "/", "")

        device.box.recorder.accounts.check = lambda *_, **__: refused  # type: ignore[method-assign]
        with pytest.raises(NotPermittedError):
            await device.driver.snapshot(1)
        assert not device.driver.refused
        clock.now += 60
        await device.driver.poll()
        assert not device.driver.refused
        assert device.driver.live_url(state.channels[0], MAIN) is not None


async def test_stills_of_one_channel_at_the_same_time_are_one_request(plugged: Plugged) -> None:
    async with plugged() as device:
        await device.driver.connect()
        before = device.requests
        pictures = await asyncio.gather(*(device.driver.snapshot(1) for _ in range(5)))
        assert len(set(pictures)) == 1
        # One for the address and one for the picture, which may be a login of its own.
        assert device.requests - before <= 3


async def test_what_is_not_there_is_not_supported(plugged: Plugged) -> None:
    async with plugged(services=frozenset({Service.DEVICE, Service.MEDIA})) as device:
        state = await device.driver.connect()
        assert {"recordings", "disks"} <= {entry.what for entry in state.missing}
        with pytest.raises(NotSupportedError):
            await device.driver.snapshot(99)


async def test_somebody_else_is_unknown() -> None:
    fake = FakeWeb()
    fake.open_paths.add("/onvif/device_service")
    async with running(fake), client() as http:
        driver = OnvifDriver(fake.connection(), http, {}, LoginGuard())
        with pytest.raises(UnknownDeviceError):
            await driver.connect()
        assert not fake.logins
        await driver.close()


@pytest.mark.parametrize("body", [b"<a>" * 300_000, b"<" + b"a" * 3_000_000, b"{" * 100_000])
async def test_endless_answers_end(body: bytes) -> None:
    fake = FakeWeb()
    fake.answer("/onvif/device_service", body)
    fake.open_paths.add("/onvif/device_service")
    async with running(fake), client() as http:
        driver = OnvifDriver(fake.connection(), http, {}, LoginGuard())
        with pytest.raises(DriverError):
            await driver.connect()
        await driver.close()


async def test_nobody_there_is_no_refusal(plugged: Plugged) -> None:
    async with plugged() as device:
        await device.box.stop()
        with pytest.raises(CannotConnectError):
            await device.driver.connect()
        assert not device.driver.refused
