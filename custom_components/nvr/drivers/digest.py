"""HTTP authentication of recorders: aiohttp's digest, minus what recorders' challenges get wrong."""

import re
from typing import override

from aiohttp import (
    ClientRequest,
    ClientResponse,
    DigestAuthMiddleware,
    encode_basic_auth,
    hdrs,
)
from multidict import CIMultiDict
from yarl import URL

from .errors import InvalidAnswerError

# SHA-256 before MD5; session variants and what aiohttp can't do are left alone.
_ALGORITHM_ORDER = ("SHA-256", "SHA256", "MD5")
_SCHEME = re.compile(r"(?:^|,)\s*(?=(?:digest|basic)\s)", re.IGNORECASE)
_STALE = re.compile(r"\bstale\s*=\s*\"?true\b", re.IGNORECASE)
_ALGORITHM = re.compile(r"\balgorithm\s*=\s*\"?([\w-]+)", re.IGNORECASE)
_NONCE = re.compile(r'\bnonce="([^"]*)"', re.IGNORECASE)
# Seen: domain="::". It names no address, and aiohttp would stop reusing the nonce for it.
_DOMAIN = re.compile(r",?\s*\bdomain\s*=\s*(?:\"[^\"]*\"|[^,\s]*)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

BASIC = "basic"
"""What stands for the nonce where there is none."""


class _Challenge:
    """What the digest middleware reads of a response, with one challenge left in it."""

    def __init__(self, url: URL, status: int, challenge: str) -> None:
        """Initialize."""
        self.url = url
        self.status = status
        self.headers = CIMultiDict({hdrs.WWW_AUTHENTICATE: challenge})


class RecorderAuth(DigestAuthMiddleware):
    """Answers the best of several challenges, and Basic only where Digest is not offered.

    Once a recorder has offered Digest, Basic is never sent to it again; with ``digest_only`` not even before.
    """

    def __init__(self, username: str, password: str, *, digest_only: bool = False) -> None:
        """Initialize. A user name with a colon can't log in by HTTP at all; it raises ValueError."""
        super().__init__(username, password, preemptive=True)
        self._credentials = (username, password)
        self._basic = encode_basic_auth(username, password, encoding="utf-8")
        self._use_basic = False
        self._digest_seen = digest_only

    def alike(self) -> RecorderAuth:
        """Return one with the same credentials that knows of no challenge yet."""
        return RecorderAuth(*self._credentials, digest_only=self._digest_seen)

    def take(self, response: ClientResponse) -> None:
        """Answer this response's challenge from now on, none where it holds none."""
        if not self._authenticate(response):
            self.forget()

    def forget(self) -> None:
        """Drop the challenge, so that the next request goes out without credentials."""
        self._challenge = {}
        self._use_basic = False

    @override
    def _authenticate(self, response: ClientResponse) -> bool:
        if response.status != 401:
            return False
        challenges = split_challenges(response.headers.getall(hdrs.WWW_AUTHENTICATE, []))
        if any(_CONTROL.search(challenge) for challenge in challenges):
            # Damaged on its way: a header that takes up what it says could not be sent.
            raise InvalidAnswerError("the recorder's challenge is no text")
        if (digest := _best_digest(challenges)) is not None:
            self._digest_seen = True
            self._use_basic = False
            view = _Challenge(response.url, response.status, _DOMAIN.sub("", digest))
            return super()._authenticate(view)  # type: ignore[arg-type] # reads these three only
        offered = any(challenge.lower().startswith("basic") for challenge in challenges)
        if not offered or self._digest_seen:
            return False
        self._use_basic = True
        self._challenge = {"realm": ""}
        self._protection_space = [str(response.url.origin())]
        return True

    @override
    async def _encode(self, method: str, url: URL, body: object) -> str:
        if self._use_basic:
            return self._basic
        return await super()._encode(method, url, body)  # type: ignore[arg-type] # passed through


def split_challenges(headers: list[str]) -> list[str]:
    """Return one string per challenge, whether they came in one header or in several."""
    found = []
    for header in headers:
        parts = [part.strip(" ,") for part in _SCHEME.split(header)]
        found += [part for part in parts if part]
    return found


def is_stale(response: ClientResponse) -> bool:
    """Return whether a refusal is of the nonce alone and says nothing of the password.

    Recorders say so by far not always: some refuse a forgotten nonce with stale="FALSE".
    """
    challenges = split_challenges(response.headers.getall(hdrs.WWW_AUTHENTICATE, []))
    return any(_STALE.search(challenge) for challenge in challenges)


def offers_nonce(response: ClientResponse, nonce: str) -> bool:
    """Return whether a refusal offers the nonce that was refused: then it is good, and the password is not."""
    challenges = split_challenges(response.headers.getall(hdrs.WWW_AUTHENTICATE, []))
    return any((match := _NONCE.search(entry)) and match[1] == nonce for entry in challenges)


def nonce_of(request: ClientRequest) -> str | None:
    """Return what marks the login that a request's credentials belong to, None where it has none."""
    header = request.headers.get(hdrs.AUTHORIZATION)
    if header is None:
        return None
    match = _NONCE.search(header)
    return match[1] if match else BASIC


def _best_digest(challenges: list[str]) -> str | None:
    ranked: dict[str, str] = {}
    for challenge in challenges:
        if not challenge.lower().startswith("digest"):
            continue
        match = _ALGORITHM.search(challenge)
        ranked.setdefault(match[1].upper() if match else "MD5", challenge)
    return next((ranked[name] for name in _ALGORITHM_ORDER if name in ranked), None)
