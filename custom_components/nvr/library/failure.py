"""Why a job came to nothing, in the words of the translations."""

import errno

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..drivers.errors import DriverError
from ..exceptions import translation_of
from ..footage.errors import FootageError, NoSpaceError, NoVideoError
from .job import Failure
from .maker import ClipError

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

JOB_ERRORS = (DriverError, ClipError, FootageError, OSError)
"""What the making of a clip may raise."""


def failure_of(error: DriverError | ClipError | FootageError | OSError) -> Failure:
    """Return the cause that a person reads."""
    match error:
        case ClipError():
            return Failure(cause=error.cause, placeholders=error.placeholders)
        case DriverError():
            key, placeholders = translation_of(error)
            return Failure(cause=key, placeholders=placeholders)
        case OSError() if error.errno in _DISK_FULL:
            return Failure(cause="disk_full")
        case OSError():
            return Failure(cause="clip_not_written")
        case NoSpaceError():
            return Failure(cause="disk_full")
        case NoVideoError():
            return Failure(cause="no_footage")
        case FootageError():
            return Failure(cause="footage_broken")


def exception_of(failure: Failure) -> HomeAssistantError:
    """Return the translated exception that says the same."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=failure.cause,
        translation_placeholders=dict(failure.placeholders),
    )
