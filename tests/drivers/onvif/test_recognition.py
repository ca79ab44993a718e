"""Who answers, told before any login."""

import pytest

from custom_components.nvr.drivers.dahua.recognition import is_dahua
from custom_components.nvr.drivers.hikvision.recognition import is_hikvision, may_be_hikvision
from custom_components.nvr.drivers.onvif.recognition import is_onvif
from simulator.faces import PERSONALITIES
from tests.drivers.fake_web import FakeWeb, client, running

from .conftest import Plugged

NAMES = sorted(name for name in PERSONALITIES if name.startswith("onvif/"))
PATH = "/onvif/device_service"


@pytest.mark.parametrize("name", NAMES)
async def test_devices_are_known_by_what_they_tell_strangers(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        assert await is_onvif(device.connection, device.http)
        assert not device.driver.traffic.logins


async def test_who_refuses_even_the_time_is_known_all_the_same(plugged: Plugged) -> None:
    async with plugged(guards_time=True) as device:
        assert await is_onvif(device.connection, device.http)


@pytest.mark.parametrize("body", ["<html/>", "", "{}", "<Envelope", "<userCheck/>"])
async def test_somebody_else_is_not(body: str) -> None:
    fake = FakeWeb()
    fake.answer(f"POST {PATH}", body)
    fake.open_paths.add(PATH)
    async with running(fake), client() as http:
        assert not await is_onvif(fake.connection(), http)
        # Nobody logged in.
        assert not fake.logins


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_else_claims_them(plugged: Plugged, name: str) -> None:
    async with plugged(name) as device:
        assert not await is_dahua(device.connection, device.http)
        assert not await is_hikvision(device.connection, device.http)


async def test_who_asks_for_a_login_everywhere_is_nobody_for_sure() -> None:
    async with running(FakeWeb()) as fake, client() as http:
        assert not await is_hikvision(fake.connection(), http)
        assert await may_be_hikvision(fake.connection(), http)
