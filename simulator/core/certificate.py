"""The certificate of a device's web interface, which devices sign themselves."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

_VALID = timedelta(days=3650)
_OLD_KEY_BITS = 1024
_OLD_CIPHERS = "AES128-SHA:AES256-SHA:@SECLEVEL=0"


class Tls(StrEnum):
    """Which TLS a device speaks: that of today, or 1.0 with RSA key exchange, CBC and a short key."""

    TODAY = "today"
    OLD = "old"


class WebCertificate:
    """What a device shows to those who come by HTTPS.

    Attributes:
        context: what the server takes.
        fingerprint: SHA-256 of the certificate, as 64 hex digits.
    """

    def __init__(self, tls: Tls = Tls.TODAY) -> None:
        """Make the first certificate."""
        self._old = tls is Tls.OLD
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._old:
            self.context.set_ciphers(_OLD_CIPHERS)
            with warnings.catch_warnings():
                # To be as old as this is the point.
                warnings.simplefilter("ignore", DeprecationWarning)
                self.context.minimum_version = ssl.TLSVersion.TLSv1
                self.context.maximum_version = ssl.TLSVersion.TLSv1
        self.fingerprint = ""
        self.renew()

    def renew(self) -> None:
        """Show another certificate from the next connection on, as after a reset to factory settings."""
        key = (
            rsa.generate_private_key(65537, _OLD_KEY_BITS)
            if self._old
            else ec.generate_private_key(ec.SECP256R1())
        )
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost.localdomain")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _VALID)
            .not_valid_after(now + _VALID)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        # Contexts read files alone.
        with TemporaryDirectory() as folder:
            chain = Path(folder, "chain.pem")
            chain.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
            self.context.load_cert_chain(chain)
        self.fingerprint = sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
