"""A job: the work of making one clip, from the wish to the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from ..drivers.models import StreamName
from .clip import ClipPath, Gap


class JobPhase(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    WAITING_FOR_FOOTAGE = "waiting_for_footage"
    FETCHING = "fetching"
    REMUXING = "remuxing"
    VERIFYING = "verifying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in {JobPhase.DONE, JobPhase.FAILED, JobPhase.CANCELLED}

    @property
    def working(self) -> bool:
        """Whether the recorder or a worker is busy with the job."""
        return self in {JobPhase.FETCHING, JobPhase.REMUXING, JobPhase.VERIFYING}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """The clip that somebody wants: the span [start, end) in UTC of one channel's stream.

    ``name`` is a slug and becomes part of the file's name.
    """

    channel: int
    stream: StreamName
    start: datetime
    end: datetime
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The context of the call that asked for the clip, so that a restart does not lose it."""

    context_id: str
    parent_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedClip:
    """What came out of a job that went well.

    ``path`` is its place in the library, ``file`` in the file system. The rest is as in its note.
    """

    path: ClipPath
    file: str
    start: datetime
    end: datetime
    size_bytes: int
    sha256: str
    exact: bool
    gaps: tuple[Gap, ...] = ()
    format_changed: bool = False
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job came to nothing: the key of a translated message and what fills its placeholders."""

    cause: str
    placeholders: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The work of making one clip.

    ``entity_id`` is the camera that the caller named. ``progress`` runs from 0 to 1 within the whole
    job, None where nothing can be said. ``starts`` counts how often the job was taken up, for a job
    that ends Home Assistant every time must not be taken up for ever. ``waited`` tells that the end
    of the span was not on the recorder's disk yet.
    """

    id: str
    request: ClipRequest
    entity_id: str
    caller: Caller
    created: datetime
    phase: JobPhase = JobPhase.QUEUED
    progress: float | None = None
    starts: int = 0
    waited: bool = False
    clip: FinishedClip | None = None
    failure: Failure | None = None

    def as_dict(self) -> dict[str, object]:
        """Return what must outlive a restart, as JSON."""
        request = self.request
        return {
            "id": self.id,
            "channel": request.channel,
            "stream": request.stream,
            "start": request.start.isoformat(),
            "end": request.end.isoformat(),
            "name": request.name,
            "entity_id": self.entity_id,
            "context_id": self.caller.context_id,
            "parent_id": self.caller.parent_id,
            "user_id": self.caller.user_id,
            "created": self.created.isoformat(),
            "starts": self.starts,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return a job that has yet to be done, as it was kept.

        Raises:
            KeyError, ValueError: The kept data makes no sense.
        """
        return cls(
            id=str(data["id"]),
            request=ClipRequest(
                channel=int(str(data["channel"])),
                stream=StreamName(str(data["stream"])),
                start=datetime.fromisoformat(str(data["start"])),
                end=datetime.fromisoformat(str(data["end"])),
                name=str(data["name"]),
            ),
            entity_id=str(data["entity_id"]),
            caller=Caller(
                context_id=str(data["context_id"]),
                parent_id=_text_or_none(data["parent_id"]),
                user_id=_text_or_none(data["user_id"]),
            ),
            created=datetime.fromisoformat(str(data["created"])),
            starts=int(str(data["starts"])),
        )


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
