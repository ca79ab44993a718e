"""Everything that can go wrong between a driver and a recorder.

The tree is shallow. Callers act on these classes; their texts are English, for logs, and never
hold a credential. What a person reads is translated above the drivers.
"""

from .models import Right


class DriverError(Exception):
    """Base of all errors that a driver raises."""


# Errors a caller must handle: the state of the world.


class CannotConnectError(DriverError):
    """The recorder can't be reached, or stopped answering in the middle."""


class DeviceBusyError(DriverError):
    """The recorder refuses for the moment: too many requests, sessions or transfers."""


class DeviceFaultError(DeviceBusyError):
    """The recorder failed at something it can do: a camera that is slow, a disk that is asleep."""


class AuthenticationError(DriverError):
    """The recorder refuses user name or password.

    ``tries_left`` is what the recorder says remains before it locks the account, where it says so.
    """

    def __init__(self, message: str, *, tries_left: int | None = None) -> None:
        """Initialize."""
        super().__init__(message)
        self.tries_left = tries_left


class AccountLockedError(AuthenticationError):
    """The recorder has locked the account or our address. ``seconds_left`` where it says so."""

    def __init__(self, message: str, *, seconds_left: int | None = None) -> None:
        """Initialize."""
        super().__init__(message, tries_left=0)
        self.seconds_left = seconds_left


class NotPermittedError(DriverError):
    """The account lacks a right. This is not a wrong password."""

    def __init__(self, message: str, *, right: Right | None = None) -> None:
        """Initialize."""
        super().__init__(message)
        self.right = right


class RefusedApartError(NotPermittedError):
    """What has a login of its own refuses the one that the recorder takes otherwise, and is left alone for now.

    It names no right, for the account may well have it.
    """

    def __init__(self, message: str) -> None:
        """Initialize."""
        super().__init__(message)


class NotSupportedError(DriverError):
    """The recorder lacks this function. Never a reason to fail set-up."""


class UnknownDeviceError(DriverError):
    """What answers at this address is no recorder that this driver knows."""


class NoFootageError(DriverError):
    """The recorder has no footage there, or it has been overwritten since."""


class InvalidAnswerError(DriverError):
    """The recorder's answer makes no sense, or breaks the bounds set for it."""


class TlsRequiredError(CannotConnectError):
    """The recorder only speaks TLS with us: it redirects to https on the same host."""


class NotInitialisedError(CannotConnectError):
    """The recorder is fresh out of its box, or was reset: nobody has given it a password yet, so it lets nobody in."""


class CertificateError(CannotConnectError):
    """The recorder's TLS certificate can't be verified, and the user asked for verification."""


class CertificateChangedError(CertificateError):
    """The recorder shows another certificate than the one that is trusted: it may be somebody else. Nothing was sent.

    ``trusted`` and ``seen`` are their fingerprints.
    """

    def __init__(self, message: str, *, trusted: str = "", seen: str = "") -> None:
        """Initialize."""
        super().__init__(message)
        self.trusted = trusted
        self.seen = seen
