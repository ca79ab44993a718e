"""Searches that are open: what they have still to tell, and until when they are kept (section 8.2 of the notes)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

from .errors import Refusal
from .xml import Document


@dataclass
class Search:
    """One that is open.

    Attributes:
        token: what it is called by.
        kind: what it looks for: results are asked for by the operation that belongs to it.
        results: what it has still to tell.
        keep_alive: it is given up when so long nobody asked of it.
        expires: when that is, true UTC.
        answers: so many were given.
        endpoint: up to where it looks, as the device writes it.
    """

    token: str
    kind: str
    results: Iterator[Document]
    keep_alive: timedelta
    expires: datetime
    endpoint: str
    answers: int = 0
    _ahead: list[Document] = field(default_factory=list)

    def take(self, most: int) -> tuple[list[Document], bool]:
        """Give the next results, and whether there are more."""
        found = [*islice(chain(self._ahead, self.results), most)]
        self._ahead = [*islice(self.results, 1)]
        return found, bool(self._ahead)


class Searches:
    """All that are open."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[str, Search] = {}
        self._begun = 0

    def __len__(self) -> int:
        """Count them, given up or not."""
        return len(self._open)

    def begin(
        self,
        kind: str,
        results: Iterator[Document],
        *,
        now: datetime,
        keep_alive: timedelta,
        most: int,
        endpoint: str,
    ) -> Search:
        """Open one.

        Raises:
            Refusal: there are too many.
        """
        self._give_up(now)
        if len(self._open) >= most:
            raise Refusal.exhausted("ResourceProblem")
        self._begun += 1
        search = Search(
            # As the recorder of devices/onvif/uniview-profile-g calls them.
            token=f"SearchToken[{self._begun}]",
            kind=kind,
            results=results,
            keep_alive=keep_alive,
            expires=now + keep_alive,
            endpoint=endpoint,
        )
        self._open[search.token] = search
        return search

    def find(self, token: str | None, kind: str | None, now: datetime) -> Search:
        """Give one, and keep it for as long again.

        Raises:
            Refusal: there is none of that name and kind.
        """
        self._give_up(now)
        found = self._open.get(token or "")
        if found is None or kind not in {None, found.kind}:
            raise Refusal.invalid("InvalidToken", "The search token is invalid")
        found.expires = now + found.keep_alive
        return found

    def end(self, search: Search) -> None:
        """Close one."""
        self._open.pop(search.token, None)

    def clear(self) -> None:
        """Close all."""
        self._open.clear()

    def _give_up(self, now: datetime) -> None:
        self._open = {token: each for token, each in self._open.items() if each.expires > now}
