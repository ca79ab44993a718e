"""What the device's RTSP addresses stand for (sections 7 and 9 of the protocol notes)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import unquote

from simulator.core.channels import Channel
from simulator.rtsp.presentation import Presentation, RtspRefusal

from .device import Device
from .errors import Refusal
from .files import named
from .grammar import read_query

_LIVE, _PLAYBACK, _FILE = "/cam/realmonitor", "/cam/playback", "/mnt/"
_TRACKS = ("trackID=0", "trackID=1", "trackID=4")
_TITLE = "Media Server"
_OPEN_END = timedelta(days=1)
# Times in addresses are whole seconds, and files begin within them.
_ROUNDED = timedelta(seconds=1)


def resolve(device: Device, target: str) -> Presentation:
    """Give what an RTSP path with its query stands for.

    Raises:
        RtspRefusal: there is no such stream.
    """
    # A file's path follows a slash of its own, which no parser of addresses takes for a path.
    path, _, raw = target.partition("?")
    path = "/" + unquote(path).lstrip("/")
    query = dict(read_query(raw, device.firmware.encoding))
    firmware = device.firmware
    try:
        if path == _LIVE and "starttime" not in query:
            return _live(device, query)
        if path == _LIVE and firmware.live_plays:
            return _recorded(device, query)
        if path == _PLAYBACK and firmware.plays_by_time:
            return _recorded(device, query)
        if path.startswith(_FILE) and firmware.plays_files:
            return _file(device, path)
    except Refusal as err:
        raise _not_found() from err
    raise _not_found()


def _stream(device: Device, query: Mapping[str, str]) -> tuple[Channel, int]:
    channel = device.channel(query.get("channel", "1"))
    subtype = query.get("subtype", "0")
    stream = int(subtype) + 1 if subtype.isascii() and subtype.isdecimal() else 0
    if stream not in channel.streams or not device.serves(channel):
        raise _not_found()
    return channel, stream


def _live(device: Device, query: Mapping[str, str]) -> Presentation:
    channel, stream = _stream(device, query)
    if not channel.has_pictures:
        raise _not_found()
    return Presentation(
        source=device.recorder.source(channel.number, stream),
        title=_TITLE,
        tracks=_TRACKS,
        stamp=device.recorder.clock.wall,
        available=lambda: channel.has_pictures,
    )


def _recorded(device: Device, query: Mapping[str, str]) -> Presentation:
    channel, stream = _stream(device, query)
    start = _time(query.get("starttime", ""))
    end = _time(query["endtime"]) if "endtime" in query else start + _OPEN_END
    recorder = device.recorder
    begins, ends = recorder.clock.span(start, end)
    spans = tuple(recorder.schedule.spans(channel.number, stream, begins, ends))
    return Presentation(
        source=recorder.source(channel.number, stream),
        spans=spans,
        gap=not spans or spans[0][0] > begins + _ROUNDED,
        title=_TITLE,
        tracks=_TRACKS,
        stamp=recorder.clock.wall,
        from_stamp=recorder.clock.instant,
        following=lambda instant: recorder.schedule.spans(
            channel.number, stream, instant, recorder.now()
        ),
    )


def _file(device: Device, path: str) -> Presentation:
    """Play a file up to its end; what was recorded afterwards is another file's."""
    found = named(device, path)
    span = device.recorder.schedule.written_span(found.recording) if found is not None else None
    if found is None or span is None or found.picture:
        raise _not_found()
    recording = found.recording
    return Presentation(
        source=device.recorder.source(recording.channel, recording.stream),
        spans=(span,),
        title=_TITLE,
        tracks=_TRACKS,
        stamp=device.recorder.clock.wall,
        from_stamp=device.recorder.clock.instant,
    )


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y_%m_%d_%H_%M_%S")
    except ValueError as err:
        raise _not_found() from err


def _not_found() -> RtspRefusal:
    return RtspRefusal(HTTPStatus.NOT_FOUND)
