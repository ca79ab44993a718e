"""A device that goes back to TLS of old, as after a reset or with older firmware."""

import ssl
import warnings

from simulator.core.certificate import WebCertificate


def speak_old(certificate: WebCertificate) -> None:
    """Speak TLS 1.0 alone from the next connection on, with the same certificate."""
    context = certificate.context
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # To be as old as this is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
