"""From a device's refusal to our errors: section 3 of the protocol notes, as tables."""

from dataclasses import dataclass
from http import HTTPStatus
from xml.etree.ElementTree import Element

from .. import xml
from ..errors import (
    AccountLockedError,
    AuthenticationError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotInitialisedError,
    NotPermittedError,
    NotSupportedError,
)
from ..models import Right

STATUS_OK = 1
STATUS_BUSY = 2
STATUS_DEVICE_ERROR = 3
STATUS_BAD_FORMAT = 5
STATUS_BAD_CONTENT = 6
STATUS_REBOOT_REQUIRED = 7

_BUSY_WORDS = frozenset(
    {"devicebusy", "nomemory", "upgrading", "serviceunavailable", "maxsessionuserlink"}
)
_PERMISSION_WORDS = frozenset({"lowprivilege", "badauthorization", "nopermission"})
_NO_FOOTAGE_WORDS = frozenset({"tasknorecfile", "norecfile"})
_BUSY_HTTP = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
_LOCK_WORDS = frozenset({"lock", "locked"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What a device says of a request that it did not fulfil."""

    http: int
    code: int | None = None
    word: str = ""

    def error(self, path: str, right: Right) -> DriverError:
        """Return our error for it. ``right`` is what the request needs."""
        what = f"{path}: HTTP {self.http} {self.word}".rstrip()
        word = self.word.casefold()
        if word in _PERMISSION_WORDS:
            return NotPermittedError(f"the account lacks a right for {what}", right=right)
        if word in _NO_FOOTAGE_WORDS:
            return NoFootageError(what)
        if word == "notactivated":
            return NotInitialisedError("the recorder has not been activated yet")
        if self.code == STATUS_BUSY or word in _BUSY_WORDS or self.http in _BUSY_HTTP:
            return DeviceBusyError(what)
        if self.code == STATUS_DEVICE_ERROR:
            return DeviceFaultError(what)
        return RefusedRequestError(what, self)

    @property
    def is_malformed(self) -> bool:
        """Whether the device objects to the form of the request, not to what it asks for."""
        return self.http == HTTPStatus.BAD_REQUEST or self.code in (
            STATUS_BAD_FORMAT,
            STATUS_BAD_CONTENT,
        )


class RefusedRequestError(NotSupportedError):
    """The device does not take this request, or not in this form: another form may do."""

    def __init__(self, message: str, fault: Fault) -> None:
        """Initialize."""
        super().__init__(message)
        self.fault = fault


def fault_of(http: int, body: bytes) -> Fault | None:
    """Return what an answer says went wrong, None where it is no refusal.

    HTTP 200 with an error document inside counts as a refusal.
    """
    try:
        root = xml.parse(body)
    except InvalidAnswerError:
        return Fault(http) if http >= HTTPStatus.BAD_REQUEST else None
    return fault_in(http, root)


def fault_in(http: int, root: Element) -> Fault | None:
    """Return what a document says went wrong, None where it is no refusal."""
    failed = http >= HTTPStatus.BAD_REQUEST
    name = xml.local(root).casefold()
    if name in ("responsestatus", "json"):
        code = xml.integer(root, "statusCode")
        word = xml.text(root, "subStatusCode") or ""
        if failed or (code is not None and code not in (STATUS_OK, STATUS_REBOOT_REQUIRED)):
            return Fault(http, code, word)
        return None
    if name == "html":
        return Fault(http, word="html")
    return Fault(http) if failed else None


def read_refusal(body: bytes) -> AuthenticationError | None:
    """Return what a 401 or 403 says about tries left and locks, None where it says nothing.

    Either ``userCheck`` with lockStatus, unlockTime and retryLoginTime, or ``ResponseStatus`` with
    AuthenticationFailed: lockStatus, resLockTime and retryTimes.
    """
    try:
        root = xml.parse(body)
    except InvalidAnswerError:
        return None
    locked = (_anywhere(root, "lockStatus") or "").casefold() in _LOCK_WORDS
    if locked:
        seconds = _count(root, "unlockTime", "resLockTime")
        return AccountLockedError("the recorder has locked the account", seconds_left=seconds)
    tries = _count(root, "retryLoginTime", "retryTimes")
    if tries is None:
        return None
    return AuthenticationError("wrong user name or password", tries_left=tries)


def _anywhere(root: Element, name: str) -> str | None:
    return next((xml.text(found) for found in xml.items(root, name)), None)


def _count(root: Element, *names: str) -> int | None:
    for name in names:
        value = next((xml.integer(found) for found in xml.items(root, name)), None)
        if value is not None and value >= 0:
            return value
    return None
