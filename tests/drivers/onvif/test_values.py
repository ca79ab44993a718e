"""Times and tokens as devices write them."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.nvr.drivers import xml
from custom_components.nvr.drivers.errors import InvalidAnswerError
from custom_components.nvr.drivers.onvif.clock import RecorderClock
from custom_components.nvr.drivers.onvif.device_time import DeviceTime, read_time
from custom_components.nvr.drivers.onvif.values import read_moment, token

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05T12:00:00Z",
        "2026-03-05T12:00:00",
        "2026-03-05T12:00:00.000Z",
        "2026-3-5T12:0:0Z",
        "2026-03-05-12:00:00Z",
        "2026-03-05T-12:00:00Z",
        "2026-03-05 12:00:00Z",
        "2026-03-05T11:60:00Z",
        "2026-03-05T14:00:00+02:00",
        "2026-03-05T04:30:00-0730",
        "2026-03-04T36:00:00Z",
        " 2026-03-05T12:00:00Z\n",
    ],
)
def test_instants_in_all_their_spellings(text: str) -> None:
    assert read_moment(text) == NOON


@pytest.mark.parametrize(
    "text",
    [None, "", "noon", "0000-00-00T00:00:00Z", "2026-13-05T12:00:00Z", "2026-03-05T12:99999:00Z"],
)
def test_what_is_no_instant(text: str | None) -> None:
    assert read_moment(text) is None


def test_fractions_are_kept() -> None:
    assert read_moment("2026-03-05T12:00:00.25Z") == NOON + timedelta(milliseconds=250)


def test_tokens() -> None:
    assert token(xml.parse(b"<a token=' x '/>")) == "x"
    assert token(xml.parse(b"<a token=''/>")) is None
    assert token(xml.parse(b"<a/>")) is None
    assert len(token(xml.parse(b"<a token='%s'/>" % (b"x" * 9999))) or "") <= 256


def _time(
    utc: str | None, local: str | None, zone: str | None = None, more: str = ""
) -> DeviceTime:
    def digits(name: str, text: str | None) -> str:
        if text is None:
            return ""
        day, _, moment = text.partition("T")
        year, month, date = day.split("-")
        hour, minute, second = moment.split(":")
        return (
            f"<{name}><Time><Hour>{hour}</Hour><Minute>{minute}</Minute><Second>{second}</Second></Time>"
            f"<Date><Year>{year}</Year><Month>{month}</Month><Day>{date}</Day></Date></{name}>"
        )

    tz = "" if zone is None else f"<TimeZone><TZ>{zone}</TZ></TimeZone>"
    inside = f"{more}{tz}{digits('UTCDateTime', utc)}{digits('LocalDateTime', local)}"
    answer = f"<R><SystemDateAndTime>{inside}</SystemDateAndTime></R>"
    return read_time(xml.parse(answer.encode()))


def test_utc_is_told() -> None:
    told = _time("2026-3-5T12:0:0", "2026-3-5T13:0:0", "CET-1CEST,M3.5.0,M10.5.0/3")
    assert told.utc == NOON.replace(tzinfo=None)
    assert told.zone.utcoffset(datetime(2026, 7, 1)) == timedelta(hours=2)
    assert told.other_utc is None
    assert not told.synchronised


def test_the_sign_of_a_zone_is_that_of_posix() -> None:
    # devices/onvif/axis-profile-g
    told = _time("2024-7-9T19:49:6", "2024-7-9T16:49:6", "BRT3", "<DateTimeType>NTP</DateTimeType>")
    assert told.zone.utcoffset(None) == timedelta(hours=-3)
    assert told.label == "BRT3"
    assert told.synchronised


@pytest.mark.parametrize("zone", [None, "nonsense", "CST"])
def test_without_a_rule_the_digits_tell_the_zone(zone: str | None) -> None:
    told = _time("2026-3-5T12:0:0", "2026-3-5T20:0:0", zone)
    assert told.zone.utcoffset(None) == timedelta(hours=8)


def test_a_rule_that_the_digits_contradict_gives_way() -> None:
    told = _time("2026-3-5T12:0:0", "2026-3-5T21:0:0", "CST-8")
    assert told.zone.utcoffset(None) == timedelta(hours=9)


def test_who_tells_his_wall_clock_alone() -> None:
    assert _time(None, "2026-3-5T13:0:0", "CET-1").utc == NOON.replace(tzinfo=None)
    assert _time(None, "2026-3-5T12:0:0").utc == NOON.replace(tzinfo=None)
    summer = "<DaylightSavings>true</DaylightSavings>"
    assert _time(None, "2026-3-5T14:0:0", "CET-1", summer).utc == NOON.replace(tzinfo=None)


@pytest.mark.parametrize(("utc", "local"), [(None, None), ("2026-13-5T12:0:0", None)])
def test_who_tells_no_time(utc: str | None, local: str | None) -> None:
    with pytest.raises(InvalidAnswerError):
        _time(utc, local)
    with pytest.raises(InvalidAnswerError):
        read_time(xml.parse(b"<R/>"))


@pytest.mark.parametrize("wall", [True, False])
def test_a_wall_clock_that_is_called_utc_is_told_by_the_true_time(wall: bool) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    digits = now.replace(tzinfo=None) + timedelta(hours=1 if wall else 0)
    told = DeviceTime(utc=digits, local=digits, label="CET-1")
    clock = RecorderClock()
    clock.note_time(now, now, told)
    assert clock.offset is not None
    assert abs(clock.offset) < timedelta(seconds=2)


def test_what_was_found_out_of_the_label_shifts_what_was_measured() -> None:
    now = datetime.now(UTC)
    clock = RecorderClock()
    clock.note_time(now, now, DeviceTime(utc=now.replace(tzinfo=None) + timedelta(hours=2)))
    clock.take_mislabelled(timedelta(hours=2))
    assert clock.offset is not None
    assert abs(clock.offset) < timedelta(seconds=2)
    clock.note_time(now, now, DeviceTime(utc=now.replace(tzinfo=None) + timedelta(hours=2)))
    assert abs(clock.offset) < timedelta(seconds=2)
    # Nothing new.
    clock.take_mislabelled(timedelta(hours=2))
    assert abs(clock.offset) < timedelta(seconds=2)
