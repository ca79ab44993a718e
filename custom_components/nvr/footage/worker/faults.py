"""What a job can fail with. The parent turns these words into its own errors."""

from enum import StrEnum
from typing import ClassVar


class Fault(StrEnum):
    """Why a job failed, as sent to the parent."""

    INVALID = "invalid"
    NO_VIDEO = "no_video"
    NO_SPACE = "no_space"
    VERIFICATION = "verification"
    INTERNAL = "internal"


class JobError(Exception):
    """Base of the errors that end a job and leave the worker fit for the next."""

    fault: ClassVar[Fault] = Fault.INTERNAL


class InvalidBytesError(JobError):
    """The bytes are no footage, or break a bound."""

    fault = Fault.INVALID


class NoPictureError(JobError):
    """There is no picture where one was wanted."""

    fault = Fault.NO_VIDEO


class UnsoundResultError(JobError):
    """The finished file is not what it should be."""

    fault = Fault.VERIFICATION
