"""Is a saved clip whole, and does it show what was asked for?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
import json
from pathlib import Path
import struct
from typing import Any, BinaryIO, Final

import av
from av.error import FFmpegError

from demo.steps.clip import shown
from simulator.footage.pattern import PatternError, PatternReading

# A picture more or less is what cutting at pictures means; the rest is what may be open of the recorder's clock.
SLACK = timedelta(milliseconds=100)
# Where the footage carried no clock, a cut is right to a group of pictures and whole seconds.
LOOSE = timedelta(seconds=4)
# A stream's own length against that of its pictures.
LENGTH_SLACK = timedelta(milliseconds=200)
_BOX: Final = struct.Struct(">I4s")
_UUID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A clip that was asked for.

    Attributes:
        channel: number of the channel it has to show.
        frame: from picture to picture.
    """

    channel: int
    start: datetime
    end: datetime
    frame: timedelta


@dataclass(frozen=True, slots=True)
class Note:
    """What a clip says of itself."""

    start: datetime
    end: datetime
    exact: bool
    gaps: tuple[tuple[datetime, datetime], ...]


def read_note(file: Path) -> Note:
    """Read the note in a clip's last box.

    Raises:
        ValueError: there is none.
    """
    with file.open("rb") as source:
        *_, (kind, payload) = _boxes(source)
    if kind != b"uuid":
        raise ValueError("the last box is no note")
    fields: Any = json.loads(payload[_UUID_BYTES:])
    gaps = tuple(
        (datetime.fromisoformat(start), datetime.fromisoformat(end))
        for start, end in fields["gaps"]
    )
    return Note(
        datetime.fromisoformat(fields["start"]),
        datetime.fromisoformat(fields["end"]),
        fields["exact"],
        gaps,
    )


def _boxes(source: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    while header := source.read(_BOX.size):
        size, kind = _BOX.unpack(header)
        yield kind, source.read(size - _BOX.size)


def wrong_with(file: Path, request: Request) -> list[str]:
    """Return what is wrong with a clip, in words. Blocks while every picture is looked at."""
    try:
        note = read_note(file)
        readings = list(shown(file))
        length = _length(file)
    except (ValueError, KeyError, struct.error, FFmpegError, PatternError, OSError) as error:
        return [f"it can't be read: {type(error).__name__} {error}"]
    if not readings:
        return ["it has no picture"]
    slack = request.frame + (SLACK if note.exact else LOOSE)
    return [*_order(readings, request), *_coverage(readings, note, request, slack, length)]


def _length(file: Path) -> timedelta:
    with av.open(file) as container:
        video = container.streams.video[0]
        if video.duration is None or video.time_base is None:
            raise ValueError("it does not say how long it is")
        return timedelta(seconds=float(video.duration * video.time_base))


def _order(readings: Sequence[PatternReading], request: Request) -> Iterator[str]:
    if {reading.channel for reading in readings} != {request.channel}:
        yield "it shows another channel"
    if any(later.instant <= one.instant for one, later in pairwise(readings)):
        yield "it jumps back"


def _coverage(
    readings: Sequence[PatternReading],
    note: Note,
    request: Request,
    slack: timedelta,
    length: timedelta,
) -> Iterator[str]:
    first, last = readings[0].instant, readings[-1].instant + request.frame
    if first < request.start - slack or last > request.end + slack:
        yield f"it shows {first} to {last}, more than was asked for"
    if abs(note.start - first) > slack or abs(note.end - last) > slack:
        yield f"it says that it shows {note.start} to {note.end}, but shows {first} to {last}"
    if length + LENGTH_SLACK < last - first - _missing(note):
        yield f"it lasts {length}"
    shown_until = request.start
    for reading in [*readings, None]:
        instant = request.end if reading is None else reading.instant
        if instant - shown_until > slack and not _told(note, shown_until, instant, slack):
            yield f"it lacks {shown_until} to {instant} and does not say so"
        if reading is not None:
            shown_until = reading.instant + request.frame


def _missing(note: Note) -> timedelta:
    return sum((end - start for start, end in note.gaps), timedelta())


def _told(note: Note, start: datetime, end: datetime, slack: timedelta) -> bool:
    """Whether the note names a part that the pictures lack."""
    told = [gap for gap in note.gaps if gap[0] <= end and gap[1] >= start]
    return bool(told) and told[0][0] <= start + slack and told[-1][1] >= end - slack
