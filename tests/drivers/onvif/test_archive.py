"""What is recorded, from devices that nobody wrote who knew the driver, in all their peculiarities."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.nvr.drivers.clock import fixed_zone
from custom_components.nvr.drivers.errors import NotSupportedError
from custom_components.nvr.drivers.models import ClockConvention, StreamName
from custom_components.nvr.drivers.onvif.service import Service
from simulator.onvif.traits.recording import Begin, Contents, SourceHint
from simulator.onvif.traits.search import Filtering

from .archived import EXACT, Archived, archived, clearly_apart, hours_ago, joined, within
from .conftest import Plugged

HOUR = timedelta(hours=1)
# Footage that is being recorded reaches until the moment it is asked for.
MOMENT = timedelta(seconds=30)

SEARCHES: dict[str, dict[str, Any]] = {
    "sound": {},
    "few at once": {"searches": 1},
    "slow": {"empty_pages": 2},
    "small pages": {"page": 3},
    "state behind the results": {"state_last": True},
    "any order": {"unsorted": True},
    "each twice": {"doubled": True},
    "never done": {"never_completes": True},
    "still there when done": {"forgets_completed": False},
    "filters refused": {"filtering": Filtering.REFUSED},
    "filters ignored": {"filtering": Filtering.IGNORED},
    "beyond the window": {"ignores_window": True},
    "not a word on the start": {"start_states": False},
    "no motion": {"finds_motion": False},
}


def assert_same(
    archived: Archived, channel: int, start: datetime, end: datetime, found: Any
) -> None:
    """Compare what was found with what there is."""
    true = archived.true_spans(channel, start, end)
    apart = clearly_apart(true)
    expected, shown = joined(true, apart), joined(within(found, start, end), apart)
    assert len(shown) == len(expected)
    for (begin, stop), (true_begin, true_stop) in zip(shown, expected, strict=True):
        assert abs(begin - true_begin) <= EXACT
        assert abs(stop - true_stop) <= (EXACT if true_stop < end - MOMENT else MOMENT)


@pytest.mark.parametrize("traits", [pytest.param(one, id=name) for name, one in SEARCHES.items()])
async def test_all_that_is_recorded_is_found(plugged: Plugged, traits: dict[str, Any]) -> None:
    async with archived(plugged("onvif/nvr", **traits)) as device:
        start, end = hours_ago(30), datetime.now(UTC)
        channels = [1, 4, 8]
        for channel in channels:
            found = await device.found(channel, start, end)
            assert_same(device, channel, start, end, found)
            assert [one.start for one in found] == sorted(one.start for one in found)
        asked = device.device.face.device.asked
        begun = asked["FindRecordings"] + asked["FindEvents"]
        assert asked["EndSearch"] == begun - (
            # Each form that is refused begins nothing.
            1 if traits.get("filtering") is Filtering.REFUSED else 0
        )


@pytest.mark.parametrize("name", ["onvif/clips", "onvif/digest", "onvif/hostile"])
async def test_every_device_tells_what_it_has(plugged: Plugged, name: str) -> None:
    async with archived(plugged(name)) as device:
        start, end = hours_ago(28), hours_ago(2)
        channels = sorted(device.device.box.recorder.channels)
        for channel in (channels[0], channels[-1]):
            found = await device.found(channel, start, end)
            assert_same(device, channel, start, end, found)
            clock = device.archive.labels.device
            days = await device.archive.recorded_days(channel, hours_ago(40 * 24), end)
            spans = device.true_spans(channel, hours_ago(40 * 24), end)
            # Where no beginning is told it is that of another channel, minutes before or after.
            first = clock.wall(days[0].start).date() - clock.wall(spans[0][0]).date()
            assert abs(first) <= timedelta(days=1)
            assert clock.wall(days[-1].start).date() == clock.wall(spans[-1][1]).date()


@pytest.mark.parametrize(
    ("name", "traits"), [("onvif/hostile", {}), ("onvif/nvr", {"finds_events": False})]
)
async def test_nothing_is_recorded_in_times_to_come(
    plugged: Plugged, name: str, traits: dict[str, Any]
) -> None:
    async with archived(plugged(name, **traits)) as device:
        now = hours_ago(0)
        for hours in range(6):
            start = now + timedelta(hours=hours, minutes=10)
            assert await device.found(3, start, start + timedelta(days=1)) == []
            # What looks recorded in the future says that times are read by the wrong clock.
            assert device.archive.labels.convention is ClockConvention.UTC


async def test_the_clock_is_measured_again_before_local_time_is_believed(
    plugged: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        labels, rechecked = device.archive.labels, 0
        right = replace(device.driver._clock.device, zone=fixed_zone(8 * HOUR))
        slow = replace(right, drift=right.drift - 3 * HOUR)
        monkeypatch.setattr(labels, "_clock", lambda: right if rechecked else slow)

        async def recheck() -> bool:
            nonlocal rechecked
            rechecked += 1
            return True

        start, end = hours_ago(3), hours_ago(-1)
        found = await device.found(4, start, end, recheck=recheck)
        assert rechecked == 1
        assert labels.convention is ClockConvention.UTC
        assert_same(device, 4, start, datetime.now(UTC), found)


async def test_recordings_do_not_depend_on_what_is_searched(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        start, end = hours_ago(20), hours_ago(3)
        whole = await device.found(4, start, end)
        assert len(whole) > 3
        for recording in whole[1:-1]:
            middle = recording.start + recording.duration / 2
            [alone] = await device.found(4, middle, middle + timedelta(seconds=1))
            assert (alone.start, alone.end) == (recording.start, recording.end)


@pytest.mark.parametrize(
    "traits",
    [
        pytest.param({"begin": Begin.EPOCH}, id="since 1970"),
        pytest.param({"begin": Begin.UNTOLD}, id="nobody knows since when"),
        pytest.param({"status_unknown": True}, id="perhaps recording"),
        pytest.param({"empty_sources": True}, id="of nobody"),
        *(pytest.param({"source_hint": hint}, id=f"by {hint}") for hint in SourceHint),
    ],
)
async def test_recordings_are_those_of_their_channels(
    plugged: Plugged, traits: dict[str, Any]
) -> None:
    async with archived(plugged("onvif/nvr", **traits)) as device:
        start, end = hours_ago(10), hours_ago(2)
        for channel in (1, 4, 5):
            assert_same(device, channel, start, end, await device.found(channel, start, end))
        assert set(device.driver._facts.channels_of_recordings.values()) == set(range(1, 9))


async def test_a_second_stream_is_found_as_such(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        start, end = hours_ago(3), hours_ago(1)
        [*main] = await device.found(5, start, end)
        [*sub] = await device.found(5, start, end, StreamName.SUB)
        assert {one.stream for one in main} == {StreamName.MAIN}
        assert {one.stream for one in sub} == {StreamName.SUB}
        assert {one.token for one in main}.isdisjoint(one.token for one in sub)


async def test_files_of_a_camera_are_recordings(plugged: Plugged) -> None:
    async with archived(plugged("onvif/camera", contents=Contents.CLIPS)) as device:
        start, end = hours_ago(6), hours_ago(1)
        found = await device.found(1, start, end)
        assert len({one.token for one in found}) > 1
        assert_same(device, 1, start, end, found)


@pytest.mark.parametrize("name", ["onvif/nvr", "onvif/camera"])
async def test_where_nothing_tells_more_all_that_a_container_spans_counts(
    plugged: Plugged, name: str
) -> None:
    async with archived(plugged(name, finds_events=False)) as device:
        start, end = hours_ago(6), hours_ago(1)
        found = await device.found(1, start, end)
        assert joined(within(found, start, end)) == [(start, end)]


async def test_what_a_device_cuts_off_is_asked_for_anew(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr", most_results=60)) as device:
        start, end = hours_ago(30 * 24), datetime.now(UTC)
        days = await device.archive.recorded_days(4, start, end)
        spans = device.true_spans(4, start, end)
        assert len(spans) > 60
        clock = device.archive.labels.device
        assert {clock.wall(day.start).date() for day in days} >= {
            clock.wall(begin).date() for begin, _ in spans
        }


async def test_days_are_those_of_the_device(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        start, end = hours_ago(40 * 24), datetime.now(UTC)
        # Channel 8 has been off for days.
        days = await device.archive.recorded_days(8, start, end)
        clock = device.archive.labels.device
        dates = set()
        for begin, stop in device.true_spans(8, start, end):
            day = clock.wall(begin).date()
            while day <= clock.wall(stop).date():
                dates.add(day)
                day += timedelta(days=1)
        assert {clock.wall(day.start).date() for day in days} == dates
        assert await device.archive.recorded_days(8, end - timedelta(hours=30), end) == ()


async def test_how_far_recordings_reach_costs_three_requests(plugged: Plugged) -> None:
    async with archived(plugged("onvif/nvr")) as device:
        before = device.device.requests
        await device.archive._catalogue.refresh(device.driver._transport, most=1)
        assert device.device.requests - before == 3
        extents = device.driver._facts.extents
        assert set(extents) == set(range(1, 9))
        for channel, extent in extents.items():
            spans = device.true_spans(channel, hours_ago(60 * 24), datetime.now(UTC))
            assert extent.oldest is not None
            assert abs(extent.oldest - spans[0][0]) <= EXACT
            assert extent.newest is not None
            assert abs(extent.newest - spans[-1][1]) <= MOMENT


async def test_a_device_without_profile_g_says_so(plugged: Plugged) -> None:
    async with archived(plugged("onvif/live")) as device:
        assert device.driver._transport.offers(Service.SEARCH) is False
        with pytest.raises(NotSupportedError, match="Profile G"):
            await device.found(1, hours_ago(2), hours_ago(1))
        with pytest.raises(NotSupportedError, match="Profile G"):
            await device.archive.recorded_days(1, hours_ago(2), hours_ago(1))
