"""Telling a device that speaks ONVIF by its first answer, before any login (section 3 of the notes)."""

from http import HTTPStatus
from typing import Any

from aiohttp import ClientSession

from .. import xml
from ..address import Glance, glance
from ..errors import InvalidAnswerError
from ..models import Connection
from .device_time import TIME
from .login import CONTENT_TYPE
from .question import Question
from .services import SERVICES
from .soap import write
from .transport import DEVICE_PATH

_ENVELOPE = "Envelope"
# What every device tells strangers; some keep one of them to themselves.
_ASKED: tuple[Question[Any], ...] = (TIME, SERVICES)


async def is_onvif(connection: Connection, session: ClientSession) -> bool:
    """Return whether a device that speaks ONVIF answers there. Raises CannotConnectError."""
    for question in _ASKED:
        request = await write(question)
        try:
            seen = await glance(
                connection, session, DEVICE_PATH, body=request.body, content_type=CONTENT_TYPE
            )
            if _speaks_soap(seen):
                return True
        except InvalidAnswerError:
            return False
        if seen.status != HTTPStatus.UNAUTHORIZED:
            return False
    return False


def _speaks_soap(seen: Glance) -> bool:
    """Judge an answer: what a device refuses comes in an envelope, too."""
    try:
        return xml.local(xml.parse(seen.body)) == _ENVELOPE
    except InvalidAnswerError:
        return False
