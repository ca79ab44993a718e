"""The action that saves what a camera saw at an instant."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from .clip_description import describe_picture
from .drivers.models import StreamName
from .library.failure import JOB_ERRORS, exception_of, failure_of
from .library.naming import slug
from .service_answers import answers_of
from .service_clips import ATTR_NAME, ATTR_STREAM, NAME, STREAM
from .spans import to_utc, wrong
from .targets import Target, resolve_targets, target_stream

ATTR_INSTANT = "instant"

PICTURE_SCHEMA = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_INSTANT): cv.datetime,
        vol.Optional(ATTR_STREAM, default=StreamName.MAIN.value): STREAM,
        vol.Optional(ATTR_NAME): NAME,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What a caller wants of every camera named."""

    instant: datetime
    stream: StreamName
    name: str | None


async def async_get_picture(call: ServiceCall) -> ServiceResponse:
    """Save a picture of each camera, and answer with where they are.

    With several cameras, one that fails says so in its answer. An error is raised when all fail, and
    when any fails and nobody looks at the answers.

    Raises:
        ServiceValidationError: The input makes no sense.
        HomeAssistantError: There is no such picture, or it can't be had or saved.
        Unauthorized: The caller may not use a named camera.
    """
    instant = to_utc(call.data[ATTR_INSTANT])
    if instant > dt_util.utcnow():
        raise wrong("instant_in_future")
    wish = _Wish(
        instant=instant,
        stream=StreamName(call.data[ATTR_STREAM]),
        name=call.data.get(ATTR_NAME),
    )
    targets = await resolve_targets(call.hass, call, POLICY_CONTROL)
    outcomes = await asyncio.gather(
        *(_picture(call, target, wish) for target in targets), return_exceptions=True
    )
    return answers_of(call, targets, outcomes)


async def _picture(call: ServiceCall, target: Target, wish: _Wish) -> JsonObjectType:
    """Save a picture of one camera."""
    _, data, channel = target.loaded(call.hass)
    stream = target_stream(target, channel, wish.stream)
    name = slug(wish.name or channel.name)
    try:
        saved = await data.pictures.save(channel, stream, wish.instant, name)
    except JOB_ERRORS as error:
        raise exception_of(failure_of(error)) from error
    return {
        "camera": target.key,
        "channel": channel.number,
        "stream": stream.value,
        "name": name,
        **describe_picture(saved),
    }
