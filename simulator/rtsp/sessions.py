"""The sessions of a server: how many there may be, and when they are over."""

from collections.abc import Iterator

from simulator.core.time_source import Now

from .presentation import Presentation, RtspRefusal
from .session import Session
from .traits import RtspTraits


class Sessions:
    """All sessions that hold a place."""

    def __init__(self, now: Now) -> None:
        """Have none."""
        self._now = now
        self._sessions: set[Session] = set()

    def __iter__(self) -> Iterator[Session]:
        """Give those whose time isn't over."""
        self._sessions = {session for session in self._sessions if not session.expired}
        return iter(tuple(self._sessions))

    def __len__(self) -> int:
        """Count those whose time isn't over."""
        return sum(1 for _ in self)

    def open(self, presentation: Presentation, traits: RtspTraits, uri: str) -> Session:
        """Begin one.

        Raises:
            RtspRefusal: there are as many as there may be.
        """
        playbacks = sum(1 for session in self if not session.presentation.live)
        if _full(len(self), traits.max_sessions) or (
            not presentation.live and _full(playbacks, traits.max_playbacks)
        ):
            raise RtspRefusal(traits.limit_status)
        session = Session(presentation, traits, uri=uri, now=self._now)
        self._sessions.add(session)
        return session

    async def end(self, session: Session) -> None:
        """End one, and free its place."""
        self._sessions.discard(session)
        await session.pause()

    async def drop(self, session: Session) -> None:
        """End what one sends as its connection is gone; its place is freed now or later."""
        await session.pause()
        if not session.traits.holds_dropped:
            self._sessions.discard(session)

    def clear(self) -> None:
        """Forget all, as a reboot does."""
        self._sessions.clear()


def _full(count: int, limit: int | None) -> bool:
    return limit is not None and count >= limit
