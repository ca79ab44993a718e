"""Whether a live stream failed so that its address, or the login, has to be looked at."""

from collections.abc import Callable
from time import monotonic

# A stream that goes up and down is no reason to log in each time.
LOOK_AGAIN_SECONDS = 600.0


class LiveDoubt:
    """Takes note of failed streams, and gives cause to look now and then only."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Initialize; ``now`` counts seconds."""
        self._now = now
        self._failed = False
        self._not_before = float("-inf")

    def note(self) -> None:
        """Note that a stream could not be played."""
        self._failed = True

    def is_due(self, *, vouched: bool) -> bool:
        """Return whether to look, and forget what was noted; not where a login was taken just now (``vouched``)."""
        failed, self._failed = self._failed, False
        if not failed or vouched or self._now() < self._not_before:
            return False
        self._not_before = self._now() + LOOK_AGAIN_SECONDS
        return True
