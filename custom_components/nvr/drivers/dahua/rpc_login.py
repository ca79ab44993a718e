"""What the second step of a login over RPC2 sends: the password, hashed as the challenge wants it (section 4)."""

from base64 import b64encode
from dataclasses import dataclass
from hashlib import md5
import string

from ..driver import JsonValue
from .tree import Tree, text

# What the device is told that we are: its own web page.
CLIENT = {"clientType": "Web3.0", "loginType": "Direct"}
_SIGNS = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASIC = "Basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What the first step answers; ``encryption`` names how the password is to be sent."""

    realm: str
    random: str
    encryption: str = "Default"

    @classmethod
    def of(cls, answer: Tree) -> Challenge | None:
        """Read an answer; None where it holds no challenge. Its error codes differ."""
        realm, random = text(answer, "params", "realm"), text(answer, "params", "random")
        if realm is None or random is None:
            return None
        encryption = text(answer, "params", "encryption") or "Default"
        return cls(realm=realm, random=random, encryption=encryption)

    def password(self, username: str, password: str) -> str | None:
        """Return what stands for the password, None for an encryption that is not ours."""
        match self.encryption:
            case "Default":
                secret = _hashed(f"{username}:{self.realm}:{password}")
                return _hashed(f"{username}:{self.random}:{secret}")
            case "Basic":
                return b64encode(f"{username}:{password}".encode()).decode()
            case "OldDigest":
                return old_digest(password)
            case _:
                return None


def first_step(username: str) -> dict[str, JsonValue]:
    """Return the parameters that ask for a challenge."""
    return {"userName": username, "password": "", **CLIENT}


def second_step(username: str, secret: str, encryption: str) -> dict[str, JsonValue]:
    """Return the parameters that answer it."""
    return {
        "userName": username,
        "password": secret,
        **CLIENT,
        "authorityType": encryption,
        "passwordType": "Default",
    }


def old_digest(password: str) -> str:
    """Return the hash of old devices: eight signs, each of two bytes of the MD5."""
    digest = md5(password.encode(), usedforsecurity=False).digest()
    pairs = zip(digest[::2], digest[1::2], strict=True)
    return "".join(_SIGNS[(first + second) % len(_SIGNS)] for first, second in pairs)


def _hashed(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest().upper()
