"""Months of recordings, worked out by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator.core.channels import Camera, Channel
from simulator.core.recordings import Kind, Recording, RecordingPlan, Series
from simulator.core.schedule import Schedule
from simulator.core.time_source import TimeSource

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GOP = timedelta(seconds=2)
PHASE = timedelta(milliseconds=437)
RETENTION = timedelta(days=60)
DAY = timedelta(days=1)
PLANS = {
    1: RecordingPlan(streams=(1, 2)),
    2: RecordingPlan(kinds=(Kind.MOTION, Kind.PERSON)),
    3: RecordingPlan(continuous=False, kinds=(Kind.LINE_CROSSING,), events_per_day=48),
    4: RecordingPlan(missing=5),
}


def snap(_channel: int, _stream: int, instant: datetime) -> datetime:
    """Give the key frame at or before an instant."""
    return EPOCH + PHASE + (instant - EPOCH - PHASE) // GOP * GOP


@pytest.fixture
def time() -> TimeSource:
    """Stand at noon."""
    return TimeSource(NOON, running=False)


@pytest.fixture
def channels() -> dict[int, Channel]:
    """Have four cameras."""
    camera = Camera(model="", serial="", firmware="", address="")
    return {
        number: Channel(number=number, name="", camera=camera, streams={}, plan=plan)
        for number, plan in PLANS.items()
    }


@pytest.fixture
def schedule(time: TimeSource, channels: dict[int, Channel]) -> Schedule:
    """Record them."""
    return Schedule(seed=7, retention=RETENTION, now=time, channel_of=channels.get, snap=snap)


def everything(schedule: Schedule, channel: int, stream: int = 1) -> list[Recording]:
    """Give all recordings of a stream."""
    return list(schedule.recordings(channel, stream, EPOCH, NOON + 10 * DAY))


def test_files_follow_each_other_and_overlap_by_seconds(schedule: Schedule) -> None:
    files = everything(schedule, 1)
    lengths = [file.end - file.start for file in files]
    assert len(files) > 60 * 24 * 60 / 20
    assert timedelta(minutes=12) < min(lengths) < max(lengths) < timedelta(minutes=22)
    for one, next_one in pairwise(files):
        assert timedelta(seconds=2) <= one.end - next_one.start <= timedelta(seconds=3)
        assert next_one.number == one.number + 1
    for file in files:
        assert file.start == snap(1, 1, file.start)
        assert file.end == snap(1, 1, file.end)
        assert file.start.microsecond == 437_000


def test_files_need_not_overlap(schedule: Schedule, channels: dict[int, Channel]) -> None:
    channels[1].plan = replace(channels[1].plan, overlap=timedelta())
    files = everything(schedule, 1)
    assert len(files) > 10
    assert all(before.end == after.start for before, after in pairwise(files))


def test_reaches_from_retention_to_now(schedule: Schedule, time: TimeSource) -> None:
    files = everything(schedule, 1)
    assert NOON - RETENTION <= files[0].start < NOON - RETENTION + timedelta(minutes=22)
    assert files[-1].start <= time() < files[-1].end
    assert [file.open for file in files[-3:]] == [False, False, True]
    time.advance(timedelta(hours=1))
    later = everything(schedule, 1)
    assert files[0] not in later
    assert files[-2] in later
    assert files[-1] not in later, "it is closed now"


def test_any_window_shows_the_same_recordings(schedule: Schedule) -> None:
    whole = everything(schedule, 2)
    for hours in (0, 7, 500, 1300):
        start = NOON - RETENTION + timedelta(hours=hours, minutes=13)
        end = start + timedelta(hours=5)
        found = list(schedule.recordings(2, 1, start, end))
        assert found
        assert found == [one for one in whole if one.start < end and one.end > start]
        assert found == sorted(found, key=lambda one: one.start)


def test_events_come_beside_or_without_files(schedule: Schedule) -> None:
    beside, without = everything(schedule, 2), everything(schedule, 3)
    events = [one for one in beside if one.series is Series.EVENTS]
    assert {one.kind for one in events} == {Kind.MOTION, Kind.PERSON}
    assert {one.kind for one in beside if one.series is Series.FILES} == {Kind.CONTINUOUS}
    assert {one.kind for one in without} == {Kind.LINE_CROSSING}
    assert 0.6 * 48 * 60 < len(without) < 0.9 * 48 * 60
    for one, next_one in pairwise(without):
        assert one.end < next_one.start
        assert timedelta(seconds=9) < one.end - one.start < timedelta(seconds=78)


def test_some_files_are_missing(schedule: Schedule) -> None:
    files = everything(schedule, 4)
    gaps = [one for one, after in pairwise(files) if after.start > one.end]
    assert len(files) / 8 < len(gaps) < len(files) / 4
    gap = gaps[-1]
    spans = list(schedule.spans(4, 1, gap.end - timedelta(minutes=1), gap.end + timedelta(hours=1)))
    assert spans[0] == (snap(4, 1, gap.end - timedelta(minutes=1)), gap.end)
    assert spans[1][0] == next(one.start for one in files if one.start > gap.end)


def test_nothing_of_an_unknown_channel_or_a_stream_that_is_not_recorded(schedule: Schedule) -> None:
    assert everything(schedule, 9) == []
    assert everything(schedule, 2, stream=2) == []
    assert everything(schedule, 1, stream=2) != []
    assert schedule.find(9, 1, Series.FILES, 1) is None
    assert schedule.find(3, 1, Series.FILES, 1) is None


def test_finds_a_recording_by_its_number(schedule: Schedule, time: TimeSource) -> None:
    for channel in (2, 3, 4):
        for one in everything(schedule, channel)[::50]:
            assert schedule.find(channel, 1, one.series, one.number) == one
    oldest = everything(schedule, 1)[0]
    time.advance(timedelta(hours=1))
    assert schedule.find(1, 1, oldest.series, oldest.number) is None


def test_recording_ends_when_the_pictures_are_lost(
    schedule: Schedule, channels: dict[int, Channel]
) -> None:
    lost_at = NOON - timedelta(days=2)
    channels[1].lose(lost_at)
    last = everything(schedule, 1)[-1]
    assert last.end == snap(1, 1, lost_at)
    assert not last.open
    channels[1].restore()
    assert everything(schedule, 1)[-1].open


def test_footage_reaches_to_the_last_written_key_frame(schedule: Schedule) -> None:
    wanted = NOON - timedelta(seconds=30), NOON + timedelta(minutes=5)
    assert list(schedule.spans(1, 1, *wanted)) == [(snap(1, 1, wanted[0]), snap(1, 1, NOON))]
    assert list(schedule.spans(1, 1, NOON + DAY, NOON + 2 * DAY)) == []


def test_footage_goes_on_across_files(schedule: Schedule) -> None:
    start, end = NOON - timedelta(hours=5), NOON - timedelta(hours=3)
    [(first, last)] = schedule.spans(1, 1, start, end)
    assert first == snap(1, 1, start)
    assert last - GOP < end <= last


def assert_all_spans(schedule: Schedule, fresh: Schedule, channel: int) -> None:
    found = schedule.all_spans(channel, 1)
    oldest = everything(fresh, channel)[0]
    assert found == tuple(fresh.spans(channel, 1, oldest.start, NOON + 10 * DAY))
    assert found[0][0] == oldest.start


def test_all_footage_is_told_however_often_it_is_asked_about(
    schedule: Schedule, time: TimeSource, channels: dict[int, Channel]
) -> None:
    def fresh() -> Schedule:
        return Schedule(
            seed=7, retention=schedule.retention, now=time, channel_of=channels.get, snap=snap
        )

    for seconds in (0, 4, 108_000, -3_600, -43_200, -345_600, 432_000):
        time.move_to(time() + timedelta(seconds=seconds))
        for channel in PLANS:
            assert_all_spans(schedule, fresh(), channel)
    schedule.retention += 2 * DAY
    assert_all_spans(schedule, fresh(), 2)
    channels[2].lose(NOON - 3 * DAY)
    assert_all_spans(schedule, fresh(), 2)
    channels[2].restore()
    channels[2].plan = PLANS[4]
    assert_all_spans(schedule, fresh(), 2)
    assert schedule.all_spans(9, 1) == ()


def test_another_seed_gives_other_recordings(
    schedule: Schedule, time: TimeSource, channels: dict[int, Channel]
) -> None:
    other = Schedule(seed=8, retention=RETENTION, now=time, channel_of=channels.get, snap=snap)
    same = Schedule(seed=7, retention=RETENTION, now=time, channel_of=channels.get, snap=snap)
    assert everything(other, 1)[5].start != everything(schedule, 1)[5].start
    assert everything(same, 1) == everything(schedule, 1)


def test_the_first_of_years_is_found_without_looking_at_all(schedule: Schedule) -> None:
    looked = 0

    def counting(channel: int, stream: int, instant: datetime) -> datetime:
        nonlocal looked
        looked += 1
        return snap(channel, stream, instant)

    schedule._snap = counting
    found = next(schedule.recordings(1, 1, NOON - 3000 * DAY, NOON))
    assert found.start >= NOON - RETENTION
    assert looked < 1000
