"""HTTP digest as RFC 7616 describes it, which RTSP uses too, and HTTP basic."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
import hashlib
import re

_FIELD = re.compile(r"""(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))""")
_ESCAPED = re.compile(r"\\(.)")
_MAX_HEADER = 4096
_MAX_COUNT_DIGITS = 8


class Scheme(StrEnum):
    """How a client may prove that it knows a password."""

    MD5 = "MD5"
    SHA256 = "SHA-256"
    BASIC = "Basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What an `Authorization: Basic` header says."""

    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an `Authorization: Digest` header says.

    Attributes:
        scheme: by which of the digests it was made.
        qop: None for a client that speaks the form of RFC 2069, which has no count.
        count: how often the client has used the nonce, this time included.
    """

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    qop: str | None = None
    nc: str = ""
    cnonce: str = ""
    scheme: Scheme = Scheme.MD5

    @property
    def count(self) -> int:
        """The number that `nc` writes in hexadecimal digits."""
        return int(self.nc, 16)

    def fits(self, method: str, password: str) -> bool:
        """Say whether the answer was made with this password for this verb."""
        digest = _sha256 if self.scheme is Scheme.SHA256 else _md5
        first = digest(f"{self.username}:{self.realm}:{password}")
        second = digest(f"{method}:{self.uri}")
        if self.qop is None:
            return self.response == digest(f"{first}:{self.nonce}:{second}")
        between = f"{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}"
        return self.response == digest(f"{first}:{between}:{second}")


def read_credentials(header: str) -> Credentials | None:
    """Read an `Authorization` header, None if it is no digest or lacks a part."""
    scheme, _, rest = header[:_MAX_HEADER].partition(" ")
    if scheme.lower() != "digest":
        return None
    fields = {
        name.lower(): _ESCAPED.sub(r"\1", quoted) or plain
        for name, quoted, plain in _FIELD.findall(rest)
    }
    if not {"username", "realm", "nonce", "uri", "response"} <= fields.keys():
        return None
    qop, nc = fields.get("qop"), fields.get("nc", "")
    if qop is not None and not (qop == "auth" and _is_count(nc) and "cnonce" in fields):
        return None
    try:
        scheme = Scheme(fields.get("algorithm", "MD5").upper())
    except ValueError:
        return None
    return Credentials(
        scheme=scheme,
        username=fields["username"],
        realm=fields["realm"],
        nonce=fields["nonce"],
        uri=fields["uri"],
        response=fields["response"].lower(),
        qop=qop,
        nc=nc,
        cnonce=fields.get("cnonce", ""),
    )


def read_plain(header: str) -> Plain | None:
    """Read an `Authorization` header, None if it isn't a basic one."""
    scheme, _, rest = header[:_MAX_HEADER].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except binascii.Error, UnicodeDecodeError:
        return None
    username, _, password = text.partition(":")
    return Plain(username=username, password=password)


def _is_count(text: str) -> bool:
    return re.fullmatch(rf"[0-9A-Fa-f]{{1,{_MAX_COUNT_DIGITS}}}", text) is not None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
