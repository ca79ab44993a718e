"""Recordings as the device calls them: kinds, file names, and the addresses that play them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
import re
from urllib.parse import parse_qs, urlsplit

from simulator.core.recordings import Kind, Recording, Series

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .times import basic, read_basic
from .traits.search import OpenEnd

# A file that is being written has its whole block, however little of it is used.
_BLOCK_BYTES = 1024 * 1024 * 1024
# The farthest end of an open file that was seen.
_FAR = timedelta(minutes=358)
_TRACK_PATH = re.compile(r"(?:/PSIA)?/Streaming/tracks/(\d{3,5})/?", re.IGNORECASE)
_NAME = re.compile(r"(?:ch)?(\d{2})_?(\d)([01])(\d{9})0{4,6}")
_SERIES = (Series.FILES, Series.EVENTS)
WORDS = {
    Kind.CONTINUOUS: "timing",
    Kind.MOTION: "motion",
    Kind.PERSON: "peopleDetection",
    Kind.VEHICLE: "vehicleDetection",
    Kind.LINE_CROSSING: "linedetection",
    Kind.INTRUSION: "fielddetection",
    Kind.ALARM: "alarm",
    Kind.MANUAL: "manual",
}


@dataclass(frozen=True, kw_only=True)
class PlaybackAddress:
    """What an address of recorded footage says; None what it leaves out."""

    host: str | None
    channel: int
    stream: int
    start: datetime | None
    end: datetime | None
    name: str | None


def track_of(recording: Recording) -> int:
    """Give the track id that a recording is searched under."""
    return recording.channel * SIDS_PER_CHANNEL + recording.stream


def name_of(device: Device, recording: Recording) -> str:
    """Give the file name of a recording."""
    series = _SERIES.index(recording.series)
    number = f"{recording.stream}{series}{recording.number:09}"
    if device.firmware.name_prefix:
        return f"ch{recording.channel:02}_{number}000000"
    return f"{recording.channel:02}{number}0000"


def address_of(device: Device, recording: Recording) -> str:
    """Give the address that plays a recording, as search answers hold it."""
    clock = device.recorder.clock
    host = device.recorder.identity.address
    if device.firmware.uri_has_port:
        host += ":80"
    slash = "/" if device.firmware.uri_slash else ""
    return (
        f"rtsp://{host}/Streaming/tracks/{track_of(recording)}{slash}"
        f"?starttime={basic(clock.stamp(recording.start))}"
        f"&endtime={basic(clock.stamp(said_end(device, recording)))}"
        f"&name={name_of(device, recording)}&size={_size(device, recording)}"
    )


def said_end(device: Device, recording: Recording) -> datetime:
    """Give the true instant at which a recording is said to end: that of an open one isn't known."""
    now = device.recorder.now()
    if recording.open:
        match device.firmware.open_end:
            case OpenEnd.FAR:
                return now + _FAR
            case OpenEnd.NOW:
                return now
            case OpenEnd.PLANNED:
                pass
    return recording.end


def read_address(text: str) -> PlaybackAddress:
    """Read an address of recorded footage, or its path and query alone.

    Raises:
        Refusal: it is none.
    """
    parts = urlsplit(text.strip())
    match = _TRACK_PATH.fullmatch(parts.path)
    if match is None:
        raise Refusal.bad_content()
    query = parse_qs(parts.query)
    times = {key: read_basic(query.get(key, [""])[0]) for key in ("starttime", "endtime")}
    channel, stream = divmod(int(match[1]), SIDS_PER_CHANNEL)
    return PlaybackAddress(
        host=parts.hostname,
        channel=channel,
        stream=stream,
        start=times["starttime"],
        end=times["endtime"],
        name=query.get("name", [None])[0],
    )


def named(device: Device, name: str) -> Recording | None:
    """Give the recording in a file, None if there is no such file any more."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    channel, stream, series, number = (int(part) for part in match.groups())
    return device.recorder.schedule.find(channel, stream, _SERIES[series], number)


def _size(device: Device, recording: Recording) -> int:
    if recording.open:
        return _BLOCK_BYTES
    footage = device.footage(recording.channel, recording.stream)
    return footage.size(recording.start, recording.end)
