"""What a file search answers, in the device's own digits (section 8 of the notes)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from ..models import RecordingKind, StreamName
from .digits import read_digits
from .kinds import read_kinds
from .tree import Tree, at, indexed, integer, text

# Blocks are half an hour or an hour long; nothing that makes sense is longer.
LONGEST = timedelta(days=31)
CLOCK_BACK = timedelta(hours=1)
MAX_ITEMS = 5000
MAX_WORDS = 64
MAX_SIZE = 1 << 50
MAX_PATH = 1024

# The list is called items over CGI and by old firmware over RPC2, infos by newer.
_LISTS = ("items", "infos")
# What may be asked for as video comes as mp4, too; pictures are another thing.
_PICTURES = frozenset({"jpg", "jpeg", "bmp", "png"})
_STREAMS = {
    "extra": StreamName.SUB,
    "extra1": StreamName.SUB,
    "extra2": StreamName.THIRD,
}

type Key = tuple[datetime, int | None, str, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One file of an answer. ``channel`` is the number that the device writes there, from 0 as a rule."""

    channel: int | None
    stream: StreamName
    start: datetime
    end: datetime
    start_text: str
    end_text: str
    kinds: frozenset[RecordingKind]
    path: str = field(default="", repr=False)
    size_bytes: int | None = None
    # Files without an end are not known from this vendor.
    endless: bool = False

    @property
    def token(self) -> str:
        """What tells this file from others and fetches it."""
        return self.path or f"{self.channel}/{self.stream}/{self.start_text}"

    def key(self, growing: datetime) -> Key:
        """Return what stays the same when the file is found again, even while it grows.

        Ends from ``growing`` on, in digits, may still move.
        """
        end = self.end if self.end < growing else None
        label = "" if end is None else self.path
        return (self.start, self.channel, label or ",".join(sorted(self.kinds)), end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of an answer.

    ``count`` is how many items are printed, also those that make no sense; ``lacks`` says that the answer counts
    more than it prints, or prints some without a time that makes sense: it may have been damaged on its way.
    """

    items: tuple[Item, ...]
    count: int
    lacks: bool = False


def read_page(tree: Tree) -> Page:
    """Read the answer to findNextFile; ``found`` is no word to go by, the items are counted."""
    entries = [entry for name in _LISTS for _, entry in islice(indexed(tree, name), MAX_ITEMS)]
    return Page(
        items=tuple(item for entry in entries if (item := read_item(entry)) is not None),
        count=len(entries),
        lacks=_lacks(integer(tree, "found"), len(entries)) or not all(map(_is_timed, entries)),
    )


def _is_timed(entry: Tree) -> bool:
    """Tell whether an item says from when to when; what it is of may be none of ours."""
    start, end = (read_digits(text(entry, name) or "") for name in ("StartTime", "EndTime"))
    return start is not None and (end is not None or integer(entry, "Duration") is not None)


def _lacks(found: int | None, count: int) -> bool:
    """Tell whether a page that says how many it has doesn't hold as many, or whether an empty one doesn't even say so."""
    return count == 0 if found is None else found > count


def read_item(tree: Tree) -> Item | None:
    """Read one item, None where it is no video or makes no sense."""
    start_text, end_text = text(tree, "StartTime") or "", text(tree, "EndTime") or ""
    start, end = read_digits(start_text), read_digits(end_text)
    path = (text(tree, "FilePath") or "").strip()
    stream = _stream(text(tree, "VideoStream") or "")
    if start is None or stream is None or len(path) > MAX_PATH or _is_picture(tree, path):
        return None
    seconds = integer(tree, "Duration")
    if end is None and seconds is not None and 0 < seconds <= LONGEST.total_seconds():
        end = start + timedelta(seconds=seconds)
    # Over the end of daylight saving time the clock goes back inside a file.
    if end is None or not start - CLOCK_BACK < end <= start + LONGEST:
        return None
    return Item(
        channel=integer(tree, "Channel"),
        stream=stream,
        start=start,
        end=end,
        start_text=start_text,
        end_text=end_text,
        kinds=read_kinds(_words(tree, "Flags"), _words(tree, "Events"), path),
        path=path,
        size_bytes=_size(tree),
    )


def _stream(word: str) -> StreamName | None:
    """Return the stream that a word names, the main one where it names none; None for one that is not ours."""
    name = word.casefold()
    return _STREAMS.get(name) if name.startswith("extra") else StreamName.MAIN


def _is_picture(tree: Tree, path: str) -> bool:
    kind = (text(tree, "Type") or "").strip().casefold()
    return kind in _PICTURES or path.rpartition(".")[2].casefold() in _PICTURES


def _words(tree: Tree, name: str) -> Iterator[str]:
    """Yield the words of a list, or the one that stands there instead of a list."""
    if isinstance(alone := at(tree, name), str):
        yield alone
        return
    for _, entry in islice(indexed(tree, name), MAX_WORDS):
        if isinstance(entry, str):
            yield entry


def _size(tree: Tree) -> int | None:
    """Return the size in bytes; what a file is cut to is said beside what it was given."""
    size = integer(tree, "Length") or integer(tree, "CutLength")
    return size if size is not None and 0 < size < MAX_SIZE else None
