"""Searches that a client is paging through."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.core.recordings import Recording

_KEPT = 8


@dataclass
class Search:
    """One search: what was found so far, and how to find more."""

    question: object
    more: Iterator[Recording]
    found: list[Recording] = field(default_factory=list)

    def page(self, position: int, length: int) -> tuple[list[Recording], bool]:
        """Give a page, and whether anything comes behind it."""
        while len(self.found) <= position + length:
            recording = next(self.more, None)
            if recording is None:
                break
            self.found.append(recording)
        return self.found[position : position + length], len(self.found) > position + length

    def last_page(self, length: int) -> list[Recording]:
        """Give the last page that has anything on it."""
        self.found += self.more
        begins = (len(self.found) - 1) // length * length if self.found else 0
        return self.found[begins:]

    @property
    def total(self) -> int:
        """Count all that there is."""
        self.found += self.more
        return len(self.found)


class Searches:
    """Keeps the last few searches by their id."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: OrderedDict[str, Search] = OrderedDict()

    def known(self, search_id: str, question: object) -> Search | None:
        """Give the search under this id if it asked the same."""
        search = self._kept.get(search_id)
        return search if search is not None and search.question == question else None

    def keep(self, search_id: str, search: Search) -> Search:
        """Keep a new search under this id, instead of any that had it."""
        self._kept[search_id] = search
        self._kept.move_to_end(search_id)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return search
