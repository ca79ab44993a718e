"""What the tests of searches share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.nvr.drivers.clock import DeviceClock
from custom_components.nvr.drivers.dahua.memory import DeviceMemory
from custom_components.nvr.drivers.dahua.search import Searches
from custom_components.nvr.drivers.dahua.transport import LiveTransport
from custom_components.nvr.drivers.models import Recording, RecordingKind, StreamName

from .fake_files import FakeFiles

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# A day in the device's digits, which are an hour ahead.
NOON = datetime(2026, 7, 14, 12)


@dataclass
class Device:
    """A device and what searches it."""

    files: FakeFiles
    memory: DeviceMemory
    transport: LiveTransport
    clock: DeviceClock
    alone: bool = False
    rechecks: int = 0
    searches: Searches = field(init=False)

    def __post_init__(self) -> None:
        self.searches = Searches(
            self.transport, lambda: self.clock, self.memory, lambda: self.alone
        )

    async def found(
        self,
        start: datetime = NOON,
        end: datetime = NOON + DAY,
        *,
        channel: int = 1,
        stream: StreamName = StreamName.MAIN,
        kinds: frozenset[RecordingKind] | None = None,
    ) -> list[Recording]:
        """Search between digits."""
        spans = [(utc(start), utc(end))]
        return [
            recording
            async for recording in self.searches.search(
                channel, spans, stream, kinds, self._recheck
            )
        ]

    async def starts(self, channel: int = 1) -> list[datetime]:
        """Return the starts of what is found in a day, in digits."""
        return [digits(recording.start) for recording in await self.found(channel=channel)]

    async def _recheck(self) -> bool:
        self.rechecks += 1
        return False


def utc(digits: datetime) -> datetime:
    """Return the true moment of digits."""
    return digits.replace(tzinfo=UTC) - HOUR


def digits(moment: datetime) -> datetime:
    """Return the digits of a moment."""
    return (moment + HOUR).replace(tzinfo=None)
