"""Sessions of RPC2."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import secrets

from simulator.core.accounts import User
from simulator.core.time_source import Now

type SessionId = str | int

_KEPT = 256
_RANDOM_DIGITS = 10**10
_ID_BYTES = 16
_LARGEST_ID = 2**31


@dataclass
class Session:
    """One session.

    Attributes:
        id: as it was given out.
        source: address of the client.
        seen: true UTC instant of its last request.
        user: who it is; None before the log-in is through.
        random: what the password is hashed with.
        last_request: the id of its last request.
        objects: the services' instances that it holds, by number.
    """

    id: SessionId
    source: str
    seen: datetime
    user: User | None = None
    random: str = ""
    last_request: int = -1
    objects: dict[int, object] = field(default_factory=dict)


class Sessions:
    """Those that were begun.

    Attributes:
        logins: so many log-ins have been let through.
    """

    def __init__(self, now: Now) -> None:
        """Start with none."""
        self.logins = 0
        self._now = now
        self._open: OrderedDict[SessionId, Session] = OrderedDict()

    def begin(self, source: str, *, integer: bool) -> Session:
        """Begin one that is nobody's yet."""
        number = secrets.randbelow(_LARGEST_ID)
        session = Session(
            id=number if integer else secrets.token_hex(_ID_BYTES),
            source=source,
            seen=self._now(),
            random=str(secrets.randbelow(_RANDOM_DIGITS)),
        )
        self._open[session.id] = session
        while len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return session

    def admit(self, session: Session, user: User) -> None:
        """Let a user's session be one."""
        session.user = user
        session.seen = self._now()
        self.logins += 1

    def end(self, session: Session) -> None:
        """End one."""
        self._open.pop(session.id, None)

    def clear(self) -> None:
        """End all, as a reboot does."""
        self._open.clear()

    def find(self, session_id: object, source: str | None, life: timedelta) -> Session | None:
        """Give one that has not ended, and take it for seen.

        Args:
            session_id: as it was given out.
            source: address that it must be used from; None for any.
            life: a session that wasn't seen for longer has ended.
        """
        if isinstance(session_id, bool) or not isinstance(session_id, str | int):
            return None
        session = self._open.get(session_id)
        if session is None or (source is not None and session.source != source):
            return None
        if self._now() - session.seen > life:
            self.end(session)
            return None
        session.seen = self._now()
        return session

    def users(self, life: timedelta) -> list[Session]:
        """Give those that are somebody's and have not ended."""
        for session in tuple(self._open.values()):
            if self._now() - session.seen > life:
                self.end(session)
        return [session for session in self._open.values() if session.user is not None]
