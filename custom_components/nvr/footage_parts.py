"""Where drivers and footage meet: a recording as the footage package reads it."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from .drivers.driver import Download, Driver, Purpose
from .drivers.errors import DriverError
from .drivers.models import Recording
from .footage.part import FootagePart

_UNWRITTEN = timedelta(seconds=30)
"""How much of a recording that goes on may not be on the disk yet: recorders write in blocks of some seconds."""


def footage_part(
    driver: Driver, recording: Recording, purpose: Purpose = Purpose.CLIP
) -> FootagePart:
    """Return a recording as the footage package reads it."""
    transfers = _Transfers(driver, recording, purpose)
    return FootagePart(
        start=recording.start,
        end=recording.end,
        clock=driver.footage_clock(recording),
        fetch=transfers.open,
        # Drivers measure the device's clock finely when the first transfer is opened.
        refined_clock=lambda: driver.footage_clock(recording),
        again=transfers,
    )


class _Transfers:
    """The transfers of a recording, and how they end."""

    def __init__(self, driver: Driver, recording: Recording, purpose: Purpose) -> None:
        """Initialize."""
        self._driver = driver
        self._recording = recording
        self._purpose = purpose
        self._last: Download | None = None
        self._failed = False

    @asynccontextmanager
    async def open(self, start: datetime, end: datetime) -> AsyncIterator[Download]:
        """Open a transfer."""
        async with self._driver.download(
            self._recording, start, end, purpose=self._purpose
        ) as download:
            self._last = download
            yield download

    @property
    def due(self) -> datetime:
        """Until when the recording holds footage for sure."""
        recording = self._recording
        return recording.end - _UNWRITTEN if recording.open else recording.end

    def is_worth_while(self) -> bool:
        """Return whether asking again can bring more."""
        return self._last is not None and self._driver.note_short_footage(
            self._recording, truncated=self._last.truncated
        )

    @asynccontextmanager
    async def fetch(self, start: datetime, end: datetime) -> AsyncIterator[AsyncIterable[bytes]]:
        """Open another transfer, which ends where it fails."""
        async with AsyncExitStack() as stack:
            stream: Download | None = None
            try:
                stream = await stack.enter_async_context(self.open(start, end))
            except DriverError:
                self._failed = True
            yield _Bearing(self, stream)

    def judge(self, *, more: bool | None) -> None:
        """Tell the driver whether it brought more, None where that can't be told."""
        self._driver.note_further_footage(
            self._recording, more=None if self._failed and not more else more
        )

    def note_failure(self) -> None:
        """Note that the second transfer did not come to its end."""
        self._failed = True


class _Bearing:
    """A transfer whose failure is its end."""

    def __init__(self, transfers: _Transfers, download: Download | None) -> None:
        """Initialize; without a download it is empty."""
        self._transfers = transfers
        self._download = download

    @property
    def whole(self) -> bool:
        """Whether the whole recording comes."""
        return self._download is not None and self._download.whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the chunks, in order."""
        if self._download is None:
            return
        try:
            async for chunk in self._download:
                yield chunk
        except DriverError:
            self._transfers.note_failure()
