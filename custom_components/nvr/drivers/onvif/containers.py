"""What ONVIF calls recordings: containers without an end, with tracks that have gaps (section 8 of the notes).

A recorder has one for each channel as a rule, or for each stream; some cameras have one for each clip.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
import re
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..errors import InvalidAnswerError
from ..models import Right
from .question import Question
from .service import Service
from .values import MAX_TOKEN, moment

MAX_CONTAINERS = 4096
MAX_TRACKS = 32
MAX_TEXT = 64
# No recorder of this protocol is older; what is told to be was recorded before the clock had been set.
FIRST_PLAUSIBLE = datetime(2005, 1, 1, tzinfo=UTC)
LAST_PLAUSIBLE = datetime(2200, 1, 1, tzinfo=UTC)

_VIDEO = "video"
_TRAILING = re.compile(r"(?<!\d)(\d{1,3})$")
_UNTOLD = frozenset({"", "unknown"})
_GONE = frozenset({"removing", "removed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track of a container; ``kind`` is ``video``, ``audio``, ``metadata`` or empty."""

    token: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A recording in ONVIF's sense. Instants are by the device's clock; ``writes`` is None where it doesn't say.

    ``source`` is what the device calls its source, ``source_name`` what people call that, ``video_source`` the token of
    the input, which only newer devices tell. ``gone``: it is being removed.
    """

    token: str
    source: str = ""
    source_name: str = ""
    video_source: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    earliest_text: str = ""
    latest_text: str = ""
    tracks: tuple[Track, ...] = ()
    writes: bool | None = None
    gone: bool = False

    @property
    def begins(self) -> datetime | None:
        """The first of its footage, None where no clock that was set can have shown that."""
        return plausible(self.earliest)

    @property
    def ends(self) -> datetime | None:
        """The last of its footage, None where no clock that was set can have shown that."""
        return plausible(self.latest)

    @property
    def has_video(self) -> bool:
        """Whether it may hold pictures."""
        return not self.tracks or any(one.kind in {_VIDEO, ""} for one in self.tracks)

    def is_video(self, track: str) -> bool:
        """Return whether a track may be one of pictures: nothing says that it is another."""
        kinds = {one.token: one.kind for one in self.tracks}
        return kinds.get(track, "") in {_VIDEO, ""}

    def merged(self, other: Container) -> Container:
        """Return it with what another answer, which counts more, says of the same."""
        return Container(
            token=self.token,
            source=other.source or self.source,
            source_name=other.source_name or self.source_name,
            video_source=other.video_source or self.video_source,
            earliest=other.earliest or self.earliest,
            latest=other.latest or self.latest,
            earliest_text=other.earliest_text or self.earliest_text,
            latest_text=other.latest_text or self.latest_text,
            tracks=other.tracks or self.tracks,
            writes=self.writes if other.writes is None else other.writes,
            gone=other.gone,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What all containers of a device span together, and how many there are, as far as it says."""

    earliest: datetime | None = None
    latest: datetime | None = None
    count: int | None = None


def read_recordings(answer: Element) -> tuple[Container, ...]:
    """Read GetRecordings, which tells no times."""
    return tuple(_containers(xml.children(answer, "RecordingItem")))


def read_containers(answer: Element) -> tuple[Container, ...]:
    """Read RecordingInformation, however deep it sits: a page of a search, or a single one."""
    return tuple(_containers(xml.items(answer, "RecordingInformation")))


def read_information(answer: Element) -> Container:
    """Read GetRecordingInformation. Raises InvalidAnswerError where it says nothing of a recording."""
    found = next(iter(read_containers(answer)), None)
    if found is None:
        raise InvalidAnswerError("the device says nothing of the recording")
    return found


def read_summary(answer: Element) -> Summary:
    """Read GetRecordingSummary. Without recordings its times mean nothing."""
    count = xml.integer(answer, "Summary", "NumberRecordings")
    if count is not None and count <= 0:
        return Summary(count=0)
    earliest, latest = (moment(answer, "Summary", name) for name in ("DataFrom", "DataUntil"))
    return Summary(earliest=plausible(earliest), latest=plausible(latest), count=count)


def plausible(instant: datetime | None) -> datetime | None:
    """Return an instant, None where no clock that was set can have shown it."""
    if instant is None or not FIRST_PLAUSIBLE <= instant < LAST_PLAUSIBLE:
        return None
    return instant


def trailing_number(text: str) -> int | None:
    """Return the number at the end of a name, None where there is none or it is 0."""
    match = _TRAILING.search(text)
    return int(match[1]) or None if match is not None else None


RECORDINGS = Question(
    service=Service.RECORDING,
    operation="GetRecordings",
    read=read_recordings,
    limits=LIST,
    right=Right.PLAYBACK,
)
SUMMARY = Question(
    service=Service.SEARCH,
    operation="GetRecordingSummary",
    read=read_summary,
    right=Right.PLAYBACK,
)


def information(token: str) -> Question[Container]:
    """Return the question for what a container spans."""
    return Question(
        service=Service.SEARCH,
        operation="GetRecordingInformation",
        arguments={"RecordingToken": token},
        read=read_information,
        right=Right.PLAYBACK,
    )


def _containers(elements: Iterable[Element]) -> Iterator[Container]:
    for count, one in enumerate(elements):
        if count >= MAX_CONTAINERS:
            return
        # A token that is cut short would name nothing.
        if (token := xml.text(one, "RecordingToken")) is not None and len(token) <= MAX_TOKEN:
            yield _container(one, token)


def _container(element: Element, token: str) -> Container:
    # One service says of it directly what stands under its configuration for the other.
    settings = xml.find(element, "Configuration")
    source = xml.find(element if settings is None else settings, "Source")
    state = (xml.text(element, "RecordingStatus") or "").casefold()
    tracks = _track_elements(element)
    firsts, lasts = (
        [told for one in tracks if (told := moment(one, name)) is not None]
        for name in ("DataFrom", "DataTo")
    )
    return Container(
        token=token,
        source=_name(source, "SourceId"),
        source_name=_name(source, "Name"),
        video_source=_name(source, "VideoSourceToken"),
        earliest=moment(element, "EarliestRecording") or min(firsts, default=None),
        latest=moment(element, "LatestRecording") or max(lasts, default=None),
        earliest_text=(xml.text(element, "EarliestRecording") or "")[:MAX_TEXT],
        latest_text=(xml.text(element, "LatestRecording") or "")[:MAX_TEXT],
        tracks=tuple(_tracks(tracks)),
        writes=None if state in _UNTOLD else state == "recording",
        gone=state in _GONE,
    )


def _track_elements(element: Element) -> list[Element]:
    """Return the tracks, which one service lists directly and the other in a list."""
    listed = [
        one for each in xml.children(element, "Tracks") for one in xml.children(each, "Track")
    ]
    return [*xml.children(element, "Track"), *listed][:MAX_TRACKS]


def _tracks(elements: Iterable[Element]) -> Iterator[Track]:
    for one in elements:
        kind = xml.text(one, "TrackType") or xml.text(one, "Configuration", "TrackType") or ""
        if (token := xml.text(one, "TrackToken")) is not None:
            yield Track(token=token[:MAX_TOKEN], kind=kind.casefold())


def _name(element: Element | None, name: str) -> str:
    return "" if element is None else (xml.text(element, name) or "")[:MAX_TOKEN]
