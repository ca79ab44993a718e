"""A device's zone rule, drift and convention, held against zoneinfo and plain arithmetic."""

from datetime import UTC, datetime, timedelta
import random
from zoneinfo import ZoneInfo

import pytest

from custom_components.nvr.drivers.clock import (
    DeviceClock,
    DriftMeasure,
    PosixZone,
    fixed_zone,
    parse_posix_zone,
)
from custom_components.nvr.drivers.models import ClockConvention

DENVER = "CST+7:00:00DST01:00:00,M3.2.0/02:00:00,M11.1.0/02:00:00"
BERLIN = "CST-1:00:00DST01:00:00,M3.5.0/02:00:00,M10.5.0/03:00:00"
SYDNEY = "CST-10:00:00DST01:00:00,M10.1.0/02:00:00,M4.1.0/03:00:00"
LORD_HOWE = "CST-10:30:00DST00:30:00,M10.1.0/02:00:00,M4.1.0/02:00:00"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DRIFT = timedelta(minutes=12, milliseconds=340)


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (DENVER, "America/Denver"),
        (BERLIN, "Europe/Berlin"),
        (SYDNEY, "Australia/Sydney"),
        (LORD_HOWE, "Australia/Lord_Howe"),
        ("EST5EDT,M3.2.0,M11.1.0", "America/New_York"),
        ("EST5EDT4,M3.2.0,M11.1.0", "America/New_York"),
        ("CST-8:00:00", "Asia/Shanghai"),
        ("GMT+5:00", "America/Jamaica"),
        ("<+0330>-3:30", "Asia/Tehran"),
    ],
)
def test_rule_agrees_with_the_zone_database(rule: str, name: str) -> None:
    """Two years read the same, both ways: every half hour around a change, and any hour of the day else."""
    zone, witness = parse_posix_zone(rule), ZoneInfo(name)
    moment = datetime(2025, 1, 1, 0, 30, tzinfo=UTC)
    while moment.year < 2027:
        ours, theirs = moment.astimezone(zone), moment.astimezone(witness)
        assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None), moment
        assert ours.fold == theirs.fold, moment
        assert ours.astimezone(UTC) == moment
        digits = theirs.replace(tzinfo=zone)
        assert digits.utcoffset() == theirs.utcoffset(), moment
        near = {(moment + days).astimezone(witness).utcoffset() for days in (-DAY, DAY)}
        moment += timedelta(minutes=30) if len(near) > 1 else timedelta(hours=7, minutes=30)


def test_gap_reads_like_the_zone_database() -> None:
    """Digits that no clock ever showed still have a meaning."""
    zone, witness = parse_posix_zone(BERLIN), ZoneInfo("Europe/Berlin")
    for fold in (0, 1):
        gap = datetime(2026, 3, 29, 2, 30, fold=fold)
        assert gap.replace(tzinfo=zone).utcoffset() == gap.replace(tzinfo=witness).utcoffset()


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "CST",
        "CST-99:00:00",
        "CST-1DST01:00:00",
        "CST-1DST01:00:00,M13.1.0,M10.5.0",
        "CST-1DST01:00:00,J60,J300",
        "CST-1DST09:00:00,M3.5.0,M10.5.0",
        "C" * 1000 + "-1",
    ],
)
def test_nonsense_is_refused(rule: str) -> None:
    """A rule that can't be read is a ValueError, never a wrong zone."""
    with pytest.raises(ValueError):
        parse_posix_zone(rule)


def test_zones_compare_and_name_themselves() -> None:
    """The same rule is the same zone."""
    assert parse_posix_zone(BERLIN) == parse_posix_zone(BERLIN)
    assert len({parse_posix_zone(BERLIN), parse_posix_zone(BERLIN), fixed_zone(MINUTE)}) == 2
    summer = datetime(2026, 7, 1, tzinfo=parse_posix_zone(DENVER))
    assert summer.tzname() == "UTC-06:00"
    assert summer.dst() == timedelta(hours=1)


def test_fixed_zone_rounds_to_quarter_hours() -> None:
    """A drifting clock without a rule still gets a real zone."""
    assert fixed_zone(timedelta(hours=8, minutes=6)) == PosixZone(timedelta(hours=8))
    assert fixed_zone(-timedelta(hours=3, minutes=26)) == PosixZone(-timedelta(hours=3, minutes=30))


def answers(measure: DriftMeasure, true_drift: float, rounds: int, delay: float) -> None:
    """Answer probes as a device does that prints whole seconds."""
    now = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
    for _ in range(rounds):
        sent = measure.next_probe(now)
        heard = sent + timedelta(seconds=delay)
        device = sent + timedelta(seconds=delay / 2 + true_drift)
        measure.add(sent, heard, device.replace(microsecond=0))
        now = heard + timedelta(seconds=0.01)


@pytest.mark.parametrize("true_drift", [0.0, 0.25, -0.5, 720.34, -3599.999, 1e6 + 0.75])
def test_drift_is_found_between_the_printed_seconds(true_drift: float) -> None:
    """Eight answers that count whole seconds give the drift to a few milliseconds."""
    measure = DriftMeasure()
    answers(measure, true_drift, 8, 0.004)
    drift = measure.drift()
    assert drift is not None
    assert measure.uncertainty is not None
    assert abs(drift.total_seconds() - true_drift) <= measure.uncertainty.total_seconds() <= 0.010


def test_nothing_measured_is_nothing_said() -> None:
    """Before the first answer there is no number."""
    measure = DriftMeasure()
    assert not measure.known
    assert measure.drift() is None
    assert measure.uncertainty is None


def test_one_answer_leaves_half_a_second_open() -> None:
    """A single answer is never taken for more than it says."""
    measure = DriftMeasure()
    answers(measure, 0.0, 1, 0.0)
    assert measure.uncertainty == timedelta(seconds=0.5)
    assert measure.drift(synchronised=True) == timedelta(0)


def test_synchronised_is_believed_only_within_bounds() -> None:
    """A device that claims a time server and is minutes off is wrong all the same."""
    measure = DriftMeasure()
    answers(measure, 720.34, 8, 0.004)
    drift = measure.drift(synchronised=True)
    assert drift is not None
    assert drift.total_seconds() == pytest.approx(720.34, abs=0.01)


def test_clock_set_by_hand_replaces_the_old_bounds() -> None:
    """Bounds that contradict older ones win."""
    measure = DriftMeasure()
    answers(measure, 720.34, 8, 0.004)
    answers(measure, -5.5, 8, 0.004)
    drift = measure.drift()
    assert drift is not None
    assert drift.total_seconds() == pytest.approx(-5.5, abs=0.01)


def test_what_was_measured_long_ago_is_less_certain() -> None:
    measure = DriftMeasure()
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    measure.add(at, at, at)
    before = measure.uncertainty_at(at)
    later = measure.uncertainty_at(at + timedelta(hours=1))
    assert before is not None
    assert later is not None
    assert later - before == timedelta(seconds=0.36)


def test_a_clock_that_runs_fast_is_found_out() -> None:
    # Forty seconds a day.
    rate = 40 / 86400
    measure = DriftMeasure()
    start = datetime(2026, 7, 1, 12, tzinfo=UTC)
    at = start
    for minutes in range(0, 600, 5):
        at = measure.next_probe(start + timedelta(minutes=minutes))
        device = at + (at - start) * rate
        measure.add(at, at, device.replace(microsecond=0))
    in_an_hour = measure.uncertainty_at(at + timedelta(hours=1))
    assert in_an_hour is not None
    # It is not believed for long any more.
    assert in_an_hour > timedelta(seconds=3600 * rate)


def test_bounds_widen_with_age() -> None:
    """A clock that ran off slowly since the last measurement is no contradiction."""
    measure = DriftMeasure()
    answers(measure, 10.0, 8, 0.004)
    later = datetime(2026, 7, 2, 12, tzinfo=UTC)
    measure.add(later, later, later + timedelta(seconds=13))
    drift = measure.drift()
    assert drift is not None
    assert 12 < drift.total_seconds() < 18.7


@pytest.mark.parametrize("convention", [ClockConvention.WALL, ClockConvention.UTC])
@pytest.mark.parametrize("rule", [DENVER, BERLIN, SYDNEY])
def test_digits_and_utc_turn_into_each_other(rule: str, convention: ClockConvention) -> None:
    """There and back at random moments of a year, the repeated hour included."""
    clock = DeviceClock(zone=parse_posix_zone(rule), drift=DRIFT, convention=convention)
    generator = random.Random(7)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(2000):
        moment = begin + timedelta(seconds=generator.randrange(365 * 86400))
        assert clock.to_utc(clock.to_device(moment), near=moment) == moment
        assert clock.from_wall(clock.wall(moment), near=moment + MINUTE) == moment


def test_drift_is_in_both_conventions() -> None:
    """A clock that is 12 minutes ahead stamps its UTC digits 12 minutes ahead, too."""
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    clock = DeviceClock(zone=parse_posix_zone(DENVER), drift=timedelta(minutes=12))
    assert clock.wall(moment) == datetime(2026, 7, 1, 6, 12)
    in_utc = clock.with_convention(ClockConvention.UTC)
    assert in_utc.to_device(moment) == datetime(2026, 7, 1, 12, 12)


def test_repeated_hour_is_settled_by_what_is_near() -> None:
    """01:30 on the autumn night in Denver happens twice."""
    clock = DeviceClock(zone=parse_posix_zone(DENVER), convention=ClockConvention.WALL)
    first = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    digits = datetime(2026, 11, 1, 1, 30)
    assert clock.to_utc(digits, near=first) == first
    assert clock.to_utc(digits, near=first + timedelta(hours=1)) == first + timedelta(hours=1)
    assert clock.to_utc(digits) == first


def test_offsets_near_a_change_are_two() -> None:
    """Footage of the DST night may carry either offset, other footage only one."""
    clock = DeviceClock(zone=parse_posix_zone(DENVER), drift=DRIFT)
    change = datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert set(clock.offsets_near(change)) == {
        timedelta(hours=-6) + DRIFT,
        timedelta(hours=-7) + DRIFT,
    }
    assert clock.offsets_near(change - timedelta(days=30)) == (timedelta(hours=-6) + DRIFT,)


def test_footage_tells_the_convention() -> None:
    """The wall clock inside a recording fits its search digits in one reading only."""
    clock = DeviceClock(zone=parse_posix_zone(DENVER))
    start, end = datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 12, 17)
    inside = timedelta(minutes=5)
    assert clock.convention_of(start, end, start + inside) is ClockConvention.WALL
    utc_wall = start - timedelta(hours=6) + inside
    assert clock.convention_of(start, end, utc_wall) is ClockConvention.UTC
    assert clock.convention_of(start, end, start + timedelta(days=3)) is ClockConvention.UNKNOWN
    in_greenwich = DeviceClock(zone=fixed_zone(timedelta(0)))
    assert in_greenwich.convention_of(start, end, start) is ClockConvention.UNKNOWN


def test_footage_of_a_recording_longer_than_the_offset_tells_the_convention_by_where_it_begins() -> (
    None
):
    """Both readings lie within such a recording, and one of them near the place that was asked for."""
    clock = DeviceClock(zone=parse_posix_zone(BERLIN))
    start = datetime(2026, 7, 1, 8)
    end, begun = start + timedelta(hours=6), start + timedelta(hours=3)
    key_before, offset = begun - timedelta(seconds=8), timedelta(hours=2)
    assert clock.convention_of(start, end, key_before) is ClockConvention.UNKNOWN
    told = clock.convention_of(start, end, key_before, begun=begun)
    assert told is ClockConvention.WALL
    told = clock.convention_of(start, end, key_before + offset, begun=begun)
    assert told is ClockConvention.UTC
    elsewhere = start + timedelta(hours=4)
    told = clock.convention_of(start, end, elsewhere + offset, begun=begun)
    assert told is ClockConvention.UNKNOWN
