"""Objects for searches, which are few (section 8 of the protocol notes)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from .grammar import Json

_FIRST: Final = 4_294_901_760


@dataclass
class Finder:
    """One object for searches.

    Attributes:
        more: what was found and not yet asked for.
        found: what was taken from that, for counting.
        given: so many were given out.
        pages: so many pages were.
        searching: whether something was searched for and not closed.
    """

    more: Iterator[dict[str, Json]] = field(default_factory=lambda: iter(()))
    found: list[dict[str, Json]] = field(default_factory=list)
    given: int = 0
    pages: int = 0
    searching: bool = False

    def begin(self, more: Iterator[dict[str, Json]]) -> None:
        """Search for something else."""
        self.more, self.found, self.given, self.pages = more, [], 0, 0
        self.searching = True

    def fetch(self, count: int) -> list[dict[str, Json]]:
        """Give what comes next, `count` items at most."""
        while len(self.found) < self.given + count:
            item = next(self.more, None)
            if item is None:
                break
            self.found.append(item)
        page = self.found[self.given : self.given + count]
        self.given += len(page)
        self.pages += 1
        return page

    @property
    def empty(self) -> bool:
        """Whether nothing was found at all."""
        if not self.found:
            self.found += islice(self.more, 1)
        return not self.found

    @property
    def total(self) -> int:
        """Count all that there is."""
        self.found += self.more
        return len(self.found)


class Finders:
    """All objects for searches. Those that were destroyed without being closed are lost until a reboot."""

    def __init__(self) -> None:
        """Start with none."""
        self._made: dict[int, Finder] = {}
        self._lost = 0
        self._next = _FIRST

    def __len__(self) -> int:
        """Count those that are taken, the lost ones among them."""
        return len(self._made) + self._lost

    def make(self, limit: int | None) -> int | None:
        """Make one and give its number, None if there are as many as there can be."""
        if limit is not None and len(self) >= limit:
            return None
        number, self._next = self._next, self._next + 16
        self._made[number] = Finder()
        return number

    def find(self, number: int | None) -> Finder | None:
        """Give one by its number, None if there is none."""
        return None if number is None else self._made.get(number)

    def destroy(self, number: int) -> None:
        """Take one away."""
        finder = self._made.pop(number, None)
        if finder is not None and finder.searching:
            self._lost += 1

    def clear(self) -> None:
        """Take all away, as a reboot does."""
        self._made.clear()
        self._lost = 0
