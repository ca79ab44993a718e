"""Recorded days: by the device's calendar, or by what is recorded."""

from datetime import date, datetime, timedelta

import pytest

from custom_components.nvr.drivers.dahua.calendar import Calendar
from custom_components.nvr.drivers.dahua.memory import BITMAP_SHIFT, WORK_DIRECTORY
from custom_components.nvr.drivers.errors import NotSupportedError

from .fake_files import File, blocks
from .searching import DAY, HOUR, MINUTE, Device, digits, utc

JUNE = datetime(2026, 6, 1)
DAYS = [JUNE + number * DAY for number in (0, 4, 5, 17, 29, 33, 34)]


def calendar(device: Device) -> Calendar:
    searches = device.searches
    return Calendar(
        device.transport.rpc,
        searches.asking.objects,
        device.memory,
        searches.recorded_dates,
        searches.exists,
    )


async def days(
    device: Device, start: datetime = JUNE, end: datetime = JUNE + 45 * DAY, channel: int = 1
) -> list[datetime]:
    found = await calendar(device).recorded_days(channel, utc(start), utc(end), device.clock)
    assert all(day.end - day.start == DAY for day in found)
    return [digits(day.start) for day in found]


def record(device: Device, starts: list[datetime]) -> None:
    device.files.files = [File(start + 10 * HOUR, start + 11 * HOUR) for start in starts]


@pytest.mark.parametrize("shift", [0, 1])
@pytest.mark.parametrize("directory", ["/", "/dev/mmc0"])
async def test_a_call_a_month(device: Device, shift: int, directory: str) -> None:
    device.files.rpc, device.files.bitmap_shift, device.files.directory = True, shift, directory
    record(device, DAYS)
    assert await days(device) == DAYS
    assert device.memory.text(BITMAP_SHIFT) == str(shift)
    assert device.memory.text(WORK_DIRECTORY) == directory
    # The first day of a month and the last tell by themselves which bit is which.
    assert not any(call.startswith("mediaFileFind") for call in device.files.calls)
    device.files.calls.clear()
    assert await days(device) == DAYS
    # One object for both months, and nothing searched.
    assert device.files.calls == [
        "workDirectory.factory.instance",
        "workDirectory.getBitmapEx",
        "workDirectory.getBitmapEx",
        "workDirectory.destroy",
    ]


@pytest.mark.parametrize("shift", [0, 1])
async def test_which_bit_is_which_day_is_found_out_by_a_search(device: Device, shift: int) -> None:
    device.files.rpc, device.files.bitmap_shift = True, shift
    # Neither the first day nor the last, which would tell by themselves.
    record(device, [JUNE + 12 * DAY, JUNE + 13 * DAY])
    assert await days(device, JUNE, JUNE + 30 * DAY) == [JUNE + 12 * DAY, JUNE + 13 * DAY]
    assert device.memory.text(BITMAP_SHIFT) == str(shift)


async def test_what_reaches_over_midnight_does_not_shift_the_days(device: Device) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    last = JUNE + 13 * DAY
    device.files.files = [File(last + 23 * HOUR, last + 24 * HOUR + 30 * MINUTE)]
    assert await days(device, JUNE, JUNE + 30 * DAY) == [last]


@pytest.mark.parametrize("noise", [1 << 31, 1 << 40, 0b111 << 32])
async def test_bits_that_stand_for_no_day(device: Device, noise: int) -> None:
    device.files.rpc, device.files.bitmap_shift, device.files.bitmap_noise = True, 1, noise
    february = datetime(2026, 2, 1)
    record(device, [february + 12 * DAY])
    assert await days(device, february, february + 27 * DAY) == [february + 12 * DAY]


async def test_an_empty_month_is_no_missing_calendar(device: Device) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    record(device, DAYS)
    assert await days(device) == DAYS
    device.files.calls.clear()
    assert await days(device, JUNE - 60 * DAY, JUNE - 40 * DAY) == []
    # Looked at, by either number of the channel, as an error is all that the device says.
    assert device.files.calls.count("mediaFileFind.findFile") == 2


async def test_a_calendar_of_a_place_where_nothing_is_recorded(device: Device) -> None:
    device.files.rpc, device.files.bitmap_shift, device.files.bitmap_form = True, 1, "zero"
    record(device, DAYS)
    assert await days(device) == DAYS
    assert device.memory.text(WORK_DIRECTORY) is None


@pytest.mark.parametrize("rpc", [False, True])
async def test_without_a_calendar_recordings_tell(device: Device, rpc: bool) -> None:
    device.files.rpc = rpc
    record(device, DAYS)
    assert await days(device) == DAYS
    assert await days(device, channel=2) == []
    assert (await calendar(device).listed_days(1, utc(JUNE), utc(JUNE + DAY), device.clock)) is None


@pytest.mark.parametrize("rpc", [True, False])
async def test_a_channel_may_record_its_sub_stream_alone(device: Device, rpc: bool) -> None:
    device.files.rpc = rpc
    record(device, DAYS)
    for file in device.files.files:
        file.stream = "Extra1"
    assert await days(device) == DAYS


async def test_a_month_that_has_only_just_begun(device: Device) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    record(device, [JUNE + 12 * DAY])
    assert await days(device, JUNE, JUNE + 31 * DAY) == [JUNE + 12 * DAY]
    assert device.memory.text(WORK_DIRECTORY) == "/"


async def test_a_calendar_in_a_list(device: Device) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    device.files.bitmap_form = "list"
    record(device, DAYS)
    assert await days(device) == DAYS


@pytest.mark.parametrize("directory", ["/", "/mnt/dvr"])
async def test_a_calendar_that_makes_no_sense_is_none(device: Device, directory: str) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    device.files.bitmap_form, device.files.directory = "word", directory
    record(device, DAYS)
    assert await days(device) == DAYS
    assert device.memory.text(WORK_DIRECTORY) is None


@pytest.mark.parametrize("recorded", [[], [JUNE + 12 * DAY]])
async def test_where_nothing_tells_the_first_bit_it_stays_open(
    device: Device, recorded: list[datetime]
) -> None:
    device.files.rpc, device.files.bitmap_shift = True, 1
    device.memory.keep(WORK_DIRECTORY, "/")
    record(device, recorded)

    async def refused(*_: object) -> bool:
        raise NotSupportedError("no search")

    searches = device.searches
    asked = Calendar(
        device.transport.rpc,
        searches.asking.objects,
        device.memory,
        searches.recorded_dates,
        refused,
    )
    found = await asked.recorded_days(1, utc(JUNE), utc(JUNE + 30 * DAY), device.clock)
    assert [digits(day.start) for day in found] == recorded
    assert device.memory.text(BITMAP_SHIFT) is None


async def test_nothing_in_no_time(device: Device) -> None:
    assert await calendar(device).listed_days(1, utc(JUNE), utc(JUNE), device.clock) == ()


async def test_a_file_belongs_to_all_days_that_it_touches(device: Device) -> None:
    device.files.files = [
        File(JUNE + 23 * HOUR, JUNE + 25 * HOUR),
        # Over at midnight sharp.
        File(JUNE + 47 * HOUR, JUNE + 48 * HOUR),
    ]
    assert await days(device) == [JUNE, JUNE + DAY]


async def test_days_of_very_many_files_are_not_read_to_their_end(device: Device) -> None:
    starts = [JUNE, JUNE + DAY, JUNE + 9 * DAY]
    device.files.files = [
        file for start in starts for file in blocks(start, 1200, timedelta(minutes=1))
    ]
    assert await days(device) == starts
    assert device.files.calls.count("findNextFile") < 20


async def test_only_so_many_days_are_gathered(device: Device) -> None:
    device.files.files = [File(JUNE - 900 * DAY, JUNE - 900 * DAY + HOUR), *blocks(JUNE, 1)]
    assert await days(device, JUNE - 1000 * DAY) == [JUNE]
    assert date(2026, 6, 1) == JUNE.date()
