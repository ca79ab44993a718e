"""The convention told by footage where searches can't: nothing is recorded now, and it matters."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.hikvision.footage_time import first_wall
from custom_components.nvr.drivers.models import Recording

from .fake_isapi import DOWNLOAD, SEARCH, FakeIsapi, Footage, device_time, plugged, whole

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFFSET = 8 * HOUR


pytestmark = pytest.mark.usefixtures("coarse_clock")


def program_stream(descriptor: bytes, *, before: bytes = b"") -> bytes:
    """Return the beginning of a download: header, pack, a map with a descriptor, some video."""
    info = before + descriptor
    body = b"\xe0\xff" + len(info).to_bytes(2) + info + b"\x00\x00" + bytes(4)
    stream_map = b"\x00\x00\x01\xbc" + len(body).to_bytes(2) + body
    return b"IMKH" + bytes(36) + b"\x00\x00\x01\xba" + bytes(10) + stream_map + bytes(3000)


def descriptor(wall: datetime) -> bytes:
    """Return descriptor 0x40 for a wall clock."""
    bits = wall.month
    for value, width in (
        (wall.day, 5),
        (wall.hour, 5),
        (wall.minute, 6),
        (wall.second, 6),
        (1, 1),
        (wall.microsecond // 1000, 10),
        (7, 3),
    ):
        bits = bits << width | value
    return b"\x40\x0eHK\x01\x00" + bytes([wall.year - 2000]) + bits.to_bytes(5) + bytes(4)


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("400E484B00010DAFC5D3E007", datetime(2013, 10, 31, 17, 29, 15)),
        ("400E484B010016CE046B7497", datetime(2022, 12, 28, 1, 6, 45, 658_000)),
        ("400E484B0000179D3EB46000", datetime(2023, 9, 26, 15, 43, 17)),
        ("400E484B010010158 3BCEDA7", datetime(2016, 1, 11, 0, 59, 51, 436_000)),
        ("400E484B0100134ED23D6327", datetime(2019, 4, 29, 20, 35, 53, 100_000)),
        # Another maker's mark, and a month that no year has.
        ("400E58580100134ED23D6327", None),
        ("400E484B010013FED23D6327", None),
    ],
)
def test_real_descriptors(text: str, wall: datetime | None) -> None:
    raw = bytes.fromhex(text.replace(" ", "")) + bytes(4)
    assert first_wall(program_stream(raw, before=b"\x41\x02HK")) == wall


@pytest.mark.parametrize("content", [b"", b"\x00\x00\x01\xbc", b"\x00\x00\x01\xbc\xff\xff\xe0\xff"])
def test_footage_without_a_time(content: bytes) -> None:
    assert first_wall(content) is None


def quiet_device(*, wall: bool, lasted: timedelta = 5 * MINUTE) -> tuple[FakeIsapi, datetime]:
    """Return a recorder at UTC+8 that recorded once, twenty hours ago, and the true start of that."""
    start = whole(datetime.now(UTC)) - 20 * HOUR
    shown = start.replace(tzinfo=None) + (OFFSET if wall else timedelta())
    fake = FakeIsapi(footage=[Footage(shown, shown + lasted)])
    fake.routes["/ISAPI/System/time"] = device_time(OFFSET, "CST-8:00:00")  # type: ignore[assignment] # a handler
    filmed = (start + OFFSET).replace(tzinfo=None) + timedelta(milliseconds=370)
    fake.answer(f"POST {DOWNLOAD}", program_stream(descriptor(filmed)))
    return fake, start


@pytest.mark.parametrize("wall", [True, False])
@pytest.mark.parametrize("reach", [3 * 24 * HOUR, 10 * MINUTE])
@pytest.mark.parametrize("lasted", [5 * MINUTE, 10 * HOUR])
async def test_footage_tells_where_searches_cannot(
    reach: timedelta, lasted: timedelta, *, wall: bool
) -> None:
    fake, start = quiet_device(wall=wall, lasted=lasted)
    async with plugged(fake) as (driver, _):
        await driver.connect()
        found = [entry async for entry in driver.search(1, start - reach, start + reach)]
        assert [abs(entry.start - start) <= timedelta(seconds=1) for entry in found] == [True]
        assert driver.memory["convention"] == ("wall" if wall else "utc")
        assert driver.memory["convention_by_footage"] is True
        state = await driver.poll()
        assert "footage" in state.clock.evidence


async def test_what_is_only_assumed_is_said_and_heals() -> None:
    fake, start = quiet_device(wall=False)
    fake.answer(f"POST {DOWNLOAD}", program_stream(b""))
    async with plugged(fake) as (driver, _):
        await driver.connect()
        found = [entry async for entry in driver.search(1, start - HOUR * 24, start + HOUR * 24)]
        assert [entry.start for entry in found] == [start - OFFSET]
        state = await driver.poll()
        assert state.clock.convention == "unknown"
        assert "assumed" in state.clock.evidence
        # Not asked for again with every search.
        downloads = sum(seen.path == DOWNLOAD for seen in fake.seen)
        [entry async for entry in driver.search(1, start - HOUR * 24, start + HOUR * 24)]
        assert sum(seen.path == DOWNLOAD for seen in fake.seen) == downloads
        filmed = (start + OFFSET).replace(tzinfo=None)
        driver.note_footage_time(found[0], filmed)
        found = [entry async for entry in driver.search(1, start - HOUR, start + HOUR)]
        assert [entry.start for entry in found] == [start]
        state = await driver.poll()
        assert "assumed" not in state.clock.evidence


async def test_nothing_found_needs_no_footage() -> None:
    fake, start = quiet_device(wall=True)
    fake.footage = []
    async with plugged(fake) as (driver, _):
        await driver.connect()
        found: list[Recording] = [
            entry async for entry in driver.search(1, start - HOUR, start + HOUR)
        ]
    assert found == []
    assert not any(seen.path == DOWNLOAD for seen in fake.seen)
    assert any(seen.path == SEARCH for seen in fake.seen)
