"""What the device's RTSP addresses stand for (sections 9 and 12 of the notes)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
import re
from urllib.parse import urlsplit

from simulator.rtsp.presentation import Presentation, RtspRefusal, Span

from .device import SIDS_PER_CHANNEL, Device
from .errors import Refusal
from .files import PlaybackAddress, read_address
from .traits.playback import LiveForm, TrackForm

_LIVE_PATHS = {
    LiveForm.STREAM_ID: re.compile(
        r"(?:/ISAPI)?/Streaming/channels/(?P<sid>\d{3,5})/?", re.IGNORECASE
    ),
    LiveForm.CHANNEL: re.compile(
        r"(?:/ISAPI)?/Streaming/channels/(?P<channel>\d{1,2})/?", re.IGNORECASE
    ),
    LiveForm.AV_STREAM: re.compile(
        r"/(?:h264|mpeg-?4)/ch(?P<number>\d{1,2})/(?P<stream>main|sub)/av_stream/?", re.IGNORECASE
    ),
    LiveForm.PSIA: re.compile(r"/PSIA/Streaming/channels/(?P<sid>\d{3,5})/?", re.IGNORECASE),
}
_PSIA = re.compile(r"/PSIA(?=/Streaming/tracks/)", re.IGNORECASE)
_STREAMS = {"main": 1, "sub": 2}
_TRACKS_BY_NAME = ("trackID=video", "trackID=audio", "trackID=metadata")
_TRACKS_BY_NUMBER = ("trackID=1", "trackID=2", "trackID=3")
_OPEN_END = timedelta(days=1)
# Search answers round the start of a file down to the second.
_ROUNDED = timedelta(seconds=1)


def resolve(device: Device, target: str) -> Presentation:
    """Give what an RTSP path with its query stands for.

    Raises:
        RtspRefusal: there is no such stream.
    """
    path = urlsplit(target).path
    try:
        for form in sorted(device.firmware.live_forms):
            if match := _LIVE_PATHS[form].fullmatch(path):
                return _live(device, _stream_id(device, match))
        track_form, target = _track_form(target)
        address = read_address(target)
        if track_form not in device.firmware.track_forms:
            raise RtspRefusal(device.firmware.track_form_status)
        return _recorded(device, address)
    except Refusal as err:
        raise _not_found() from err


def _stream_id(device: Device, match: re.Match[str]) -> str:
    """Give the stream's id that the parts of a live address mean."""
    parts = match.groupdict()
    if "sid" in parts:
        return str(parts["sid"])
    if "channel" in parts:
        return str(int(parts["channel"]) * SIDS_PER_CHANNEL + 1)
    number = int(parts["number"]) - device.firmware.av_stream_first + 1
    return str(max(0, number) * SIDS_PER_CHANNEL + _STREAMS[parts["stream"].lower()])


def _track_form(target: str) -> tuple[TrackForm, str]:
    """Give how a recording's address is written, and the address as files are called."""
    if (plain := _PSIA.sub("", target, count=1)) != target:
        return TrackForm.PSIA, plain
    slash = urlsplit(target).path.endswith("/")
    return TrackForm.SLASH if slash else TrackForm.PLAIN, target


def _live(device: Device, sid: str) -> Presentation:
    channel, stream = device.stream(sid)
    if not channel.has_pictures:
        raise _not_found()
    return Presentation(
        source=device.recorder.source(channel.number, stream),
        title=_title(device),
        stamp=device.recorder.clock.stamp,
        available=lambda: channel.has_pictures,
    )


def _recorded(device: Device, address: PlaybackAddress) -> Presentation:
    recorder = device.recorder
    channel, stream = address.channel, address.stream
    if not recorder.has_stream(channel, stream) or address.start is None:
        raise _not_found()
    clock = recorder.clock
    end = address.end if address.end is not None else address.start + _OPEN_END
    start, stop = clock.span(address.start, end)
    spans = tuple(recorder.schedule.spans(channel, stream, start, stop))

    def following(instant: datetime) -> Iterator[Span]:
        return recorder.schedule.spans(channel, stream, instant, recorder.now())

    return Presentation(
        source=recorder.source(channel, stream),
        spans=spans,
        gap=not spans or spans[0][0] > start + _ROUNDED,
        title=_title(device),
        tracks=_TRACKS_BY_NAME if device.firmware.named_tracks else _TRACKS_BY_NUMBER,
        stamp=clock.stamp,
        from_stamp=clock.from_stamp,
        following=following,
    )


def _title(device: Device) -> str:
    return f"Media Server {device.recorder.identity.firmware}"


def _not_found() -> RtspRefusal:
    return RtspRefusal(HTTPStatus.NOT_FOUND)
