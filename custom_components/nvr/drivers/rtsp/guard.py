"""Judges logins over RTSP on a recorder whose other protocol judges the credentials.

RTSP servers refuse what is right for reasons of their own: an account without the right, a forwarded port that
leads to another box, an authentication that is set apart (section 9 of the Hikvision notes). Such a refusal says
nothing of the rest, but it counts in the recorder's tally (section 2). So credentials are sent over RTSP only while
the recorder's own protocol takes them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import override

from ..errors import AuthenticationError, RefusedApartError
from ..guard import UNTOLD_LOCK_SECONDS, LoginGuard

# Recorders lock at five to seven refusals, for ten to thirty minutes (section 2 of the Hikvision notes); others
# need some of them. What was refused before that counts no more, least of all where logins were accepted since.
MAX_REFUSALS = 3
REMEMBERED_SECONDS = UNTOLD_LOCK_SECONDS


class RtspGuard(LoginGuard):
    """The guard of one purpose of RTSP; it closes this way alone, never the recorder.

    After a refusal there is one more try after a minute, then none until there is a new driver, but for one each
    time that the recorder comes back: what boots may refuse twice. Where it is now refused and now accepted, or the
    recorder comes and goes, it is closed as well, for as long as recorders remember refusals.
    """

    def __init__(self, recorder: LoginGuard, now: Callable[[], float] | None = None) -> None:
        """Initialize; ``recorder`` is the recorder's one guard, ``now`` counts seconds: as that does, if not given."""
        super().__init__(proven=True, now=now or recorder.now)
        self._recorder = recorder
        self._refusals: deque[float] = deque(maxlen=MAX_REFUSALS)
        self._returns = recorder.returns

    @override
    async def ready(self) -> None:
        self._note_return()
        if not (self.shut or self._is_spent):
            await self._recorder.vouch()

    @override
    def check(self) -> None:
        self._note_return()
        if self._recorder.refused or self._recorder.suspected:
            # The one more try is left to the protocol whose word counts.
            raise AuthenticationError("the recorder refuses our login")
        self._recorder.check()
        if self._is_spent:
            raise AuthenticationError("the recorder refuses our login over RTSP too often")
        super().check()

    @override
    def refuse(self, error: AuthenticationError, *, last: bool = False) -> None:
        self._refusals.append(self.now())
        self._recorder.suspect()
        super().refuse(error, last=last)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Raise RefusedApartError for a refusal over RTSP of a login that the recorder takes otherwise."""
        try:
            yield
        except AuthenticationError as err:
            if self._recorder.refused:
                raise
            raise RefusedApartError(
                "the recorder refuses over RTSP the login that it takes otherwise"
            ) from err

    def _note_return(self) -> None:
        """Begin anew where the recorder came back, be it before what it refused: that may have been its booting."""
        if self.final and self._recorder.returns != self._returns:
            self._returns = self._recorder.returns
            self._begin_anew()

    @property
    def _is_spent(self) -> bool:
        full = len(self._refusals) == MAX_REFUSALS
        return full and self.now() - self._refusals[0] < REMEMBERED_SECONDS
