"""What a person reads when a recorder refuses something: the one place that translates driver errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .drivers.errors import (
    AccountLockedError,
    AuthenticationError,
    CannotConnectError,
    CertificateChangedError,
    CertificateError,
    DeviceBusyError,
    DriverError,
    InvalidAnswerError,
    NoFootageError,
    NotInitialisedError,
    NotPermittedError,
    NotSupportedError,
    RefusedApartError,
    TlsRequiredError,
    UnknownDeviceError,
)

SECONDS_PER_MINUTE = 60

# Subclasses stand before their base.
KEYS: tuple[tuple[type[DriverError], str], ...] = (
    (AccountLockedError, "account_locked"),
    (AuthenticationError, "invalid_auth"),
    (CertificateChangedError, "certificate_changed"),
    (CertificateError, "invalid_certificate"),
    (TlsRequiredError, "tls_required"),
    (NotInitialisedError, "not_initialised"),
    (CannotConnectError, "cannot_connect"),
    (DeviceBusyError, "device_busy"),
    (RefusedApartError, "refused_apart"),
    (NotPermittedError, "not_permitted"),
    (NotSupportedError, "not_supported"),
    (UnknownDeviceError, "unknown_device"),
    (NoFootageError, "no_footage"),
    (InvalidAnswerError, "invalid_answer"),
)


class Translation(NamedTuple):
    """A translation key and what fills its placeholders; the same for errors of a form and exceptions."""

    key: str
    placeholders: dict[str, str]


def translation_of(error: DriverError) -> Translation:
    """Return the words for a driver's error.

    An error that tells more (tries left, minutes until unlocked, the missing right) has a key of its
    own, so that no text ever shows an empty number.
    """
    if isinstance(error, AccountLockedError) and error.seconds_left is not None:
        minutes = max(1, -(-error.seconds_left // SECONDS_PER_MINUTE))
        return Translation("account_locked_minutes", {"minutes": str(minutes)})
    if (
        isinstance(error, AuthenticationError)
        and not isinstance(error, AccountLockedError)
        and error.tries_left is not None
    ):
        return Translation("invalid_auth_tries", {"tries": str(error.tries_left)})
    if isinstance(error, NotPermittedError) and error.right is not None:
        return Translation(f"not_permitted_{error.right.value}", {})
    for error_type, key in KEYS:
        if isinstance(error, error_type):
            return Translation(key, {})
    return Translation("device_error", {})


def translated(error: DriverError) -> HomeAssistantError:
    """Return the exception for Home Assistant that says what a driver's error says."""
    key, placeholders = translation_of(error)
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn each driver error raised inside into a translated Home Assistant one.

    Serves as a decorator of coroutines too, since every entry makes a new context.

    Raises:
        HomeAssistantError: In place of any ``DriverError``.
    """
    try:
        yield
    except DriverError as error:
        raise translated(error) from error
