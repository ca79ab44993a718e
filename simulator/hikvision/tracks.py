"""The calendar of recorded days, and the tracks that are recorded (section 11 of the notes)."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from http import HTTPStatus

from aiohttp import web

from simulator.core.accounts import Right
from simulator.core.channels import Channel
from simulator.core.recordings import Kind

from .device import SIDS_PER_CHANNEL, Device, body_of
from .errors import Refusal
from .route import Route
from .xml import Document, read

_MIDNIGHT = datetime.min.time()
_DAY = timedelta(days=1)


def routes() -> Iterable[Route]:
    """Give the resources."""
    path = "/ISAPI/ContentMgmt/record/tracks"
    yield Route("GET", path, tracks, Right.PLAYBACK)
    yield Route("GET", f"{path}/{{track:[0-9]+}}", track, Right.PLAYBACK)
    yield Route(
        "POST", f"{path}/{{track:[0-9]+}}/dailyDistribution", daily_distribution, Right.PLAYBACK
    )


async def tracks(device: Device, _request: web.Request) -> web.Response:
    """List the tracks."""
    items = [
        _track(device, known, stream)
        for known in device.recorder.channels.values()
        for stream in known.plan.streams
    ]
    return device.xml("TrackList", {"Track": items})


async def track(device: Device, request: web.Request) -> web.Response:
    """Tell of one track."""
    known, stream = _recorded(device, request)
    return device.xml("Track", _track(device, known, stream))


async def daily_distribution(device: Device, request: web.Request) -> web.Response:
    """Say on which days of a month there are recordings: days by the device's wall clock.

    Raises:
        Refusal: the firmware has no calendar, or there is no such month.
    """
    if not device.firmware.calendar:
        raise Refusal.missing(device.firmware.calendar_absent)
    known, stream = _recorded(device, request)
    asked = read(await body_of(request), "trackDailyParam")
    try:
        year, month = int(asked.findtext("year", "")), int(asked.findtext("monthOfYear", ""))
        days = [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]
    except ValueError as err:
        raise Refusal.bad_content() from err
    items = [
        {"id": day.day, "dayOfMonth": day.day, **_recorded_on(device, known, stream, day)}
        for day in days
    ]
    return device.xml("trackDailyDistribution", {"dayList": {"day": items}})


def _recorded(device: Device, request: web.Request) -> tuple[Channel, int]:
    known, stream = device.numbers(request.match_info["track"])
    if stream not in known.plan.streams:
        raise Refusal(HTTPStatus.BAD_REQUEST, 6, "badParameters")
    return known, stream


def _recorded_on(device: Device, known: Channel, stream: int, day: date) -> Document:
    clock = device.recorder.clock
    midnight = datetime.combine(day, _MIDNIGHT)
    span = clock.instant(midnight), clock.instant(midnight + _DAY, fold=1)
    schedule = device.recorder.schedule
    first = next(schedule.recordings(known.number, stream, *span), None)
    if first is None:
        # What was overwritten last may be in the calendar still.
        oldest = device.recorder.now() - schedule.retention
        edge = oldest - _DAY * device.firmware.calendar_edge_days
        if edge < span[1] <= oldest:
            return {"record": True, "recordType": "time"}
        return {"record": False}
    kind = "time" if known.plan.continuous and first.kind is Kind.CONTINUOUS else "event"
    return {"record": True, "recordType": kind}


def _track(device: Device, known: Channel, stream: int) -> Document:
    sid = known.number * SIDS_PER_CHANNEL + stream
    mode = "CMR" if known.plan.continuous else "EDR"
    source: Document = {
        "SrcGUID": "{00000000-0000-0000-0000-000000000000}",
        "SrcChannel": known.number,
        "StreamHint": "video",
        "SrcDriver": "RTSP",
        "SrcType": "HIKVISION",
        "SrcUrl": f"rtsp://{device.recorder.identity.address}/Streaming/Channels/{sid}",
    }
    days = device.recorder.schedule.retention.days
    return {
        "id": sid,
        "Channel": sid,
        "Enable": True,
        "Description": f"trackType=standard,sourceTag={known.number}",
        "TrackGUID": "{00000000-0000-0000-0000-" + f"{sid:012}" + "}",
        "Size": 0,
        "Duration": f"P{days}DT0H",
        "DefaultRecordingMode": mode,
        "LoopEnable": True,
        "SrcDescriptor": source,
        "TrackSchedule": {"ScheduleBlockList": {"ScheduleBlock": _week(mode)}},
    }


def _week(mode: str) -> Document:
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    actions: list[Document] = [
        {
            "id": number,
            "ScheduleActionStartTime": {"DayOfWeek": name, "TimeOfDay": "00:00:00"},
            "ScheduleActionEndTime": {"DayOfWeek": name, "TimeOfDay": "24:00:00"},
            "Actions": {"Record": True, "ActionRecordingMode": mode},
        }
        for number, name in enumerate(names, 1)
    ]
    return {
        "ScheduleBlockGUID": "{00000000-0000-0000-0000-000000000000}",
        "ScheduleAction": actions,
    }
