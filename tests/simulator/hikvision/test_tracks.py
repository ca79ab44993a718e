"""The calendar of recorded days, and the list of tracks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from simulator.box import RecorderBox
from tests.simulator.instants import NOW

from .isapi import Answer, Isapi

TRACKS = "ContentMgmt/record/tracks"


async def days(isapi: Isapi, track: int, year: int, month: int) -> Answer:
    """Ask for a month."""
    document = (
        f'<trackDailyParam version="1.0"><year>{year}</year>'
        f"<monthOfYear>{month}</monthOfYear></trackDailyParam>"
    )
    return await isapi.ask("POST", f"{TRACKS}/{track}/dailyDistribution", document)


def recorded(answer: Answer) -> dict[int, str | None]:
    """Give the recorded days and why they were recorded."""
    return {
        int(day.findtext("dayOfMonth", "")): day.findtext("recordType")
        for day in answer.root.iterfind("dayList/day")
        if day.findtext("record") == "true"
    }


async def test_shows_the_days_from_retention_to_now(old: RecorderBox, old_isapi: Isapi) -> None:
    assert recorded(await days(old_isapi, 101, 2026, 11)) == dict.fromkeys(range(1, 22), "time")
    assert recorded(await days(old_isapi, 101, 2026, 7)) == dict.fromkeys(range(1, 32), "time")
    first = next(old.recorder.schedule.recordings(1, 1, NOW - timedelta(days=400), NOW))
    oldest = (first.start - timedelta(minutes=12)).astimezone(ZoneInfo("America/Denver"))
    month = recorded(await days(old_isapi, 101, oldest.year, oldest.month))
    assert list(month) == list(range(oldest.day, 32))
    assert recorded(await days(old_isapi, 101, 2027, 1)) == {}


async def test_days_are_those_of_the_device(old: RecorderBox, old_isapi: Isapi) -> None:
    # Five minutes after midnight in Denver its clock still shows the day before.
    lost_at = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)
    old.recorder.channels[1].lose(lost_at)
    assert max(recorded(await days(old_isapi, 101, 2026, 11))) == 17


async def test_tells_events(current_isapi: Isapi) -> None:
    month = recorded(await days(current_isapi, 301, 2026, 11))
    assert month == dict.fromkeys(range(1, 22), "event")


async def test_lists_what_is_recorded(current_isapi: Isapi) -> None:
    root = (await current_isapi.get(TRACKS)).root
    tracks = {item.findtext("id"): item.findtext("DefaultRecordingMode") for item in root}
    assert list(tracks)[:4] == ["101", "102", "201", "301"]
    assert (tracks["101"], tracks["301"]) == ("CMR", "EDR")
    single = (await current_isapi.get(f"{TRACKS}/101")).root
    assert single.findtext("Duration") == "P90DT0H"
    assert len(single.findall(".//ScheduleAction")) == 7


@pytest.mark.parametrize(
    ("track", "year", "month", "status"),
    [(103, 2026, 11, 400), (9901, 2026, 11, 403), (101, 2026, 13, 400), (101, 0, 1, 400)],
)
async def test_refuses_nonsense(
    current_isapi: Isapi, track: int, year: int, month: int, status: int
) -> None:
    assert (await days(current_isapi, track, year, month)).status == status
