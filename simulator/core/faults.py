"""What goes wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong with requests whose credentials are good.

    Attributes:
        path: pattern (as of file names) for the path without its query.
        count: so many requests are hit; None for all until it is taken away.
        delay_s: the answer comes so much later.
        status: the answer is this refusal.
        cut_at: the connection ends after so many bytes of the answer's body.
        drop: the connection ends without an answer.
    """

    path: str = "*"
    count: int | None = None
    delay_s: float = 0.0
    status: HTTPStatus | None = None
    cut_at: int | None = None
    drop: bool = False


@dataclass(kw_only=True)
class Effect:
    """What all faults together do to one request."""

    delay_s: float = 0.0
    status: HTTPStatus | None = None
    cut_at: int | None = None
    drop: bool = False


@dataclass
class _Armed:
    fault: Fault
    hits: int = 0

    def takes(self, path: str) -> bool:
        if self.fault.count is not None and self.hits >= self.fault.count:
            return False
        return fnmatchcase(path.lower(), self.fault.path.lower())


class Faults:
    """The faults that are switched on, for HTTP and RTSP alike."""

    def __init__(self) -> None:
        """Switch nothing on."""
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> Callable[[], None]:
        """Switch a fault on.

        Returns:
            Switches it off.
        """
        armed = _Armed(fault)
        self._armed.append(armed)

        def remove() -> None:
            if armed in self._armed:
                self._armed.remove(armed)

        return remove

    def clear(self) -> None:
        """Switch everything off."""
        self._armed.clear()

    def take(self, path: str) -> Effect:
        """Count a request against the faults that match its path and give what happens to it."""
        effect = Effect()
        for armed in self._armed:
            if not armed.takes(path):
                continue
            armed.hits += 1
            fault = armed.fault
            effect.delay_s += fault.delay_s
            effect.status = effect.status or fault.status
            effect.drop = effect.drop or fault.drop
            if fault.cut_at is not None:
                effect.cut_at = min(fault.cut_at, effect.cut_at or fault.cut_at)
        return effect
