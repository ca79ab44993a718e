"""From a device's refusal to our errors: the tables of sections 2 and 4 of the protocol notes."""

from dataclasses import dataclass
from http import HTTPStatus
import re

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
from .tree import Tree, as_text, integer, read_json, text

CHALLENGE = 268632079
"""The answer to the first step of a login; as the answer to anything else it means that there is no session."""
SESSION_LOST = frozenset({CHALLENGE, 287637504, 287637505})
OBJECT_LOST = -267976703

_WRONG_CREDENTIALS = frozenset({268632085, 268632070, 268632071})
_LOCKED = frozenset({268632081, 268632073})
_BUSY = frozenset({268632074, 268632075})
_NOT_INITIALISED = 268632086
_NO_DATA = 285409284
_NO_RIGHT = 285278249
_UNSPECIFIED = 268959743

# How the second step of a login may name its failure; the spelling is the devices'.
_WRONG_WORDS = frozenset({"usernotvalidt", "usernotvalid", "passwordnotvalid"})
_LOCKED_WORDS = frozenset({"hasbeenlocked", "inblacklist"})
_BUSY_WORDS = frozenset({"hasbeedused", "hasbeenused"})

MAX_MESSAGE = 80
# Of tries and of seconds: longer than any lock.
MAX_COUNT = 10_000_000
# The head of a body is enough to tell an error.
HEAD_BYTES = 1024
_BUSY_HTTP = frozenset({HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS})
# Each of the words comes behind a line ``Error`` as a rule, and alone on some devices.
_ERROR = re.compile(
    r"\s*(?:error\b(?!\s*=)|errorid\s*=|bad request!|not implemented!"
    r"|authority:\s*check failure|invalid authority!)",
    re.IGNORECASE,
)
_BARE = re.compile(r"\s*error\s*", re.IGNORECASE)


class NoDataError(NoFootageError):
    """The device has nothing there: no recording, no event."""


class ObjectLostError(DeviceFaultError):
    """An object on the device, a search for example, is gone; another may be made."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a device says of a request that it did not fulfil; ``code`` is that of RPC2."""

    http: int | None = None
    code: int | None = None
    word: str = ""


class RefusedRequestError(NotSupportedError):
    """The device does not take this request, or not in this form: another form may do."""

    def __init__(self, message: str, fault: Fault) -> None:
        """Initialize."""
        super().__init__(message)
        self.fault = fault


def cgi_fault(http: int, body: bytes, what: str, right: Right) -> DriverError | None:
    """Return what an answer of CGI says went wrong, None where it is no refusal.

    A body that begins with ``Error`` is a failure whatever the status is.
    """
    head = as_text(body[:HEAD_BYTES])
    failed = http >= HTTPStatus.BAD_REQUEST
    is_error = _ERROR.match(head) is not None
    if not failed and not is_error and not head.lstrip().startswith("<"):
        return None
    word = " ".join(head.split())[:MAX_MESSAGE]
    lower = word.casefold()
    said = f"{what}: HTTP {http} {word}".rstrip()
    if http == HTTPStatus.FORBIDDEN or "authority" in lower:
        return NotPermittedError(f"the account lacks a right for {what}", right=right)
    if "no events" in lower:
        return NoDataError(said)
    if http in _BUSY_HTTP or "resource is limited" in lower:
        return DeviceBusyError(said)
    if http == HTTPStatus.INTERNAL_SERVER_ERROR or (not failed and _BARE.fullmatch(head)):
        return DeviceFaultError(said)
    return RefusedRequestError(said, Fault(http, word=word))


def rpc_fault(code: int | None, message: str, what: str, right: Right) -> DriverError:
    """Return our error for an error code of RPC2; what it means for a session is the caller's to see."""
    word = " ".join(message.split())[:MAX_MESSAGE]
    said = f"{what}: error {code} {word}".rstrip()
    if code == _NO_RIGHT:
        return NotPermittedError(f"the account lacks a right for {what}", right=right)
    if code == _NO_DATA:
        return NoDataError(said)
    if code == OBJECT_LOST:
        return ObjectLostError(said)
    if code in _BUSY:
        return DeviceBusyError(said)
    if code in (_UNSPECIFIED, None):
        return DeviceFaultError(said)
    return RefusedRequestError(said, Fault(code=code, word=word))


def login_fault(answer: Tree) -> DriverError | None:
    """Return our error for a refused login, with what it says of tries and locks; None where it says nothing known."""
    code = integer(answer, "error", "code")
    word = (text(answer, "params", "error") or "").casefold()
    seconds = _count(answer, "remainLockSecond")
    tries = _count(answer, "remainLoginTimes")
    if code in _LOCKED or word in _LOCKED_WORDS or (tries == 0 and seconds):
        return AccountLockedError("the recorder has locked the account", seconds_left=seconds)
    if code in _WRONG_CREDENTIALS or word in _WRONG_WORDS:
        return AuthenticationError("wrong user name or password", tries_left=tries)
    if code in _BUSY or word in _BUSY_WORDS:
        return DeviceBusyError("the recorder has no free session")
    if code == _NOT_INITIALISED:
        return NotInitialisedError("the recorder has not been initialised yet")
    return None


def read_refusal(body: bytes) -> AuthenticationError | None:
    """Return what the body of a 401 or 403 says of tries left and locks, None where it says nothing."""
    try:
        answer = read_json(body)
    except InvalidAnswerError:
        return None
    error = login_fault(answer)
    return error if isinstance(error, AuthenticationError) else None


def _count(answer: Tree, name: str) -> int | None:
    value = integer(answer, "params", name)
    return min(value, MAX_COUNT) if value is not None and value >= 0 else None
