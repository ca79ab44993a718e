"""What every driver says about a recorder, in words that no vendor owns.

All datetimes are aware and in UTC unless a name ends in ``_device``: those hold the digits of the
device's own clock as text, kept for people and for diagnostics, never for arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

TELLS_PICTURES = timedelta(milliseconds=100)
"""By how much times that are called exact may be wrong: a slow network leaves that open, a busy recorder more."""


class StreamName(StrEnum):
    """One encoding of a channel, by its place in the recorder's own order."""

    MAIN = "main"
    SUB = "sub"
    THIRD = "third"


class RecordingKind(StrEnum):
    """Why footage was recorded."""

    CONTINUOUS = "continuous"
    MOTION = "motion"
    PERSON = "person"
    VEHICLE = "vehicle"
    FACE = "face"
    LINE_CROSSING = "line_crossing"
    INTRUSION = "intrusion"
    REGION_ENTRANCE = "region_entrance"
    REGION_EXIT = "region_exit"
    ALARM = "alarm"
    MANUAL = "manual"
    OTHER = "other"


class OfflineReason(StrEnum):
    """Why a recorder gets no picture from a channel."""

    NO_VIDEO = "no_video"
    DISCONNECTED = "disconnected"
    UNREACHABLE = "unreachable"
    NETWORK_ERROR = "network_error"
    IP_CONFLICT = "ip_conflict"
    WRONG_PASSWORD = "wrong_password"
    ACCOUNT_LOCKED = "account_locked"
    STREAM_LIMIT = "stream_limit"
    NOT_ACTIVATED = "not_activated"
    UNKNOWN = "unknown"


class DiskState(StrEnum):
    """How a recorder judges one of its disks."""

    OK = "ok"
    SLEEPING = "sleeping"
    FORMATTING = "formatting"
    UNFORMATTED = "unformatted"
    FAILED = "failed"
    MISSING = "missing"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class ClockConvention(StrEnum):
    """What the times in a device's search answers mean.

    A device may write its wall clock and mark it as UTC; the mark proves nothing.
    """

    UTC = "utc"
    WALL = "wall"
    UNKNOWN = "unknown"


class Right(StrEnum):
    """What an account on the recorder may be allowed to do."""

    SETTINGS = "settings"
    LIVE = "live"
    PLAYBACK = "playback"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where a recorder is and how to log in to it.

    ``port`` is the port of its web interface; None stands for the scheme's own. ``rtsp_port`` is the
    port as seen from here, for recorders behind a port forwarding; None leaves it to what the recorder
    reports. ``verify_tls`` is off by default because recorders sign their certificates themselves: then the one
    with ``fingerprint`` (SHA-256, 64 hex digits) is trusted alone, and ``old_tls`` allows TLS that is broken today. Without
    a fingerprint the session's connector decides whom to trust.
    ``digest_only`` is for addresses where somebody else may answer: Basic gives the password away.
    """

    host: str
    username: str
    password: str = field(repr=False)
    port: int | None = None
    tls: bool = False
    verify_tls: bool = False
    fingerprint: str | None = None
    old_tls: bool = False
    rtsp_port: int | None = None
    digest_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """The identity of a recorder by its own words; what it doesn't say is empty, and nothing stands in for it.

    ``serial`` is stable and unique; ``mac`` is lower case with colons.
    """

    name: str
    manufacturer: str
    model: str
    serial: str
    firmware: str
    mac: str | None = None
    hardware: str | None = None

    @property
    def title(self) -> str:
        """What to call it: its name, else its model; empty where it says neither."""
        return self.name or self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One encoding of a channel. None means that the recorder doesn't say.

    ``alive`` is False when the channel is online but the recorder reports no pictures on this stream.
    """

    name: StreamName
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate_kbps: int | None = None
    audio_codec: str | None = None
    alive: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One video input of a recorder, numbered from 1 as printed on its screen.

    ``online`` is None when the recorder doesn't say. ``reason_device`` is the device's own word for
    the reason. ``recording`` tells whether the recorder writes this channel to disk now.
    ``manufacturer`` to ``mac`` describe the camera behind the channel where the recorder knows it. ``host`` is
    the IP address by which the recorder reaches it, maybe in a network of its own; ``mac`` is lower case with colons.
    """

    number: int
    name: str
    online: bool | None = None
    reason: OfflineReason | None = None
    reason_device: str | None = None
    recording: bool | None = None
    streams: tuple[Stream, ...] = ()
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    host: str | None = None
    mac: str | None = None

    def stream(self, name: StreamName) -> Stream | None:
        """Return the stream of that name, or None where the channel has none."""
        return next((stream for stream in self.streams if stream.name is name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One disk, card or network store of a recorder. A full disk that overwrites itself has 0 bytes free."""

    number: int
    name: str
    state: DiskState
    capacity_bytes: int | None = None
    free_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What is known of a recorder's clock.

    ``offset`` is device minus true time, with the device's own zone rule taken out: zero for a clock
    that is right. None when it can't be measured. ``time_zone`` is the device's own text.
    ``evidence`` says in English on what the convention rests; it is for diagnostics.
    """

    convention: ClockConvention = ClockConvention.UNKNOWN
    offset: timedelta | None = None
    time_zone: str | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingExtent:
    """How far back and how far forward a channel's recordings reach: first start, last end."""

    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something a recorder does not tell or offer, and why, in English for diagnostics."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecorderState:
    """Everything a driver knows of a recorder at one moment. Compares by value."""

    recorder: Recorder
    channels: tuple[Channel, ...] = ()
    disks: tuple[Disk, ...] = ()
    clock: Clock = Clock()
    last_boot: datetime | None = None
    extents: Mapping[int, RecordingExtent] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()

    def channel(self, number: int) -> Channel | None:
        """Return the channel of that number, or None where the recorder has none."""
        return next((channel for channel in self.channels if channel.number == number), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A span of footage on the recorder's disk.

    ``start`` and ``end`` are what the search said, converted to UTC: whole seconds, while the footage
    itself starts within that second. ``open`` marks the recording that is being written: its ``end``
    is then the moment of the search, and ``allotted_bytes`` what its file has been given. ``token`` is
    what the driver needs to fetch it; nobody else reads it.
    """

    channel: int
    stream: StreamName
    start: datetime
    end: datetime
    kinds: frozenset[RecordingKind]
    size_bytes: int | None = None
    allotted_bytes: int | None = None
    open: bool = False
    start_device: str = ""
    end_device: str = ""
    token: str = field(default="", repr=False)

    @property
    def duration(self) -> timedelta:
        """Length of the recording as searched."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDay:
    """A day of the device's own calendar that holds recordings, as a half-open span of UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FootageClock:
    """How to read the wall clock that footage itself carries.

    UTC = wall digits - offset, with one of ``offsets``: a single one as a rule, two for footage filmed
    around a change to or from daylight saving time. Where several are possible, the one that puts the
    first key frame nearest to ``expected`` is right; frames after it follow by their time stamps. ``error`` is by
    how much the offsets may be wrong, None where the device never told its time.
    """

    offsets: tuple[timedelta, ...]
    expected: datetime
    error: timedelta | None = timedelta()

    @property
    def fine(self) -> bool:
        """Whether the offsets are known well enough to say of pictures when they were taken."""
        return self.error is not None and self.error <= TELLS_PICTURES
