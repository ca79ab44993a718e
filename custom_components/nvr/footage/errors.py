"""What can go wrong between a recorder's bytes and a playable file.

Errors of the recorder itself (``DriverError``) pass through this package unchanged. The texts are
English, for logs, and hold neither addresses nor credentials.
"""

from datetime import datetime


class FootageError(Exception):
    """Base of all errors that this package raises.

    ``first_walls`` is what ``ClipReport`` says under that name, as far as the footage was read: it may show why
    a clip failed, if the recorder's clock is taken for another than it is.
    """

    first_walls: tuple[datetime | None, ...] = ()


class NoVideoError(FootageError):
    """The footage holds no picture of the span that was asked for."""


class InvalidFootageError(FootageError):
    """The bytes are no footage that can be read, or break the bounds set for them."""


class NoSpaceError(FootageError):
    """There is no space left where the result has to be written."""


class VerificationError(FootageError):
    """A finished clip does not show what it should."""


class WorkerCrashedError(FootageError):
    """The process that read the footage died. The next job gets a new one."""


class WorkerHungError(WorkerCrashedError):
    """The process that read the footage stopped answering and was ended."""


class SegmentNotReadyError(FootageError):
    """A part of a playback is not there yet; asking again later is right."""
