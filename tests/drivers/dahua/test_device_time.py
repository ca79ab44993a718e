"""The device's zone, by a name, a label, its own rules, or what it shows (section 12 of the notes)."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers.clock import DateRule
from custom_components.nvr.drivers.dahua.clock import RecorderClock
from custom_components.nvr.drivers.dahua.device_time import (
    SavingRules,
    TimeServer,
    read_saving_rules,
    read_time,
    read_time_server,
    recorded_zone,
    zone_of,
)

HOUR = timedelta(hours=1)
SUMMER = datetime(2026, 7, 1, 12, 0, 0)
WINTER = datetime(2026, 12, 1, 12, 0, 0)
# The second Sunday of March and the first of November.
AMERICA = read_saving_rules(
    {
        "DSTEnable": "true",
        "DSTStart": {"Month": "3", "Week": "2", "Day": "0", "Hour": "2", "Minute": "0"},
        "DSTEnd": {"Month": "11", "Week": "1", "Day": "0", "Hour": "2", "Minute": "0"},
    }
)
NONE = SavingRules(enabled=False)


def offsets(
    name: str | None, rules: SavingRules, shown: timedelta, now: datetime = SUMMER
) -> tuple[timedelta | None, timedelta | None]:
    """Return the zone's offsets in summer and in winter, as a device shows so much now."""
    zone, _ = zone_of(TimeServer(zone=name), rules, now + shown, now)
    return SUMMER.replace(tzinfo=zone).utcoffset(), WINTER.replace(tzinfo=zone).utcoffset()


@pytest.mark.parametrize(
    ("name", "rules", "shown", "now", "expected"),
    [
        # A name and rules that agree.
        ("America/Los_Angeles", AMERICA, -7, SUMMER, (-7, -8)),
        ("America/Los_Angeles", AMERICA, -8, WINTER, (-7, -8)),
        # A name alone, or a device that does not say whether it saves daylight.
        ("Europe/Berlin", SavingRules(), 2, SUMMER, (2, 1)),
        # Saving is off on the device, wherever it stands: it shows so in summer, and in winter nothing else does.
        ("Europe/Berlin", NONE, 1, SUMMER, (1, 1)),
        ("Europe/Berlin", NONE, 1, WINTER, (1, 1)),
        # It goes by the name after all.
        ("Europe/Berlin", NONE, 2, SUMMER, (2, 1)),
        # Labels.
        ("Easterntime", AMERICA, -4, SUMMER, (-4, -5)),
        ("GMT+05:30", NONE, 5.5, SUMMER, (5.5, 5.5)),
        ("UTC-03:00", SavingRules(), -3, SUMMER, (-3, -3)),
        # Nothing but rules, or nothing at all: what it shows.
        (None, AMERICA, -6, SUMMER, (-6, -7)),
        ("Somewhere", AMERICA, -7, WINTER, (-6, -7)),
        (None, SavingRules(), 9.5, SUMMER, (9.5, 9.5)),
        ("../../etc/passwd", SavingRules(), 3, SUMMER, (3, 3)),
    ],
)
def test_zones(
    name: str | None,
    rules: SavingRules,
    shown: float,
    now: datetime,
    expected: tuple[float, float],
) -> None:
    found = offsets(name, rules, timedelta(hours=shown), now)
    assert found == tuple(timedelta(hours=hours) for hours in expected)


def test_a_wrong_clock_is_no_other_zone() -> None:
    wrong = timedelta(minutes=-12, seconds=-30)
    assert offsets("America/Los_Angeles", AMERICA, -7 * HOUR + wrong) == (-7 * HOUR, -8 * HOUR)
    # A clock that was never set is no zone either.
    assert offsets(None, SavingRules(), timedelta(days=-9000)) == (timedelta(), timedelta())


def test_a_change_may_be_on_a_date() -> None:
    rules = read_saving_rules(
        {
            "DSTEnable": True,
            "DSTStart": {"Year": 2026, "Month": 4, "Week": 0, "Day": 5, "Hour": 2},
            "DSTEnd": {"Year": 2026, "Month": 10, "Week": -1, "Day": 0, "Hour": 3},
        }
    )
    assert rules.start == DateRule(4, 5, 2 * HOUR)
    zone = rules.zone(HOUR)
    assert datetime(2026, 4, 5, 1, 59, tzinfo=zone).utcoffset() == HOUR
    assert datetime(2026, 4, 5, 3, 0, tzinfo=zone).utcoffset() == 2 * HOUR
    # The last Sunday.
    assert datetime(2026, 10, 25, 1, 59, tzinfo=zone).utcoffset() == 2 * HOUR
    assert datetime(2026, 10, 25, 3, 1, tzinfo=zone).utcoffset() == HOUR


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"Month": 13, "Day": 1},
        {"Month": 3, "Week": 9, "Day": 1},
        {"Month": 3, "Day": 99},
        {"Month": 3, "Day": 1, "Hour": 99},
    ],
)
def test_rules_that_make_no_sense_are_none(change: dict[str, object]) -> None:
    rules = read_saving_rules({"DSTEnable": True, "DSTStart": change, "DSTEnd": change})  # type: ignore[dict-item] # a tree, by its parts
    assert (rules.enabled, rules.start, rules.end) == (None, None, None)
    assert SUMMER.replace(tzinfo=rules.zone(HOUR)).utcoffset() == HOUR


def test_saving_at_unknown_moments_is_not_the_same_as_none() -> None:
    """In winter a zone without saving shows the same, and would be an hour off in summer."""
    rules = read_saving_rules({"DSTEnable": True, "DSTStart": {"Month": 3, "Week": -1, "Day": 0}})
    assert offsets("Europe/Berlin", rules, HOUR, WINTER) == (2 * HOUR, HOUR)
    told = TimeServer(zone="GMT+01:00")
    assert recorded_zone(told, rules) is None
    # Where it is off, nobody asks when it would be.
    off = read_saving_rules({"DSTEnable": False})
    assert off.enabled is False
    assert recorded_zone(told, off) is not None


@pytest.mark.parametrize(
    "answer",
    [{"time": "2026-07-01 20:00:05"}, {"result": "2026-7-1 8:00:05 PM"}, "2026-07-01 20:00:05"],
)
def test_the_time_under_any_name(answer: object) -> None:
    assert read_time(answer) == datetime(2026, 7, 1, 20, 0, 5)  # type: ignore[arg-type] # a tree


def test_a_device_that_follows_a_server_is_right_while_its_seconds_allow_it() -> None:
    server = read_time_server({"Enable": "true", "TimeZone": "13", "TimeZoneDesc": "UTC"})
    assert server == TimeServer(zone="UTC", synchronised=True)
    clock = RecorderClock()
    assert clock.clock.evidence == "the device does not tell its time"
    assert clock.clock.convention == "unknown"
    now = SUMMER.replace(tzinfo=UTC) + timedelta(milliseconds=400)
    zone = zone_of(server, SavingRules(), SUMMER, SUMMER)
    clock.note_time(now, now, SUMMER, zone, synchronised=server.synchronised)
    assert clock.clock.offset == timedelta()
    assert clock.clock.time_zone == "UTC"
    assert clock.clock.convention == "wall"
    assert clock.fine
