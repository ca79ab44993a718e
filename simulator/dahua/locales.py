"""The tables of time: Locales, with the rule of daylight saving time, and NTP (section 12)."""

from typing import Final

from simulator.core.zone import Change

from .device import Device
from .grammar import Json
from .traits.box import TimeForm, ZoneName

_FORMATS: Final = {
    TimeForm.PADDED: "yyyy-MM-dd HH:mm:ss",
    TimeForm.UNPADDED: "yyyy-MM-dd HH:mm:ss",
    TimeForm.TWELVE_HOURS: "yyyy-MM-dd hh:mm:ss",
}
_LAST_WEEK: Final = 5
_SECONDS_PER_MINUTE: Final = 60
_MINUTES_PER_HOUR: Final = 60


def locales(device: Device) -> Json:
    """Give how times are written, and when the clock changes.

    A week of 0 means a date, 1 to 4 the nth and -1 the last of a weekday, 0 of which is Sunday.
    """
    clock = device.recorder.clock
    content: dict[str, Json] = {"TimeFormat": _FORMATS[device.firmware.time_form]}
    if device.firmware.dst_table:
        content |= {
            "DSTEnable": clock.zone.daylight is not None,
            "DSTEnd": _change(device, clock.zone.ends),
            "DSTStart": _change(device, clock.zone.begins),
        }
    return dict(sorted(content.items()))


def _change(device: Device, change: Change) -> Json:
    recorder = device.recorder
    year = recorder.clock.wall(recorder.now()).year
    hour, minute = divmod(
        int(change.time.total_seconds()) // _SECONDS_PER_MINUTE, _MINUTES_PER_HOUR
    )
    week = -1 if change.week == _LAST_WEEK else change.week
    day = change.weekday
    if device.firmware.dst_by_date:
        week, day = 0, change.wall(year).day
    return {
        "Day": day,
        "Hour": hour,
        "Minute": minute,
        "Month": change.month,
        "Week": week,
        "Year": year,
    }


def ntp(device: Device) -> Json:
    """Give where the time is fetched from, and the time zone."""
    zone = device.recorder.clock.zone
    content: dict[str, Json] = {
        "Address": "time.example",
        "Enable": True,
        "Port": 123,
        # The maker's own number of the zone: it says nothing to others.
        "TimeZone": 13,
        "UpdatePeriod": 1440,
    }
    match device.firmware.zone_name:
        case ZoneName.IANA:
            content["TimeZoneDesc"] = zone.name
        case ZoneName.LABEL:
            content["TimeZoneDesc"] = zone.name.rpartition("/")[2].replace("_", "")
        case ZoneName.ABSENT:
            pass
    return content
