"""A recording of a driver as the footage package reads it, where its footage is short."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.util import dt as dt_util
import pytest

from custom_components.nvr.drivers.errors import CannotConnectError, DriverError
from custom_components.nvr.drivers.models import Recording, StreamName
from custom_components.nvr.footage.part import Fetch, FootagePart, SecondTry
from custom_components.nvr.footage_parts import footage_part
from tests.fake_driver import FakeDriver

END = dt_util.utcnow().replace(microsecond=0)
RECORDING = Recording(
    channel=1,
    stream=StreamName.MAIN,
    start=END - timedelta(hours=1),
    end=END,
    kinds=frozenset(),
    size_bytes=None,
    token="a",
)


@pytest.fixture
def driver() -> FakeDriver:
    driver = FakeDriver()
    driver.footage = {"a": (b"footage",)}
    return driver


def again_of(part: FootagePart) -> SecondTry:
    assert part.again is not None
    return part.again


async def bytes_of(part: FootagePart, fetch: Fetch) -> bytes:
    async with fetch(part.start, part.end) as stream:
        return b"".join([chunk async for chunk in stream])


@pytest.mark.parametrize("truncated", [False, True])
@pytest.mark.parametrize("more", [False, True])
async def test_the_driver_says_whether_asking_again_helps(
    driver: FakeDriver, truncated: bool, more: bool
) -> None:
    driver.truncated, driver.may_bring_more = truncated, more
    part = footage_part(driver, RECORDING)
    await bytes_of(part, part.fetch)
    assert again_of(part).is_worth_while() is more
    assert driver.short == [(RECORDING, truncated)]


@pytest.mark.parametrize("more", [False, True])
async def test_the_driver_is_told_what_came_of_it(driver: FakeDriver, more: bool) -> None:
    part = footage_part(driver, RECORDING)
    again = again_of(part)
    assert await bytes_of(part, again.fetch) == b"footage"
    again.judge(more=more)
    assert driver.further == [more]


@pytest.mark.parametrize("error", [CannotConnectError("gone")])
async def test_a_second_transfer_that_fails_is_empty_and_proves_nothing(
    driver: FakeDriver, error: DriverError
) -> None:
    driver.error = error
    part = footage_part(driver, RECORDING)
    again = again_of(part)
    assert await bytes_of(part, again.fetch) == b""
    again.judge(more=False)
    assert driver.further == [None]


async def test_nothing_is_asked_again_that_never_came(driver: FakeDriver) -> None:
    assert not again_of(footage_part(driver, RECORDING)).is_worth_while()
    assert not driver.short


def test_the_end_of_what_goes_on_is_not_due(driver: FakeDriver) -> None:
    assert again_of(footage_part(driver, RECORDING)).due == END
    going_on = replace(RECORDING, open=True)
    assert again_of(footage_part(driver, going_on)).due < END - timedelta(seconds=10)
