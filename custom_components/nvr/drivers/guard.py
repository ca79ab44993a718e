"""Keeps us from locking ourselves out of a recorder.

Recorders lock an account, or our address, after a handful of refused logins, and RTSP logins count in the
same tally. So one guard per recorder judges every login, whatever it is for: HTTP, live streams, playback.
It outlives the driver: whoever makes another driver with the same credentials hands the same guard on.
"""

from collections.abc import Callable
from enum import Enum, auto
import time

from .errors import AccountLockedError, AuthenticationError, CannotConnectError

# A recorder that boots refuses right passwords for a while.
RETRY_AFTER_SECONDS = 60.0
# Whatever a device claims, we look again within a day.
MAX_LOCK_SECONDS = 86400
# A recorder that is slow to refuse counts a login that we never heard of again.
UNANSWERED_LOGINS = 3
# Half an hour: longer than most recorders remember failed logins.
PAUSE_DOUBLINGS = 5


class _Phase(Enum):
    OPEN = auto()
    WAITING = auto()
    RETRYING = auto()
    SILENT = auto()


class LoginGuard:
    """Judges whether a login may be tried.

    Credentials that never worked are not tried again after a refusal: only a new guard, made because a
    user acted, opens the way. Credentials that worked before get one more try after a minute, or after the
    lock that the recorder announced has run out; then silence. A login without an answer may have been a
    refused one, so the next keeps its distance, too.
    """

    def __init__(self, *, proven: bool = False, now: Callable[[], float] | None = None) -> None:
        """Initialize; ``proven`` says that these very credentials have worked before, ``now`` counts seconds."""
        self._proven = proven
        self._now = now or time.monotonic
        self._phase = _Phase.OPEN
        self._error: AuthenticationError | None = None
        self._try_at = 0.0
        self._unanswered = 0
        self._locked_until: float | None = None
        self._listeners: list[Callable[[], None]] = []

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

    def allow_one_try(self) -> None:
        """Break the silence for a single login, because a user asked for it."""
        if self._phase is _Phase.SILENT:
            self._phase = _Phase.WAITING
            self._unanswered = 0
            self._try_at = max(self._now(), self._locked_until or 0.0)

    def on_refused_changed(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` whenever ``refused`` changes; return what removes it."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

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
            return
        raise self._repeated()

    def accept(self) -> None:
        """Note that the recorder accepted a login."""
        self._proven = True
        self._error = None
        self._unanswered = 0
        self._try_at = 0.0
        self._enter(_Phase.OPEN)

    def refuse(self, error: AuthenticationError) -> None:
        """Note that the recorder refused a login, and why."""
        again = self._phase in (_Phase.RETRYING, _Phase.SILENT)
        self._error = error
        self._unanswered = 0
        wait = RETRY_AFTER_SECONDS
        self._locked_until = None
        if isinstance(error, AccountLockedError) and error.seconds_left is not None:
            wait = max(wait, min(error.seconds_left, MAX_LOCK_SECONDS))
            self._locked_until = self._now() + error.seconds_left
        self._try_at = self._now() + wait
        self._enter(_Phase.WAITING if self._proven and not again else _Phase.SILENT)

    def unanswered(self, *, login: bool = False) -> None:
        """Note that a try ended without a verdict; ``login`` says that credentials were on the wire.

        Without them it does not count. With them the recorder may have counted a refusal: after a refusal
        the next try is a minute away and the last of a few is the end; else the pauses grow.
        """
        retrying = self._phase is _Phase.RETRYING
        if retrying:
            self._phase = _Phase.WAITING
        if not login or not (retrying or self._phase is _Phase.OPEN):
            return
        self._unanswered += 1
        doublings = 0 if retrying else min(self._unanswered - 1, PAUSE_DOUBLINGS)
        self._try_at = self._now() + RETRY_AFTER_SECONDS * 2**doublings
        if retrying and self._unanswered >= UNANSWERED_LOGINS:
            self._enter(_Phase.SILENT)

    def _enter(self, phase: _Phase) -> None:
        before = self.refused
        self._phase = phase
        if self.refused is not before:
            for listener in tuple(self._listeners):
                listener()

    def _repeated(self) -> AuthenticationError:
        """Return the refusal anew, so that its traceback does not grow with each caller."""
        error = self._error or AuthenticationError("the recorder refuses our login")
        if isinstance(error, AccountLockedError):
            left = error.seconds_left
            if self._locked_until is not None:
                left = max(0, round(self._locked_until - self._now()))
            return AccountLockedError(str(error), seconds_left=left)
        return AuthenticationError(str(error), tries_left=error.tries_left)
