"""Recordings as files: their paths, the way back from a path, and what is in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
import re
from typing import Final

from simulator.core.recordings import Kind, Recording, Series
from simulator.footage.dhav import DhavStream

from .device import Device
from .traits.search import FileShape, Tag

_SERIES = (Series.FILES, Series.EVENTS)
_REGULAR: Final = "R"
_TAGS: Final = {
    Kind.CONTINUOUS: _REGULAR,
    Kind.MANUAL: _REGULAR,
    Kind.MOTION: "M",
    Kind.ALARM: "A",
    Kind.PERSON: "I",
    Kind.VEHICLE: "I",
    Kind.LINE_CROSSING: "E",
    Kind.INTRUSION: "E",
}
# A number on the disk that tells recordings apart: the bits below say stream and series.
_STREAMS = 2
_TIME = r"\d\d\.\d\d\.\d\d"
_FOOTAGE: Final = {
    FileShape.RECORDER: re.compile(
        rf"/mnt/dvr/(?P<date>\d{{4}}-\d\d-\d\d)/(?P<index>\d+)/dav/\d\d/1/0/\d+/"
        rf"(?P<start>{_TIME})-{_TIME}\[\w\]\[\d+@\d+\]\[\d+\]\.dav"
    ),
    FileShape.CARD: re.compile(
        rf"/mnt/sd/(?P<date>\d{{4}}-\d\d-\d\d)/(?P<folder>\d{{3}})/dav/\d\d/"
        rf"(?P<start>{_TIME})-{_TIME}\[\w\]\[\d+@\d+\]\[\d+\]\.mp4"
    ),
}
_PICTURE: Final = {
    FileShape.RECORDER: re.compile(
        r"/mnt/dvr/(?P<date>\d{4}-\d\d-\d\d)/(?P<index>\d+)/jpg/(?P<start>\d\d/\d\d/\d\d)"
        r"\[\w\]\[\d+@\d+\]\[\d+\]\[0\]\.jpg"
    ),
    FileShape.CARD: re.compile(
        r"/mnt/sd/(?P<date>\d{4}-\d\d-\d\d)/(?P<folder>\d{3})/jpg/(?P<start>\d\d/\d\d/\d\d)"
        r"\[\w\]\[\d+@\d+\]\[\d+\]\[\]\.jpg"
    ),
}
_SPAN_IN_NAME = re.compile(rf"-{_TIME}\[")
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Named:
    """What a path is of.

    Attributes:
        recording: that it is of.
        picture: whether it is a picture of its beginning, not its footage.
    """

    recording: Recording
    picture: bool = False


def cluster_of(recording: Recording) -> int:
    """Give the number on the disk by which recordings of a channel are told apart."""
    place = (recording.stream - 1) * len(_SERIES) + _SERIES.index(recording.series)
    return recording.number * len(_SERIES) * _STREAMS + place


def path_of(device: Device, recording: Recording) -> str:
    """Give the path of a recording's file. That of an open one changes with its end."""
    clock = device.recorder.clock
    start, end = clock.wall(recording.start), clock.wall(said_end(device, recording))
    tags = f"[{_tag(device, recording)}][{recording.stream - 1}@0][0]"
    name = f"{start:%H.%M.%S}-{end:%H.%M.%S}{tags}"
    if device.firmware.file_shape is FileShape.CARD:
        return f"/mnt/sd/{start:%Y-%m-%d}/{recording.channel:03}/dav/{start:%H}/{name}.mp4"
    folder = f"/mnt/dvr/{start:%Y-%m-%d}/{recording.channel - 1}/dav/{start:%H}"
    return f"{folder}/1/0/{cluster_of(recording)}/{name}.dav"


def picture_path_of(device: Device, recording: Recording) -> str:
    """Give the path of the picture of a recording's beginning."""
    start = device.recorder.clock.wall(recording.start)
    tag = _tag(device, recording)
    if device.firmware.file_shape is FileShape.CARD:
        folder = f"/mnt/sd/{start:%Y-%m-%d}/{recording.channel:03}/jpg"
        return f"{folder}/{start:%H/%M/%S}[{tag}][{recording.stream - 1}@0][0][].jpg"
    folder = f"/mnt/dvr/{start:%Y-%m-%d}/{recording.channel - 1}/jpg"
    tags = f"[{tag}][{recording.stream - 1}@0][{cluster_of(recording)}][0]"
    return f"{folder}/{start:%H/%M/%S}{tags}.jpg"


def said_end(device: Device, recording: Recording) -> datetime:
    """Give the true instant at which a recording is said to end: that of an open one grows."""
    if recording.open and device.firmware.open_growing:
        return device.recorder.now()
    return recording.end


def named(device: Device, path: str) -> Named | None:
    """Give what a path is of, None if there is no such file any more."""
    shape = device.firmware.file_shape
    for pattern, write in ((_FOOTAGE, path_of), (_PICTURE, picture_path_of)):
        if match := pattern[shape].fullmatch(path):
            wanted = _without_end(path)
            for recording in _at(device, match):
                if _without_end(write(device, recording)) == wanted:
                    return Named(recording, picture=pattern is _PICTURE)
    return None


def footage(device: Device, channel: int, stream: int) -> DhavStream:
    """Give the footage of a stream as the device writes it to its disks."""
    source = device.recorder.source(channel, stream)
    key = source, device.firmware.dhav
    known = device.media.footages.get(key)
    if known is None:
        known = DhavStream(source, wall=device.recorder.clock.wall, form=device.firmware.dhav)
        device.media.footages[key] = known
    return known


def size_of(device: Device, recording: Recording) -> int:
    """Give the bytes of a recording's file, as far as it is written."""
    span = device.recorder.schedule.written_span(recording)
    if span is None:
        return 0
    written = footage(device, recording.channel, recording.stream)
    index = len(written.index(*span)) if device.firmware.dhav_index else 0
    return written.size(*span) + index


def _tag(device: Device, recording: Recording) -> str:
    return _REGULAR if device.firmware.tag is Tag.REGULAR else _TAGS[recording.kind]


def _without_end(path: str) -> str:
    """Give a path without what changes in it while the file grows."""
    return _SPAN_IN_NAME.sub("[", path, count=1)


def _at(device: Device, match: re.Match[str]) -> Iterator[Recording]:
    """Give the recordings that begin at the second that a path names."""
    parts = match.groupdict()
    channel = int(parts["folder"]) if "folder" in parts else int(parts["index"]) + 1
    try:
        digits = f"{parts['date']} {parts['start'].replace('/', '.')}"
        start = datetime.strptime(digits, "%Y-%m-%d %H.%M.%S")
    except ValueError:
        return
    recorder = device.recorder
    known = recorder.channels.get(channel)
    for stream in known.plan.streams if known is not None else ():
        for begins in {recorder.clock.instant(start, fold=fold) for fold in (0, 1)}:
            yield from recorder.schedule.recordings(channel, stream, begins, begins + _SECOND)
