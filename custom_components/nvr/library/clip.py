"""What is known of a saved clip or picture, and how its file is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
import json
import re
from typing import Self

from ..drivers.models import RecordingKind, StreamName

NAME_LIMIT = 64
"""Longest slug in a clip's path, in characters; file systems stop at 255 bytes."""

CLIP_SUFFIX = ".mp4"
PICTURE_SUFFIX = ".jpg"
SUFFIXES = (CLIP_SUFFIX, PICTURE_SUFFIX)
PART_SUFFIX = ".part"

_SLUG = re.compile(rf"[a-z0-9_]{{1,{NAME_LIMIT}}}")
_CHANNEL = re.compile(rf"([0-9]{{1,5}})_([a-z0-9_]{{1,{NAME_LIMIT}}})")
_FILE = re.compile(
    rf"([0-2][0-9])([0-5][0-9])([0-5][0-9])_[a-z0-9_]{{1,{2 * NAME_LIMIT}}}\.(?:mp4|jpg)"
)

_NOTE_VERSION = 1
_GAPS_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPath:
    """Where a clip or a picture lies below the library's folder. Every part is built by us and checked here.

    ``day`` and the time in ``file`` are Home Assistant's.

    Raises:
        ValueError: A part is nothing that the library would have built.
    """

    recorder: str
    channel: str
    day: date
    file: str

    def __post_init__(self) -> None:
        """Check every part."""
        if not _SLUG.fullmatch(self.recorder):
            raise ValueError("not a recorder's folder")
        if not _CHANNEL.fullmatch(self.channel):
            raise ValueError("not a channel's folder")
        if not _FILE.fullmatch(self.file):
            raise ValueError("not a clip's file")

    @classmethod
    def from_parts(cls, recorder: str, channel: str, day: str, file: str) -> Self:
        """Build a path from the texts of an identifier, an address or a folder listing."""
        return cls(recorder=recorder, channel=channel, day=parse_day(day), file=file)

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """The names of the folders and the file, from the top."""
        return self.recorder, self.channel, self.day.isoformat(), self.file

    @property
    def is_picture(self) -> bool:
        """Whether a single picture lies there, and no clip."""
        return self.file.endswith(PICTURE_SUFFIX)

    @property
    def channel_number(self) -> int:
        """The channel's number as the path says it."""
        return channel_number(self.channel)

    @property
    def time(self) -> str:
        """The start in Home Assistant's time of day, as ``21:47:03``."""
        return ":".join(self.file[at : at + 2] for at in (0, 2, 4))


def is_recorder_folder(name: str) -> bool:
    """Tell whether the library could have made a recorder's folder of that name."""
    return _SLUG.fullmatch(name) is not None


def channel_number(folder: str) -> int:
    """Return the number of the channel whose clips a folder holds.

    Raises:
        ValueError: The library makes no folder of that name.
    """
    if (match := _CHANNEL.fullmatch(folder)) is None:
        raise ValueError("not a channel's folder")
    return int(match[1])


def parse_day(text: str) -> date:
    """Return the day that a folder is called after.

    Raises:
        ValueError: It is none, or written in another way than ours.
    """
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not a day's folder")
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part of the asked span that the recorder did not have, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipNote:
    """What a clip's file says of itself; a picture's start and end are the instant that it shows.

    ``recorder_id`` is a digest of the recorder's identity: it finds the recorder again after it was
    removed and added, and tells nobody its serial number. ``start`` and ``end`` are UTC. ``exact`` is
    False where the footage carried no clock, so that the cut is right to a second only. ``format_changed``
    and ``truncated`` say why it may be shorter than asked: the pictures changed their format, which one
    file can't hold; the recorder ended a transfer before the length that it had announced. ``video_codec`` is
    what the pictures are coded in, by FFmpeg's name, None in older notes.
    """

    recorder_id: str
    recorder: str
    channel: int
    channel_name: str
    stream: StreamName
    start: datetime
    end: datetime
    kinds: frozenset[RecordingKind]
    exact: bool
    gaps: tuple[Gap, ...] = ()
    format_changed: bool = False
    truncated: bool = False
    video_codec: str | None = None

    @property
    def duration(self) -> timedelta:
        """How long the clip plays."""
        return self.end - self.start

    def dumps(self) -> bytes:
        """Write the note as it stands in the file."""
        return json.dumps(
            {
                "version": _NOTE_VERSION,
                "recorder_id": self.recorder_id,
                "recorder": self.recorder,
                "channel": self.channel,
                "channel_name": self.channel_name,
                "stream": self.stream,
                "start": self.start.isoformat(),
                "end": self.end.isoformat(),
                "kinds": sorted(self.kinds),
                "exact": self.exact,
                "gaps": [
                    [gap.start.isoformat(), gap.end.isoformat()] for gap in self.gaps[:_GAPS_LIMIT]
                ],
                "format_changed": self.format_changed,
                "truncated": self.truncated,
                "video_codec": self.video_codec,
            }
        ).encode()

    @classmethod
    def loads(cls, data: bytes) -> Self:
        """Read a note.

        Raises:
            ValueError: This is none of ours. Anybody may put a file into the folder.
        """
        fields = json.loads(data)
        try:
            return cls._from_fields(fields)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("not a clip's note") from error

    @classmethod
    def _from_fields(cls, fields: Mapping[str, object]) -> Self:
        kinds, gaps = fields["kinds"], fields["gaps"]
        if not isinstance(kinds, list) or not isinstance(gaps, list):
            raise TypeError("not a list")
        return cls(
            recorder_id=str(fields["recorder_id"]),
            recorder=str(fields["recorder"]),
            channel=int(str(fields["channel"])),
            channel_name=str(fields["channel_name"]),
            stream=StreamName(str(fields["stream"])),
            start=_instant(fields["start"]),
            end=_instant(fields["end"]),
            kinds=frozenset(RecordingKind(kind) for kind in kinds),
            exact=fields["exact"] is True,
            gaps=tuple(
                Gap(start=_instant(start), end=_instant(end)) for start, end in gaps[:_GAPS_LIMIT]
            ),
            format_changed=fields.get("format_changed") is True,
            truncated=fields.get("truncated") is True,
            video_codec=None if (codec := fields.get("video_codec")) is None else str(codec),
        )


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError("an instant without zone")
    return instant


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedClip:
    """A clip or a picture in the library. ``note`` is None for a file that carries none."""

    path: ClipPath
    size_bytes: int
    note: ClipNote | None
