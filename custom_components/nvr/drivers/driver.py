"""The one interface through which everything above speaks to a recorder of any vendor."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from .models import (
    Channel,
    FootageClock,
    RecordedDay,
    RecorderState,
    Recording,
    RecordingKind,
    StreamName,
)

type Memory = Mapping[str, JsonValue]
type JsonValue = str | int | float | bool | list["JsonValue"] | Mapping[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Counters since the driver was made: requests (challenges included) over HTTP and RTSP, and logins.

    A login is a request that answers a fresh challenge. Reuse of a nonce is none, unless the recorder
    refuses it without calling it stale: it may have counted that as a failed login.
    """

    requests: int = 0
    logins: int = 0


class Purpose(Enum):
    """What footage is fetched for: a clip wants all of it soon, the others what is at the start of the span."""

    CLIP = auto()
    PLAY = auto()
    PICTURE = auto()


class Download(Protocol):
    """Bytes of a recording as they arrive.

    Iterate once; the end of iteration is the end of what the recorder sends. Errors in the middle are
    raised as ``DriverError``.
    """

    @property
    def size_bytes(self) -> int | None:
        """What the recorder announced or the search said; a hint, often wrong."""

    @property
    def received_bytes(self) -> int:
        """How many bytes have arrived so far."""

    @property
    def whole(self) -> bool:
        """Whether the recorder sends the whole recording whatever span was asked."""

    @property
    def truncated(self) -> bool:
        """Whether it ended in good order before what was announced: all there is, or less; footage shows which."""
        return False

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the chunks, in order."""


class Driver(ABC):
    """A recorder, as one vendor's protocol shows it.

    One driver serves one recorder and holds its only session: at most two control requests at once,
    one bulk transfer beside them. All methods raise ``DriverError`` and nothing else of their own.
    After a refused login every method raises ``AuthenticationError`` without asking the recorder,
    as the lock-out guard decides.
    """

    @abstractmethod
    async def connect(self) -> RecorderState:
        """Log in and learn identity, channels, streams, disks and clock in a constant number of requests."""

    async def learn(self) -> RecorderState:
        """Learn all that the recorder tells, whatever it costs; what it lacks stops nothing. For inspection."""
        return await self.connect()

    @abstractmethod
    async def poll(self) -> RecorderState:
        """Bring the state up to date; meant to be called once a minute and to spend at most 4 requests."""

    @abstractmethod
    async def snapshot(
        self,
        channel: int,
        stream: StreamName = StreamName.MAIN,
        *,
        width: int | None = None,
        height: int | None = None,
    ) -> bytes:
        """Return a JPEG of now. Simultaneous calls for one channel share one request."""

    @abstractmethod
    def live_url(self, channel: Channel, stream: StreamName) -> str | None:
        """Return the RTSP address with credentials, or None while the recorder refuses us or has no such stream."""

    def note_live_failed(self) -> None:  # noqa: B027 - a driver may know its addresses for sure
        """Note that a live stream could not be played: its address may be wrong. The next poll looks."""

    @abstractmethod
    def search(
        self,
        channel: int,
        start: datetime,
        end: datetime,
        *,
        stream: StreamName = StreamName.MAIN,
        kinds: frozenset[RecordingKind] | None = None,
    ) -> AsyncIterator[Recording]:
        """Yield the recordings that overlap [start, end), oldest first, without duplicates."""

    @abstractmethod
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        """Return the device's days that touch [start, end) and hold recordings, oldest first."""

    @abstractmethod
    def download(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        *,
        purpose: Purpose = Purpose.CLIP,
    ) -> AbstractAsyncContextManager[Download]:
        """Fetch the footage of [start, end) of a recording, or more of it where the device can't cut.

        What arrives starts at a key frame at or before ``start`` and is a stream that ``footage`` reads.
        ``purpose`` says what is waited for, where a device offers several ways. Waits while another bulk
        transfer runs. Leaving the context ends the transfer.
        """

    @abstractmethod
    def footage_clock(self, recording: Recording) -> FootageClock:
        """Return how to read the wall clock that this recording's footage carries."""

    @abstractmethod
    def take_rough_times(self) -> None:
        """Be content with times that are right to about a second, as nothing will be cut by them.

        Without it a first search or download waits until the device's clock is known to hundredths of a second.
        """

    @abstractmethod
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        """Take the wall clock (naive) seen at the first frame of a recording's footage as evidence on the clock."""

    @abstractmethod
    def note_short_footage(self, recording: Recording, *, truncated: bool) -> bool:
        """Take that a download ended before the footage that its recording has, by the search.

        ``truncated`` is what the download said. Returns whether asking once more can bring more: because
        this transfer alone broke off, or because the next goes another way. Whoever asks again tells
        ``note_further_footage`` what came of it.
        """

    @abstractmethod
    def note_further_footage(self, recording: Recording, *, more: bool | None) -> None:
        """Take whether asking again brought ``more``, None if it failed, as evidence on the better way."""

    @property
    @abstractmethod
    def state(self) -> RecorderState | None:
        """The newest state, None before ``connect``."""

    @property
    @abstractmethod
    def refused(self) -> bool:
        """Whether the recorder refuses our login at present, so that no stream may be tried either."""

    @abstractmethod
    def on_refused_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever ``refused`` or live addresses change; return what removes it."""

    @property
    @abstractmethod
    def traffic(self) -> Traffic:
        """Counters of requests and logins."""

    @property
    @abstractmethod
    def memory(self) -> Memory:
        """What worked on this device, as JSON, to be kept with the entry and handed to the next driver."""

    @abstractmethod
    async def close(self) -> None:
        """End all transfers and forget the session. Safe to call twice."""
