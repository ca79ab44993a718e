"""The action that tells what was recorded."""

import asyncio
from datetime import datetime, timedelta

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .const import LOGGER
from .drivers.errors import InvalidAnswerError
from .drivers.models import Recording, RecordingKind
from .exceptions import translated
from .local_time import local_text
from .media_identifier import RecordingIdentifier
from .recordings import find_in_steps
from .spans import ATTR_END, ATTR_START, to_utc, wrong
from .targets import Target, resolve_targets

ATTR_KINDS = "kinds"
ATTR_LIMIT = "limit"

DEFAULT_LIMIT = 500
MAXIMUM_LIMIT = 5000

LONGEST_SEARCH = timedelta(days=366)
"""Recorders keep footage for weeks or months; a longer span is a mistake as a rule."""

SEARCH_SECONDS = 120
"""How long one camera is searched; the answer says how far that came."""

SEARCH_SCHEMA = vol.Schema(
    {
        **cv.TARGET_SERVICE_FIELDS,
        vol.Required(ATTR_START): cv.datetime,
        vol.Optional(ATTR_END): cv.datetime,
        vol.Optional(ATTR_KINDS): vol.All(
            cv.ensure_list, [vol.In([kind.value for kind in RecordingKind])]
        ),
        vol.Optional(ATTR_LIMIT, default=DEFAULT_LIMIT): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MAXIMUM_LIMIT)
        ),
    }
)


async def async_search_recordings(call: ServiceCall) -> ServiceResponse:
    """Answer with the recordings of each camera, oldest first.

    Raises:
        ServiceValidationError: The input makes no sense.
        Unauthorized: The caller may not see a named camera.
    """
    start, end = _span(call)
    kinds = frozenset(RecordingKind(kind) for kind in call.data.get(ATTR_KINDS, ()))
    targets = await resolve_targets(call.hass, call, POLICY_READ)
    answers = await asyncio.gather(
        *(
            _search(call.hass, target, start, end, kinds or None, call.data[ATTR_LIMIT])
            for target in targets
        ),
        return_exceptions=True,
    )
    response: JsonObjectType = {}
    for target, answer in zip(targets, answers, strict=True):
        if isinstance(answer, Exception):
            response[target.key] = _nonsense(target, start, answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            response[target.key] = answer
    return response


def _span(call: ServiceCall) -> tuple[datetime, datetime]:
    """Return the span to search, in UTC; without an end until now.

    Raises:
        ServiceValidationError: End before start, start in the future, too long.
    """
    now = dt_util.utcnow()
    start = to_utc(call.data[ATTR_START])
    end = to_utc(call.data[ATTR_END]) if ATTR_END in call.data else max(start, now)
    if start > now:
        raise wrong("start_in_future")
    if end <= start:
        raise wrong("end_before_start")
    if end - start > LONGEST_SEARCH:
        raise wrong("search_too_long", days=str(LONGEST_SEARCH.days))
    return start, end


def _nonsense(target: Target, start: datetime, error: Exception) -> JsonObjectType:
    """Return the answer of a camera whose recorder said what nobody foresaw."""
    LOGGER.error("The search of %s failed", target.key, exc_info=error)
    return _no_answer(start, str(translated(InvalidAnswerError(str(error)))))


def _no_answer(start: datetime, error: str) -> JsonObjectType:
    return {
        "recordings": [],
        "complete": False,
        "complete_until": local_text(start),
        "error": error,
    }


async def _search(
    hass: HomeAssistant,
    target: Target,
    start: datetime,
    end: datetime,
    kinds: frozenset[RecordingKind] | None,
    limit: int,
) -> JsonObjectType:
    """Return one camera's answer, which may be that it has none."""
    try:
        entry, data, channel = target.loaded(hass)
    except HomeAssistantError as error:
        return _no_answer(start, str(error))
    found = await find_in_steps(
        data.driver,
        channel.number,
        start,
        end,
        kinds=kinds,
        limit=limit,
        seconds=SEARCH_SECONDS,
    )
    answer: JsonObjectType = {
        "recordings": [_describe(entry.entry_id, recording) for recording in found.recordings],
        "complete": found.complete_until is None,
    }
    if found.complete_until is not None:
        answer["complete_until"] = local_text(found.complete_until)
    if found.error is not None:
        answer["error"] = str(translated(found.error))
    return answer


def _describe(entry_id: str, recording: Recording) -> JsonObjectType:
    kinds: list[JsonValueType] = [kind.value for kind in RecordingKind if kind in recording.kinds]
    return {
        "start": local_text(recording.start),
        "end": local_text(recording.end),
        "duration": recording.duration.total_seconds(),
        "kinds": kinds,
        "size": recording.size_bytes,
        "media_content_id": RecordingIdentifier.of(entry_id, recording).media_content_id,
    }
