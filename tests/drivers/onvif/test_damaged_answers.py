"""Searches whose answers are damaged on their way: nothing that there is may be missing from what they find."""

from http import HTTPStatus
from typing import Any

import pytest

from simulator.core.faults import Fault
from tests.drivers.conftest import Clock

from .archived import Span, archived, hours_ago
from .conftest import Plugged

PAGES = "*searchresults*"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param({"cut_at": 5}, id="cut at once"),
        pytest.param({"cut_at": 900}, id="cut"),
        pytest.param({"garbage_at": 900}, id="garbled"),
    ],
)
async def test_a_page_that_was_lost_is_not_missing(
    plugged: Plugged, damage: dict[str, Any]
) -> None:
    """A device that has a recording for each file tells them on pages, each of them once."""
    async with archived(plugged("onvif/clips")) as archive:
        device, faults = archive.device, archive.device.box.recorder.faults
        start, end = hours_ago(110), hours_ago(100)

        async def found() -> list[Span]:
            driver = device.another_driver(device.driver.memory)
            await driver.connect()
            try:
                return [(one.start, one.end) async for one in driver.search(1, start, end)]
            finally:
                await driver.close()

        whole = await found()
        assert len(whole) > 10
        faults.add(Fault(path=PAGES, count=1, **damage))
        assert await found() == whole
        assert faults.hits == 1


async def test_what_was_not_told_at_first_is_told_in_a_round(
    plugged: Plugged, clock: Clock
) -> None:
    """Jobs whose state nobody told are asked one by one, unless the same round tells of all."""
    async with plugged("onvif/nvr") as device:
        faults = device.box.recorder.faults
        faults.add(Fault(path="*pullpoint*", count=1, status=HTTPStatus.INTERNAL_SERVER_ERROR))
        await device.driver.connect()
        assert faults.hits == 1
        assert not device.driver._facts.writing
        for _ in range(8):
            clock.now += 60
            await device.driver.poll()
        assert device.driver._survey.pause("properties") is None
        assert device.driver._facts.writing
