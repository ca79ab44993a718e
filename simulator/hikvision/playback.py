"""What the device's RTSP addresses stand for (sections 9 and 12 of the notes)."""

from datetime import timedelta
from http import HTTPStatus
import re
from urllib.parse import urlsplit

from simulator.rtsp.presentation import Presentation, RtspRefusal

from .device import Device
from .errors import Refusal
from .files import PlaybackAddress, read_address
from .times import true_span

_LIVE_PATH = re.compile(r"(?:/ISAPI)?/Streaming/channels/(\d{3,5})/?", re.IGNORECASE)
_OPEN_END = timedelta(days=1)
# Search answers round the start of a file down to the second.
_ROUNDED = timedelta(seconds=1)


def resolve(device: Device, target: str) -> Presentation:
    """Give what an RTSP path with its query stands for.

    Raises:
        RtspRefusal: there is no such stream, or nothing to be played.
    """
    try:
        live = _LIVE_PATH.fullmatch(urlsplit(target).path)
        if live is not None:
            return _live(device, live[1])
        return _recorded(device, read_address(target))
    except Refusal as err:
        raise _not_found() from err


def _live(device: Device, sid: str) -> Presentation:
    channel, stream = device.stream(sid)
    if not channel.has_pictures:
        raise _not_found()
    return Presentation(source=device.recorder.source(channel.number, stream), title=_title(device))


def _recorded(device: Device, address: PlaybackAddress) -> Presentation:
    recorder = device.recorder
    if not recorder.has_stream(address.channel, address.stream) or address.start is None:
        raise _not_found()
    clock = recorder.clock
    end = address.end if address.end is not None else address.start + _OPEN_END
    start, stop = true_span(clock, address.start, end)
    spans = tuple(recorder.schedule.spans(address.channel, address.stream, start, stop))
    if not spans or (spans[0][0] > start + _ROUNDED and not device.firmware.jumps_gaps):
        raise _not_found()
    return Presentation(
        source=recorder.source(address.channel, address.stream),
        spans=spans,
        title=_title(device),
        tracks=("trackID=video", "trackID=audio", "trackID=metadata"),
        stamp=clock.stamp,
        from_stamp=clock.from_stamp,
    )


def _title(device: Device) -> str:
    return f"Media Server {device.recorder.identity.firmware}"


def _not_found() -> RtspRefusal:
    return RtspRefusal(HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase)
