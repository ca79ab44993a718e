"""Recordings that consist of given bytes."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.nvr.drivers.models import FootageClock
from custom_components.nvr.footage.part import FootagePart

from .filmed import NOON, FilmedStream


@dataclass
class Sent:
    """A recording whose bytes are what ``chunks`` gives, whatever is asked."""

    chunks: Callable[[], Iterable[bytes]]
    start: datetime = NOON
    end: datetime = NOON + timedelta(minutes=2)
    error: Exception | None = None
    error_after: int | None = None
    whole: bool = True
    streams: list[FilmedStream] = field(default_factory=list)
    open: int = 0

    @property
    def part(self) -> FootagePart:
        """The recording; its clock says UTC."""
        clock = FootageClock(offsets=(timedelta(),), expected=self.start)
        return FootagePart(start=self.start, end=self.end, clock=clock, fetch=self.fetch)

    def _checked(self, number: int) -> None:
        if self.error is not None and number == self.error_after:
            raise self.error

    @asynccontextmanager
    async def fetch(self, start: datetime, end: datetime) -> AsyncIterator[FilmedStream]:
        """Open a transfer."""
        if self.error is not None and self.error_after is None:
            raise self.error
        stream = FilmedStream(iter(self.chunks()), self.whole, self._checked)
        self.streams.append(stream)
        self.open += 1
        try:
            yield stream
        finally:
            self.open -= 1
