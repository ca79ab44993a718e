"""The nonce at hand: for how long it is good, and what a refusal of it is of."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from time import monotonic

# A password is not changed and used within that.
FRESH_SECONDS = 0.05
# So often a young nonce has to be refused before each request gets one of its own.
SINGLE_USE_PROOFS = 2
# A nonce lives for minutes (section 2 of the Hikvision notes), the shortest seen for twenty seconds.
YOUNG_NONCE_SECONDS = 15.0
# One that nobody used for so long may be old even where that is marked: the recorder has been through a lot.
NONCE_IDLE_SECONDS = 300.0


class RefusedFor(Enum):
    """What a recorder refuses that refuses a nonce; ``AGE_PERHAPS`` is worth one login and no more."""

    AGE = auto()
    AGE_PERHAPS = auto()
    CREDENTIALS = auto()


class Nonce:
    """The nonce that the requests of one session share, and what was seen of the recorder's nonces."""

    def __init__(self, *, may_be_used_up: bool) -> None:
        """Initialize; ``may_be_used_up`` tells whether a vendor's nonces may be good for one request only."""
        self._may_be_used_up = may_be_used_up
        self.value: str | None = None
        # Whether the recorder refuses an old nonce as it does a wrong password, None before it was seen.
        self.hides_stale: bool | None = None
        # Whether a nonce may be used again, None before that was seen.
        self.lasts: bool | None = None
        # Whether a connection failed since the last answer, so that the recorder may have booted meanwhile.
        self.troubled = False
        # Whether a refusal in its time may have been of an old nonce.
        self._suspected = False
        self._accepted_at = float("-inf")
        self._logged_in_at = float("-inf")
        self._lost_reuses = 0
        self._flying = 0
        # Whether the last request that used the nonce had another beside it.
        self._crowded = False
        # Whether the recorder wants its count to rise with each request: side by side they may change places.
        self._in_turn_only = False
        # Whether nothing but failures of the recorder's own came of the nonce at hand.
        self._unjudged = False

    @property
    def is_fresh(self) -> bool:
        """Whether it was good this very moment, so that requests may use it side by side."""
        return not self._in_turn_only and monotonic() - self._accepted_at < FRESH_SECONDS

    @property
    def was_good_lately(self) -> bool:
        """Whether it was let in so short a time ago that it can't be old."""
        return monotonic() - self._accepted_at < YOUNG_NONCE_SECONDS

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Use it for a request, and see whether others do beside it."""
        self._flying += 1
        self._crowded = self._flying > 1
        try:
            yield
        finally:
            self._flying -= 1

    def take(self, value: str, *, reuse_refused: bool) -> None:
        """Take the nonce of a login that was let in, and keep it where that is of use.

        ``reuse_refused`` tells whether the login became necessary as a nonce was refused that had just been good.
        """
        if reuse_refused:
            self._lost_reuses += 1
            if self._lost_reuses >= SINGLE_USE_PROOFS:
                self.lasts = False
        self.value = None if self.lasts is False else value
        self._logged_in_at = monotonic()
        self._unjudged = True

    def note_reused(self) -> None:
        """Note that it was let in for another request than its login."""
        self.lasts = True
        self._lost_reuses = 0

    def note_let_in(self) -> None:
        """Note that a request with it was let in."""
        self._accepted_at = monotonic()
        self.troubled = False

    def is_first_verdict(self) -> bool:
        """Take that the recorder had nothing against its credentials; tell whether that is news since its login."""
        if not self._unjudged:
            return False
        self._unjudged = False
        if self._suspected:
            self.hides_stale = True
        self._suspected = False
        return True

    def acquit(self) -> None:
        """Note that what was refused before were the credentials: a login was refused as well."""
        self._suspected = False

    def note_stale(self) -> None:
        """Note that the recorder calls an old nonce old."""
        self.hides_stale = bool(self.hides_stale)

    def judge(self, *, stale: bool, offered: bool, last: bool) -> RefusedFor:
        """Return what a refusal of the nonce at hand is of, which is no longer at hand where it is of its age.

        ``stale`` tells whether the recorder calls it old, ``offered`` whether it offers the same one again (or knows
        none), ``last`` whether it leaves no room for another login.
        """
        self._in_turn_only = self._in_turn_only or self._is_out_of_order
        reason = RefusedFor.AGE if stale else self._reason(offered=offered, last=last)
        if reason is RefusedFor.CREDENTIALS:
            self._suspected = not offered
        else:
            self.value = None
            self._suspected = not stale
        return reason

    def _reason(self, *, offered: bool, last: bool) -> RefusedFor:
        """Tell whether a refusal that does not say so may be of the nonce: only then it is worth another login.

        Recorders that boot refuse old nonces without calling them stale; a boot shows in failing connections.
        Others never say it. What a recorder was once seen to do is believed of it.
        """
        if offered or last:
            return RefusedFor.CREDENTIALS
        if self._may_be_used_up and not self.lasts:
            return RefusedFor.AGE
        if self._unjudged:
            return RefusedFor.CREDENTIALS
        idle = monotonic() - self._accepted_at > NONCE_IDLE_SECONDS
        if self.hides_stale or self.troubled or self._is_out_of_order:
            return RefusedFor.AGE
        if self._may_be_used_up:
            # It may be a passing reason, too: the login that follows waits, and if it is let in this is known.
            return RefusedFor.CREDENTIALS
        # Where the login that follows is refused as well, it was the credentials, and two are enough.
        guess = idle or (self.hides_stale is None and not self._is_young)
        return RefusedFor.AGE_PERHAPS if guess else RefusedFor.CREDENTIALS

    @property
    def _is_out_of_order(self) -> bool:
        """Whether a refusal may be of a count that came after a higher one."""
        return self._crowded and self._is_young

    @property
    def _is_young(self) -> bool:
        return monotonic() - self._logged_in_at < YOUNG_NONCE_SECONDS
