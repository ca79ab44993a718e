"""What the times of recordings mean: UTC, or local time under its label."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.nvr.drivers.clock import DeviceClock, PosixZone
from custom_components.nvr.drivers.models import ClockConvention
from custom_components.nvr.drivers.onvif.containers import Container
from custom_components.nvr.drivers.onvif.labels import PROOFS, Labels
from custom_components.nvr.drivers.onvif.memory import RECORDED_IN, DeviceMemory

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
EAST, WEST = 8 * HOUR, -5 * HOUR
ZONES = [EAST, WEST, HOUR, -HOUR, timedelta(minutes=345), timedelta()]
LOCAL = [offset for offset in ZONES if offset]
UTC_LABELS, LOCAL_LABELS = ClockConvention.UTC, ClockConvention.WALL

type Device = Callable[[datetime], datetime]
"""Where a device says that its recordings end at a true moment, in true UTC."""


def labels(
    offset: timedelta,
    believed: ClockConvention = UTC_LABELS,
    memory: DeviceMemory | None = None,
) -> Labels:
    clock = DeviceClock(zone=PosixZone(offset), drift=timedelta(seconds=3))
    memory = memory or DeviceMemory({})
    if believed is not UTC_LABELS:
        memory.keep(RECORDED_IN, believed.value)
    return Labels(lambda: clock, memory)


def container(ends: timedelta, token: str = "R1", *, writes: bool | None = True) -> Container:
    """Return one whose last is so much later than now."""
    return Container(token=token, latest=datetime.now(UTC) + ends, writes=writes)


def continuous(now: datetime) -> datetime:
    """Record all the time."""
    return now - MINUTE / 2


def hourly(now: datetime) -> datetime:
    """Allot a file for each hour, and say where it will end."""
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def hourly_told_late(now: datetime) -> datetime:
    """Say of a file where it ends when it has ended."""
    return now.replace(minute=0, second=0, microsecond=0)


def quiet(now: datetime) -> datetime:
    """Have recorded the last at noon and midnight, and wait."""
    return now.replace(hour=now.hour // 12 * 12, minute=0, second=20, microsecond=0)


def staggered(now: datetime) -> dict[str, datetime]:
    """Allot a file for each hour to each of four channels, one after the other."""
    return {f"R{n}": hourly(now - n * 7 * MINUTE) + n * 7 * MINUTE for n in range(4)}


def restarted(now: datetime) -> dict[str, datetime]:
    """Allot a file for each hour, and begin anew every now and then, soon after one has begun."""
    begun = datetime(2026, 11, 20, 8, tzinfo=UTC)
    while begun + 3 * HOUR + 4 * MINUTE <= now:
        begun += 3 * HOUR + 4 * MINUTE
    return {"R1": begun + (now - begun) // HOUR * HOUR + HOUR}


def two_ahead(now: datetime) -> dict[str, datetime]:
    """Allot a file for each hour, an hour before it begins."""
    return {"R1": hourly(now) + HOUR}


def come_and_gone(now: datetime) -> dict[str, datetime]:
    """Be quiet since four hours ago; the camera that recorded last is missing now and then."""
    quiet_since = datetime(2026, 11, 20, 10, 3, tzinfo=UTC)
    others = {"R1": quiet_since - HOUR}
    return others if now.minute // 10 % 2 else {**others, "R2": quiet_since}


def back_and_forth(now: datetime) -> dict[str, datetime]:
    """Be quiet since four hours ago, and tell a slightly older end every other minute."""
    quiet_since = datetime(2026, 11, 20, 10, 3, tzinfo=UTC)
    return {"R1": quiet_since - (2 * MINUTE if now.minute % 2 else timedelta())}


def seldom(now: datetime) -> datetime:
    """Have recorded for half a minute in even hours, at another minute in each."""
    full = now.replace(minute=0, second=30, microsecond=0)
    hours = (full - timedelta(hours=back) for back in range(4))
    ends = (hour + timedelta(minutes=hour.hour % 7 * 8) for hour in hours if hour.hour % 2 == 0)
    return max(end for end in ends if end <= now)


def day_of(
    learning: Labels,
    freezer: FrozenDateTimeFactory,
    device: Device,
    shift: timedelta,
    every: timedelta,
) -> Iterable[ClockConvention]:
    """Look at a device for a day; yield what is believed after each look."""
    end = datetime.now(UTC) + timedelta(days=1)
    while (now := datetime.now(UTC)) < end:
        one = Container(token="R1", latest=device(now) + shift, writes=True)
        learning.learn([one], complete=True)
        yield learning.convention
        freezer.tick(every)


@pytest.mark.parametrize("believed", [UTC_LABELS, LOCAL_LABELS])
@pytest.mark.parametrize("device", [continuous, hourly, hourly_told_late, quiet, seldom])
@pytest.mark.parametrize("meant", [UTC_LABELS, LOCAL_LABELS])
def test_what_is_right_is_believed_on_and_what_goes_on_teaches_it(
    device: Device,
    believed: ClockConvention,
    meant: ClockConvention,
    freezer: FrozenDateTimeFactory,
) -> None:
    for offset, every in product(LOCAL, [4 * MINUTE, 10 * MINUTE, 80 * MINUTE, 5 * HOUR]):
        freezer.move_to("2026-11-20T14:03:00Z")
        learning = labels(offset, believed)
        shift = offset if meant is LOCAL_LABELS else timedelta()
        seen = [*day_of(learning, freezer, device, shift, every)]
        if believed is meant:
            assert set(seen) == {meant}
        elif device is continuous and every <= 10 * MINUTE:
            assert seen[PROOFS - 1] is believed
            assert seen[PROOFS] is meant
        elif device is hourly and every <= 10 * MINUTE and abs(offset) > 2 * HOUR:
            assert seen[-1] is meant
        # Nothing is learned and forgotten again.
        assert sum(before is not after for before, after in pairwise(seen)) <= 1


@pytest.mark.parametrize("minutes", [1, 10])
@pytest.mark.parametrize("offset", [*LOCAL, -4 * HOUR])
@pytest.mark.parametrize("device", [staggered, restarted, two_ahead, come_and_gone, back_and_forth])
def test_what_only_looks_like_going_on_tells_nothing(
    device: Callable[[datetime], dict[str, datetime]],
    offset: timedelta,
    minutes: int,
    freezer: FrozenDateTimeFactory,
) -> None:
    for beginning in (0, 2):
        freezer.move_to(datetime(2026, 11, 20, 13, 56 + beginning, 5, tzinfo=UTC))
        learning = labels(offset)
        for _ in range(12 * 60 // minutes):
            ends = device(datetime.now(UTC)).items()
            told = [Container(token=token, latest=end, writes=True) for token, end in ends]
            assert not learning.learn(told, complete=True)
            freezer.tick(minutes * MINUTE)


@pytest.mark.parametrize("meant", [UTC_LABELS, LOCAL_LABELS])
def test_what_is_asked_of_in_turn_is_as_old_as_the_answer(
    meant: ClockConvention, freezer: FrozenDateTimeFactory
) -> None:
    """Devices that don't search for containers are asked of one in each look."""
    for offset in LOCAL:
        freezer.move_to("2026-11-20T14:03:00Z")
        learning = labels(offset, meant)
        told: dict[str, Container] = {}
        for look in range(288):
            token, moved = f"R{look % 8}", look % 8 * 7 * MINUTE
            end = seldom(datetime.now(UTC) - moved) + moved
            end += offset if meant is LOCAL_LABELS else timedelta()
            told[token] = Container(token=token, latest=end, writes=True)
            assert not learning.learn(told.values(), complete=False)
            freezer.tick(10 * MINUTE)


def test_what_is_learned_is_remembered(freezer: FrozenDateTimeFactory) -> None:
    memory = DeviceMemory({})
    learning = labels(WEST, memory=memory)
    told = [learning.learn([ended], complete=True) for ended in going_on(WEST, freezer)]
    assert told == [False] * PROOFS + [True]
    digits = (datetime.now(UTC) + WEST).replace(tzinfo=None)
    assert abs(learning.device.to_utc(digits) - datetime.now(UTC)) < timedelta(seconds=5)
    assert learning.other.convention is UTC_LABELS
    assert labels(WEST, memory=DeviceMemory(memory.values)).convention is LOCAL_LABELS


def going_on(offset: timedelta, freezer: FrozenDateTimeFactory) -> Iterable[Container]:
    """Yield what is seen of one that records all the time, as often as it takes to believe that."""
    for _ in range(PROOFS + 1):
        yield container(offset - MINUTE)
        freezer.tick(4 * MINUTE)


def test_what_was_believed_by_ends_is_not_believed_again_by_them(
    freezer: FrozenDateTimeFactory,
) -> None:
    learning = labels(WEST)
    for ended in going_on(WEST, freezer):
        learning.learn([ended], complete=True)
    assert learning.convention is LOCAL_LABELS
    assert learning.learn_times([datetime.now(UTC) - HOUR])
    assert not learning.learn([container(WEST - MINUTE)], complete=True)
    assert learning.convention is UTC_LABELS


def test_what_tells_otherwise_in_between_is_not_passed_over(freezer: FrozenDateTimeFactory) -> None:
    learning = labels(EAST)
    for _ in range(PROOFS):
        assert not learning.learn([container(EAST - MINUTE)], complete=True)
        freezer.tick(4 * MINUTE)
    assert not learning.learn([container(EAST + 3 * HOUR)], complete=True)
    freezer.tick(4 * MINUTE)
    for _ in range(PROOFS):
        assert not learning.learn([container(EAST - MINUTE)], complete=True)
        freezer.tick(4 * MINUTE)
    assert learning.learn([container(EAST - MINUTE)], complete=True)


@pytest.mark.parametrize("believed", [UTC_LABELS, LOCAL_LABELS])
@pytest.mark.parametrize("offset", LOCAL)
def test_one_look_tells_nothing(offset: timedelta, believed: ClockConvention) -> None:
    for ends in (-MINUTE, offset - MINUTE, offset + 27 * MINUTE, timedelta(minutes=5)):
        for writes in (True, False, None):
            learning = labels(offset, believed)
            assert not learning.learn([container(ends, writes=writes)], complete=True)


@pytest.mark.parametrize("complete", [True, False])
def test_containers_that_are_new_tell_where_all_are_listed(
    complete: bool, freezer: FrozenDateTimeFactory
) -> None:
    """Some make one for each clip."""
    learning = labels(WEST)
    listed: list[Container] = []
    for clip in range(PROOFS + 1):
        listed.append(container(WEST - MINUTE, f"R{clip}"))
        told = learning.learn(listed, complete=complete)
        assert told is (complete and clip == PROOFS)
        assert not learning.learn(listed[:1], complete=False)
        freezer.tick(20 * MINUTE)


@pytest.mark.parametrize("offset", LOCAL)
@pytest.mark.parametrize("believed", [UTC_LABELS, LOCAL_LABELS])
def test_what_was_recorded_since_a_look_long_ago_tells_nothing(
    offset: timedelta, believed: ClockConvention, freezer: FrozenDateTimeFactory
) -> None:
    """A recorder that was away for hours may have recorded before it went, or until now."""
    learning = labels(offset, believed)
    for _ in range(PROOFS + 1):
        since = container(-abs(offset) - MINUTE, writes=False)
        assert not learning.learn([since], complete=True)
        freezer.tick(2 * abs(offset) + HOUR)


@pytest.mark.parametrize("ends", [20 * HOUR, HOUR, -9 * HOUR])
@pytest.mark.parametrize("offset", [EAST, WEST])
def test_what_fits_neither_tells_nothing(
    offset: timedelta, ends: timedelta, freezer: FrozenDateTimeFactory
) -> None:
    for believed in (UTC_LABELS, LOCAL_LABELS):
        learning = labels(offset, believed)
        for ended in going_on(ends, freezer):
            assert not learning.learn([ended], complete=True)


@pytest.mark.parametrize("offset", [EAST, HOUR])
def test_what_goes_on_ahead_is_allotted(offset: timedelta, freezer: FrozenDateTimeFactory) -> None:
    learning = labels(offset)
    for ended in going_on(offset + 27 * MINUTE, freezer):
        assert not learning.learn([ended], complete=True)


def test_a_time_that_was_never_set_tells_nothing() -> None:
    learning = labels(WEST)
    never = Container(token="R1", latest=datetime(1970, 1, 1, tzinfo=UTC), writes=True)
    for _ in range(2):
        assert not learning.learn([never], complete=True)


@pytest.mark.parametrize("offset", [EAST, HOUR])
def test_what_a_clock_left_that_was_fast_tells_nothing(offset: timedelta) -> None:
    learning = labels(offset)
    assert not learning.learn_times([datetime.now(UTC) + 5 * MINUTE])
    assert learning.convention is UTC_LABELS


def test_an_event_later_than_now_tells_it_as_well() -> None:
    learning = labels(EAST)
    assert learning.learn_times([datetime.now(UTC) + 7 * HOUR])
    assert learning.convention is LOCAL_LABELS


def test_a_zone_of_none_leaves_nothing_to_find_out(freezer: FrozenDateTimeFactory) -> None:
    learning = labels(timedelta())
    for ended in going_on(timedelta(), freezer):
        assert not learning.learn([ended], complete=True)
