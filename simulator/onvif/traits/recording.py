"""Traits of recordings and of the jobs that fill them (sections 8.1 and 8.2 of the notes)."""

from dataclasses import dataclass
from enum import StrEnum


class Contents(StrEnum):
    """What a recording is."""

    CONTAINERS = "containers"
    """All that was ever recorded of a stream, with gaps."""
    CLIPS = "clips"
    """One file, as devices/onvif/axis-profile-g."""


class Begin(StrEnum):
    """What is told of the first instant of a recording."""

    TRUE = "true"
    EPOCH = "epoch"
    """Some minutes after the beginning of 1970, when its clock wasn't set (devices/onvif/ipcam-sd-profile-g)."""
    UNTOLD = "untold"


class SourceHint(StrEnum):
    """By what a recording's input can be found."""

    TOKEN = "token"
    """The input is named, as the newest specification has it."""
    ID = "id"
    """What is called the source's id is in truth a profile or an input."""
    JOB = "job"
    """By the job that fills it alone."""
    NUMBER = "number"
    """By the number in its name alone; there are no jobs."""


@dataclass(frozen=True, kw_only=True)
class RecordingTraits:
    """How recordings are told.

    Attributes:
        contents: what a recording is.
        begin: what is told of its first instant.
        source_hint: by what its input can be found.
        empty_sources: whether all else that describes the source is empty (devices/onvif/axis-profile-g).
        status_unknown: whether it isn't told whether it is being recorded.
    """

    contents: Contents = Contents.CONTAINERS
    begin: Begin = Begin.TRUE
    source_hint: SourceHint = SourceHint.JOB
    empty_sources: bool = False
    status_unknown: bool = False
