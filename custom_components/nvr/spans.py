"""The span of time that an action's caller means, and what may be wrong with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN, YEARS

ATTR_START = "start"
ATTR_END = "end"
ATTR_AT = "at"
ATTR_BEFORE = "before"
ATTR_AFTER = "after"

LONGEST_CLIP = timedelta(hours=4)
"""Longer footage is watched in the media browser; a file of it is a mistake as a rule."""

DEFAULT_BEFORE_SECONDS = 10
DEFAULT_AFTER_SECONDS = 20


def wrong(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the translated error for a wrong input."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def to_utc(moment: datetime) -> datetime:
    """Return an instant in UTC; without a zone it is meant in Home Assistant's.

    Raises:
        ServiceValidationError: It is so far off that calculations would leave the calendar.
    """
    if moment.year not in YEARS:
        raise wrong("no_such_time", time=moment.isoformat())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt_util.get_default_time_zone())
    return dt_util.as_utc(moment)


def clip_span(data: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return the span in UTC that a caller gave by its ends, or by an instant and seconds around it.

    Raises:
        ServiceValidationError: Both ways or neither, end before start, start in the future, too long.
    """
    ends, around = (
        {ATTR_START, ATTR_END} & data.keys(),
        {ATTR_AT, ATTR_BEFORE, ATTR_AFTER} & data.keys(),
    )
    if ends and around:
        raise wrong("span_given_twice")
    if around:
        # Without an instant, the moment of the call is meant.
        at = to_utc(data[ATTR_AT]) if ATTR_AT in data else dt_util.utcnow()
        start = at - timedelta(seconds=data.get(ATTR_BEFORE, DEFAULT_BEFORE_SECONDS))
        end = at + timedelta(seconds=data.get(ATTR_AFTER, DEFAULT_AFTER_SECONDS))
    elif ends == {ATTR_START, ATTR_END}:
        start, end = to_utc(data[ATTR_START]), to_utc(data[ATTR_END])
    else:
        raise wrong("span_missing")
    if end <= start:
        raise wrong("end_before_start")
    if start > dt_util.utcnow():
        raise wrong("start_in_future")
    if end - start > LONGEST_CLIP:
        raise wrong("clip_too_long", hours=str(LONGEST_CLIP // timedelta(hours=1)))
    return start, end
