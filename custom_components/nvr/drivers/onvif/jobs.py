"""What a device is told to record, and whether it does (section 8.1 of the notes)."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import LIST
from ..models import Right
from .question import Question
from .service import Service

MAX_JOBS = 1024
_PROFILE = "/profile"
_ACTIVE = frozenset({"active", "partiallyactive"})
_IDLE = frozenset({"idle", "error"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job: what feeds which recording. ``profiles`` are the media profiles among its sources."""

    token: str
    recording: str
    active: bool
    profiles: tuple[str, ...] = ()


def read_jobs(answer: Element) -> tuple[Job, ...]:
    """Read GetRecordingJobs."""
    found = []
    for one in xml.children(answer, "JobItem")[:MAX_JOBS]:
        token, recording = (
            xml.text(one, "JobToken"),
            xml.text(one, "JobConfiguration", "RecordingToken"),
        )
        if token is None or recording is None:
            continue
        mode = (xml.text(one, "JobConfiguration", "Mode") or "").casefold()
        settings = xml.find(one, "JobConfiguration")
        sources = [] if settings is None else xml.children(settings, "Source")
        found.append(
            Job(
                token=token,
                recording=recording,
                active=mode in _ACTIVE,
                profiles=tuple(_profiles(sources)),
            )
        )
    return tuple(found)


def read_job_state(answer: Element) -> bool | None:
    """Read GetRecordingJobState: whether it writes, None where the device doesn't say."""
    return is_writing(xml.text(answer, "State", "State"))


def is_writing(state: str | None) -> bool | None:
    """Return whether a job in this state writes, None where that is no state."""
    word = (state or "").casefold()
    if word in _ACTIVE:
        return True
    return False if word in _IDLE else None


JOBS = Question(
    service=Service.RECORDING,
    operation="GetRecordingJobs",
    read=read_jobs,
    limits=LIST,
    right=Right.PLAYBACK,
)


def job_state(job: str) -> Question[bool | None]:
    """Return the question for whether a job writes."""
    return Question(
        service=Service.RECORDING,
        operation="GetRecordingJobState",
        arguments={"JobToken": job},
        read=read_job_state,
        right=Right.PLAYBACK,
    )


def _profiles(sources: list[Element]) -> list[str]:
    """Return the profiles among a job's sources; a source without a type is one."""
    found = []
    for source in sources:
        if (place := xml.find(source, "SourceToken")) is None:
            continue
        kind, name = place.get("Type"), xml.text(place, "Token")
        if name is not None and (kind is None or kind.casefold().endswith(_PROFILE)):
            found.append(name)
    return found
