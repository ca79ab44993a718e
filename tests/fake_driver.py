"""A recorder that exists only in memory: a driver whose every answer a test decides."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import override

from custom_components.nvr.drivers.driver import (
    Download,
    Driver,
    JsonValue,
    Memory,
    Purpose,
    Traffic,
)
from custom_components.nvr.drivers.errors import (
    AuthenticationError,
    DriverError,
    NoFootageError,
)
from custom_components.nvr.drivers.guard import LoginGuard
from custom_components.nvr.drivers.models import (
    Channel,
    Clock,
    ClockConvention,
    Connection,
    Disk,
    DiskState,
    FootageClock,
    OfflineReason,
    RecordedDay,
    Recorder,
    RecorderState,
    Recording,
    RecordingExtent,
    RecordingKind,
    Stream,
    StreamName,
)

SERIAL = "DS7616FAKE0001"
MAC = "44:19:b6:00:00:01"
PASSWORD = "p@ss:w/rd#1"
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"

CONNECTION = Connection(host="127.0.0.1", port=8080, username="admin", password=PASSWORD)
RECORDER = Recorder(
    name="Garage NVR",
    manufacturer="Fake",
    model="NVR-16",
    serial=SERIAL,
    firmware="V4.61.025",
    mac=MAC,
    hardware="0x1",
)


def stream(name: StreamName, codec: str = "H.264", *, alive: bool | None = True) -> Stream:
    """Return a stream with the usual sizes."""
    width, height = (1920, 1080) if name is StreamName.MAIN else (640, 360)
    return Stream(
        name=name,
        codec=codec,
        width=width,
        height=height,
        fps=25.0 if name is StreamName.MAIN else 12.5,
        bitrate_kbps=4096 if name is StreamName.MAIN else 512,
        audio_codec="G.711ulaw",
        alive=alive,
    )


def channel(number: int, name: str | None = None, *, main_codec: str = "H.264") -> Channel:
    """Return a channel that is online and recorded."""
    return Channel(
        number=number,
        name=name or f"Camera {number}",
        online=True,
        recording=True,
        streams=(stream(StreamName.MAIN, main_codec), stream(StreamName.SUB)),
        manufacturer="Fake",
        model="CAM-4",
        serial=f"CAM{number:04}",
        firmware="V5.7.3",
        host=f"198.51.100.{number}",
        mac=f"9c:14:63:00:00:{number:02x}",
    )


def offline(number: int, reason: OfflineReason = OfflineReason.UNREACHABLE) -> Channel:
    """Return a channel that gives no picture, as recorders list it: without its streams."""
    return replace(
        channel(number),
        online=False,
        reason=reason,
        reason_device="NET_UNREACHABLE",
        recording=False,
        streams=(),
    )


def recorder_state(*channels: Channel) -> RecorderState:
    """Return the state of a recorder with these channels, or with three: good, H.265, offline."""
    channels = channels or (
        channel(1, "Front door"),
        channel(2, "Yard", main_codec="H.265"),
        offline(3),
    )
    return RecorderState(
        recorder=RECORDER,
        channels=channels,
        disks=(
            Disk(
                number=1,
                name="hdd1",
                state=DiskState.OK,
                capacity_bytes=4_000_000_000_000,
                free_bytes=250_000_000_000,
            ),
        ),
        clock=Clock(
            convention=ClockConvention.UTC,
            offset=timedelta(seconds=2),
            time_zone="CST-1:00:00",
            evidence="two search answers",
        ),
        last_boot=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        extents={
            1: RecordingExtent(
                oldest=datetime(2026, 9, 1, tzinfo=UTC),
                newest=datetime(2026, 11, 21, 9, tzinfo=UTC),
            )
        },
    )


class FakeDownload(Download):
    """Bytes that a test gave."""

    def __init__(self, chunks: tuple[bytes, ...], *, whole: bool, truncated: bool) -> None:
        """Initialize."""
        self._chunks = chunks
        self._whole = whole
        self._truncated = truncated
        self._received = 0

    @property
    @override
    def size_bytes(self) -> int | None:
        return sum(map(len, self._chunks))

    @property
    @override
    def received_bytes(self) -> int:
        return self._received

    @property
    @override
    def whole(self) -> bool:
        return self._whole

    @property
    @override
    def truncated(self) -> bool:
        return self._truncated

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            self._received += len(chunk)
            yield chunk


class FakeDriver(Driver):
    """A driver whose attributes are its recorder: set them, and they are answered.

    ``error`` is raised by everything that would ask the recorder, ``errors`` by single methods, ``error_at`` by
    everything at a host.
    A refused login is judged by the guard as real drivers do. ``listeners`` counts who listens for it.
    ``recordings`` are searched, ``footage`` maps their tokens to chunks. ``purposes`` are what downloads were for.
    ``may_bring_more`` is what is answered where footage was ``short``; ``further`` is what asking again brought.
    ``calls`` counts by method.
    """

    def __init__(
        self,
        connection: Connection = CONNECTION,
        memory: Memory | None = None,
        state: RecorderState | None = None,
    ) -> None:
        """Initialize."""
        self.connection = connection
        self.initial_memory: Memory = dict(memory or {})
        self.learned: dict[str, JsonValue] = dict(memory or {})
        self.answer = state or recorder_state()
        self.error: DriverError | None = None
        self.errors: dict[str, DriverError] = {}
        self.error_at: dict[str, DriverError] = {}
        self.picture = JPEG
        self.snapshots: list[tuple[int, StreamName, int | None, int | None]] = []
        self.recordings: list[Recording] = []
        self.footage: dict[str, tuple[bytes, ...]] = {}
        self.whole = False
        self.truncated = False
        self.may_bring_more = False
        self.short: list[tuple[Recording, bool]] = []
        self.further: list[bool | None] = []
        self.purposes: list[Purpose] = []
        self.calls: dict[str, int] = {}
        self.closed = False
        self.footage_times: list[tuple[Recording, datetime]] = []
        self._state: RecorderState | None = None
        self.guard = LoginGuard(proven=True)
        self.listeners = 0

    def restart(self, connection: Connection, memory: Memory, guard: LoginGuard) -> None:
        """Be the new driver of an entry that is set up again: as it was, but not connected."""
        self.connection = connection
        self.guard = guard
        self.initial_memory = dict(memory)
        self.closed = False
        self._state = None

    def set_refused(self, refused: bool) -> None:
        """Let the recorder refuse our login, or accept it again."""
        if refused:
            self.guard.refuse(AuthenticationError("refused"))
        else:
            self.guard.accept()

    @override
    async def connect(self) -> RecorderState:
        return self._answered("connect")

    @override
    async def poll(self) -> RecorderState:
        return self._answered("poll")

    @override
    async def snapshot(
        self,
        channel: int,
        stream: StreamName = StreamName.MAIN,
        *,
        width: int | None = None,
        height: int | None = None,
    ) -> bytes:
        self._ask("snapshot")
        self.snapshots.append((channel, stream, width, height))
        return self.picture

    @override
    def live_url(self, channel: Channel, stream: StreamName) -> str | None:
        if self.refused or channel.stream(stream) is None:
            return None
        return f"rtsp://admin:p%40ss%3Aw%2Frd%231@127.0.0.1:554/{channel.number}/{stream}"

    @override
    async def search(
        self,
        channel: int,
        start: datetime,
        end: datetime,
        *,
        stream: StreamName = StreamName.MAIN,
        kinds: frozenset[RecordingKind] | None = None,
    ) -> AsyncIterator[Recording]:
        self._ask("search")
        for recording in sorted(self.recordings, key=lambda one: one.start):
            if (
                recording.channel == channel
                and recording.stream is stream
                and recording.start < end
                and recording.end > start
                and (kinds is None or recording.kinds & kinds)
            ):
                yield recording

    @override
    async def recorded_days(
        self, channel: int, start: datetime, end: datetime
    ) -> tuple[RecordedDay, ...]:
        self._ask("recorded_days")
        days = {
            recording.start.replace(hour=0, minute=0, second=0, microsecond=0)
            for recording in self.recordings
            if recording.channel == channel
        }
        spans = (RecordedDay(start=day, end=day + timedelta(days=1)) for day in sorted(days))
        return tuple(span for span in spans if span.start < end and span.end > start)

    @override
    def download(
        self,
        recording: Recording,
        start: datetime,
        end: datetime,
        *,
        purpose: Purpose = Purpose.CLIP,
    ) -> AbstractAsyncContextManager[Download]:
        self.purposes.append(purpose)
        return self._download(recording)

    @asynccontextmanager
    async def _download(self, recording: Recording) -> AsyncIterator[Download]:
        self._ask("download")
        if recording.token not in self.footage:
            raise NoFootageError("overwritten")
        yield FakeDownload(
            self.footage[recording.token], whole=self.whole, truncated=self.truncated
        )

    @override
    def footage_clock(self, recording: Recording) -> FootageClock:
        return FootageClock(offsets=(timedelta(0),), expected=recording.start)

    @override
    def note_footage_time(self, recording: Recording, wall: datetime) -> None:
        self.footage_times.append((recording, wall))

    @override
    def take_rough_times(self) -> None:
        """Take note of nothing: its times are exact."""

    @override
    def note_short_footage(self, recording: Recording, *, truncated: bool) -> bool:
        self.short.append((recording, truncated))
        return self.may_bring_more

    @override
    def note_further_footage(self, recording: Recording, *, more: bool | None) -> None:
        self.further.append(more)

    @property
    @override
    def state(self) -> RecorderState | None:
        return self._state

    @property
    @override
    def refused(self) -> bool:
        return self.guard.refused

    @override
    def on_refused_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        remove_from_guard = self.guard.on_refused_changed(listener)
        self.listeners += 1

        def remove() -> None:
            remove_from_guard()
            self.listeners -= 1

        return remove

    @property
    @override
    def traffic(self) -> Traffic:
        return Traffic(requests=sum(self.calls.values()), logins=1)

    @property
    @override
    def memory(self) -> Mapping[str, JsonValue]:
        return dict(self.learned)

    @override
    async def close(self) -> None:
        self.closed = True

    def _ask(self, method: str) -> None:
        error = self.error_at.get(self.connection.host, self.errors.get(method, self.error))
        if isinstance(error, AuthenticationError):
            self.guard.check()
        self.calls[method] = self.calls.get(method, 0) + 1
        if isinstance(error, AuthenticationError):
            self.guard.refuse(error)
        if error is not None:
            raise error

    def _answered(self, method: str) -> RecorderState:
        self._ask(method)
        self.guard.accept()
        self._state = self.answer
        return self.answer
