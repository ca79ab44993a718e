"""What the times of recordings mean: UTC, or local time under its label."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.nvr.drivers.clock import DeviceClock, PosixZone
from custom_components.nvr.drivers.models import ClockConvention
from custom_components.nvr.drivers.onvif.containers import Container
from custom_components.nvr.drivers.onvif.labels import Labels
from custom_components.nvr.drivers.onvif.memory import DeviceMemory

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
EAST, WEST = 8 * HOUR, -5 * HOUR


def labels(offset: timedelta, memory: DeviceMemory | None = None) -> Labels:
    clock = DeviceClock(zone=PosixZone(offset), drift=timedelta(seconds=3))
    return Labels(lambda: clock, memory or DeviceMemory({}))


def container(ends: timedelta, *, writes: bool | None = True) -> Container:
    """Return one whose last is so much later than now."""
    return Container(token="R1", latest=datetime.now(UTC) + ends, writes=writes)


@pytest.mark.parametrize("offset", [EAST, WEST, timedelta()])
@pytest.mark.parametrize("ends", [-timedelta(minutes=1), timedelta(seconds=30)])
def test_what_is_written_now_ends_now(offset: timedelta, ends: timedelta) -> None:
    learning = labels(offset)
    assert not learning.learn([container(ends)])
    assert learning.convention is ClockConvention.UTC


@pytest.mark.parametrize("offset", [EAST, WEST])
def test_local_time_is_found_out_and_remembered(offset: timedelta) -> None:
    memory = DeviceMemory({})
    learning = labels(offset, memory)
    # West of Greenwich it may be what ended hours ago, until it goes on.
    learning.learn([container(offset - 2 * MINUTE)])
    learning.learn([container(offset - MINUTE)])
    assert learning.convention is ClockConvention.WALL
    digits = (datetime.now(UTC) + offset).replace(tzinfo=None)
    assert abs(learning.device.to_utc(digits) - datetime.now(UTC)) < timedelta(seconds=5)
    assert learning.other.convention is ClockConvention.UTC
    again = labels(offset, DeviceMemory(memory.values))
    assert again.convention is ClockConvention.WALL
    # It may be set right.
    assert again.learn([container(-MINUTE)]) is True
    assert again.convention is ClockConvention.UTC


@pytest.mark.parametrize("writes", [True, False, None])
@pytest.mark.parametrize("offset", [EAST, WEST])
def test_what_was_not_there_before_was_recorded_since(
    offset: timedelta, writes: bool | None
) -> None:
    learning = labels(offset)
    learning.learn([container(offset - HOUR, writes=writes)])
    assert learning.convention is ClockConvention.UTC
    assert learning.learn([container(offset - MINUTE, writes=writes)])
    assert learning.convention is ClockConvention.WALL
    back = labels(offset, learning._memory)
    assert back.learn([container(-3 * MINUTE, writes=writes)]) is (writes is True or offset is WEST)
    back.learn([container(-MINUTE, writes=writes)])
    assert back.convention is ClockConvention.UTC


@pytest.mark.parametrize("offset", [EAST, WEST])
def test_what_a_clock_left_that_was_fast_tells_nothing(offset: timedelta) -> None:
    learning = labels(offset)
    left = container(5 * MINUTE, writes=False)
    for _ in range(2):
        assert not learning.learn([left, container(-MINUTE)])
    assert not learning.learn_times([datetime.now(UTC) + 5 * MINUTE])
    assert learning.convention is ClockConvention.UTC


@pytest.mark.parametrize("offset", [EAST, WEST])
def test_what_was_recorded_since_a_look_long_ago_tells_nothing(
    offset: timedelta, freezer: FrozenDateTimeFactory
) -> None:
    """A recorder that was away for hours may have recorded before it went, or until now."""
    learning = labels(offset)
    learning.learn([container(-MINUTE, writes=False)])
    freezer.tick(abs(offset) + HOUR)
    since = container(-abs(offset) - MINUTE, writes=False)
    for _ in range(2):
        assert not learning.learn([since])
        freezer.tick(2 * MINUTE)


def test_a_recorder_that_waits_for_motion_tells_nothing() -> None:
    learning = labels(WEST)
    waits = container(WEST - 3 * MINUTE)
    assert not learning.learn([waits])
    assert not learning.learn([waits])


@pytest.mark.parametrize(
    "containers",
    [
        [],
        [container(-3 * HOUR, writes=False)],
        [container(-5 * HOUR, writes=None)],
        [container(-9 * HOUR)],
        [container(20 * HOUR)],
        [container(HOUR)],
        [container(30 * MINUTE, writes=False), container(-MINUTE / 2)],
        [Container(token="R1", latest=datetime(1970, 1, 1, tzinfo=UTC), writes=True)],
    ],
    ids=[
        "none",
        "over",
        "perhaps over",
        "long over",
        "far off",
        "allotted ahead",
        "beside a new one",
        "never set",
    ],
)
def test_what_fits_both_or_neither_tells_nothing(containers: list[Container]) -> None:
    for offset in (EAST, WEST):
        assert not labels(offset).learn(containers)


def test_an_event_later_than_now_tells_it_as_well() -> None:
    learning = labels(EAST)
    assert learning.learn_times([datetime.now(UTC) + 7 * HOUR])
    assert learning.convention is ClockConvention.WALL


def test_a_zone_of_none_leaves_nothing_to_find_out() -> None:
    assert not labels(timedelta()).learn([container(8 * HOUR)])
