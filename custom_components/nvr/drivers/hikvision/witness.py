"""Telling the convention by footage, where searches can't and it matters (sections 6 and 13 of the notes)."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
import logging
from time import monotonic

from ..errors import AuthenticationError, DriverError
from ..models import Recording, StreamName
from .clock import RecorderClock
from .download import Downloads
from .footage_time import first_wall
from .matches import Match

_LOGGER = logging.getLogger(__name__)

# A key frame with its time stands at the start; what leads up to it in odd files is far less.
ENOUGH_BYTES = 512 * 1024
PATIENCE_SECONDS = 30.0
RECORDINGS_TRIED = 2
RETRY_SECONDS = 600.0


class Witness:
    """Reads the beginning of found recordings, and marks the convention as assumed where that tells nothing."""

    def __init__(
        self,
        clock: RecorderClock,
        downloads: Downloads,
        note: Callable[[Recording, datetime], None],
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``note`` takes the wall clock seen in the footage of a recording."""
        self._clock = clock
        self._downloads = downloads
        self._note = note
        self._now = now
        self._not_before = float("-inf")
        self._lock = asyncio.Lock()

    async def settle(self, matches: Iterable[Match]) -> None:
        """Tell the convention by the footage of matches. Raises AuthenticationError only."""
        async with self._lock:
            if not self._is_open() or self._now() < self._not_before:
                return
            # The shorter, the less likely does it fit both readings.
            by_length = sorted(matches, key=lambda match: match.end - match.start)
            for match in by_length[:RECORDINGS_TRIED]:
                await self._hear(match)
                if not self._is_open():
                    return
            self._not_before = self._now() + RETRY_SECONDS
            self._clock.assume()

    def _is_open(self) -> bool:
        return self._clock.needs_measuring(datetime.now(UTC))

    async def _hear(self, match: Match) -> None:
        device = self._clock.device
        # Read back by the same clock, these are the device's own digits again.
        recording = Recording(
            channel=0,
            stream=StreamName.MAIN,
            start=device.to_utc(match.start),
            end=device.to_utc(match.end),
            kinds=match.kinds,
            size_bytes=match.size_bytes,
            start_device=match.start_text,
            end_device=match.end_text,
            token=match.uri,
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                wall = first_wall(await self._beginning(recording))
        except AuthenticationError:
            raise
        except (DriverError, TimeoutError) as err:
            _LOGGER.debug("No footage to tell the convention by: %s", err)
            return
        if wall is not None:
            self._note(recording, wall)

    async def _beginning(self, recording: Recording) -> bytearray:
        content = bytearray()
        async with self._downloads.open(
            recording, recording.start, recording.end, lambda: self._clock.device
        ) as download:
            async for chunk in download:
                content += chunk
                if len(content) >= ENOUGH_BYTES:
                    break
        return content
