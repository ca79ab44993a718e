"""What the web server bears: too many requests by CGI at once wedge it (section 3 of the notes)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Turn:
    """One request's part of the load."""

    load: Load
    counted: bool = True

    def leave(self) -> None:
        """Be counted no longer."""
        if self.counted:
            self.counted = False
            self.load.running -= 1


@dataclass
class Load:
    """The requests that are being answered.

    Attributes:
        running: so many there are.
        most: so many there were at once at most.
        wedges: so often it was too many.
    """

    running: int = 0
    most: int = 0
    wedges: int = 0
    _wedged: asyncio.Future[None] | None = None
    _timer: asyncio.TimerHandle | None = field(default=None, repr=False)

    @property
    def wedged(self) -> bool:
        """Whether nothing is being answered."""
        return self._wedged is not None

    @contextmanager
    def turn(self, limit: int | None, wedged_s: float) -> Iterator[Turn]:
        """Count a request while it is answered; one too many wedges the server for a while."""
        turn = Turn(self)
        self.running += 1
        self.most = max(self.most, self.running)
        if limit is not None and self.running > limit and self._wedged is None:
            self._wedge(wedged_s)
        try:
            yield turn
        finally:
            turn.leave()

    async def pass_by(self) -> None:
        """Wait until the server answers."""
        while self._wedged is not None:
            await asyncio.shield(self._wedged)

    def recover(self) -> None:
        """Answer again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        wedged, self._wedged = self._wedged, None
        if wedged is not None and not wedged.done():
            wedged.set_result(None)

    def _wedge(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self.wedges += 1
        self._wedged = loop.create_future()
        self._timer = loop.call_later(seconds, self.recover)
