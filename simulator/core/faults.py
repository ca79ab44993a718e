"""What goes wrong on purpose."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from http import HTTPStatus


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is done to one answer. Bytes are those of the whole answer, its status line first.

    An answer that ends before a byte at which something happens is not touched by it. For RTSP the
    bytes go on over what follows the answer on its connection, and where an answer has no length of its
    own, it is the first packet after it that claims a wrong one.

    Attributes:
        delay_s: it comes so much later.
        status: it is this refusal instead.
        drop: the connection ends without it.
        cut_at: the connection ends after so many bytes.
        reset: it ends by a reset then, not by a close.
        stall_at: after so many bytes nothing comes, and the connection stays.
        stall_s: so long; None until `Faults.release`.
        garbage_at: from this byte on comes nonsense.
        garbage: so many bytes of it.
        shorten: so many bytes at the end are missing, and Content-Length knows it.
        lengthen: so many bytes too many come at the end, and Content-Length knows it.
        claim: Content-Length names so many bytes more (less, if negative) than come.
        reboot_at: after so many bytes the recorder reboots.
        rtsp_status: over RTSP it is this refusal instead, which HTTP does not know.
        other_session: over RTSP it names a session that there isn't.
    """

    delay_s: float = 0.0
    status: HTTPStatus | None = None
    drop: bool = False
    cut_at: int | None = None
    reset: bool = False
    stall_at: int | None = None
    stall_s: float | None = None
    garbage_at: int | None = None
    garbage: int = 64
    shorten: int = 0
    lengthen: int = 0
    claim: int = 0
    reboot_at: int | None = None
    rtsp_status: int | None = None
    other_session: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault(Damage):
    """One thing that goes wrong.

    Attributes:
        path: pattern (as of file names) for the path without its query.
        method: verb; None for any.
        count: so many requests are hit; None for all until it is taken away.
        skip: so many that fit are spared before.
        unsigned: whether requests without good credentials are hit, too.
    """

    path: str = "*"
    method: str | None = None
    count: int | None = None
    skip: int = 0
    unsigned: bool = False


@dataclass(frozen=True, kw_only=True)
class Effect(Damage):
    """What all faults together do to one request."""

    @property
    def on_wire(self) -> bool:
        """Whether it changes the bytes of an answer."""
        bounds = (self.cut_at, self.stall_at, self.garbage_at, self.reboot_at)
        return any(bound is not None for bound in bounds) or bool(
            self.shorten or self.lengthen or self.claim
        )


_UNTOUCHED = Effect()


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0

    def takes(self, path: str, method: str | None, *, signed: bool) -> bool:
        fault = self.fault
        if not (signed or fault.unsigned) or (
            fault.method is not None and method is not None and fault.method != method.upper()
        ):
            return False
        if not fnmatchcase(path.lower(), fault.path.lower()):
            return False
        self.seen += 1
        hits = self.seen - fault.skip
        return hits > 0 and (fault.count is None or hits <= fault.count)


class Faults:
    """The faults that are switched on, for HTTP and RTSP alike.

    Attributes:
        hits: so many requests have been hit so far.
    """

    def __init__(self) -> None:
        """Switch nothing on."""
        self.hits = 0
        self._armed: list[_Armed] = []
        self._stalled: set[Callable[[], None]] = set()

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
                self.release()

        return remove

    def clear(self) -> None:
        """Switch all off."""
        self._armed.clear()
        self.release()

    def release(self) -> None:
        """Let all answers go on that have stalled."""
        for resume in tuple(self._stalled):
            resume()

    def stall(self, resume: Callable[[], None]) -> Callable[[], None]:
        """Call back when what has stalled may go on.

        Returns:
            Forgets that it has stalled.
        """
        self._stalled.add(resume)

        def forget() -> None:
            self._stalled.discard(resume)

        return forget

    def take(self, path: str, method: str | None = None, *, signed: bool = True) -> Effect:
        """Say what happens to a request.

        Args:
            path: without its query.
            method: verb.
            signed: whether its credentials are good.
        """
        effect = _UNTOUCHED
        for armed in self._armed:
            if armed.takes(path, method, signed=signed):
                effect = _joined(effect, armed.fault)
        self.hits += effect != _UNTOUCHED
        return effect


def _joined(effect: Effect, fault: Fault) -> Effect:
    """Add a fault to what happens already: delays add up, of the rest the later one counts."""
    changed = {
        each.name: getattr(fault, each.name)
        for each in fields(Damage)
        if getattr(fault, each.name) != each.default
    }
    changed["delay_s"] = effect.delay_s + fault.delay_s
    return replace(effect, **changed)
