"""Which recordings a clip is cut from, what it will weigh, and what the recorder does not have."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..drivers.models import Recording, Stream

ROUNDING = timedelta(seconds=1)
"""Search answers count whole seconds: footage may begin and end a second later than they say."""

ASSUMED_BITRATE_KBPS = 16_384
"""Taken where neither search nor stream tells: the highest that recorders offer for one channel."""

CONTAINER_SHARE = 1.1
"""A clip's weight against its share of the recording: key frame before, audio recoded, indexes."""

_BITS_PER_BYTE = 8
_BITS_PER_KILOBIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """The recordings that a clip is cut from, oldest first, and what it is expected to weigh."""

    recordings: tuple[Recording, ...]
    size_bytes: int

    @property
    def end(self) -> datetime | None:
        """Until when there is footage, None where there is none at all."""
        return max((recording.end for recording in self.recordings), default=None)

    def reaches(self, end: datetime) -> bool:
        """Whether the footage goes as far as that, as exactly as search answers tell."""
        return self.end is not None and self.end + ROUNDING >= end


def plan_clip(
    recordings: Iterable[Recording], start: datetime, end: datetime, stream: Stream | None
) -> ClipPlan:
    """Choose the recordings for [start, end), without those that add nothing.

    A recording that ends within the second before ``start`` counts, for its last pictures may be
    younger than the search says.
    """
    chosen: list[Recording] = []
    reached = start - ROUNDING
    for recording in sorted(
        recordings, key=lambda recording: (recording.start, -recording.duration)
    ):
        if recording.start < end and recording.end > reached:
            chosen.append(recording)
            reached = recording.end
    size = sum(_share(recording, start, end, stream) for recording in chosen)
    return ClipPlan(recordings=tuple(chosen), size_bytes=round(size * CONTAINER_SHARE))


def _share(recording: Recording, start: datetime, end: datetime, stream: Stream | None) -> float:
    """Return the bytes of the part of a recording that lies in the span."""
    part = min(recording.end, end) - max(recording.start, start)
    seconds = max(0.0, part.total_seconds())
    # The size of the recording that is being written grows while its end is only guessed.
    if recording.size_bytes and recording.duration and not recording.open:
        return recording.size_bytes * seconds / recording.duration.total_seconds()
    bitrate = (stream.bitrate_kbps if stream else None) or ASSUMED_BITRATE_KBPS
    return bitrate * _BITS_PER_KILOBIT / _BITS_PER_BYTE * seconds


def nearest(recordings: Iterable[Recording], start: datetime, end: datetime) -> Recording | None:
    """Return the recording with the smallest distance from [start, end)."""
    nothing = timedelta()
    return min(
        recordings,
        key=lambda recording: max(nothing, start - recording.end, recording.start - end),
        default=None,
    )
