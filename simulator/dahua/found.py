"""What a search finds: recordings and pictures of events, as items (section 8 of the notes)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
import heapq
from operator import attrgetter
from typing import Final

from simulator.core.recordings import Recording

from .conditions import CODES, FOOTAGE, PICTURE, Condition, flag_of
from .device import Device
from .files import cluster_of, path_of, picture_path_of, said_end, size_of
from .grammar import Json
from .times import tell

type Item = dict[str, Json]

_STREAM_WORDS: Final = {1: "Main", 2: "Extra1"}
# So many bytes a picture has, about: nobody counts them before.
_PICTURE_BYTES: Final = 98_304
_DAY: Final = timedelta(days=1)
_DISK, _PARTITION = 8, 0
_UNMARKED: Final = "UnMarked"
_SUMMARY: Final[Json] = {
    "TrafficCar": {
        "PlateColor": "Yellow",
        "PlateNumber": "",
        "PlateType": "Yellow",
        "Speed": 60,
        "VehicleColor": "White",
    }
}


def find(device: Device, condition: Condition) -> Iterator[Item]:
    """Give what fits a condition, each item as of the moment when it is taken."""
    order = newest_first if condition.newest_first else recordings
    for recording in order(device, condition):
        if condition.wants_type(FOOTAGE):
            yield _footage(device, recording)
        pictured = device.firmware.event_pictures and recording.kind in CODES
        if pictured and condition.wants_type(PICTURE):
            yield _picture(device, recording)


def recordings(device: Device, condition: Condition) -> Iterator[Recording]:
    """Give the recordings that fit, oldest first."""
    span = device.recorder.clock.span(condition.start, condition.end)
    return _within(device, condition, *span)


def newest_first(device: Device, condition: Condition) -> Iterator[Recording]:
    """Give the recordings that fit, newest first: a day at a time, as long as they are taken."""
    start, end = device.recorder.clock.span(condition.start, condition.end)
    while start < end:
        begins = max(start, end - _DAY)
        found = _within(device, condition, begins, end)
        # What reaches in from before belongs to the day before, if that is asked for.
        yield from reversed([each for each in found if each.start >= begins or begins == start])
        end = begins


def _within(
    device: Device, condition: Condition, start: datetime, end: datetime
) -> Iterator[Recording]:
    schedule = device.recorder.schedule
    rows = (
        schedule.recordings(channel, stream, start, end)
        for channel in condition.channels
        for stream in condition.streams
    )
    merged = heapq.merge(*rows, key=attrgetter("start"))
    return (each for each in merged if not device.firmware.filters or condition.wants(each))


def _footage(device: Device, recording: Recording) -> Item:
    write = partial(tell, device.recorder, device.firmware)
    end = said_end(device, recording)
    size = size_of(device, recording)
    told = device.firmware.stream_told
    return _shaped(
        device,
        recording,
        {
            "Channel": recording.channel - 1,
            "StartTime": write(recording.start),
            "EndTime": write(end),
            "FilePath": path_of(device, recording),
            "Type": FOOTAGE,
            **({"VideoStream": _STREAM_WORDS[recording.stream]} if told else {}),
            "Disk": _DISK,
            "Partition": _PARTITION,
            "Cluster": cluster_of(recording),
            "Length": size,
            **({"CutLength": size} if told else {}),
        },
        seconds=int((end - recording.start).total_seconds()),
    )


def _picture(device: Device, recording: Recording) -> Item:
    start = tell(device.recorder, device.firmware, recording.start)
    return _shaped(
        device,
        recording,
        {
            "Channel": recording.channel - 1,
            "StartTime": start,
            "EndTime": start,
            "FilePath": picture_path_of(device, recording),
            "Type": PICTURE,
            "Disk": _DISK,
            "Partition": _PARTITION,
            "Cluster": cluster_of(recording),
            "Length": _PICTURE_BYTES,
        },
        seconds=0,
    )


def _shaped(device: Device, recording: Recording, item: Item, *, seconds: int) -> Item:
    """Add what this firmware tells besides, in its order."""
    firmware = device.firmware
    flags: list[Json] = [flag_of(recording)]
    if recording.number % 2:
        flags.append(_UNMARKED)
    item["Flags"] = flags
    if recording.kind in CODES:
        item["Events"] = [CODES[recording.kind]]
    if firmware.durations:
        item["Duration"] = seconds
    if firmware.summaries:
        item |= {
            "Compressed": False,
            "Overwrites": 0,
            "Redundant": False,
            "Repeat": 0,
            "Summary": _SUMMARY,
            "SummaryOffset": 0,
            "WorkDir": "/mnt/sd" if firmware.camera else "/mnt/dvr",
            "WorkDirSN": 0,
        }
    return dict(sorted(item.items())) if firmware.sorted_fields else item
