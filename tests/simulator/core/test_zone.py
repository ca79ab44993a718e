"""Zones by rule against the zone database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from simulator.core.zone import PosixZone

# North, south, half an hour, without daylight saving time, change at midnight, negative winter time.
NAMES = [
    "America/Denver",
    "Europe/Berlin",
    "Australia/Adelaide",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "America/Santiago",
    "America/Asuncion",
    "Europe/Dublin",
]


@pytest.mark.parametrize("name", NAMES)
def test_agrees_with_the_zone_database_through_a_year(name: str) -> None:
    zone, known = PosixZone.named(name), ZoneInfo(name)
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(365 * 24):
        ours, theirs = instant.astimezone(zone), instant.astimezone(known)
        assert ours.isoformat() == theirs.isoformat()
        assert ours.fold == theirs.fold
        assert ours.astimezone(UTC) == instant
        instant += timedelta(hours=1)


@pytest.mark.parametrize("name", NAMES)
def test_reads_every_wall_time_as_the_zone_database_does(name: str) -> None:
    zone, known = PosixZone.named(name), ZoneInfo(name)
    wall = datetime(2026, 1, 1, 0, 15)
    for _ in range(365 * 24):
        for fold in (0, 1):
            digits = wall.replace(fold=fold)
            ours = digits.replace(tzinfo=zone).utcoffset()
            assert ours == digits.replace(tzinfo=known).utcoffset(), digits
        wall += timedelta(hours=1)


def test_takes_a_rule_with_an_own_shift() -> None:
    zone = PosixZone("LHST-10:30LHDT-11,M10.1.0,M4.1.0")
    summer = datetime(2026, 1, 15, tzinfo=UTC).astimezone(zone)
    assert summer.utcoffset() == timedelta(hours=11)
    assert summer.dst() == timedelta(minutes=30)
    assert summer.tzname() == "LHDT"
    assert zone.standard == timedelta(hours=10, minutes=30)


@pytest.mark.parametrize(
    "text", ["", "Mars/Olympus", "../etc/passwd", "CET-1CEST", "CET-1CEST,J60,J300"]
)
def test_refuses_what_is_no_rule(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        PosixZone.named(text)
