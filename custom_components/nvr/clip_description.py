"""Clips, pictures and jobs as automations see them: in answers, events and an entity's attributes."""

from homeassistant.util.json import JsonObjectType

from .clip_view import clip_url
from .library.clip import ClipPath
from .library.failure import exception_of
from .library.job import FinishedClip, Job
from .library.picture import SavedPicture
from .local_time import local_text
from .media_identifier import ClipFolderIdentifier, browser_url, saved_identifier


def describe_clip(clip: FinishedClip) -> JsonObjectType:
    """Return a clip that was made.

    Times are in Home Assistant's zone, sizes in bytes, durations in seconds. ``url`` asks for a login
    or a signature; ``folder_url`` is the page of the media browser where the clip is seen.
    """
    return {
        **_where(clip.path, clip.file),
        "start": local_text(clip.start),
        "end": local_text(clip.end),
        "duration": round((clip.end - clip.start).total_seconds(), 3),
        "size": clip.size_bytes,
        "sha256": clip.sha256,
        "exact": clip.exact,
        "missing": [
            {"start": local_text(gap.start), "end": local_text(gap.end)} for gap in clip.gaps
        ],
        "format_changed": clip.format_changed,
        "truncated": clip.truncated,
    }


def describe_picture(picture: SavedPicture) -> JsonObjectType:
    """Return a picture that was saved, in the same way."""
    return {
        **_where(picture.path, picture.file),
        "instant": local_text(picture.instant),
        "exact": picture.exact,
        "size": picture.size_bytes,
        "sha256": picture.sha256,
    }


def _where(path: ClipPath, file: str) -> JsonObjectType:
    return {
        "path": file,
        "media_content_id": saved_identifier(path).media_content_id,
        "url": clip_url(path),
        "folder_url": browser_url(ClipFolderIdentifier(path.recorder, path.channel, path.day)),
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
