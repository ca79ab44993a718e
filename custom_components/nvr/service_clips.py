"""The actions that save, cancel and delete clips."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.auth.permissions.const import CAT_ENTITIES, POLICY_CONTROL
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .access import may_access_channel, may_access_clip
from .clip_description import describe_job
from .const import DOMAIN
from .coordinator import NvrConfigEntry
from .drivers.errors import DriverError
from .drivers.models import StreamName
from .library.clip import ClipPath
from .library.failure import exception_of
from .library.folder import ClipFolder
from .library.job import ClipRequest, Job
from .library.maker import ClipError, check_room
from .library.naming import slug
from .library.queue import ClipQueue
from .media_identifier import ClipIdentifier, PictureIdentifier, parse_identifier
from .service_answers import answers_of
from .shared import DATA_LIBRARY
from .spans import (
    ATTR_AFTER,
    ATTR_AT,
    ATTR_BEFORE,
    ATTR_END,
    ATTR_START,
    LONGEST_CLIP,
    clip_span,
    wrong,
)
from .targets import Target, calling_user, resolve_targets, target_stream

ATTR_STREAM = "stream"
ATTR_NAME = "name"
ATTR_WAIT = "wait"
ATTR_JOB_ID = "job_id"
ATTR_CLIP = "clip"

NAME_LIMIT = 200

STREAM = vol.In([stream.value for stream in StreamName])
NAME = vol.All(cv.string, vol.Length(max=NAME_LIMIT))

_SECONDS = vol.All(vol.Coerce(float), vol.Range(min=0, max=LONGEST_CLIP.total_seconds()))

DOWNLOAD_SCHEMA = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Optional(ATTR_START): cv.datetime,
        vol.Optional(ATTR_END): cv.datetime,
        vol.Optional(ATTR_AT): cv.datetime,
        vol.Optional(ATTR_BEFORE): _SECONDS,
        vol.Optional(ATTR_AFTER): _SECONDS,
        vol.Optional(ATTR_STREAM, default=StreamName.MAIN.value): STREAM,
        vol.Optional(ATTR_NAME): NAME,
        vol.Optional(ATTR_WAIT, default=True): cv.boolean,
    }
)

CANCEL_SCHEMA = vol.Schema({**cv.TARGET_SERVICE_FIELDS, vol.Optional(ATTR_JOB_ID): cv.string})

DELETE_SCHEMA = vol.Schema({vol.Required(ATTR_CLIP): cv.string})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a caller wants of every camera named."""

    start: datetime
    end: datetime
    stream: StreamName
    name: str | None


async def async_download_clip(call: ServiceCall) -> ServiceResponse:
    """Save a clip of each camera; answer when all have ended, or at once if told not to wait.

    With several cameras, one that fails says so in its answer. An error is raised when all fail, and
    when any fails and nobody looks at the answers.

    Raises:
        ServiceValidationError: The input makes no sense, nothing was recorded then, no room.
        HomeAssistantError: The clip could not be made.
        Unauthorized: The caller may not use a named camera.
    """
    hass = call.hass
    start, end = clip_span(call.data)
    wish = _Wish(
        start=start,
        end=end,
        stream=StreamName(call.data[ATTR_STREAM]),
        name=call.data.get(ATTR_NAME),
    )
    targets = await resolve_targets(hass, call, POLICY_CONTROL)
    outcomes = await asyncio.gather(
        *(_download(call, target, wish) for target in targets), return_exceptions=True
    )
    return answers_of(call, targets, outcomes)


async def _download(call: ServiceCall, target: Target, wish: _Wish) -> JsonObjectType:
    """Save a clip of one camera."""
    _, data, channel = target.loaded(call.hass)
    request = ClipRequest(
        channel=channel.number,
        stream=target_stream(target, channel, wish.stream),
        start=wish.start,
        end=wish.end,
        name=slug(wish.name or channel.name),
    )
    await _check(data.clips, request)
    # The recorder may have been unloaded meanwhile, or be loaded anew with another queue.
    _, data, _ = target.loaded(call.hass)
    job = await data.clips.submit(request, target.key, call.context)
    if call.data[ATTR_WAIT]:
        job = await data.clips.wait(job.id)
    if job.failure is not None:
        raise exception_of(job.failure)
    return describe_job(job)


async def _check(queue: ClipQueue, request: ClipRequest) -> None:
    """Make sure that the clip can be had, as far as the recorder tells.

    A recorder that doesn't answer is no mistake of the caller's: the job tries again and ends with
    the cause, which an automation that does not wait hears of too.

    Raises:
        ServiceValidationError: Nothing was recorded then, or there is no room.
    """
    try:
        plan = await queue.maker.plan(request)
        if not plan.recordings and not queue.maker.may_still_come(request):
            raise await queue.maker.nothing_recorded(request)
        await check_room(plan, queue.folder)
    except ClipError as error:
        raise wrong(error.cause, **error.placeholders) from error
    except DriverError, OSError:
        return


async def async_cancel_clip(call: ServiceCall) -> ServiceResponse:
    """End one job by its id, or all jobs of the cameras named; answer with the ended jobs' ids.

    Raises:
        ServiceValidationError: Neither or both are given, or there is no such job.
        Unauthorized: The caller may not use the camera.
    """
    named = {str(field) for field in cv.TARGET_SERVICE_FIELDS} & call.data.keys()
    if bool(named) == (ATTR_JOB_ID in call.data):
        raise wrong("job_or_cameras")
    jobs = await _target_jobs(call) if named else [await _job(call, call.data[ATTR_JOB_ID])]
    cancelled: list[JsonValueType] = [job.id for queue, job in jobs if await queue.cancel(job.id)]
    return {"cancelled": cancelled} if call.return_response else None


async def _target_jobs(call: ServiceCall) -> list[tuple[ClipQueue, Job]]:
    jobs = []
    for target in await resolve_targets(call.hass, call, POLICY_CONTROL):
        _, data, channel = target.loaded(call.hass)
        jobs += [
            (data.clips, job)
            for job in data.clips.unfinished
            if job.request.channel == channel.number
        ]
    return jobs


async def _job(call: ServiceCall, job_id: str) -> tuple[ClipQueue, Job]:
    user = await calling_user(call.hass, call)
    for entry in _loaded_entries(call.hass):
        for job in entry.runtime_data.clips.unfinished:
            if job.id != job_id:
                continue
            if not may_access_channel(call.hass, user, entry, job.request.channel, POLICY_CONTROL):
                raise _unauthorized(call, job.entity_id)
            return entry.runtime_data.clips, job
    raise wrong("no_such_job", job_id=job_id)


async def async_delete_clip(call: ServiceCall) -> None:
    """Delete a saved clip or picture, named by media content id or path.

    Raises:
        ServiceValidationError: It is none of the library, or not there.
        HomeAssistantError: It can't be deleted.
        Unauthorized: The caller may not use the camera that it shows.
    """
    hass = call.hass
    folder = hass.data[DATA_LIBRARY]
    text: str = call.data[ATTR_CLIP]
    try:
        path = _clip_path(folder, text)
    except ValueError as error:
        raise wrong("not_a_clip", clip=text) from error
    clip = await hass.async_add_executor_job(folder.find, path)
    if clip is None:
        raise wrong("clip_not_found", clip=text)
    user = await calling_user(hass, call)
    if not may_access_clip(hass, user, path, clip.note, POLICY_CONTROL):
        raise _unauthorized(call, None)
    try:
        await hass.async_add_executor_job(folder.delete, path)
    except OSError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="clip_not_deleted",
            translation_placeholders={"clip": text},
        ) from error


def _clip_path(folder: ClipFolder, text: str) -> ClipPath:
    """Return the clip or the picture that a media content id or a path means.

    Raises:
        ValueError: It means none.
    """
    prefix = f"media-source://{DOMAIN}/"
    if not text.startswith(prefix):
        return folder.path_of(text)
    identifier = parse_identifier(text.removeprefix(prefix))
    if isinstance(identifier, ClipIdentifier | PictureIdentifier):
        return identifier.path
    raise ValueError("not a clip")


@callback
def _loaded_entries(hass: HomeAssistant) -> Iterable[NvrConfigEntry]:
    return hass.config_entries.async_loaded_entries(DOMAIN)


def _unauthorized(call: ServiceCall, entity_id: str | None) -> Unauthorized:
    return Unauthorized(
        context=call.context,
        entity_id=entity_id,
        permission=POLICY_CONTROL,
        perm_category=CAT_ENTITIES,
    )
