"""Users of a simulated recorder: passwords, rights, and the lock against guessing."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import math
import secrets

from .digest import Credentials, Scheme, read_credentials, read_plain
from .time_source import Now

_MAX_NONCES = 4096
_MILLISECONDS = 1000
_BASIC = 'Basic realm="{realm}"'


class Right(StrEnum):
    """What a user may do from afar."""

    LIVE = "live"
    PLAYBACK = "playback"
    SETTINGS = "settings"
    STATUS = "status"


@dataclass(kw_only=True)
class User:
    """One account."""

    name: str
    password: str = field(repr=False)
    rights: frozenset[Right] = frozenset(Right)
    administrator: bool = False


class Outcome(StrEnum):
    """How a request's credentials were received."""

    GRANTED = "granted"
    ANONYMOUS = "anonymous"
    """There were none: the client wants to be challenged."""
    STALE = "stale"
    """The nonce is too old, unknown or its count was used before; no failed login."""
    REFUSED = "refused"
    LOCKED = "locked"
    """Whatever the credentials: this address has failed too often."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of checking a request.

    Attributes:
        outcome: how the credentials were received.
        user: who it is, when granted.
        tries_left: before the client's address is locked.
        unlock_in_s: seconds until it may try again, 0 while it isn't locked.
    """

    outcome: Outcome
    user: User | None = None
    tries_left: int = 0
    unlock_in_s: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the request is a user's."""
        return self.outcome is Outcome.GRANTED

    def allows(self, right: Right) -> bool:
        """Say whether it is a user's with that right."""
        return self.user is not None and right in self.user.rights


class CountCheck(StrEnum):
    """What is asked of the count that goes with a nonce."""

    NONE = "nothing"
    UNUSED = "it wasn't used before"
    RISING = "it is greater than all before"
    ONCE = "it is the first, so that each request needs a nonce of its own"
    """Over HTTP; in RTSP, where a session is one log-in, it wasn't used before."""


@dataclass
class _Nonce:
    issued: datetime
    counts: set[int] = field(default_factory=set)


@dataclass
class _Failures:
    count: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LoginPolicy:
    """How a recorder guards its accounts.

    Attributes:
        realm: as challenges name it.
        challenge: the header's text, with {realm}, {nonce} and {stale} to fill in.
        challenge_sha256: likewise, for SHA-256.
        schemes: by which a client may log in; there is a challenge for each.
        rtsp_schemes: the same for RTSP; None for the same ones.
        rtsp_challenge: the text for RTSP's digest; None for the same one.
        nonce_life: so long a nonce is taken.
        count_check: what is asked of the count that goes with it.
        tells_stale: whether it is told that a nonce is too old; a plain refusal else.
        tries: failed logins in a row that lock an address.
        lock: for so long.
        lock_restarts: whether each try while it is locked makes that begin anew.
    """

    realm: str = "recorder"
    challenge: str = (
        'Digest realm="{realm}", qop="auth", nonce="{nonce}", algorithm=MD5, stale={stale}'
    )
    challenge_sha256: str = (
        'Digest realm="{realm}", qop="auth", nonce="{nonce}", algorithm=SHA-256, stale={stale}'
    )
    schemes: frozenset[Scheme] = frozenset({Scheme.MD5})
    rtsp_schemes: frozenset[Scheme] | None = None
    rtsp_challenge: str | None = None
    nonce_life: timedelta = timedelta(minutes=5)
    count_check: CountCheck = CountCheck.UNUSED
    tells_stale: bool = True
    tries: int = 7
    lock: timedelta = timedelta(minutes=30)
    lock_restarts: bool = False

    def allowed(self, *, rtsp: bool) -> frozenset[Scheme]:
        """Give the schemes by which a client may log in."""
        return self.rtsp_schemes if rtsp and self.rtsp_schemes is not None else self.schemes

    def texts(self, *, rtsp: bool) -> list[str]:
        """Give the texts of the challenges, still to be filled in."""
        digest = self.rtsp_challenge if rtsp and self.rtsp_challenge else self.challenge
        known = {
            Scheme.MD5: digest,
            Scheme.SHA256: self.challenge_sha256,
            Scheme.BASIC: _BASIC,
        }
        allowed = self.allowed(rtsp=rtsp)
        return [text for scheme, text in known.items() if scheme in allowed]


class Accounts:
    """The users, for HTTP and RTSP alike: failed logins of both count together."""

    def __init__(self, *, now: Now, users: list[User], policy: LoginPolicy | None = None) -> None:
        """Let these users in."""
        self.policy = policy or LoginPolicy()
        self.users = {user.name: user for user in users}
        self.failed_logins = 0
        self._now = now
        self._nonces: OrderedDict[str, _Nonce] = OrderedDict()
        self._failures: dict[str, _Failures] = {}
        self._refuses_until: datetime | None = None

    def challenge(self, *, stale: bool = False) -> str:
        """Give the text of the first `WWW-Authenticate` header, with a new nonce."""
        return self.challenges(stale=stale)[0]

    def challenges(self, *, stale: bool = False, rtsp: bool = False) -> list[str]:
        """Give the texts of the `WWW-Authenticate` headers, with a new nonce."""
        now = self._now()
        nonce = f"{secrets.token_hex(16)}:{int(now.timestamp() * _MILLISECONDS)}"
        self._nonces[nonce] = _Nonce(now)
        while len(self._nonces) > _MAX_NONCES:
            self._nonces.popitem(last=False)
        told = "TRUE" if stale and self.policy.tells_stale else "FALSE"
        return [
            text.format(realm=self.policy.realm, nonce=nonce, stale=told)
            for text in self.policy.texts(rtsp=rtsp)
        ]

    def check(
        self,
        method: str,
        authorization: str | None,
        uri: str,
        source: str = "127.0.0.1",
        *,
        rtsp: bool = False,
    ) -> Verdict:
        """Check a request's credentials and count the failures of its address.

        Args:
            method: verb of the request.
            authorization: its `Authorization` header, if any.
            uri: its target as sent, which the credentials must have been made for.
            source: the client's address.
            rtsp: whether it is one of RTSP, which may be guarded in its own way.
        """
        failures = self._failures.setdefault(source, _Failures())
        if (barred := self._barred(failures, tries=authorization is not None)) is not None:
            return barred
        tries_left = self.policy.tries - failures.count
        if authorization is None:
            return Verdict(outcome=Outcome.ANONYMOUS, tries_left=tries_left)
        allowed = self.policy.allowed(rtsp=rtsp)
        user = self._plain_user(authorization, allowed)
        if user is None:
            credentials = read_credentials(authorization)
            user = self._digest_user(credentials, allowed, method, uri)
            if user is None or credentials is None:
                return self._refuse(failures)
            if not self._fresh(credentials, rtsp=rtsp):
                return Verdict(outcome=Outcome.STALE, tries_left=tries_left)
        failures.count = 0
        return Verdict(outcome=Outcome.GRANTED, user=user, tries_left=self.policy.tries)

    def prove(self, name: str, proves: Callable[[str], bool], source: str) -> Verdict:
        """Check a log-in that isn't made by a header, and count the failures of its address.

        Args:
            name: of the user.
            proves: says whether the client knows a password, which it is given.
            source: the client's address.
        """
        failures = self._failures.setdefault(source, _Failures())
        if (barred := self._barred(failures, tries=True)) is not None:
            return barred
        user = self.users.get(name)
        if user is None or not proves(user.password):
            return self._refuse(failures)
        failures.count = 0
        return Verdict(outcome=Outcome.GRANTED, user=user, tries_left=self.policy.tries)

    def refuse_until(self, instant: datetime) -> None:
        """Let nobody in up to a true instant, and count no failure: the box isn't ready yet."""
        self._refuses_until = instant

    def set_password(self, name: str, password: str) -> None:
        """Change a user's password; nonces given out before stay good."""
        self.users[name].password = password

    def forget_nonces(self) -> None:
        """Take no nonce given out before, as after a reboot."""
        self._nonces.clear()

    def unlock(self) -> None:
        """Forgive all failed logins."""
        self._failures.clear()
        self.failed_logins = 0

    def _barred(self, failures: _Failures, *, tries: bool) -> Verdict | None:
        """Refuse whoever is not even looked at; `tries` says whether there are credentials at all."""
        if (locked_for := self._locked_for(failures)) > 0:
            if tries and self.policy.lock_restarts:
                failures.locked_until = self._now() + self.policy.lock
                locked_for = self._locked_for(failures)
            return Verdict(outcome=Outcome.LOCKED, unlock_in_s=locked_for)
        if tries and self._refuses_until is not None and self._now() < self._refuses_until:
            return Verdict(outcome=Outcome.REFUSED, tries_left=self.policy.tries - failures.count)
        return None

    def _plain_user(self, authorization: str, allowed: frozenset[Scheme]) -> User | None:
        plain = read_plain(authorization) if Scheme.BASIC in allowed else None
        user = self.users.get(plain.username) if plain is not None else None
        if user is None or plain is None or plain.password != user.password:
            return None
        return user

    def _digest_user(
        self,
        credentials: Credentials | None,
        allowed: frozenset[Scheme],
        method: str,
        uri: str,
    ) -> User | None:
        if credentials is None or credentials.scheme not in allowed:
            return None
        user = self.users.get(credentials.username)
        fits = (
            user is not None
            and credentials.realm == self.policy.realm
            and credentials.uri == uri
            and credentials.fits(method, user.password)
        )
        return user if fits else None

    def _fresh(self, credentials: Credentials, *, rtsp: bool) -> bool:
        nonce = self._nonces.get(credentials.nonce)
        if nonce is None or self._now() - nonce.issued > self.policy.nonce_life:
            return False
        if self.policy.count_check is CountCheck.ONCE and not rtsp:
            self._nonces.pop(credentials.nonce)
            return True
        if credentials.qop is None:
            return True
        match self.policy.count_check:
            case CountCheck.UNUSED | CountCheck.ONCE if credentials.count in nonce.counts:
                return False
            case CountCheck.RISING if credentials.count <= max(nonce.counts, default=0):
                return False
        nonce.counts.add(credentials.count)
        return True

    def _refuse(self, failures: _Failures) -> Verdict:
        failures.count += 1
        self.failed_logins += 1
        tries_left = self.policy.tries - failures.count
        if tries_left > 0:
            return Verdict(outcome=Outcome.REFUSED, tries_left=tries_left)
        failures.count = 0
        failures.locked_until = self._now() + self.policy.lock
        return Verdict(outcome=Outcome.LOCKED, unlock_in_s=self._locked_for(failures))

    def _locked_for(self, failures: _Failures) -> int:
        if failures.locked_until is None:
            return 0
        left = math.ceil((failures.locked_until - self._now()).total_seconds())
        if left <= 0:
            failures.locked_until = None
        return max(left, 0)
