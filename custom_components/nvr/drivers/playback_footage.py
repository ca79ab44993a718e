"""Footage that is being played, with an end that is counted here."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import override

from .playable import ROUNDING
from .rtsp.message import Frame
from .rtsp.packet import reported_time
from .rtsp.session import PlayedTrack
from .rtsp_footage import RtspFootage

# Reports come every few seconds (RFC 3550).
REPORT_COMES = timedelta(seconds=6)
# What is nearer to now may be the time of now.
NEAR = timedelta(minutes=2)


class TimeWitness:
    """Finds out whether a device's sender reports tell when footage was filmed; some tell the time of now, or none."""

    def __init__(
        self, track: PlayedTrack, expected: Sequence[datetime], keep: Callable[[bool], None]
    ) -> None:
        """Initialize; ``expected`` are the instant at which the footage begins, and the device's digits for it."""
        self._channel = track.rtcp_channel
        self._expected = expected
        self._keep: Callable[[bool], None] | None = keep

    def note(self, frames: Sequence[Frame], covered: timedelta) -> None:
        """Take packets into account, and how much footage has come so far."""
        if self._keep is None:
            return
        for frame in frames:
            if frame.channel == self._channel and (told := reported_time(frame.payload)):
                if any(abs(told - one) < NEAR for one in self._expected):
                    self._decide(datetime.now(UTC) - told > NEAR)
                    return
        if covered > REPORT_COMES:
            self._decide(False)

    def _decide(self, tells: bool) -> None:
        if self._keep is not None:
            self._keep(tells)
        self._keep = None


class PlayedFootage(RtspFootage):
    """What is being played; time stamps tell how much of it has come, and they may be anything."""

    def __init__(
        self,
        track: PlayedTrack,
        head: bytes,
        first: list[Frame],
        frames: AsyncIterator[list[Frame]],
        span: tuple[timedelta, timedelta],
        witness: TimeWitness,
    ) -> None:
        """Initialize with what came first; ``span`` is how long what is wanted is at least and at most.

        ``witness`` is shown all packets.
        """
        self._least, most = span
        super().__init__(track, head, first, frames, most)
        self._witness = witness

    @override
    def _note(self, frames: Sequence[Frame]) -> None:
        super()._note(frames)
        self._witness.note(frames, self._progress.covered)

    @property
    @override
    def _is_settled(self) -> bool:
        return self._progress.covered >= self._least - ROUNDING
