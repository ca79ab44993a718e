"""The recording under way, of which some firmware names no end."""

from datetime import UTC, datetime

import pytest

from .fake_isapi import SEARCH, FakeIsapi, Footage, plugged, whole
from .searching import DAY, HOUR, MINUTE, digits, found

pytestmark = pytest.mark.usefixtures("coarse_clock")

ENDS = ["2037-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "0000-00-00T00:00:00Z"]


def without_end(start: datetime, end: str) -> str:
    """Return a match of a search with this for its end."""
    footage = Footage(digits(start), digits(start + MINUTE))
    stamp = f"<endTime>{footage.end:%Y-%m-%dT%H:%M:%SZ}</endTime>"
    return footage.item.replace(stamp, f"<endTime>{end}</endTime>")


def answer(*items: str) -> str:
    """Return a search's answer."""
    return (
        "<CMSearchResult><responseStatusStrg>OK</responseStatusStrg>"
        f"<matchList>{''.join(items)}</matchList></CMSearchResult>"
    )


@pytest.mark.parametrize("end", ENDS)
async def test_the_newest_recording_without_an_end_ends_now(end: str) -> None:
    now = whole(datetime.now(UTC))
    before = Footage(digits(now - HOUR), digits(now - 5 * MINUTE))
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", answer(before.item, without_end(now - 5 * MINUTE, end)))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        _, recording = await found(driver, now - 2 * HOUR, now + MINUTE)
    assert recording.open
    assert recording.start == now - 5 * MINUTE
    assert now <= recording.end <= now + MINUTE
    assert not recording.end_device.startswith(end[:4])


@pytest.mark.parametrize("end", ENDS)
async def test_an_older_recording_without_an_end_is_none(end: str) -> None:
    now = whole(datetime.now(UTC))
    after = Footage(digits(now - HOUR), digits(now - 5 * MINUTE))
    fake = FakeIsapi()
    fake.answer(f"POST {SEARCH}", answer(without_end(now - 2 * HOUR, end), after.item))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        (recording,) = await found(driver, now - 3 * HOUR, now)
        assert recording.start == now - HOUR
        fake.answer(f"POST {SEARCH}", answer(without_end(now - 2 * DAY, end)))
        assert await found(driver, now - 3 * DAY, now - 1.5 * DAY) == []
