"""A device's clock that is wrong, in a zone whose clock is set twice a year."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator.core.clock import Convention, DeviceClock, Suffix
from simulator.core.zone import PosixZone

SLOW = -timedelta(minutes=12)
DENVER = PosixZone.named("America/Denver")
WINTER = datetime(2026, 1, 15, 18, 0, 30, 250_000, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 18, 0, 30, 250_000, tzinfo=UTC)
# Clocks in Denver go back at 08:00 UTC; this one believes so twelve minutes later.
REPEATED_FIRST = datetime(2026, 11, 1, 7, 42, tzinfo=UTC)
REPEATED_SECOND = REPEATED_FIRST + timedelta(hours=1)


def digits(text: str) -> datetime:
    """Give naive digits."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("instant", "wall"),
    [
        (WINTER, "2026-01-15T10:48:30.250"),
        (SUMMER, "2026-07-15T11:48:30.250"),
        (REPEATED_FIRST, "2026-11-01T01:30:00"),
        (REPEATED_SECOND, "2026-11-01T01:30:00"),
    ],
)
def test_shows_its_own_wall_time(instant: datetime, wall: str) -> None:
    clock = DeviceClock(zone=DENVER, offset=SLOW, convention=Convention.WALL)
    assert clock.wall(instant) == digits(wall)
    assert clock.stamp(instant) == digits(wall)


def test_finds_the_way_back() -> None:
    clock = DeviceClock(zone=DENVER, offset=SLOW, convention=Convention.WALL)
    for instant in (WINTER, SUMMER):
        assert clock.from_stamp(clock.stamp(instant)) == instant
    repeated = digits("2026-11-01T01:30:00")
    assert clock.instant(repeated) == REPEATED_FIRST
    assert clock.instant(repeated, fold=1) == REPEATED_SECOND


def test_a_span_ends_after_it_begins_where_digits_come_twice() -> None:
    clock = DeviceClock(zone=DENVER, convention=Convention.WALL)
    begins, ends = clock.span(digits("2026-11-01 01:40"), digits("2026-11-01 01:20"))
    assert ends - begins == timedelta(minutes=40)
    begins, ends = clock.span(digits("2026-11-01 01:20"), digits("2026-11-01 01:40"))
    assert ends - begins == timedelta(minutes=20)


def test_a_clock_that_counts_utc_is_wrong_by_its_offset_alone() -> None:
    clock = DeviceClock(zone=DENVER, offset=SLOW, convention=Convention.UTC)
    assert clock.stamp(SUMMER) == digits("2026-07-15T17:48:30.250")
    assert clock.from_stamp(clock.stamp(SUMMER)) == SUMMER


@pytest.mark.parametrize(
    ("suffix", "instant", "text"),
    [
        (Suffix.TRUE, WINTER, "2026-01-15T10:48:30-07:00"),
        (Suffix.TRUE, SUMMER, "2026-07-15T11:48:30-06:00"),
        (Suffix.STANDARD, WINTER, "2026-01-15T10:48:30-07:00"),
        (Suffix.STANDARD, SUMMER, "2026-07-15T11:48:30-07:00"),
        (Suffix.NONE, SUMMER, "2026-07-15T11:48:30"),
    ],
)
def test_tells_its_local_time(suffix: Suffix, instant: datetime, text: str) -> None:
    assert DeviceClock(zone=DENVER, offset=SLOW, suffix=suffix).local_time(instant) == text


def test_drifts_from_a_moment_on() -> None:
    begins = datetime(2026, 11, 21, 12, tzinfo=UTC)
    clock = DeviceClock(
        offset=timedelta(seconds=5), drift=timedelta(seconds=24), drifts_from=begins
    )
    for hours, ahead_s in ((-48, 5), (0, 5), (12, 17), (24, 29)):
        instant = begins + timedelta(hours=hours)
        shown = clock.stamp(instant)
        assert shown == (instant + timedelta(seconds=ahead_s)).replace(tzinfo=None)
        assert abs(clock.from_stamp(shown) - instant) < timedelta(milliseconds=1)
