"""From a device's refusal to our errors, by the codes in it: its words are never looked at (section 2 of the notes)."""

from collections.abc import Iterator
from http import HTTPStatus
from xml.etree.ElementTree import Element

from .. import xml
from ..errors import (
    AuthenticationError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from ..models import Right

MAX_CODES = 8
MAX_CODE = 64

_UNAUTHORISED = frozenset({"NotAuthorized", "FailedAuthentication", "InvalidSecurity"})
_FORBIDDEN = frozenset({"OperationProhibited", "NotPermitted"})
_NOT_THERE = frozenset(
    {"ActionNotSupported", "NotImplemented", "OptionalActionNotImplemented", "UnknownAction"}
)
_BUSY = frozenset({"ResourceProblem", "MaxNumberOf", "TooManySearches", "StreamConflict"})
_NO_FOOTAGE = frozenset({"NoRecording"})
_ABSENT_HTTP = frozenset(
    {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.GONE,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)
_BUSY_HTTP = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})


class NotAuthorizedError(NotPermittedError):
    """The device takes a request from no one, from others, or from us at another time: this answer doesn't say.

    ``challenge`` is that of HTTP's own login, empty where there is none.
    """

    challenge = ""


class WordlessFaultError(DeviceFaultError):
    """The device failed, and did not say so in the protocol's own words: it may be for a moment."""


class RejectedError(NotSupportedError):
    """The device does not take this request as it stands; ``codes`` says why in the device's terms."""

    def __init__(self, message: str, codes: tuple[str, ...] = ()) -> None:
        """Initialize."""
        super().__init__(message)
        self.codes = codes


def http_fault(status: int, what: str, right: Right) -> DriverError:
    """Return our error for an answer without any message in it."""
    said = f"{what}: HTTP {status}"
    if status == HTTPStatus.UNAUTHORIZED:
        return NotAuthorizedError(said, right=right)
    if status == HTTPStatus.FORBIDDEN:
        return NotPermittedError(said, right=right)
    if status in _ABSENT_HTTP:
        return NotSupportedError(said)
    if status in _BUSY_HTTP:
        return DeviceBusyError(said)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return WordlessFaultError(said)
    if status >= HTTPStatus.BAD_REQUEST:
        return RejectedError(said)
    return InvalidAnswerError(f"{what}: the answer holds no message")


def soap_fault(fault: Element, what: str, right: Right) -> DriverError:
    """Return our error for a fault."""
    codes = tuple(_codes(fault))
    said = f"{what}: {'/'.join(codes) or 'a fault without codes'}"
    known = set(codes)
    if known & _UNAUTHORISED:
        return NotAuthorizedError(said, right=right)
    if known & _NO_FOOTAGE:
        return NoFootageError(said)
    if known & _FORBIDDEN:
        return NotPermittedError(said, right=right)
    if known & _BUSY:
        return DeviceBusyError(said)
    if known & _NOT_THERE:
        return NotSupportedError(said)
    if "Sender" in known or "Client" in known:
        return RejectedError(said, codes)
    return DeviceFaultError(said)


def wrong_credentials() -> AuthenticationError:
    """Return what a refused login is."""
    return AuthenticationError("wrong user name or password")


def _codes(fault: Element) -> Iterator[str]:
    """Yield the codes from the outermost in, without their prefixes, which need not be declared."""
    place = xml.find(fault, "Code")
    if place is None:
        # SOAP 1.1 has one, in plain text.
        if (code := xml.text(fault, "faultcode")) is not None:
            yield code.rpartition(":")[2][:MAX_CODE]
        return
    for _ in range(MAX_CODES):
        if (value := xml.text(place, "Value")) is not None:
            yield value.rpartition(":")[2][:MAX_CODE]
        if (place := xml.find(place, "Subcode")) is None:
            return
