"""The forms of a search request that firmware differs about (section 10 of the notes).

What firmware refuses it refuses with one and the same error, so the forms are tried in an order: first what most
take, then what differs from that in one part, in two, in three. Sizes of pages and windows are no part of a form.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from itertools import product
from uuid import UUID, uuid4
from xml.sax.saxutils import escape

HIKVISION_NAMESPACE = "http://www.hikvision.com/ver20/XMLSchema"
ISAPI_NAMESPACE = "http://www.isapi.org/ver20/XMLSchema"
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
METADATA = (
    "<metadataList><metadataDescriptor>//recordType.meta.std-cgi.com</metadataDescriptor>"
    "</metadataList>"
)
CONTENT_TYPE = "<contentTypeList><contentType>video</contentType></contentTypeList>"
# What a device may cost once that takes none of the nearer forms; the sum of what its parts weigh.
FARTHEST = 4
NUMBER_DIGITS = 9


class SearchId(StrEnum):
    """How a search is named. All but the number are the same GUID."""

    GUID = "guid"
    BRACES = "braces"
    LOWER = "lower"
    NUMBER = "number"


class Envelope(StrEnum):
    """What stands around the request."""

    PLAIN = "plain"
    HIKVISION = "hikvision"
    ISAPI = "isapi"
    BARE = "bare"


class Tracks(StrEnum):
    """The name of the list of tracks."""

    LIST = "trackList"
    ID_LIST = "trackIDList"


class Filter(StrEnum):
    """By which optional lists the answer is narrowed to video; kinds are told apart here."""

    NONE = "none"
    METADATA = "metadata"
    CONTENT = "content"
    BOTH = "both"


class Times(StrEnum):
    """What stands behind the digits. The ``Z`` means nothing."""

    ZULU = "zulu"
    LOCAL = "local"
    OFFSET = "offset"


class Paging(StrEnum):
    """How a device is asked for the next page.

    ``searchResultPostion`` is the official spelling; some firmware ignores the right one, and some knows
    neither: then every page is a search of its own, from where the last one ended.
    """

    OFFICIAL = "searchResultPostion"
    CORRECT = "searchResultPosition"
    RESTART = "restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """What to search for. Digits are the device's own; ``suffix`` is the offset they belong to."""

    track: int
    start: datetime
    end: datetime
    position: int
    most: int
    id: str
    suffix: str = "+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One form of the request. The order of the elements matters to many devices."""

    id: SearchId = SearchId.GUID
    tracks: Tracks = Tracks.LIST
    envelope: Envelope = Envelope.PLAIN
    filter: Filter = Filter.NONE
    times: Times = Times.ZULU

    @property
    def name(self) -> str:
        """What it is called in the memory of a device and in diagnostics: its parts."""
        return " ".join(str(getattr(self, part.name)) for part in fields(self))

    @property
    def distance(self) -> int:
        """How far it is from what most devices take."""
        return sum(_WEIGHTS.get(getattr(self, part.name), 0) for part in fields(self))

    def body(self, terms: SearchTerms, paging: Paging = Paging.OFFICIAL) -> bytes:
        """Return the request in this form."""
        word = Paging.OFFICIAL if paging is Paging.RESTART else paging
        content = CONTENT_TYPE if self.filter in (Filter.CONTENT, Filter.BOTH) else ""
        metadata = METADATA if self.filter in (Filter.METADATA, Filter.BOTH) else ""
        document = (
            f"<CMSearchDescription{_ATTRIBUTES.get(self.envelope, '')}>"
            f"<searchID>{escape(self._search_id(terms.id))}</searchID>"
            f"<{self.tracks}><trackID>{terms.track}</trackID></{self.tracks}>"
            "<timeSpanList><timeSpan>"
            f"<startTime>{self._stamp(terms.start, terms)}</startTime>"
            f"<endTime>{self._stamp(terms.end, terms)}</endTime>"
            "</timeSpan></timeSpanList>"
            f"{content}"
            f"<maxResults>{terms.most}</maxResults>"
            f"<{word}>{terms.position}</{word}>"
            f"{metadata}"
            "</CMSearchDescription>"
        )
        return (("" if self.envelope is Envelope.BARE else DECLARATION) + document).encode()

    def _search_id(self, guid: str) -> str:
        match self.id:
            case SearchId.BRACES:
                return f"{{{guid}}}"
            case SearchId.LOWER:
                return guid.lower()
            case SearchId.NUMBER:
                return str(UUID(guid).int % 10**NUMBER_DIGITS)
            case _:
                return guid

    def _stamp(self, digits: datetime, terms: SearchTerms) -> str:
        suffixes = {Times.ZULU: "Z", Times.LOCAL: "", Times.OFFSET: terms.suffix}
        return digits.strftime("%Y-%m-%dT%H:%M:%S") + suffixes[self.times]


_ATTRIBUTES = {
    Envelope.HIKVISION: f' version="1.0" xmlns="{HIKVISION_NAMESPACE}"',
    Envelope.ISAPI: f' version="2.0" xmlns="{ISAPI_NAMESPACE}"',
}
# Ones seen on devices, twos only said of some.
_WEIGHTS: dict[object, int] = {
    SearchId.BRACES: 1,
    SearchId.LOWER: 2,
    SearchId.NUMBER: 2,
    Tracks.ID_LIST: 1,
    Envelope.HIKVISION: 1,
    Envelope.ISAPI: 1,
    Envelope.BARE: 1,
    Filter.METADATA: 1,
    Filter.CONTENT: 1,
    Filter.BOTH: 2,
    Times.LOCAL: 2,
    Times.OFFSET: 2,
}


def _near() -> Iterator[Dialect]:
    for search_id, tracks, envelope, filter_, times in product(
        SearchId, Tracks, Envelope, Filter, Times
    ):
        dialect = Dialect(
            id=search_id, tracks=tracks, envelope=envelope, filter=filter_, times=times
        )
        if dialect.distance <= FARTHEST:
            yield dialect


DIALECTS = tuple(sorted(_near(), key=lambda dialect: dialect.distance))
NAMED = {dialect.name: dialect for dialect in DIALECTS}


def new_search_id() -> str:
    """Return an id for one search with all its pages; firmware wants it to look like a GUID."""
    return str(uuid4()).upper()
