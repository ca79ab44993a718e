"""Searches on a recorded device: what its recorded answers found, by channel, type and time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
import re
from typing import Final

from simulator.dahua.grammar import Json

_ITEM: Final = re.compile(r"items\[(\d+)\]\.(.+)")
_TIME: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?: ([AP])M)?")
_NOON: Final = 12
_INDEX: Final = re.compile(r"\[\d+\]$")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was found: its fields, as CGI's lines write them or as RPC2 gives them."""

    fields: Mapping[str, Json]

    def text(self, name: str) -> str:
        """Give a field's text, none where it is lacking."""
        return str(self.fields.get(name, ""))

    @property
    def channel(self) -> int | None:
        """Index of the channel."""
        told = self.text("Channel")
        return int(told) if told.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer held.

    Attributes:
        said: so many items it said that there are.
        items: those that there were.
        asked: the number by which the request called the channel; None where nobody knows.
    """

    said: int
    items: tuple[Item, ...]
    asked: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a client searches for.

    Attributes:
        channels: indexes that its number may mean; empty for all.
        types: of files; empty for all.
        start: naive digits.
        end: likewise.
    """

    channels: frozenset[int]
    types: frozenset[str]
    start: datetime
    end: datetime

    def fits(self, item: Item) -> bool:
        """Say whether something is asked for."""
        starts, ends = read_time(item.text("StartTime")), read_time(item.text("EndTime"))
        return (
            (not self.channels or item.channel in self.channels)
            and (not self.types or item.text("Type").casefold() in self.types)
            and (starts is None or starts < self.end)
            and (ends is None or ends > self.start)
        )


def question_of(
    condition: Mapping[str, Json], pages: Iterable[Page], *, by_index: bool = False
) -> Question | None:
    """Read a search, None where it is none.

    Args:
        condition: as the client wrote it.
        pages: what was recorded of searches.
        by_index: whether channels are called by their index.
    """
    start, end = (read_time(str(condition.get(key, ""))) for key in ("StartTime", "EndTime"))
    channel = str(condition.get("Channel", ""))
    if start is None or end is None or not channel.isdecimal():
        return None
    number = int(channel)
    meant = frozenset({number}) if by_index else channels_meant(pages, number)
    return Question(channels=meant, types=listed(condition, "Types"), start=start, end=end)


def find(pages: Iterable[Page], question: Question) -> list[Page]:
    """Give the pages with what is asked for; they say as much too much as they did."""
    found = []
    for page in pages:
        items = tuple(item for item in page.items if question.fits(item))
        if items:
            dropped = len(page.items) - len(items)
            found.append(replace(page, said=max(page.said - dropped, len(items)), items=items))
    return found


def channels_meant(pages: Iterable[Page], number: int) -> frozenset[int]:
    """Give the indexes of channels that a number in a condition means.

    Where nobody knows by what number the request called the channel that answered, and no other
    channel is there to be taken for it, both ways of counting are good.
    """
    pages = list(pages)
    bases = {
        page.asked - item.channel
        for page in pages
        for item in page.items[:1]
        if page.asked is not None and item.channel is not None
    }
    known = {item.channel for page in pages for item in page.items}
    if bases:
        return frozenset(number - base for base in bases)
    if len(known) == 1:
        return frozenset({number, number - 1})
    return frozenset({number - 1})


def read_page(lines: Iterable[str], asked: int | None = None) -> Page:
    """Read an answer to findNextFile by CGI."""
    said = 0
    items: dict[int, dict[str, Json]] = {}
    for line in lines:
        key, _, value = line.partition("=")
        if key == "found" and value.strip().isdecimal():
            said = int(value)
        elif match := _ITEM.fullmatch(key):
            items.setdefault(int(match[1]), {})[match[2]] = value
    return Page(said, tuple(Item(fields) for fields in items.values()), asked)


def write_page(page: Page) -> list[str]:
    """Write a page as CGI does."""
    lines = [f"found={page.said}"]
    for place, item in enumerate(page.items):
        lines += [f"items[{place}].{name}={value}" for name, value in item.fields.items()]
    return lines


def cut(pages: list[Page], count: int) -> tuple[Page | None, list[Page]]:
    """Give the next page, so many items long at most, and what is left."""
    if not pages:
        return None, []
    first, *rest = pages
    if count >= len(first.items):
        return first, rest
    taken = Page(count, first.items[:count])
    left = replace(first, said=first.said - count, items=first.items[count:])
    return taken, [left, *rest]


def read_time(text: str) -> datetime | None:
    """Read digits of a device's clock, None where they are no time."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if match[7] is not None:
        hour = hour % _NOON + (_NOON if match[7] == "P" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def listed(condition: Mapping[str, Json], name: str) -> frozenset[str]:
    """Give what a condition lists under a name, as a list or key by key."""
    value = condition.get(name)
    if isinstance(value, list):
        return frozenset(str(part).casefold() for part in value)
    return frozenset(
        str(part).casefold() for key, part in condition.items() if _INDEX.sub("", key) == name
    )
