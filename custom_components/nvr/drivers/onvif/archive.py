"""All that a device has recorded: finding it, and bringing it here (Profile G)."""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from ..budget import BudgetSpentError
from ..clock import DeviceClock
from ..guard import LoginGuard
from ..inquiry import ABSENT
from ..models import Connection, RecordedDay, Recording, RecordingKind, StreamName
from ..reading import Recheck
from ..slot import TransferSlot
from .addresses import SafeAddresses
from .catalogue import Catalogue
from .facts import Facts
from .find_session import FindSessions
from .history import History
from .labels import Labels
from .memory import DeviceMemory
from .replay import Replays
from .search import Searches
from .service import Service
from .transport import BudgetedTransport, Transport

# A session: begun, asked once, and ended.
REQUESTS_TO_REFRESH = 3


class Archive:
    """The recordings of one device."""

    def __init__(
        self,
        connection: Connection,
        transport: Transport,
        bulk: TransferSlot,
        clock: Callable[[], DeviceClock],
        facts: Facts,
        memory: DeviceMemory,
        guard: LoginGuard,
        addresses: SafeAddresses,
    ) -> None:
        """Initialize; ``clock`` returns what is known of the device's clock, ``bulk`` is its place for a transfer."""
        self.labels = Labels(clock, memory)
        self.replays = Replays(connection, memory, guard, bulk, transport, addresses, self.labels)
        self._facts = facts
        self._transport = transport
        self._sessions = sessions = FindSessions()
        self._catalogue = Catalogue(sessions, facts, self.labels)
        self._searches = Searches(
            transport, self._catalogue, History(sessions, memory), self.labels
        )

    @property
    def offered(self) -> bool:
        """Whether the device offers to search at all."""
        return self._transport.offers(Service.SEARCH) is not False

    async def refresh(self, transport: BudgetedTransport) -> None:
        """Ask for what is recorded, which tells how far back it reaches and what is being written.

        Costs three requests on devices that search for it, one more on others. Raises DriverError.
        """
        transport.afford(REQUESTS_TO_REFRESH)
        try:
            await self._catalogue.refresh(transport, most=1)
        except BudgetSpentError:
            raise
        except ABSENT as err:
            self._facts.absent["recordings"] = str(err)
            raise
        self._facts.absent.pop("recordings", None)

    async def end_searches(self) -> None:
        """End the search that runs, while the device can still be told, and begin none any more."""
        await self._sessions.close()

    def close(self) -> None:
        """End what runs, and begin nothing any more."""
        self.replays.close()

    def search(
        self,
        channel: int,
        spans: Iterable[tuple[datetime, datetime]],
        stream: StreamName,
        kinds: frozenset[RecordingKind] | None,
        recheck: Recheck,
    ) -> AsyncIterator[Recording]:
        """Yield the recordings of a channel (from 1) that overlap spans, oldest first. Raises DriverError."""
        return self._searches.search(channel, spans, stream, kinds, recheck)

    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        """Return the device's days that touch [start, end) and hold recordings. Raises DriverError."""
        return await self._searches.recorded_days(channel, start, end)
