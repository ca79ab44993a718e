"""Time that a test moves."""

from datetime import UTC, datetime, timedelta

from simulator.core.time_source import TimeSource

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_stands_where_it_was_put() -> None:
    time = TimeSource(NOON, running=False)
    stood_at = time()
    assert abs(stood_at - NOON) < timedelta(seconds=1)
    assert time() == stood_at
    time.advance(timedelta(days=1))
    assert time() == stood_at + timedelta(days=1)
    time.move_to(NOON)
    assert time() == NOON


def test_goes_on_from_there() -> None:
    time = TimeSource(NOON, running=False)
    time.run()
    first = time()
    assert NOON <= first < NOON + timedelta(minutes=10)
    while time() == first:
        pass
    assert time() > first
