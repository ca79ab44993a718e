"""The true time of the simulated world."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import threading

type Now = Callable[[], datetime]
"""Gives true time, aware UTC."""


class TimeSource:
    """True time that a test can move or stop.

    Starts as the system's clock. All of a recorder's parts ask the same source, so that a
    test that steps over a DST change or a lock's end moves all of them together.
    """

    def __init__(self, start: datetime | None = None, *, running: bool = True) -> None:
        """Stand at `start` (aware; the system's time if None), going on or stopped."""
        self._guard = threading.Lock()
        self._shift = timedelta()
        self._stopped_at: datetime | None = None
        if start is not None:
            self.move_to(start)
        if not running:
            self.stop()

    def __call__(self) -> datetime:
        """Give the true time, aware UTC."""
        with self._guard:
            return self._read()

    def move_to(self, instant: datetime) -> None:
        """Stand at `instant` (aware) from now on."""
        with self._guard:
            if self._stopped_at is not None:
                self._stopped_at = instant.astimezone(UTC)
            else:
                self._shift = instant.astimezone(UTC) - datetime.now(UTC)

    def advance(self, step: timedelta) -> None:
        """Move on by `step`."""
        self.move_to(self() + step)

    def stop(self) -> None:
        """Stand still."""
        with self._guard:
            self._stopped_at = self._read()

    def run(self) -> None:
        """Go on from where the time stands."""
        with self._guard:
            if self._stopped_at is not None:
                self._shift = self._stopped_at - datetime.now(UTC)
                self._stopped_at = None

    def _read(self) -> datetime:
        return self._stopped_at or datetime.now(UTC) + self._shift
