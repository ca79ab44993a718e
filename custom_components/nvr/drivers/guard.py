"""Keeps us from locking ourselves out of a recorder.

Recorders lock an account, or our address, after a handful of refused logins, and RTSP logins count in the
same tally. So one guard per recorder judges every login, whatever it is for: HTTP, live streams, playback.
It outlives the driver: whoever makes another driver with the same credentials hands the same guard on, and
what ``kept`` returns carries it over a restart.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
import time

from .driver import JsonValue
from .errors import AccountLockedError, AuthenticationError, CannotConnectError
from .listeners import Listeners

# A recorder that boots refuses right passwords for a while.
RETRY_AFTER_SECONDS = 60.0
# Whatever a device claims, we look again within a day.
MAX_LOCK_SECONDS = 86400
# Locks last ten to thirty minutes, and a try meanwhile may begin one anew (section 2 of the Hikvision notes).
UNTOLD_LOCK_SECONDS = 1800.0
# The last try before a lock is left to the user.
LAST_TRY = 1
# A recorder that is slow to refuse counts a login that we never heard of again.
UNANSWERED_LOGINS = 3
# Of tries; what a stored guard may claim.
MAX_COUNT = 100
# Half an hour: longer than most recorders remember failed logins.
PAUSE_DOUBLINGS = 5
# So long a login that was taken vouches for one by another protocol.
VOUCHES_SECONDS = 60.0

type Prove = Callable[[], Awaitable[None]]


class _Phase(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    RETRYING = "retrying"
    SILENT = "silent"


class LoginGuard:
    """Judges whether a login may be tried.

    Credentials that never worked are not tried again after a refusal: only a new guard, made because a
    user acted, opens the way. Credentials that worked before get one more try after a minute, or after the
    lock that the recorder announced has run out; then silence. Where the recorder says that the next
    refusal brings the lock, there is no more try. A login without an answer may have been a refused one, so
    the next keeps its distance, too.

    A protocol beside the recorder's own, RTSP, may refuse what is right, so its refusals shut nothing but itself.
    They count here all the same: until the recorder's own protocol has taken the credentials once more they are
    suspected, and its next refusal is the last.
    """

    def __init__(
        self,
        *,
        proven: bool = False,
        kept: Mapping[str, JsonValue] | None = None,
        now: Callable[[], float] | None = None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        """Initialize.

        ``proven`` says that these very credentials have worked before, ``kept`` is what ``kept`` of the
        guard before a restart returned; what makes no sense in it is ignored. ``now`` counts seconds,
        ``wall`` returns seconds since 1970.
        """
        self._proven = proven
        self._now = now or time.monotonic
        self._wall = wall or time.time
        self._phase = _Phase.OPEN
        self._error: AuthenticationError | None = None
        self._try_at = 0.0
        self._unanswered = 0
        self._locked_until: float | None = None
        self._suspected = False
        self._taken_at = float("-inf")
        self._away = False
        self._returns = 0
        self._prove: Prove | None = None
        self._listeners = Listeners()
        self._keepers = Listeners()
        if kept:
            self._restore(kept)

    @property
    def proven(self) -> bool:
        """Whether the recorder has ever accepted these credentials."""
        return self._proven

    @property
    def refused(self) -> bool:
        """Whether the last word of the recorder was a refusal."""
        return self._phase is not _Phase.OPEN

    @property
    def final(self) -> bool:
        """Whether nothing is tried any more until a user acts."""
        return self._phase is _Phase.SILENT

    @property
    def suspected(self) -> bool:
        """Whether another protocol refused the credentials since the recorder's own took them last."""
        return self._suspected

    @property
    def returns(self) -> int:
        """How often the recorder took the credentials again after it could not be reached."""
        return self._returns

    @property
    def vouched(self) -> bool:
        """Whether the recorder took the credentials just now, and nothing has happened since."""
        lately = self._now() - self._taken_at <= VOUCHES_SECONDS
        return lately and not (self._suspected or self.refused)

    @property
    def shut(self) -> bool:
        """Whether ``check`` would raise."""
        waits = self._phase in (_Phase.OPEN, _Phase.WAITING) and self._now() >= self._try_at
        return not waits

    def now(self) -> float:
        """Return the seconds that this guard counts."""
        return self._now()

    def prove_by(self, prove: Prove) -> Callable[[], None]:
        """Take what has the credentials taken once more by the recorder's own protocol; return what removes it."""
        self._prove = prove

        def remove() -> None:
            if self._prove == prove:
                self._prove = None

        return remove

    async def ready(self) -> None:
        """Do what has to be done before a login; raises DriverError where it can't be."""

    async def vouch(self) -> None:
        """See to it that the recorder takes the credentials at this moment, before another protocol sends them.

        Raises AuthenticationError where it does not, CannotConnectError where it does not answer.
        """
        if self._prove is not None and not self.vouched:
            await self._prove()

    def kept(self) -> dict[str, JsonValue]:
        """Return what has to outlive a restart, as JSON; instants are seconds since 1970."""
        return {
            "phase": self._phase.value,
            "try_at": self._on_wall(self._try_at if self._try_at > self._now() else None),
            "locked": isinstance(self._error, AccountLockedError),
            "locked_until": self._on_wall(self._locked_until),
            "tries_left": None if self._error is None else self._error.tries_left,
            "unanswered": self._unanswered,
            "suspected": self._suspected,
        }

    def on_refused_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever ``refused`` changes; return what removes it."""
        return self._listeners.add(listener)

    def on_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever what ``kept`` returns changes; return what removes it."""
        return self._keepers.add(listener)

    def check(self) -> None:
        """Raise where nothing may be sent.

        After the wait exactly one caller passes; the others are turned away until its answer is in.

        Raises:
            AuthenticationError: the recorder refuses our login.
            CannotConnectError: it left a login unanswered, and the next one keeps its distance.
        """
        if self._phase is _Phase.OPEN:
            if self._now() < self._try_at:
                raise CannotConnectError("the recorder did not answer our login; waiting a while")
            return
        if self._phase is _Phase.WAITING and self._now() >= self._try_at:
            self._phase = _Phase.RETRYING
            self._keep()
            return
        raise self._repeated()

    def accept(self) -> None:
        """Note that the recorder accepted a login."""
        news = self.refused or self._unanswered > 0 or self._suspected
        self._proven = True
        self._suspected = False
        self._take()
        self._error = None
        self._unanswered = 0
        self._try_at = 0.0
        self._locked_until = None
        self._enter(_Phase.OPEN)
        if news:
            self._keep()

    def confirm(self) -> None:
        """Note that the recorder took the credentials once more, in a request of a login that it had accepted."""
        if self._phase is not _Phase.OPEN:
            return
        self._take()
        if self._suspected:
            self._suspected = False
            self._keep()

    def suspect(self) -> None:
        """Note that another protocol refused the credentials."""
        if not self._suspected:
            self._suspected = True
            self._keep()

    def note_trouble(self) -> None:
        """Note that a connection failed: the recorder may boot, and refuse what it took just now."""
        self._taken_at = float("-inf")
        self._away = True

    def refuse(self, error: AuthenticationError, *, last: bool = False) -> None:
        """Note that the recorder refused a login, and why; ``last`` where another refusal went before it."""
        again = last or self._suspected or self._phase in (_Phase.RETRYING, _Phase.SILENT)
        self._error = error
        self._unanswered = 0
        wait = RETRY_AFTER_SECONDS
        self._locked_until = None
        if isinstance(error, AccountLockedError):
            wait = UNTOLD_LOCK_SECONDS
            if error.seconds_left is not None:
                wait = max(RETRY_AFTER_SECONDS, min(error.seconds_left, MAX_LOCK_SECONDS))
                self._locked_until = self._now() + error.seconds_left
        elif error.tries_left is not None and error.tries_left <= LAST_TRY:
            again = True
        self._try_at = self._now() + wait
        self._enter(_Phase.WAITING if self._proven and not again else _Phase.SILENT)
        self._keep()

    def unanswered(self, *, login: bool = False) -> None:
        """Note that a try ended without a verdict; ``login`` says that credentials were on the wire.

        Without them it does not count. With them the recorder may have counted a refusal: after a refusal
        the next try is a minute away and the last of a few is the end; else the pauses grow.
        """
        retrying = self._phase is _Phase.RETRYING
        if retrying:
            self._phase = _Phase.WAITING
        if login and (retrying or self._phase is _Phase.OPEN):
            self._unanswered += 1
            doublings = 0 if retrying else min(self._unanswered - 1, PAUSE_DOUBLINGS)
            self._try_at = self._now() + RETRY_AFTER_SECONDS * 2**doublings
            if retrying and self._unanswered >= UNANSWERED_LOGINS:
                self._enter(_Phase.SILENT)
        if retrying or login:
            self._keep()

    def _take(self) -> None:
        self._taken_at = self._now()
        self._returns += self._away
        self._away = False

    def _begin_anew(self) -> None:
        """Allow one more try where there was to be none any more, as long after the last as any other."""
        if self.final:
            self._enter(_Phase.WAITING)

    def _enter(self, phase: _Phase) -> None:
        before = self.refused
        self._phase = phase
        if self.refused is not before:
            self._listeners.call()

    def _keep(self) -> None:
        self._keepers.call()

    def _restore(self, kept: Mapping[str, JsonValue]) -> None:
        try:
            phase = _Phase(str(kept.get("phase")))
        except ValueError:
            return
        now = self._now()
        left = self._seconds_until(kept.get("locked_until"))
        self._locked_until = None if left is None else now + left
        self._try_at = now + (self._seconds_until(kept.get("try_at")) or 0.0)
        unanswered, tries = (_count(kept.get(name)) for name in ("unanswered", "tries_left"))
        self._unanswered = unanswered or 0
        self._suspected = kept.get("suspected") is True
        self._phase = phase
        if phase is _Phase.OPEN:
            return
        if kept.get("locked") is True:
            self._error = AccountLockedError("the recorder has locked the account")
        else:
            self._error = AuthenticationError("the recorder refuses our login", tries_left=tries)
        if phase is _Phase.RETRYING:
            # Nobody heard what became of the login that was on its way.
            self.unanswered(login=True)

    def _on_wall(self, moment: float | None) -> float | None:
        return None if moment is None else round(self._wall() + moment - self._now(), 3)

    def _seconds_until(self, wall: JsonValue) -> float | None:
        """Return how long it is until an instant, within what a lock may last: clocks are set, too."""
        if not isinstance(wall, int | float):
            return None
        return float(min(max(0.0, wall - self._wall()), MAX_LOCK_SECONDS))

    def _repeated(self) -> AuthenticationError:
        """Return the refusal anew, so that its traceback does not grow with each caller."""
        error = self._error or AuthenticationError("the recorder refuses our login")
        if isinstance(error, AccountLockedError):
            left = error.seconds_left
            if self._locked_until is not None:
                left = max(0, round(self._locked_until - self._now()))
            return AccountLockedError(str(error), seconds_left=left)
        return AuthenticationError(str(error), tries_left=error.tries_left)


def _count(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= MAX_COUNT else None
