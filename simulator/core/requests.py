"""What clients asked of a simulated recorder."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

_KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One answered request.

    Attributes:
        at: true UTC instant of the answer's start.
        method: verb.
        path: without the query.
        query: as sent, without the question mark.
        status: of the answer; 0 if the connection was dropped without one.
        user: who it was signed by and accepted for; None otherwise.
        source: address of the client.
    """

    at: datetime
    method: str
    path: str
    query: str
    status: int
    user: str | None
    source: str


class RequestLog:
    """Counts and keeps requests, newest last; the oldest go when there are too many."""

    def __init__(self) -> None:
        """Start empty."""
        self._requests: deque[Request] = deque(maxlen=_KEPT)
        self.total = 0

    def add(self, request: Request) -> None:
        """Take down one request."""
        self._requests.append(request)
        self.total += 1

    def clear(self) -> None:
        """Forget all."""
        self._requests.clear()
        self.total = 0

    def __iter__(self) -> Iterator[Request]:
        """Give what is kept, oldest first."""
        return iter(tuple(self._requests))

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._requests)

    def count(
        self, path: str = "*", *, method: str | None = None, status: int | None = None
    ) -> int:
        """Count the kept requests whose path matches a pattern."""
        return sum(
            fnmatchcase(request.path.lower(), path.lower())
            and method in {None, request.method}
            and status in {None, request.status}
            for request in self._requests
        )
