"""Trust in one certificate, whoever signed it: recorders sign theirs themselves.

A certificate is known by its fingerprint, the SHA-256 of its DER form as 64 hex digits. It is looked at as
the last act of the handshake, so nothing of a request has been sent by then. aiohttp's own ``Fingerprint`` does
likewise, but only with the ciphers of today; a context is what carries both.
"""

from functools import lru_cache
from hashlib import sha256
import ssl
from typing import override

from .models import Connection

# More than anybody has recorders; a context that is made anew only costs handshakes.
_CONTEXTS = 256


class OtherCertificateError(ssl.SSLCertVerificationError):
    """Another certificate was shown than the one that is trusted; both by their fingerprints."""

    def __init__(self, trusted: str, seen: str) -> None:
        """Initialize."""
        super().__init__("another certificate than the trusted one")
        self.trusted = trusted
        self.seen = seen


class _CheckedHandshake(ssl.SSLObject):
    """A handshake that fails where the certificate is not the trusted one."""

    @override
    def do_handshake(self) -> None:
        super().do_handshake()
        context = self.context
        shown = self.getpeercert(binary_form=True)
        if not isinstance(context, OneCertificateContext) or shown is None:
            raise ssl.SSLCertVerificationError("no certificate was shown")
        seen = sha256(shown).hexdigest()
        if context.trusted is None:
            context.trusted = seen
        if context.trusted != seen:
            raise OtherCertificateError(context.trusted, seen)


class OneCertificateContext(ssl.SSLContext):
    """Trusts ``trusted`` alone; while that is None, the first certificate that it sees, and from then on that one."""

    sslobject_class = _CheckedHandshake
    trusted: str | None = None


def certificate_context(trusted: str | None, *, old: bool) -> OneCertificateContext:
    """Return what trusts one certificate, ``old`` with all that recorders ever spoke: TLS 1.0, short keys, SHA-1.

    Section 3 of the Dahua notes and section 2 of the Hikvision notes tell of such devices.
    """
    context = OneCertificateContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Else another certificate could be shown in a second handshake, which nobody looks at.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.trusted = trusted
    if old:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.options |= ssl.OP_LEGACY_SERVER_CONNECT
    return context


def ssl_of(connection: Connection) -> ssl.SSLContext | bool:
    """Return what aiohttp's requests take as ``ssl``: True leaves all to the session's connector."""
    if connection.fingerprint is None or not connection.tls or connection.verify_tls:
        return True
    return _known_context(connection.fingerprint, old=connection.old_tls)


# The same each time: aiohttp uses a connection again only for the context that it was made with.
@lru_cache(maxsize=_CONTEXTS)
def _known_context(trusted: str, *, old: bool) -> ssl.SSLContext:
    return certificate_context(trusted, old=old)
