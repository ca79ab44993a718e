"""A job as automations see it: in the answer of an action, an event, an entity's attributes."""

from homeassistant.util.json import JsonObjectType

from .clip_view import clip_url
from .library.failure import exception_of
from .library.job import FinishedClip, Job
from .local_time import local_text
from .media_identifier import ClipFolderIdentifier, ClipIdentifier, browser_url


def describe_clip(clip: FinishedClip) -> JsonObjectType:
    """Return a clip that was made.

    Times are in Home Assistant's zone, sizes in bytes, durations in seconds. ``url`` asks for a login
    or a signature; ``folder_url`` is the page of the media browser where the clip is seen.
    """
    path = clip.path
    return {
        "path": clip.file,
        "media_content_id": ClipIdentifier(path).media_content_id,
        "url": clip_url(path),
        "folder_url": browser_url(ClipFolderIdentifier(path.recorder, path.channel, path.day)),
        "start": local_text(clip.start),
        "end": local_text(clip.end),
        "duration": round((clip.end - clip.start).total_seconds(), 3),
        "size": clip.size_bytes,
        "sha256": clip.sha256,
        "exact": clip.exact,
        "missing": [
            {"start": local_text(gap.start), "end": local_text(gap.end)} for gap in clip.gaps
        ],
    }


def describe_job(job: Job) -> JsonObjectType:
    """Return a job with what came out of it so far.

    ``start`` and ``end`` are what was asked for until there is a clip, and then what it shows.
    """
    request = job.request
    description: JsonObjectType = {
        "job_id": job.id,
        "camera": job.entity_id,
        "channel": request.channel,
        "stream": request.stream.value,
        "name": request.name,
        "phase": job.phase.value,
        "waited": job.waited,
        "start": local_text(request.start),
        "end": local_text(request.end),
    }
    if job.clip is not None:
        description |= describe_clip(job.clip)
    if job.failure is not None:
        description |= {"cause": job.failure.cause, "message": str(exception_of(job.failure))}
    return description
