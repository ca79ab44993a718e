"""What an RTSP server's refusal means: status codes become errors of the one tree (RFC 2326, section 11)."""

from http import HTTPStatus

from ..errors import (
    CannotConnectError,
    DeviceBusyError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotPermittedError,
    NotSupportedError,
)
from ..models import Right

NOT_ENOUGH_BANDWIDTH = 453
SESSION_NOT_FOUND = 454
INVALID_RANGE = 457
OPTION_NOT_SUPPORTED = 551

_NOT_THERE = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, SESSION_NOT_FOUND, INVALID_RANGE, HTTPStatus.NO_CONTENT}
)
# A server that does not do this at all, in contrast to one that can't at the moment.
_NEVER = frozenset({HTTPStatus.NOT_IMPLEMENTED, 505, OPTION_NOT_SUPPORTED})
# These answer for something that does not exist as well as for a session that is gone.
_BEFORE_A_SESSION = frozenset({"OPTIONS", "DESCRIBE", "SETUP"})


class NotThereError(NoFootageError):
    """There is nothing at this address, in this form of it, or at this time."""

    def __init__(self, message: str, status: int) -> None:
        """Initialize."""
        super().__init__(message)
        self.status = status


class NotTakenError(NotSupportedError):
    """The server does not take this request, or not in this form."""

    def __init__(self, message: str, status: int) -> None:
        """Initialize."""
        super().__init__(message)
        self.status = status


class NoSlotError(DeviceBusyError):
    """The server has no session or no bandwidth left for us, or is too busy."""

    def __init__(self, message: str, status: int) -> None:
        """Initialize."""
        super().__init__(message)
        self.status = status


class SessionGoneError(CannotConnectError):
    """The server knows nothing of the session."""


def error_of(method: str, status: int, right: Right) -> DriverError | None:
    """Return our error for the answer to a request, None where it is no refusal.

    ``right`` is what the account needs for what is asked. 401 is not among them: the connection judges it.
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and status != HTTPStatus.NO_CONTENT:
        return None
    what = f"RTSP {method}: {status}"
    if status < HTTPStatus.BAD_REQUEST and status != HTTPStatus.NO_CONTENT:
        return InvalidAnswerError(f"{what}, which leads elsewhere")
    if status == HTTPStatus.FORBIDDEN:
        return NotPermittedError(f"the account lacks a right for {what}", right=right)
    if status == SESSION_NOT_FOUND and method not in _BEFORE_A_SESSION:
        return SessionGoneError(f"{what}: the recorder has forgotten the session")
    if status in _NOT_THERE:
        return NotThereError(what, status)
    server_failed = status >= HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NEVER
    if server_failed or status == NOT_ENOUGH_BANDWIDTH:
        return NoSlotError(what, status)
    return NotTakenError(what, status)
