"""Footage without an end, cut into recordings that people can look through.

Where it is cut must not depend on what was searched, as recordings are known by their times: at the full hours of the
device's UTC, and only what is longer than one. So a search looks an hour further than it is asked, on either side.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..models import RecordingKind
from .track_states import Span

PIECE = timedelta(hours=1)
MAX_PIECES = 24 * 366
_CONTINUOUS = frozenset({RecordingKind.CONTINUOUS})
# Devices don't say why they recorded.
_UNTOLD = frozenset({RecordingKind.OTHER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A recording in the device's digits; ``endless`` ones don't exist here."""

    start: datetime
    end: datetime
    kinds: frozenset[RecordingKind]
    token: str
    size_bytes: int | None = None
    endless: bool = False

    @property
    def start_text(self) -> str:
        """The start in the device's words."""
        return f"{self.start.isoformat()}Z"

    @property
    def end_text(self) -> str:
        """The end in the device's words."""
        return f"{self.end.isoformat()}Z"


def widened(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Return what has to be known to cut all that lies between two times (the device's)."""
    begin, end = _full(first) - PIECE, _full(last) + 2 * PIECE
    return begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC)


def pieces(span: Span, token: str, until: datetime, now: datetime) -> Iterator[Piece]:
    """Yield the recordings of a span of a container, as far as it is known ``until`` (both are the device's times).

    What goes on at present ends later than ``now``.
    """
    start, last = (None if one is None else one.replace(tzinfo=None) for one in span)
    assert start is not None
    until, now = (one.replace(tzinfo=None) for one in (until, now))
    # What is allotted ahead goes on, too.
    going_on = until >= now if last is None else start < now < last
    end = last or (max(now, start) + PIECE if going_on else until)
    reached = min(now, until) if last is None else min(now, last) if going_on else last
    if reached - start <= PIECE:
        yield Piece(start=start, end=end, kinds=_UNTOLD, token=token)
        return
    for _ in range(MAX_PIECES):
        stop = _full(start) + PIECE
        if stop > end or (going_on and stop > now):
            stop = end
        yield Piece(start=start, end=stop, kinds=_CONTINUOUS, token=token)
        if stop >= end:
            return
        start = stop


def _full(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
