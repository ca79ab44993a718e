"""What a recording is, and the plan by which a channel is recorded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """Why something was recorded."""

    CONTINUOUS = "continuous"
    MOTION = "motion"
    PERSON = "person"
    VEHICLE = "vehicle"
    LINE_CROSSING = "line crossing"
    INTRUSION = "intrusion"
    ALARM = "alarm"
    MANUAL = "manual"


class Series(StrEnum):
    """Which of the two rows of a stream a recording belongs to."""

    FILES = "files"
    EVENTS = "events"


@dataclass(frozen=True, kw_only=True)
class RecordingPlan:
    """What is recorded of a channel.

    Attributes:
        continuous: whether files follow each other without end.
        file_length: of those, about.
        overlap: a file goes on for about so long after the next one has begun.
        missing: one of so many files is missing; 0 for none.
        kinds: of the events that are recorded, if any.
        events_per_day: at most.
        streams: which streams are recorded, 1 main and 2 sub.
    """

    continuous: bool = True
    file_length: timedelta = timedelta(minutes=17)
    # 2 to 3 s seen on a DS-8632N-I8.
    overlap: timedelta = timedelta(seconds=2.999)
    missing: int = 0
    kinds: tuple[Kind, ...] = ()
    events_per_day: int = 96
    streams: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording.

    Attributes:
        channel: number from 1.
        stream: 1 main, 2 sub.
        start: true UTC instant of its first key frame.
        end: true UTC instant of the key frame before which it ends. In the future while `open`.
        kind: why it was made.
        open: whether it is still being written.
        series: the row it belongs to.
        number: its number in that row.
    """

    channel: int
    stream: int
    start: datetime
    end: datetime
    kind: Kind
    open: bool
    series: Series
    number: int
