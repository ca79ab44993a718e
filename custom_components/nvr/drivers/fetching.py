"""Bringing footage from the device in the way that serves best: a download, or a playback over RTSP.

A download comes as fast as the device can; where it can't be cut by time, it brings the whole recording up to
the place that is wanted, which may be a gigabyte. A playback begins at any place and takes as long as it lasts.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Protocol, override

from .clock import DeviceClock
from .driver import Download, Purpose
from .errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from .memory import FETCHED_BY, DeviceMemory
from .models import Recording
from .playback import Playbacks
from .shortfalls import Shortfalls

DOWNLOAD = "download"
PLAYBACK = "playback"

# What recorders send (2 to 10 MB/s by the notes on Hikvision), before it was measured.
ASSUMED_BYTES_PER_SECOND = 4_000_000.0
ASSUMED_RECORDED_BYTES_PER_SECOND = 500_000.0
# Less than this says little of how fast a device sends.
MEASURED_BYTES = 4_000_000
MEASURED_SECONDS = 0.2
# Until the first picture of a playback is there: a login, three answers, and the way from the key frame before.
PLAYBACK_BEGINS_SECONDS = 3.0
# For how much longer an exact answer is worth to be waited for.
PATIENCE_SECONDS = {Purpose.CLIP: float("inf"), Purpose.PICTURE: 20.0}
# After a way has failed the other is used for so long, without asking each time anew.
AVOID_SECONDS = 600.0

# A download that fails like this fails again, and a playback may not.
_NO_DOWNLOAD = (NotSupportedError, NotPermittedError, DeviceFaultError, InvalidAnswerError)
# Whatever is wrong with a playback that was chosen for being quicker, the download remains.
_NO_PLAYBACK = (
    NotSupportedError,
    NotPermittedError,
    NoFootageError,
    CannotConnectError,
    DeviceBusyError,
    InvalidAnswerError,
)


_HOPELESS = (NotSupportedError, NotPermittedError, CannotConnectError, InvalidAnswerError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Footage of [start, end) of a recording, and what for. ``clock`` is asked when a transfer begins."""

    recording: Recording
    start: datetime
    end: datetime
    purpose: Purpose
    clock: Callable[[], DeviceClock]


class WishFetching(Protocol):
    """What brings footage from a device, by whichever way."""

    @property
    def shortfalls(self) -> Shortfalls:
        """What is known of footage that came short."""

    def open(self, wish: Wish) -> AbstractAsyncContextManager[Download]:
        """Open what is wished for. Raises DriverError."""


class Downloads(Protocol):
    """Downloads from one device, in the way that it takes."""

    @property
    def proven(self) -> bool:
        """Whether one has ever begun."""

    @property
    def understates(self) -> bool:
        """Whether they were lately longer than announced, so that their ends are lost."""

    async def cuts_by_time(self) -> bool:
        """Return whether the device honours the span."""

    def open(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        clock: Callable[[], DeviceClock],
    ) -> AbstractAsyncContextManager[Download]:
        """Open a download of [start, end) of a recording. Raises DriverError."""


class Fetching:
    """Chooses how to bring footage, remembers what works on this device and how fast it is."""

    def __init__(
        self,
        downloads: Downloads,
        playbacks: Playbacks,
        memory: DeviceMemory,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._downloads = downloads
        self._playbacks = playbacks
        self._memory = memory
        self._now = now
        self._bytes_per_second = ASSUMED_BYTES_PER_SECOND
        self._avoided_until: dict[str, float] = {}
        self._shortfalls = Shortfalls(memory)

    @property
    def shortfalls(self) -> Shortfalls:
        """What is known of footage that came short."""
        return self._shortfalls

    @asynccontextmanager
    async def open(self, wish: Wish) -> AsyncIterator[Download]:
        """Open what is wished for by the best way, or else by the other. Raises DriverError."""
        first, second = await self._ways(wish)
        async with AsyncExitStack() as stack:
            try:
                download = await self._enter(stack, first, wish)
            except DriverError as err:
                if not self._leaves_the_other(first, err):
                    raise
                try:
                    download = await self._enter(stack, second, wish)
                except _HOPELESS as other:
                    if second == DOWNLOAD:
                        self._note_no_download(other)
                    # What may be otherwise in a moment says more, and so does what recorders are made for.
                    if second == PLAYBACK or not isinstance(err, _HOPELESS):
                        raise err from None
                    raise
                self._note_failed(first, err)
            yield download

    async def _ways(self, wish: Wish) -> tuple[str, str]:
        """Return both ways, the better one first."""
        if self._memory.text(FETCHED_BY) == PLAYBACK or self._is_avoided(DOWNLOAD):
            return PLAYBACK, DOWNLOAD
        if self._shortfalls.prefers_playback(wish.recording.token):
            return PLAYBACK, DOWNLOAD
        if self._is_avoided(PLAYBACK) or await self._downloads.cuts_by_time():
            return DOWNLOAD, PLAYBACK
        return (PLAYBACK, DOWNLOAD) if self._playback_is_quicker(wish) else (DOWNLOAD, PLAYBACK)

    def _playback_is_quicker(self, wish: Wish) -> bool:
        """Estimate which way brings sooner what is wanted from a device that sends whole recordings.

        Of a clip that is its end; who watches or wants a picture waits for the first. A playback that doesn't
        tell when it was filmed is right to a few seconds only: not for clips, and for pictures where it spares much.
        """
        recording, purpose = wish.recording, wish.purpose
        recorded = ASSUMED_RECORDED_BYTES_PER_SECOND
        if recording.size_bytes and recording.duration:
            recorded = recording.size_bytes / recording.duration.total_seconds()
        for_all = purpose is Purpose.CLIP
        reached = (wish.end if for_all else wish.start) - recording.start
        download = reached.total_seconds() * recorded / self._bytes_per_second
        playback = PLAYBACK_BEGINS_SECONDS
        if for_all:
            playback += (wish.end - wish.start).total_seconds()
        tells = self._playbacks.tells_time
        if (for_all and not tells) or (purpose is Purpose.PICTURE and tells is False):
            playback += PATIENCE_SECONDS[purpose]
        return playback < download

    async def _enter(self, stack: AsyncExitStack, way: str, wish: Wish) -> Download:
        asked = wish.recording, wish.start, wish.end, wish.clock
        if way == PLAYBACK:
            only = self._memory.text(FETCHED_BY) == PLAYBACK or self._is_avoided(DOWNLOAD)
            yields = wish.purpose is Purpose.PLAY
            played = await stack.enter_async_context(
                self._playbacks.open(*asked, patient=only, yields=yields)
            )
            self._shortfalls.note_way(wish.recording.token, played=True)
            return played
        download = await stack.enter_async_context(self._downloads.open(*asked))
        self._shortfalls.note_way(wish.recording.token, played=False)
        return TimedDownload(download, self._note_speed, self._now)

    def _leaves_the_other(self, way: str, error: DriverError) -> bool:
        """Whether an error of the better way is no last word on the footage."""
        if way == PLAYBACK:
            return isinstance(error, _NO_PLAYBACK) and self._memory.text(FETCHED_BY) != PLAYBACK
        return isinstance(error, _NO_DOWNLOAD)

    def _note_failed(self, way: str, error: DriverError) -> None:
        """Remember that a way failed where the other did not."""
        if way == DOWNLOAD and isinstance(error, NotSupportedError):
            self._note_no_download(error)
        elif not isinstance(error, DeviceBusyError):
            # Rights are granted, and cables plugged in again.
            self._avoided_until[way] = self._now() + AVOID_SECONDS

    def _note_no_download(self, error: DriverError) -> None:
        """Remember that a device takes no form of download, if it is known to play.

        Where one has ever worked, a refusal is a moment's: it is asked for again the next time.
        """
        if not isinstance(error, NotSupportedError) or self._downloads.proven:
            return
        if self._playbacks.proven:
            self._memory.keep(FETCHED_BY, PLAYBACK)

    def _is_avoided(self, way: str) -> bool:
        if way == DOWNLOAD and self._downloads.understates:
            return True
        return self._now() < self._avoided_until.get(way, float("-inf"))

    def _note_speed(self, size: int, seconds: float) -> None:
        if size >= MEASURED_BYTES and seconds >= MEASURED_SECONDS:
            self._bytes_per_second = size / seconds


class TimedDownload(Download):
    """A download whose speed is measured, as whoever reads it sees it."""

    def __init__(
        self, download: Download, note: Callable[[int, float], None], now: Callable[[], float]
    ) -> None:
        """Initialize."""
        self._download = download
        self._note = note
        self._now = now

    @property
    @override
    def size_bytes(self) -> int | None:
        return self._download.size_bytes

    @property
    @override
    def received_bytes(self) -> int:
        return self._download.received_bytes

    @property
    @override
    def whole(self) -> bool:
        return self._download.whole

    @property
    @override
    def truncated(self) -> bool:
        return self._download.truncated

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        began = self._now()
        try:
            async for chunk in self._download:
                yield chunk
        finally:
            self._note(self._download.received_bytes, self._now() - began)
