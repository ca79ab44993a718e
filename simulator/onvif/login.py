"""WS-UsernameToken: who signed a message (section 3 of the notes)."""

import base64
import binascii
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
import hashlib
import hmac
from typing import Final
from xml.etree.ElementTree import Element

from .firmware import Firmware
from .namespaces import WSSE, WSU
from .times import read_instant

_DIGEST: Final = "#PasswordDigest"
_LONGEST: Final = 256
_KEPT: Final = 4096


@dataclass(frozen=True, kw_only=True)
class UsernameToken:
    """What a message says of who sent it.

    Attributes:
        name: of the user.
        digest: what proves that the sender knows the password.
        nonce: the bytes that the digest was made with.
        created: the text that it was made with.
    """

    name: str
    digest: str
    nonce: bytes
    created: str

    def proves(self, password: str) -> bool:
        """Say whether it was made with this password."""
        made = hashlib.sha1(
            self.nonce + self.created.encode() + password.encode(), usedforsecurity=False
        )
        return hmac.compare_digest(base64.b64encode(made.digest()), self.digest.encode())

    def in_time(self, utc: datetime, firmware: Firmware) -> bool:
        """Say whether it was made about now by the device's own clock, which shows `utc`."""
        instant = read_instant(self.created)
        if instant is None or (firmware.zulu_only and not self.created.endswith("Z")):
            return False
        return abs(instant - utc) <= firmware.created_window


class Nonces:
    """Those of tokens that have been taken: none is taken again."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: OrderedDict[bytes, datetime] = OrderedDict()

    def take(self, nonce: bytes, now: datetime, kept: timedelta) -> bool:
        """Take a nonce, unless it was taken within the time that nonces are kept."""
        while self._known and (
            len(self._known) > _KEPT or now - next(iter(self._known.values())) > kept
        ):
            self._known.popitem(last=False)
        if nonce in self._known:
            return False
        self._known[nonce] = now
        return True

    def clear(self) -> None:
        """Forget all."""
        self._known.clear()


def read_token(header: Element | None) -> UsernameToken | None:
    """Read who signed a message, None if nobody did by a digest."""
    if header is None:
        return None
    token = header.find(f"{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
    if token is None:
        return None
    fields = {
        name: (token.findtext(f"{{{namespace}}}{name}") or "").strip()
        for namespace, name in (
            (WSSE, "Username"), (WSSE, "Password"), (WSSE, "Nonce"), (WSU, "Created"),
        )
    }  # fmt: skip
    kind = token.find(f"{{{WSSE}}}Password")
    digest = kind is not None and kind.get("Type", "").endswith(_DIGEST)
    try:
        nonce = base64.b64decode(fields["Nonce"], validate=True)
    except binascii.Error:
        nonce = b""
    if max(map(len, fields.values())) > _LONGEST:
        return None
    return UsernameToken(
        name=fields["Username"],
        # Anything else than a digest proves nothing, but is a try all the same.
        digest=fields["Password"] if digest and nonce else "",
        nonce=nonce,
        created=fields["Created"],
    )
