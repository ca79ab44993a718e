"""What stands behind ``media-source://nvr/`` in a media id: one validated class for each kind of node.

An identifier holds no credential and nothing of a vendor's: a recording is named by its channel and
its span, and looked up again each time.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
import re
from typing import ClassVar, Self, override
from urllib.parse import quote

from homeassistant.components.media_player import MediaClass, MediaType

from .const import DOMAIN, YEARS
from .drivers.models import Recording, StreamName
from .library.clip import ClipPath, channel_number, is_recorder_folder, parse_day

CHANNEL_LIMIT = 65535
"""Highest channel number taken for one; no recorder comes near it."""

_ENTRY_ID = re.compile(r"[0-9A-Za-z]{1,64}")
_INSTANT_FORMAT = "%Y%m%dT%H%M%SZ"

_FOLDER_DEPTH = 3
"""Recorder, channel, day."""

_SHORTEST = timedelta(seconds=1)

LONGEST_RECORDING = timedelta(days=2)
"""What a recorder calls one recording is hours long at most; a longer span would be searched for long."""

MIME_HLS = "application/x-mpegURL"
"""Home Assistant's page plays HLS only under exactly this name."""

MIME_MP4 = "video/mp4"
MIME_JPEG = "image/jpeg"


class MediaIdentifier(ABC):
    """One node of the media tree."""

    kind: ClassVar[str]
    media_class: ClassVar[MediaClass] = MediaClass.DIRECTORY
    media_content_type: ClassVar[str] = ""
    mime_type: ClassVar[str | None] = None

    @classmethod
    @abstractmethod
    def from_parts(cls, *parts: str) -> Self:
        """Read an identifier from what follows its kind.

        Raises:
            ValueError: It is none of this kind.
            TypeError: It has too many or too few parts.
        """

    @property
    @abstractmethod
    def parts(self) -> tuple[str, ...]:
        """What follows the kind."""

    @override
    def __str__(self) -> str:
        return "/".join((self.kind, *self.parts))

    @property
    def media_content_id(self) -> str:
        """The whole media id."""
        return f"media-source://{DOMAIN}/{self}"


@dataclass(frozen=True, slots=True)
class RecorderIdentifier(MediaIdentifier):
    """A recorder: its channels are below it."""

    kind = "recorder"

    entry_id: str

    def __post_init__(self) -> None:
        """Check the entry's id."""
        _check_entry_id(self.entry_id)

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        (entry_id,) = parts
        return cls(entry_id)

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return (self.entry_id,)


@dataclass(frozen=True, slots=True)
class ChannelIdentifier(MediaIdentifier):
    """A channel: the days on which it recorded are below it."""

    kind = "channel"
    media_class = MediaClass.CHANNEL
    media_content_type = MediaType.CHANNEL

    entry_id: str
    channel: int

    def __post_init__(self) -> None:
        """Check the parts."""
        _check_entry_id(self.entry_id)
        _check_channel(self.channel)

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        entry_id, channel = parts
        return cls(entry_id, parse_channel(channel))

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return self.entry_id, str(self.channel)


@dataclass(frozen=True, slots=True)
class DayIdentifier(MediaIdentifier):
    """A day of Home Assistant's calendar: a channel's recordings of that day are below it."""

    kind = "day"

    entry_id: str
    channel: int
    day: date

    def __post_init__(self) -> None:
        """Check the parts."""
        _check_entry_id(self.entry_id)
        _check_channel(self.channel)

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        entry_id, channel, day = parts
        return cls(entry_id, parse_channel(channel), _within_calendar(parse_day(day)))

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return self.entry_id, str(self.channel), self.day.isoformat()


@dataclass(frozen=True, slots=True)
class RecordingIdentifier(MediaIdentifier):
    """A recording, by channel, stream and span as it was found. Times are UTC, in whole seconds."""

    kind = "recording"
    media_class = MediaClass.VIDEO
    media_content_type = MediaType.VIDEO
    mime_type = MIME_HLS

    entry_id: str
    channel: int
    stream: StreamName
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Check the parts."""
        _check_entry_id(self.entry_id)
        _check_channel(self.channel)
        if self.start >= self.end:
            raise ValueError("a recording that ends before it begins")
        if self.end - self.start > LONGEST_RECORDING:
            raise ValueError("longer than recordings are")

    @classmethod
    def of(cls, entry_id: str, recording: Recording) -> Self:
        """Return the identifier of a recording that was found, by its beginning if it is too long."""
        start = recording.start.replace(microsecond=0)
        # Never empty, however short the recording is.
        end = max(recording.end, recording.start + _SHORTEST).replace(microsecond=0)
        end = min(end, start + LONGEST_RECORDING)
        return cls(entry_id, recording.channel, recording.stream, start, end)

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        entry_id, channel, stream, start, end = parts
        return cls(
            entry_id,
            parse_channel(channel),
            StreamName(stream),
            _parse_instant(start),
            _parse_instant(end),
        )

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return (
            self.entry_id,
            str(self.channel),
            self.stream.value,
            self.start.strftime(_INSTANT_FORMAT),
            self.end.strftime(_INSTANT_FORMAT),
        )


@dataclass(frozen=True, slots=True)
class ClipFolderIdentifier(MediaIdentifier):
    """A folder of the library: all of it, a recorder, a channel, or a day."""

    kind = "clips"

    recorder: str | None = None
    channel: str | None = None
    day: date | None = None

    def __post_init__(self) -> None:
        """Check the parts; those below a missing one must miss too."""
        if self.recorder is not None and not is_recorder_folder(self.recorder):
            raise ValueError("not a recorder's folder")
        if self.channel is not None:
            channel_number(self.channel)
        missing = [part is None for part in (self.recorder, self.channel, self.day)]
        if missing != sorted(missing):
            raise ValueError("a folder below nothing")

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        if len(parts) > _FOLDER_DEPTH:
            raise ValueError("too deep for a folder of clips")
        nothing: list[str | None] = [None] * _FOLDER_DEPTH
        recorder, channel, day = [*parts, *nothing][:_FOLDER_DEPTH]
        return cls(recorder, channel, None if day is None else parse_day(day))

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        day = None if self.day is None else self.day.isoformat()
        return tuple(part for part in (self.recorder, self.channel, day) if part is not None)


@dataclass(frozen=True, slots=True)
class ClipIdentifier(MediaIdentifier):
    """A saved clip."""

    kind = "clip"
    media_class = MediaClass.VIDEO
    media_content_type = MediaType.VIDEO
    mime_type = MIME_MP4

    path: ClipPath

    def __post_init__(self) -> None:
        """Check that it is one."""
        if self.path.is_picture:
            raise ValueError("not a clip")

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        recorder, channel, day, file = parts
        return cls(ClipPath.from_parts(recorder, channel, day, file))

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return self.path.parts


@dataclass(frozen=True, slots=True)
class PictureIdentifier(MediaIdentifier):
    """A saved picture."""

    kind = "picture"
    media_class = MediaClass.IMAGE
    media_content_type = MediaType.IMAGE
    mime_type = MIME_JPEG

    path: ClipPath

    def __post_init__(self) -> None:
        """Check that it is one."""
        if not self.path.is_picture:
            raise ValueError("not a picture")

    @classmethod
    @override
    def from_parts(cls, *parts: str) -> Self:
        recorder, channel, day, file = parts
        return cls(ClipPath.from_parts(recorder, channel, day, file))

    @property
    @override
    def parts(self) -> tuple[str, ...]:
        return self.path.parts


type SavedIdentifier = ClipIdentifier | PictureIdentifier


def saved_identifier(path: ClipPath) -> SavedIdentifier:
    """Return what names a file of the library, whichever of the two it is."""
    return PictureIdentifier(path) if path.is_picture else ClipIdentifier(path)


KINDS: dict[str, type[MediaIdentifier]] = {
    kind.kind: kind
    for kind in (
        RecorderIdentifier,
        ChannelIdentifier,
        DayIdentifier,
        RecordingIdentifier,
        ClipFolderIdentifier,
        ClipIdentifier,
        PictureIdentifier,
    )
}


def parse_identifier(text: str) -> MediaIdentifier:
    """Read any identifier.

    Raises:
        ValueError: It is none of ours, or none that we would have written so.
    """
    kind, *parts = text.split("/")
    try:
        identifier = KINDS[kind].from_parts(*parts)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a media identifier: {text!r}") from error
    if str(identifier) != text:
        raise ValueError(f"not written as a media identifier is: {text!r}")
    return identifier


def browser_url(identifier: MediaIdentifier) -> str:
    """Return the page of Home Assistant's media browser that shows what is below a node.

    The page finds its way by type and id of every node on it, here only ours and the one to show.
    """
    root = f"{MediaType.APP},media-source://{DOMAIN}"
    node = f"{identifier.media_content_type},{identifier.media_content_id}"
    return f"/media-browser/browser/{quote(root, safe='')}/{quote(node, safe='')}"


def parse_channel(text: str) -> int:
    """Read a channel's number.

    Raises:
        ValueError: It is none.
    """
    return _check_channel(int(text))


def _check_channel(channel: int) -> int:
    if not 1 <= channel <= CHANNEL_LIMIT:
        raise ValueError("not a channel's number")
    return channel


def _check_entry_id(entry_id: str) -> None:
    if not _ENTRY_ID.fullmatch(entry_id):
        raise ValueError("not an entry's id")


def _parse_instant(text: str) -> datetime:
    return _within_calendar(datetime.strptime(text, _INSTANT_FORMAT).replace(tzinfo=UTC))


def _within_calendar[D: date](day: D) -> D:
    if day.year not in YEARS:
        raise ValueError("no year of a recorder's")
    return day
