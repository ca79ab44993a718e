"""The one place for a bulk transfer that a recorder has, and who waits for it."""

import asyncio
from types import TracebackType

TRANSFERS_AT_ONCE = 1


class TransferSlot:
    """Lets one transfer run at a time, in the order in which they come. An asynchronous context manager."""

    def __init__(self) -> None:
        """Initialize."""
        self._semaphore = asyncio.Semaphore(TRANSFERS_AT_ONCE)
        self._waiting = 0

    @property
    def wanted(self) -> bool:
        """Whether another transfer waits."""
        return self._waiting > 0

    async def __aenter__(self) -> None:
        """Wait for the slot."""
        self._waiting += 1
        try:
            await self._semaphore.acquire()
        finally:
            self._waiting -= 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave it to the next."""
        self._semaphore.release()
