"""Answers to the challenges of RTSP servers: Digest (RFC 2617, RFC 7616), or Basic where nothing else is offered."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
import hashlib
import re
import secrets
from typing import Protocol

from ..digest import BASIC, split_challenges

MAX_CHALLENGE_CHARACTERS = 4096
MAX_PARAMETERS = 32

_PARAMETER = re.compile(r"(?<![\w-])([\w-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]*))")
_ESCAPED = re.compile(r"\\(.)")


class _Hash(Protocol):
    def hexdigest(self) -> str: ...


# Strongest first.
_ALGORITHMS: Mapping[str, Callable[[bytes], _Hash]] = {
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
}


class Authentication:
    """Credentials, and the challenge that they answer at present; with ``digest_only`` never one for Basic."""

    def __init__(self, username: str, password: str, *, digest_only: bool = False) -> None:
        """Initialize."""
        self._username = username
        self._password = password
        self._challenge: Mapping[str, str] | None = None
        self._digest_seen = digest_only
        self._count = 0

    @property
    def mark(self) -> str | None:
        """What marks the login that the next request belongs to: its nonce, None where it carries no credentials."""
        if self._challenge is None:
            return None
        return self._challenge.get("nonce", BASIC)

    def take(self, headers: Sequence[str]) -> bool:
        """Answer the best of these challenges from now on; False where none can be answered."""
        found = [one for one in split_challenges([*headers]) if len(one) < MAX_CHALLENGE_CHARACTERS]
        digests = [parse_challenge(one) for one in found if _scheme(one) == "digest"]
        self._digest_seen = self._digest_seen or bool(digests)
        self._challenge = _best(digests)
        self._count = 0
        # Basic gives the password away: never where the recorder knows better.
        if not self._digest_seen and any(_scheme(one) == BASIC for one in found):
            self._challenge = {}
        return self._challenge is not None

    def header(self, method: str, url: str) -> str | None:
        """Return the Authorization header of a request, None before any challenge."""
        challenge = self._challenge
        if challenge is None:
            return None
        if "nonce" not in challenge:
            return f"Basic {b64encode(f'{self._username}:{self._password}'.encode()).decode()}"
        self._count += 1
        return self._digest(challenge, method, url)

    def _digest(self, challenge: Mapping[str, str], method: str, url: str) -> str:
        name = challenge.get("algorithm", "MD5").upper()
        realm, nonce = challenge.get("realm", ""), challenge["nonce"]
        count, own = f"{self._count:08x}", secrets.token_hex(8)

        def digest(*parts: str) -> str:
            return _ALGORITHMS[_plain(name)](":".join(parts).encode()).hexdigest()

        secret = digest(self._username, realm, self._password)
        if name.endswith("-SESS"):
            secret = digest(secret, nonce, own)
        action = digest(method, url)
        fields = [
            f'username="{_quoted(self._username)}"',
            f'realm="{_quoted(realm)}"',
            f'nonce="{_quoted(nonce)}"',
            f'uri="{url}"',
        ]
        if challenge.get("qop"):
            answer = digest(secret, nonce, count, own, "auth", action)
            fields += ["qop=auth", f"nc={count}", f'cnonce="{own}"']
        else:
            answer = digest(secret, nonce, action)
        fields.append(f'response="{answer}"')
        if "opaque" in challenge:
            fields.append(f'opaque="{_quoted(challenge["opaque"])}"')
        if "algorithm" in challenge:
            fields.append(f"algorithm={challenge['algorithm']}")
        return "Digest " + ", ".join(fields)


def parse_challenge(text: str) -> dict[str, str]:
    """Return the parameters of one challenge, quoted or not; names in lower case, the first of a name counts."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(text[:MAX_CHALLENGE_CHARACTERS]):
        quoted, bare = match[2], match[3]
        value = bare if quoted is None else _ESCAPED.sub(r"\1", quoted)
        found.setdefault(match[1].lower(), value)
        if len(found) >= MAX_PARAMETERS:
            break
    return found


def is_stale(headers: Sequence[str]) -> bool:
    """Return whether a refusal is of the nonce alone and says nothing of the password."""
    return any(
        parse_challenge(one).get("stale", "").lower() == "true"
        for one in split_challenges([*headers])
    )


def _best(challenges: list[dict[str, str]]) -> dict[str, str] | None:
    fit = [one for one in challenges if "nonce" in one and _speaks(one)]
    for algorithm in _ALGORITHMS:
        for one in fit:
            if _plain(one.get("algorithm", "MD5").upper()) == algorithm:
                return one
    return None


def _speaks(challenge: Mapping[str, str]) -> bool:
    words = {word.strip().lower() for word in challenge.get("qop", "auth").split(",")}
    return bool(words & {"auth", ""})


def _plain(algorithm: str) -> str:
    name = algorithm.removesuffix("-SESS")
    return "SHA-256" if name == "SHA256" else name


def _scheme(challenge: str) -> str:
    return challenge.partition(" ")[0].strip().lower()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
