"""Footage as it arrives, and where it ends: devices announce wrong lengths, or none, and keep connections open."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from .answer import EndedEarlyError, StalledError, Transfer, UnderstatedError
from .clock import DeviceClock
from .driver import Download
from .errors import CannotConnectError, InvalidAnswerError
from .models import Recording

# What is sent may exceed what was announced a little; nothing legitimate is twice as much.
SIZE_FACTOR = 2
SIZE_SLACK = 64 * 1024 * 1024
MAX_BYTES = 16 * 1024**3
# How much of what was announced or searched may be wanting where a device goes silent at the end.
NEAR_END = 0.05
NEAR_END_BYTES = 64 * 1024
# How much of the beginning is looked at to see whether the device cuts as it says.
BEGINNING_BYTES = 256 * 1024
# How much of the end is looked at, where nothing else tells whether that is all.
ENDING_BYTES = 512 * 1024
# A cut shows where it is farther from the recording's start than a long group of pictures.
FAR = timedelta(seconds=60)
NEAR = timedelta(seconds=10)
ALL = 0.9
# Silence after all that there is to come; elsewhere a device may take much longer.
SETTLED_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageSigns:
    """What a vendor's footage shows of itself: the first wall clock (naive) in its bytes, and the mark of its end.

    ``end`` is empty where nothing marks it.
    """

    first_wall: Callable[[bytes], datetime | None]
    end: bytes = b""


class RunningDownload(Download):
    """Bytes of a recording as they arrive, bounded by what was announced."""

    def __init__(
        self,
        transfer: Transfer,
        first: bytes,
        chunks: AsyncIterator[bytes],
        expected: int | None,
        signs: FootageSigns,
    ) -> None:
        """Initialize with the first chunk, which was read to see whether it is footage."""
        self._transfer = transfer
        self._signs = signs
        self.on_understated: Callable[[], None] = lambda: None
        self.on_stalled: Callable[[], None] = lambda: None
        # Where nobody said how much there is: tells by the last bytes whether more was to come.
        self.ends_early: Callable[[bytes], bool] | None = None
        self._pending = deque([first])
        self._chunks = chunks
        self._failure: CannotConnectError | None = None
        self.announced = transfer.announced_bytes
        self._sizes = [size for size in (self.announced, expected) if size]
        self._received = 0
        self._whole = False
        self._truncated = False
        self._tail = b""
        self._latest: deque[bytes] = deque()
        self._latest_bytes = 0

    @property
    @override
    def size_bytes(self) -> int | None:
        return self._sizes[0] if self._sizes else None

    @property
    @override
    def received_bytes(self) -> int:
        return self._received

    @property
    @override
    def whole(self) -> bool:
        return self._whole

    @property
    @override
    def truncated(self) -> bool:
        return self._truncated

    def mark_whole(self, size: int | None = None) -> None:
        """Note that the device does not cut by time, and what the whole has by the search."""
        self._whole = True
        self._sizes += [size] if size else []

    async def first_wall(self, most: int) -> datetime | None:
        """Return the wall clock (naive) at the beginning, None where so many bytes hold none."""
        while True:
            head = b"".join(self._pending)
            wall = self._signs.first_wall(head)
            if wall is not None or len(head) >= most:
                return wall
            try:
                chunk = await anext(self._chunks, None)
            except CannotConnectError as err:
                self._failure = err
                return None
            if chunk is None:
                return None
            self._pending.append(chunk)

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        limit = max(self._sizes) * SIZE_FACTOR + SIZE_SLACK if self._sizes else MAX_BYTES
        while (chunk := await self._next()) is not None:
            self._received += len(chunk)
            if self._received > limit:
                raise InvalidAnswerError("the recorder sends more footage than there can be")
            if end := self._signs.end:
                self._tail = (self._tail + chunk[-len(end) :])[-len(end) :]
            if self.ends_early is not None:
                self._keep(chunk)
            yield chunk
        if self.ends_early is not None and not self._truncated:
            self._truncated = self.ends_early(b"".join(self._latest))
        if self._truncated and self._transfer.was_reset:
            # Nobody ended it, so it says nothing of where the recording ends.
            raise CannotConnectError("the transfer was cut")

    def _keep(self, chunk: bytes) -> None:
        """Keep the last bytes, in which the last pictures begin."""
        self._latest.append(chunk)
        self._latest_bytes += len(chunk)
        while self._latest_bytes - len(self._latest[0]) >= ENDING_BYTES:
            self._latest_bytes -= len(self._latest.popleft())

    async def _next(self) -> bytes | None:
        if self._pending:
            return self._pending.popleft()
        complete = self._has_all or (bool(self._signs.end) and self._tail == self._signs.end)
        self._transfer.idle_seconds = SETTLED_SECONDS if complete else None
        try:
            if self._failure is not None:
                raise self._failure
            chunk = await anext(self._chunks, None)
        except UnderstatedError:
            self.on_understated()
            raise
        except EndedEarlyError:
            # Lengths are often overstated: what the footage covers tells whether anything is missing.
            pass
        except StalledError:
            # Where nobody said how much there is, that tells it, too.
            if not complete and self._sizes and not self._is_near_its_end:
                self.on_stalled()
                raise
        else:
            # Where no length was announced, a recorder that goes down ends a transfer like any other.
            if chunk is None and self._whole and self._sizes and not self._is_near_its_end:
                self._truncated = not complete
            return chunk
        self._truncated = True
        return None

    @property
    def _has_all(self) -> bool:
        return bool(self._sizes) and self._received >= max(self._sizes)

    @property
    def _is_near_its_end(self) -> bool:
        return any(
            self._received >= size - max(size * NEAR_END, NEAR_END_BYTES) for size in self._sizes
        )


async def brings_all(
    download: RunningDownload,
    recording: Recording,
    start: datetime,
    end: datetime,
    device: DeviceClock,
) -> bool:
    """Tell by size and by the clock in the footage whether a whole recording comes although a part was asked for."""
    asked = (end - start) / recording.duration if recording.duration else 1.0
    announced, size = download.announced, recording.size_bytes
    if announced and size and asked < ALL / 2 and announced >= size * ALL:
        return True
    if start - recording.start < FAR:
        return False
    wall = await download.first_wall(BEGINNING_BYTES)
    return wall is not None and device.from_wall(wall, recording.start) < recording.start + NEAR
