"""Footage that arrives over RTSP, as the bytes of a download; who plays it knows where it ends."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from time import monotonic
from typing import override

from .driver import Download
from .errors import CannotConnectError, DeviceBusyError, InvalidAnswerError
from .rtsp.container import container_body
from .rtsp.message import FRAME_HEAD_BYTES, Frame
from .rtsp.packet import VIDEO_RATE, is_rtp, ticks_between, timestamp_of
from .rtsp.session import PlayedTrack

# At natural speed; nothing that a camera sends is more.
MAX_BYTES_PER_SECOND = 16 * 1024 * 1024
SLACK_BYTES = 64 * 1024 * 1024
# How far a step of time stamps over a gap may lead behind the end of what is wanted; a longer one is no gap but
# time stamps that start anew, at any number.
BEHIND_THE_END = timedelta(seconds=60)
# How much longer than its footage a playback at natural speed may take.
PATIENCE_SECONDS = 30.0
# Who watches has the recorder for so long before others have their turn.
TURN_SECONDS = 30.0


class Progress:
    """How much footage of a track has come, by its time stamps. They may go on over gaps or start anew."""

    def __init__(self, track: PlayedTrack, most: timedelta) -> None:
        """Initialize; ``most`` is how much is wanted at most."""
        self._channel = track.channel
        self._rate = track.track.clock_rate or VIDEO_RATE
        self._last: int | None = None
        self._ticks = 0
        self._most_ticks = (most + BEHIND_THE_END).total_seconds() * self._rate

    @property
    def covered(self) -> timedelta:
        """How much time has come."""
        return timedelta(seconds=self._ticks / self._rate)

    def note(self, frames: Sequence[Frame]) -> None:
        """Take packets into account."""
        for frame in frames:
            raw = frame.raw
            if frame.channel != self._channel or not is_rtp(raw, FRAME_HEAD_BYTES):
                continue
            stamp = timestamp_of(raw, FRAME_HEAD_BYTES)
            if stamp == self._last:
                continue
            if self._last is not None:
                step = ticks_between(self._last, stamp)
                # Pictures that lean on later ones come before them.
                if step < 0 and -step < self._rate:
                    continue
                if 0 < step <= self._most_ticks - self._ticks:
                    self._ticks += step
            self._last = stamp


class RtspFootage(Download):
    """Packets of a recording as they arrive, in a container of their own; bounded in time and size."""

    def __init__(
        self,
        track: PlayedTrack,
        head: bytes,
        first: list[Frame],
        frames: AsyncIterator[list[Frame]],
        most: timedelta,
    ) -> None:
        """Initialize with what came first; ``most`` is how long what is wanted is at most."""
        self._head = head
        self._first = first
        self._frames = frames
        self._most = most
        self._progress = Progress(track, most)
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
        """Take packets into account."""
        self._progress.note(frames)

    @property
    def _is_beyond(self) -> bool:
        """Whether all that was asked has come, and more: streams often play on behind their end."""
        return self._progress.covered >= self._most

    @property
    @abstractmethod
    def _is_settled(self) -> bool:
        """Whether nothing needs to come any more."""

    @property
    def _patience(self) -> float:
        """How many seconds may be spent waiting, also where it is played at natural speed."""
        return self._most.total_seconds() + PATIENCE_SECONDS

    async def _next(self) -> list[Frame] | None:
        """Return the next packets, None at the end. Raises DriverError."""
        since = monotonic()
        try:
            return await anext(self._frames, None)
        except CannotConnectError:
            # Some fall silent at the end or hang up, without a word.
            if not self._is_settled:
                raise
            return None
        finally:
            self._waited += monotonic() - since
