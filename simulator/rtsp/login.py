"""Who a client of the RTSP server is."""

from simulator.core.accounts import Accounts, Outcome, Right, User

from .message import Request, Response
from .presentation import RtspRefusal
from .traits import RtspTraits

_UNAUTHORIZED = 401
# A nonce isn't too old when it is used for the first time, and FFmpeg gives up if it is.
_STALE_AT = 2
# By these an address shows that it plays what was recorded.
_RECORDED = ("/tracks/", "/cam/playback", "/mnt/")


class LockedOut(Exception):
    """The client's address is locked out, and the device hangs up on it."""


class Login:
    """The log-in of one connection. The recorder's accounts count it together with HTTP's."""

    def __init__(self, accounts: Accounts, peer: str) -> None:
        """Know nobody yet."""
        self._accounts = accounts
        self._peer = peer
        self._user: User | None = None
        self._granted = 0

    def refuse(self, request: Request, traits: RtspTraits) -> Response | None:
        """Give the answer to a request without good credentials, None to one with them.

        Raises:
            LockedOut: no answer at all.
        """
        verdict = self._accounts.check(
            request.method,
            request.headers.get("authorization"),
            request.uri,
            source=self._peer,
            rtsp=True,
        )
        outcome = verdict.outcome
        self._granted += verdict.accepted
        played = any(mark in request.uri.lower() for mark in _RECORDED)
        if verdict.accepted and traits.stale_once and played and self._granted == _STALE_AT:
            outcome = Outcome.STALE
        if outcome is Outcome.GRANTED:
            self._user = verdict.user
            return None
        if outcome is Outcome.LOCKED and traits.locked_closes:
            raise LockedOut
        return self.challenge(stale=outcome is Outcome.STALE)

    def challenge(self, *, stale: bool = False) -> Response:
        """Give the answer to a request whose credentials are missing, old or wrong."""
        challenges = self._accounts.challenges(stale=stale, rtsp=True)
        return Response(_UNAUTHORIZED, challenges=challenges)

    def demand(self, right: Right) -> None:
        """Go on if the client has a right.

        Raises:
            RtspRefusal: it hasn't.
        """
        if self._user is None or right not in self._user.rights:
            raise RtspRefusal(403)
