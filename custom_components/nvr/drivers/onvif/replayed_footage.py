"""Footage that is replayed: its end is known by the times that its packets carry.

Servers fall silent at the end of what was asked, without a word, and so they do before a gap (section 9 of the notes).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import override

from ..answer import StalledError
from ..playable import LEAD, ROUNDING
from ..rtsp.message import FRAME_HEAD_BYTES, Frame
from ..rtsp.replay import ReplayMark, replay_mark
from ..rtsp.session import PlayedTrack
from ..rtsp_footage import RtspFootage

# Pictures are not sent in the order in which they are shown: what comes so long after the end is surely beyond it.
REORDERED = timedelta(seconds=1)
# From packet to packet; over a gap it is further.
FAR = timedelta(seconds=60)
# How long to wait for more after the last that was to come.
SETTLED_SECONDS = 1.0
# And after the last before a gap, behind which there may be more.
SECTION_SECONDS = 3.0


class ReplayedFootage(RtspFootage):
    """What is being replayed; time stamps count where packets carry no times."""

    def __init__(
        self,
        track: PlayedTrack,
        head: bytes,
        first: list[Frame],
        frames: AsyncIterator[list[Frame]],
        end: datetime,
        asked: timedelta,
    ) -> None:
        """Initialize with what came first.

        ``end`` is where what was asked ends, in the times of the packets, and ``asked`` how long that is.
        """
        super().__init__(track, head, first, frames, asked + LEAD + ROUNDING)
        self._track = track
        self._end = end
        self._asked = asked
        self._newest: datetime | None = None
        self._unconfirmed: datetime | None = None
        self._ending: ReplayMark | None = None

    @override
    def _note(self, frames: Sequence[Frame]) -> None:
        super()._note(frames)
        for frame in frames:
            if frame.channel != self._track.channel:
                continue
            if (mark := replay_mark(frame.raw, FRAME_HEAD_BYTES)) is None:
                continue
            self._take_time(mark.time)
            # Some say it in the first packet of a picture alone, which holds for the others of it.
            if mark.terminal or mark.ends or (self._ending and self._ending.time != mark.time):
                self._ending = mark if mark.terminal or mark.ends else None

    def _take_time(self, time: datetime) -> None:
        """Take the time of a packet; one that is far from all others may be spoilt, so a second one has to confirm it."""
        known, self._unconfirmed = (self._newest, self._unconfirmed), None
        if self._newest is None or any(one and abs(time - one) <= FAR for one in known):
            self._newest = time if self._newest is None else max(self._newest, time)
        else:
            self._unconfirmed = time

    @property
    @override
    def _is_beyond(self) -> bool:
        if self._newest is not None:
            return self._newest >= self._end + REORDERED
        return super()._is_beyond

    @property
    @override
    def _is_settled(self) -> bool:
        if self._ending is not None and self._ending.terminal:
            return True
        if self._newest is not None:
            return self._newest >= self._end - ROUNDING
        return self._progress.covered >= self._asked - ROUNDING

    @property
    def _silence(self) -> float | None:
        """For how many seconds nothing may come before that is the end, None for as long as elsewhere."""
        if self._is_settled:
            return SETTLED_SECONDS
        # Behind the last of a section there may be another.
        return None if self._ending is None else SECTION_SECONDS

    @override
    async def _next(self) -> list[Frame] | None:
        try:
            async with asyncio.timeout(self._silence):
                return await super()._next()
        except TimeoutError, StalledError:
            # Before a gap there is silence, too.
            return None
