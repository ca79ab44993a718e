"""The order in which a device's matches are read."""

from datetime import datetime, timedelta

from custom_components.nvr.drivers.hikvision.matches import Match
from custom_components.nvr.drivers.reading import in_order

NOON = datetime(2025, 11, 2, 12)


def at(*minutes: int) -> list[Match]:
    starts = [NOON + timedelta(minutes=minute) for minute in minutes]
    return [
        Match(
            track=101,
            start=start,
            end=start + timedelta(minutes=20),
            start_text="",
            end_text="",
            kinds=frozenset(),
        )
        for start in starts
    ]


def test_matches_in_any_order_are_read_oldest_first() -> None:
    assert in_order(at(40, 20, 0)) == at(0, 20, 40)
    assert in_order(at(0, 120, 20)) == at(0, 20, 120)


def test_a_clock_that_was_put_back_is_no_disorder() -> None:
    # The device's own order alone tells the two passes of the hour apart.
    assert in_order(at(0, 20, 40, 0, 20)) == at(0, 20, 40, 0, 20)
