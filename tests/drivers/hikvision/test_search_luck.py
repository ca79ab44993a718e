"""Refusals that were mere bad luck: they leave no trace in how a device is searched."""

import re

import pytest

from custom_components.nvr.drivers.hikvision import asking as asking_module, search as search_module

from .fake_isapi import FakeIsapi, plugged
from .searching import DAY, HOUR, MINUTE, WINTER, continuous, found

pytestmark = pytest.mark.usefixtures("coarse_clock")

A_DAY_LATER = 1e12


def refusing(fake: FakeIsapi, *numbers: int) -> None:
    """Let a device refuse its searches of these numbers, counted from the next one."""
    refused = {len(fake.searches) + number for number in numbers}
    fake.takes_body = lambda body: len(fake.searches) not in refused


@pytest.mark.parametrize("at", [1, 2, 3])
async def test_one_refusal_makes_pages_no_smaller(at: int) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 100))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        await found(driver, WINTER, WINTER + 2 * HOUR)
        refusing(fake, at)
        tried = len(fake.searches)
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        assert len(fake.searches) == tried + 5
        assert "search_page" not in driver.memory
        assert len(await found(driver, WINTER, WINTER + 2 * HOUR)) == 100
        assert len(fake.searches) == tried + 8


async def test_a_smaller_page_is_doubted_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 50))
    async with plugged(fake, search_page="1") as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50
        assert len(fake.searches) == 50
        monkeypatch.setattr(asking_module, "monotonic", lambda: A_DAY_LATER)
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 50
        assert len(fake.searches) == 52
        assert "search_page" not in driver.memory


async def test_a_page_that_is_too_large_is_tried_once_a_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 40))
    fake.takes_body = lambda body: re.search("<maxResults>(20|10|5|1)<", body) is not None
    async with plugged(fake, search_page="20") as (driver, _):
        await driver.connect()
        monkeypatch.setattr(asking_module, "monotonic", lambda: A_DAY_LATER)
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 40
        assert len(fake.searches) == 3
        assert len(await found(driver, WINTER, WINTER + HOUR)) == 40
        assert len(fake.searches) == 5
        assert driver.memory["search_page"] == "20"


async def test_a_narrower_window_is_doubted_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeIsapi(footage=continuous(WINTER, 24, 10 * MINUTE))
    async with plugged(fake, search_window="1") as (driver, _):
        await driver.connect()
        assert len(await found(driver, WINTER, WINTER + DAY)) == 24
        assert len(fake.searches) == 24
        monkeypatch.setattr(search_module, "monotonic", lambda: A_DAY_LATER)
        assert len(await found(driver, WINTER, WINTER + DAY)) == 24
        assert len(fake.searches) == 25
        assert "search_window" not in driver.memory
