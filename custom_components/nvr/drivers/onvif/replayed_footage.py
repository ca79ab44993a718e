"""Footage that is replayed, as the bytes of a download: its end is known by the times that its packets carry.

Servers fall silent at the end of what was asked, without a word, and so they do before a gap (section 9 of the notes).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import override

from ..answer import StalledError
from ..driver import Download
from ..errors import CannotConnectError, DeviceBusyError, InvalidAnswerError
from ..playable import LEAD, ROUNDING
from ..playback_footage import (
    MAX_BYTES_PER_SECOND,
    PATIENCE_SECONDS,
    SLACK_BYTES,
    TURN_SECONDS,
    Progress,
)
from ..rtsp.container import container_body
from ..rtsp.message import Frame
from ..rtsp.replay import ReplayMark, replay_mark
from ..rtsp.session import PlayedTrack

# Pictures are not sent in the order in which they are shown: what comes so long after the end is surely beyond it.
REORDERED = timedelta(seconds=1)
# From packet to packet; over a gap it is further.
FAR = timedelta(seconds=60)
# How long to wait for more after the last that was to come.
SETTLED_SECONDS = 1.0
# And after the last before a gap, behind which there may be more.
SECTION_SECONDS = 3.0


class ReplayedFootage(Download):
    """Packets of a recording as they arrive, in a container of their own; bounded in time and size."""

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
        self._track = track
        self._head = head
        self._first = first
        self._frames = frames
        self._end = end
        self._asked = asked
        self._most = asked + LEAD + ROUNDING
        self._progress = Progress(track, self._most)
        self._newest: datetime | None = None
        self._unconfirmed: datetime | None = None
        self._ending: ReplayMark | None = None
        self._received = 0
        self._waited = 0.0
        self._truncated = False
        self._turn_ends = float("inf")
        self._is_wanted: Callable[[], bool] = lambda: False

    def take_turns(self, is_wanted: Callable[[], bool]) -> None:
        """End after a while if others want the recorder."""
        self._turn_ends = monotonic() + TURN_SECONDS
        self._is_wanted = is_wanted

    @property
    @override
    def size_bytes(self) -> int | None:
        return None

    @property
    @override
    def received_bytes(self) -> int:
        return self._received

    @property
    @override
    def whole(self) -> bool:
        return False

    @property
    @override
    def truncated(self) -> bool:
        return self._truncated

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        limit = self._most.total_seconds() * MAX_BYTES_PER_SECOND + SLACK_BYTES
        yield self._head
        frames: list[Frame] | None = self._first
        while frames:
            self._note(frames)
            body = container_body(frames)
            self._received += len(body)
            if self._received > limit:
                raise InvalidAnswerError("the recorder sends more footage than there can be")
            yield body
            if self._is_beyond or self._waited > self._patience:
                return
            if monotonic() > self._turn_ends and self._is_wanted():
                raise DeviceBusyError("others wait for the recorder")
            frames = await self._next()
        self._truncated = not self._is_settled

    def _note(self, frames: Sequence[Frame]) -> None:
        self._progress.note(frames)
        for frame in frames:
            if frame.channel != self._track.channel:
                continue
            if (mark := replay_mark(frame.payload)) is None:
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
    def _is_beyond(self) -> bool:
        """Whether all that was asked has come, and more."""
        if self._newest is not None:
            return self._newest >= self._end + REORDERED
        return self._progress.covered >= self._most

    @property
    def _is_settled(self) -> bool:
        """Whether nothing needs to come any more."""
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

    @property
    def _patience(self) -> float:
        """How many seconds may be spent waiting, also where it is played at natural speed."""
        return self._most.total_seconds() + PATIENCE_SECONDS

    async def _next(self) -> list[Frame] | None:
        since = monotonic()
        settled = self._is_settled
        try:
            async with asyncio.timeout(self._silence):
                return await anext(self._frames, None)
        except TimeoutError, StalledError:
            # Before a gap there is silence, too.
            return None
        except CannotConnectError:
            # Some hang up at the end.
            if not settled:
                raise
            return None
        finally:
            self._waited += monotonic() - since
