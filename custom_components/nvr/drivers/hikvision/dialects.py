"""The forms of a search request that firmware differs about (section 10 of the notes)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from xml.sax.saxutils import escape

HIKVISION_NAMESPACE = "http://www.hikvision.com/ver20/XMLSchema"
ISAPI_NAMESPACE = "http://www.isapi.org/ver20/XMLSchema"
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """What to search for. Digits are the device's own; the order of the elements in a request matters."""

    track: int
    start: datetime
    end: datetime
    position: int
    most: int
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One form of the request."""

    name: str
    tracks: str = "trackList"
    attributes: str = ""
    declaration: bool = True
    braces: bool = False

    def body(self, terms: SearchTerms) -> bytes:
        """Return the request in this form.

        ``searchResultPostion`` is the official spelling; some firmware ignores the right one and
        answers the first page for ever.
        """
        search_id = f"{{{terms.id}}}" if self.braces else terms.id
        document = (
            f"<CMSearchDescription{self.attributes}>"
            f"<searchID>{escape(search_id)}</searchID>"
            f"<{self.tracks}><trackID>{terms.track}</trackID></{self.tracks}>"
            "<timeSpanList><timeSpan>"
            f"<startTime>{stamp(terms.start)}</startTime><endTime>{stamp(terms.end)}</endTime>"
            "</timeSpan></timeSpanList>"
            f"<maxResults>{terms.most}</maxResults>"
            f"<searchResultPostion>{terms.position}</searchResultPostion>"
            "</CMSearchDescription>"
        )
        return ((DECLARATION if self.declaration else "") + document).encode()


# metadataList is left out by all of them: some firmware refuses it, and kinds are told apart here.
DIALECTS = (
    Dialect(name="plain"),
    Dialect(name="track_id_list", tracks="trackIDList"),
    Dialect(name="hikvision", attributes=f' version="1.0" xmlns="{HIKVISION_NAMESPACE}"'),
    Dialect(name="isapi", attributes=f' version="2.0" xmlns="{ISAPI_NAMESPACE}"'),
    Dialect(name="bare_braces", declaration=False, braces=True),
)


def new_search_id() -> str:
    """Return an id for one search with all its pages; firmware wants it to look like a GUID."""
    return str(uuid4()).upper()


def stamp(digits: datetime) -> str:
    """Write digits as searches want them. The ``Z`` means nothing."""
    return digits.strftime("%Y-%m-%dT%H:%M:%SZ")
