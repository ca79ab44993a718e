"""When frames of DHAV were taken, by a date and a counter whose meaning devices don't tell."""

import random

import pytest

from custom_components.nvr.footage.worker.dhav_clock import FrameLine, Stamp, WallClock


def stamped(
    start: int, count: int, step: int = 40, *, odd: int | None = None
) -> list[tuple[Stamp, int]]:
    """Return stamps with the milliseconds that they stand for; with ``odd`` the counter runs."""
    found = []
    for wall in range(start, start + count * step, step):
        counter = wall % 1000 if odd is None else (wall + odd) % 65_536
        found.append((Stamp(wall // 1000, counter), wall))
    return found


@pytest.mark.parametrize("odd", [0, 1, 999, 12_345, 65_000])
def test_running_counter_is_found_out(odd: int) -> None:
    stamps = stamped(1_780_000_000_013, 3000, odd=odd)
    clock = WallClock([stamp for stamp, _ in stamps[:40]], 40)
    errors = {clock.picture(stamp) - wall for stamp, wall in stamps}
    assert max(map(abs, errors)) <= 40
    assert len(errors) == 1


def test_running_counter_that_begins_below_a_second() -> None:
    start = 1_780_000_000_400
    odd = -start % 65_536
    stamps = stamped(start, 100, odd=odd)
    assert stamps[0][0].counter == 0
    clock = WallClock([stamp for stamp, _ in stamps[:20]], 40)
    assert {abs(clock.picture(stamp) - wall) <= 40 for stamp, wall in stamps} == {True}


def test_slow_stream_with_milliseconds_of_the_second() -> None:
    stamps = stamped(1_780_000_000_003, 50, 1003)
    clock = WallClock([stamp for stamp, _ in stamps[:3]], 1000)
    assert [clock.picture(stamp) for stamp, _ in stamps] == [wall for _, wall in stamps]


def test_running_counter_that_shows_late() -> None:
    clock = WallClock([Stamp(1_780_000_000, 100)], 40)
    assert clock.picture(Stamp(1_780_000_000, 960)) == 1_780_000_000_960
    assert clock.picture(Stamp(1_780_000_001, 1000)) == 1_780_000_001_000
    assert clock.picture(Stamp(1_780_000_002, 2040)) == 1_780_000_002_040


def test_running_counter_while_the_clock_is_set_by_an_hour() -> None:
    stamps = stamped(1_780_000_000_013, 300, odd=12_345)
    clock = WallClock([stamp for stamp, _ in stamps[:40]], 40)
    plain = [clock.picture(stamp) for stamp, _ in stamps]
    clock = WallClock([stamp for stamp, _ in stamps[:40]], 40)
    moved = [
        clock.picture(stamp._replace(second=stamp.second - (3600 if number >= 100 else 0)))
        for number, (stamp, _) in enumerate(stamps)
    ]
    assert moved == plain[:100] + [wall - 3_600_000 for wall in plain[100:]]
    assert clock.sound(stamps[-1][0]._replace(second=stamps[-1][0].second - 3600)) == moved[-1]
    assert clock.sound(Stamp(stamps[-1][0].second, 30_000)) is None


def test_running_counter_that_trembles_or_starts_anew() -> None:
    stamps = stamped(1_780_000_000_013, 200, odd=12_345)
    clock = WallClock([stamp for stamp, _ in stamps[:40]], 40)
    trembling = random.Random(1)
    for stamp, wall in stamps:
        found = clock.picture(stamp._replace(counter=stamp.counter + trembling.randint(-20, 20)))
        assert abs(found - wall) <= 100
        assert found // 1000 == stamp.second
    anew = Stamp(stamps[-1][0].second + 1, 7)
    assert clock.picture(anew) // 1000 == anew.second


def line_of(walls: list[int | None], **values: bool) -> list[int | None]:
    """Return the places of pictures at these times."""
    line = FrameLine()
    said = {"key": False, "follows": True, "reorders": False, **values}
    return [line.picture(wall, 40, **said) for wall in walls]


def test_line_goes_on_where_the_clock_is_set() -> None:
    hour = 3_600_000
    assert line_of([0, 40, 80 + hour, 120 + hour, 160, 200]) == [0, 40, 80, 120, 160, 200]
    assert line_of([hour, hour + 40, 80, 120]) == [hour, hour + 40, hour + 80, hour + 120]


def test_line_leaps_over_holes() -> None:
    hour = 3_600_000
    assert line_of([0, 40, 30_000], follows=False) == [0, 40, 30_000]
    assert line_of([0, 40, 80 + hour], follows=False) == [0, 40, None]
    assert line_of([0, 40, 80 + hour], follows=False, key=True) == [0, 40, 80 + hour]
    assert line_of([hour, 40], follows=False, key=True) == [hour, 40]
    assert line_of([0, 40, 80 + hour], key=True) == [0, 40, 80 + hour]
    assert line_of([hour, 40], key=True) == [hour, hour + 40]


def test_line_never_stands_still() -> None:
    assert line_of([0, 0, 0, 100, 90, 110]) == [0, 40, 80, 100, 101, 110]
    assert line_of([None, None, 1000, 1040]) == [0, 40, 80, 120]
    assert line_of([1000, None, 1090]) == [1000, 1040, 1090]
    assert line_of([0, 160, 80, 40, 120], reorders=True) == [0, 160, 80, 40, 120]


def test_sound_from_before_the_clock_was_set_keeps_its_place() -> None:
    hour = 3_600_000
    line = FrameLine()
    assert line.sound(5) is None
    for wall in (hour, hour + 40, 80):
        line.picture(wall, 40, key=False, follows=True, reorders=False)
    assert line.sound(hour + 20) == hour + 20
    assert line.sound(100) == hour + 100
    assert line.sound(20 * hour) is None
    assert line.sound(None) is None
