"""How firmwares differ in their search (section 8 of the protocol notes)."""

from dataclasses import dataclass
from enum import StrEnum


class Nothing(StrEnum):
    """How it is said that nothing was found."""

    BAD_REQUEST = "400"
    ERROR = "Error"
    FOUND_ZERO = "OK, and then found=0"


class Ending(StrEnum):
    """What comes after the last page."""

    FOUND_ZERO = "found=0"
    ERROR = "Error"
    BAD_REQUEST = "400"
    SERVER_ERROR = "500"


class FlagsKey(StrEnum):
    """What the list of flags is called in a condition."""

    FLAGS = "Flags"
    FLAG = "Flag"


class FileShape(StrEnum):
    """What paths of files look like."""

    RECORDER = "/mnt/dvr/…/0/2129/…[R][0@0][0].dav"
    CARD = "/mnt/sd/…[M][0@0][0].mp4"


class ListKey(StrEnum):
    """What RPC2 calls the list of what was found."""

    INFOS = "infos"
    ITEMS = "items"


class Tag(StrEnum):
    """What the first tag of a path says."""

    KIND = "why it was recorded"
    REGULAR = "always R"


@dataclass(frozen=True, kw_only=True)
class SearchTraits:
    """How a search is asked and answered.

    Attributes:
        channel_base: the number by which CGI's conditions call the first channel, 0 or 1.
        finders: so many objects for searches there are; None for any number.
        nothing: how it is said that nothing was found.
        ending: what comes after the last page.
        page_limit: so many items at most on a page by CGI.
        call_limit: so many by RPC2.
        short_pages: whether each second page is shorter than it could be.
        overcount: by so much `found` is greater than what is in the answer.
        filters: whether flags and events of a condition count.
        flags_keys: what the list of flags is called.
        sorted_fields: whether the fields of an item are in the order of the alphabet, as cameras have them.
        stream_told: whether an item tells its stream, and how much of its file it takes.
        durations: whether an item tells how long it lasts.
        summaries: whether an item has fields that nobody needs.
        file_shape: what paths of files look like.
        tag: what the first tag of a path says.
        event_pictures: whether there are pictures of events.
        list_key: what RPC2 calls the list.
        null_lists: whether the list is null where nothing was found.
        open_growing: whether the file that is being written is said to last up to now.
        calendar: whether a month's recorded days can be asked for.
        calendar_directory: the work directory whose days can be asked for.
        smart_motion: whether people and vehicles can be searched for.
    """

    channel_base: int = 1
    finders: int | None = 10
    nothing: Nothing = Nothing.BAD_REQUEST
    ending: Ending = Ending.FOUND_ZERO
    page_limit: int = 100
    call_limit: int = 1024
    short_pages: bool = False
    overcount: int = 0
    filters: bool = True
    flags_keys: frozenset[FlagsKey] = frozenset(FlagsKey)
    sorted_fields: bool = False
    stream_told: bool = True
    durations: bool = False
    summaries: bool = False
    file_shape: FileShape = FileShape.RECORDER
    tag: Tag = Tag.KIND
    event_pictures: bool = False
    list_key: ListKey = ListKey.INFOS
    null_lists: bool = True
    open_growing: bool = True
    calendar: bool = True
    calendar_directory: str = "/"
    smart_motion: bool = True
