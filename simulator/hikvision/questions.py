"""What a search asks, as far as a firmware understands it (section 10 of the protocol notes)."""

from dataclasses import dataclass
from datetime import datetime
import re
from typing import Final
from xml.etree.ElementTree import Element

from simulator.core.clock import DeviceClock
from simulator.core.recordings import Kind

from .errors import Refusal
from .files import WORDS
from .firmware import Firmware
from .times import read_iso
from .traits.search import PositionWord, SearchId, TrackList, Wanted
from .xml import Marks, marks_of, read

_GUID: Final = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_IDS: Final = {
    SearchId.ANY_GUID: re.compile(rf"\{{?{_GUID}\}}?"),
    SearchId.PLAIN: re.compile(_GUID),
    SearchId.BRACES: re.compile(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}"),
    SearchId.NUMBER: re.compile(r"\d{1,10}"),
}
# Several firmwares read a search by position; this order is the maker's.
_ORDER: Final = (
    ("searchID",),
    tuple(TrackList),
    ("timeSpanList",),
    ("contentTypeList",),
    ("maxResults",),
    tuple(PositionWord),
    ("metadataList",),
)
_DEFAULT_RESULTS: Final = 40
_EVENTS: Final = frozenset(Kind) - {Kind.CONTINUOUS}
_FILTERS: Final = {
    "": frozenset(Kind),
    "cmr": frozenset({Kind.CONTINUOUS}),
    "motion": frozenset({Kind.MOTION}),
    "alarm": frozenset({Kind.ALARM}),
    "edr": frozenset({Kind.MOTION, Kind.ALARM}),
    "alarmandmotion": frozenset({Kind.MOTION, Kind.ALARM}),
    "command": frozenset({Kind.MANUAL}),
    "allevent": _EVENTS,
    **{word.lower(): frozenset({kind}) for kind, word in WORDS.items()},
}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a search asks, apart from the page; times are the device's digits."""

    tracks: tuple[int, ...]
    start: datetime
    end: datetime
    kinds: frozenset[Kind]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request for a page.

    Attributes:
        search_id: as sent.
        question: what is looked for.
        position: so many results are left out.
        length: so many are given at most.
    """

    search_id: str
    question: Question
    position: int
    length: int


def read_search(body: bytes, firmware: Firmware, clock: DeviceClock) -> Asked:
    """Read a search.

    Raises:
        Refusal: the firmware doesn't understand it.
    """
    description = read(body, "CMSearchDescription")
    _check_marks(marks_of(body), firmware)
    _check_order(description)
    search_id = _text(description, "searchID")
    if _IDS[firmware.search_ids].fullmatch(search_id) is None:
        raise Refusal.bad_content()
    return Asked(
        search_id=search_id,
        question=_question(description, firmware, clock),
        position=_position(description, firmware),
        length=_page_length(description, firmware),
    )


def _check_marks(marks: Marks, firmware: Firmware) -> None:
    checks = (
        (firmware.search_declaration, marks.declaration, marks.declaration),
        (firmware.search_attributes, marks.attributes, marks.version and bool(marks.xmlns)),
    )
    for wanted, some, all_of_it in checks:
        if (wanted is Wanted.REFUSED and some) or (wanted is Wanted.WANTED and not all_of_it):
            raise Refusal.bad_content()
    known = firmware.search_xmlns
    if known is not None and marks.xmlns is not None and marks.xmlns != known:
        raise Refusal.bad_content()


def _check_order(description: Element) -> None:
    places = []
    for part in description:
        place = next((at for at, names in enumerate(_ORDER) if part.tag in names), None)
        if place is None:
            raise Refusal.bad_content()
        places.append(place)
    if places != sorted(set(places)):
        raise Refusal.bad_content()


def _question(description: Element, firmware: Firmware, clock: DeviceClock) -> Question:
    if any(description.find(name) is not None for name in set(TrackList) - firmware.track_lists):
        raise Refusal.bad_content()
    tracks = [
        _number(track.text or "")
        for name in firmware.track_lists
        for track in description.iterfind(f"{name}/trackID")
    ]
    spans = description.findall("timeSpanList/timeSpan")
    if not 0 < len(tracks) <= firmware.search_tracks or len(spans) != 1:
        raise Refusal.bad_content()
    start, end = (
        read_iso(_text(spans[0], name), clock, firmware.offset_times)
        for name in ("startTime", "endTime")
    )
    if firmware.widest_search is not None and end - start > firmware.widest_search:
        raise Refusal.bad_parameters()
    return Question(tracks=tuple(tracks), start=start, end=end, kinds=_kinds(description, firmware))


def _kinds(description: Element, firmware: Firmware) -> frozenset[Kind]:
    if not firmware.search_filters and description.find("metadataList") is not None:
        raise Refusal.bad_content()
    descriptors = description.findall("metadataList/metadataDescriptor")
    if not descriptors:
        return frozenset(Kind)
    kinds: frozenset[Kind] = frozenset()
    for descriptor in descriptors:
        word = (descriptor.text or "").strip().removeprefix("//").partition("/")[2]
        kinds |= _FILTERS.get(word.lower(), frozenset())
    return kinds


def _position(description: Element, firmware: Firmware) -> int:
    """Read the position under the name that counts; under another one it is ignored."""
    texts = (description.findtext(word) for word in firmware.position_words)
    return next((_number(text) for text in texts if text is not None), 0)


def _page_length(description: Element, firmware: Firmware) -> int:
    text = description.findtext("maxResults")
    wanted = _DEFAULT_RESULTS if text is None else _number(text)
    if firmware.results_refused is not None and wanted >= firmware.results_refused:
        raise Refusal.bad_content()
    return max(1, min(wanted, firmware.page_limit))


def _text(element: Element, name: str) -> str:
    text = element.findtext(name)
    if text is None:
        raise Refusal.bad_content()
    return text.strip()


def _number(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < len("10000000")):
        raise Refusal.bad_content()
    return int(text)
