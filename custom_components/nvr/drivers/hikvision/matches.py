"""What a search answers, in the device's own digits (section 10 of the notes)."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

from .. import xml
from ..errors import DeviceFaultError, InvalidAnswerError
from ..models import RecordingKind
from ..reading import CLOCK_BACK
from .device_time import read_stamp
from .kinds import read_kinds
from .streams import CHANNEL_FACTOR

# Files are cut at a gigabyte; nothing that makes sense is longer.
LONGEST = timedelta(days=31)
# Some write this for the end of the file under way; it is read as an end allotted far ahead.
_NO_END = re.compile(r"0000-|1970-|203[78]-|9999-")
ALLOTTED = timedelta(days=1)
MAX_MATCHES = 5000
MAX_SIZE = 1 << 50

_NO_MATCHES = frozenset({"NOMATCHES", "NOMATCH", "NOTFOUND", "NORESULT", "NORESULTS"})
_TRACK = re.compile(r"/tracks/(\d{1,6})", re.IGNORECASE)


class Key(NamedTuple):
    """What tells recordings of a search apart. ``end``, in digits, is None while it may move."""

    start: datetime
    track: int | None
    label: str
    end: datetime | None

    @property
    def unlabelled(self) -> tuple[datetime, int | None, datetime | None]:
        """The same without the label."""
        return self.start, self.track, self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One recording of an answer. ``end`` may lie in the future: the file being written is allotted ahead."""

    track: int | None
    start: datetime
    end: datetime
    start_text: str
    end_text: str
    kinds: frozenset[RecordingKind]
    uri: str = field(default="", repr=False)
    name: str = ""
    size_bytes: int | None = None
    # The device names no end: of the newest recording only that means that it is under way.
    endless: bool = False

    def key(self, growing: datetime) -> Key:
        """Return what stays the same when the recording is found again, even while it grows.

        Several may start in the same second: those of other tracks, and clips beside what is recorded
        all the time. Ends from ``growing`` on, in digits, may still move.
        """
        label = self.name or ",".join(sorted(self.kinds))
        end = self.end if self.end < growing else None
        return Key(self.start, self.track if self.played is None else self.played, label, end)

    @property
    def token(self) -> str:
        """What fetches it."""
        return self.uri

    @property
    def played(self) -> int | None:
        """The track by the playback address; what else is said of it may be wrong."""
        seen = _TRACK.search(self.uri)
        return None if seen is None else int(seen[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of an answer. ``more`` is None where the device does not say whether others follow.

    ``count`` is how many items the page holds, also those that make no sense: positions go by it. ``total`` is how
    many all pages hold together, where the device says so.
    """

    matches: tuple[Match, ...]
    more: bool | None
    count: int
    total: int | None = None


def read_page(root: Element) -> Page:
    """Read a CMSearchResult.

    Raises InvalidAnswerError where it is none, DeviceFaultError where it says that the search failed: neither
    means that nothing is recorded.
    """
    if xml.local(root).casefold() != "cmsearchresult":
        raise InvalidAnswerError("the answer to a search is none")
    word = re.sub(r"[^A-Z]", "", (xml.text(root, "responseStatusStrg") or "").upper())
    # Some call it a failure, too, but count what they found.
    none = word in _NO_MATCHES or xml.integer(root, "numOfMatches") == 0
    failed = word == "FAILED" or xml.boolean(root, "responseStatus") is False
    if failed and not none:
        raise DeviceFaultError("the search failed on the recorder")
    elements = list(islice(xml.items(root, "searchMatchItem"), MAX_MATCHES))
    matches = tuple(match for element in elements if (match := _match(element)) is not None)
    match word:
        case "MORE":
            more: bool | None = True
        case "OK":
            more = False
        case _:
            more = False if none else None
    total = xml.integer(root, "totalMatches")
    return Page(matches=matches, more=more, count=len(elements), total=total)


def of_track(matches: Collection[Match], track: int) -> list[Match]:
    """Return the matches of the track that was asked for, by their playback addresses.

    Firmware that ignores the list of tracks answers with all of them, and another channel's address plays that
    channel. But where all are of this channel, and of its other stream by their name, they are only labelled
    wrongly, as a DVR does with its sub stream: then the request is to be trusted (section 10 of the notes).
    """
    named = {match.played for match in matches if match.played is not None}
    channels = 0, track // CHANNEL_FACTOR
    if track not in named and all(one // CHANNEL_FACTOR in channels for one in named):
        return list(matches)
    return [match for match in matches if match.played in (track, None)]


def uri_query(uri: str) -> dict[str, str]:
    """Return the parameters of a playback address."""
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(uri).query).items()}
    except ValueError:
        return {}


def _match(element: Element) -> Match | None:
    start_text = xml.text(element, "timeSpan", "startTime") or ""
    end_text = xml.text(element, "timeSpan", "endTime") or ""
    start, end = read_stamp(start_text), read_stamp(end_text)
    if start is None:
        return None
    endless = _NO_END.match(end_text) is not None and not start_text.startswith(end_text[:4])
    if endless:
        end = replace(start, digits=start.digits + ALLOTTED)
        end_text = end.digits.strftime("%Y-%m-%dT%H:%M:%SZ")
    if end is None:
        return None
    # Over the end of daylight saving time the clock goes back inside a recording.
    if not start.digits - CLOCK_BACK < end.digits <= start.digits + LONGEST:
        return None
    segment = xml.find(element, "mediaSegmentDescriptor")
    uri = name = ""
    if segment is not None:
        if (xml.text(segment, "contentType") or "video").casefold() != "video":
            return None
        uri = xml.text(segment, "playbackURI") or ""
        name = xml.text(segment, "name") or ""
    query = uri_query(uri)
    descriptors = [xml.text(found) or "" for found in xml.items(element, "metadataDescriptor")]
    return Match(
        track=xml.integer(element, "trackID"),
        start=start.digits,
        end=end.digits,
        start_text=start_text,
        end_text=end_text,
        kinds=read_kinds(descriptors),
        uri=uri,
        name=name or query.get("name", ""),
        size_bytes=_size(query.get("size", "")),
        endless=endless,
    )


def _size(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 and 0 < int(text) < MAX_SIZE else None
