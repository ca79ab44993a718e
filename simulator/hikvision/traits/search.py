"""How firmwares differ in their search (sections 10 and 11 of the protocol notes)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus


class Wanted(StrEnum):
    """Whether something that may be left out has to be there."""

    EITHER = "either"
    WANTED = "wanted"
    REFUSED = "refused"


class SearchId(StrEnum):
    """What the id of a search has to look like."""

    ANY_GUID = "a GUID"
    BRACES = "a GUID in capitals between braces"
    PLAIN = "a GUID without braces"
    NUMBER = "a number"


class TrackList(StrEnum):
    """What the list of tracks is called."""

    TRACK_LIST = "trackList"
    TRACK_ID_LIST = "trackIDList"


class PositionWord(StrEnum):
    """What the number of results to leave out is called."""

    MISSPELT = "searchResultPostion"
    RIGHT = "searchResultPosition"


class OffsetTimes(StrEnum):
    """What is done about a time with an offset instead of `Z`."""

    IGNORED = "its digits count"
    HONOURED = "it is understood"
    REFUSED = "it is refused"


class NoMatches(StrEnum):
    """How it is said that nothing was found."""

    EMPTY_LIST = "an empty matchList"
    WHITESPACE = "a matchList with white space"
    NO_LIST = "no matchList"
    NO_COUNT = "no numOfMatches"
    OK = "OK, and none"
    FAILED = "FAILED"


class UnknownTrack(StrEnum):
    """What comes of the search for a track that isn't recorded."""

    EMPTY = "nothing is found"
    INVALID = "it is refused as invalid"
    NOT_SUPPORTED = "it is refused as not supported"
    ERROR = "the device has an error"


class Ending(StrEnum):
    """How the last page is told from the others."""

    HONEST = "by OK"
    MORE_EMPTY = "not at all: pages after it are empty and say MORE"
    MORE_AGAIN = "not at all: it comes again and again"


class OpenEnd(StrEnum):
    """Until when the file that is being written is said to last."""

    PLANNED = "as long as a file lasts"
    FAR = "hours from now"
    NOW = "now"


@dataclass(frozen=True, kw_only=True)
class SearchTraits:
    """How a search is asked and answered.

    Attributes:
        search_ids: what the id of a search has to look like.
        track_lists: the names that the list of tracks may have.
        position_words: the names under which the position counts; it is ignored under others.
        search_attributes: whether `version` and `xmlns` have to be there.
        search_xmlns: the one that has to be there, if there is any; None for any.
        search_declaration: whether an XML declaration has to be there.
        search_filters: whether a list of kinds may be there.
        search_tracks: so many tracks in one search.
        unknown_track: what comes of the search for a track that isn't recorded.
        offset_times: what is done about a time with an offset.
        widest_search: a longer span is refused; None for no limit.
        page_limit: so many results at most in one search answer.
        results_refused: a search that wants so many is refused; None never.
        searches_at_once: more are refused as busy.
        search_s: so many seconds a search takes.
        index_latency: recordings are found so long after they began.
        search_ending: how the last page is told from the others.
        no_matches: how it is said that nothing was found.
        page_overlap: so many results of a page come again on the next.
        shuffled: whether results are out of order within a page.
        tells_total: whether an answer counts all results.
        sub_labelled_main: whether results of track 102 say that they are of 101 (DVR-THD30B-81-HIK).
        open_end: until when the file that is being written is said to last.
        descriptor_host: what stands before the kind of a result.
        uri_has_port: whether playback addresses carry the HTTP port.
        uri_slash: whether a slash stands before their question mark.
        name_prefix: whether files are called `ch01_…`.
        calendar: whether a month's recorded days can be asked for.
        calendar_edge_days: so many overwritten days before the oldest are called recorded.
        calendar_absent: how it is refused where it can't.
    """

    search_ids: SearchId = SearchId.ANY_GUID
    track_lists: frozenset[TrackList] = frozenset(TrackList)
    position_words: frozenset[PositionWord] = frozenset(PositionWord)
    search_attributes: Wanted = Wanted.EITHER
    search_xmlns: str | None = None
    search_declaration: Wanted = Wanted.EITHER
    search_filters: bool = True
    search_tracks: int = 16
    unknown_track: UnknownTrack = UnknownTrack.EMPTY
    offset_times: OffsetTimes = OffsetTimes.IGNORED
    widest_search: timedelta | None = None
    page_limit: int = 64
    results_refused: int | None = None
    searches_at_once: int = 1
    search_s: float = 0.0
    index_latency: timedelta = timedelta()
    search_ending: Ending = Ending.HONEST
    no_matches: NoMatches = NoMatches.EMPTY_LIST
    page_overlap: int = 0
    shuffled: bool = False
    tells_total: bool = False
    sub_labelled_main: bool = False
    open_end: OpenEnd = OpenEnd.PLANNED
    descriptor_host: str = "recordType.meta.hikvision.com"
    uri_has_port: bool = False
    uri_slash: bool = True
    name_prefix: bool = False
    calendar: bool = True
    calendar_edge_days: int = 0
    calendar_absent: HTTPStatus = HTTPStatus.FORBIDDEN
