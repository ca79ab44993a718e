"""Telling a Hikvision device by its first answer, before any login."""

from http import HTTPStatus

from aiohttp import ClientSession

from ..address import Glance, glance
from ..errors import InvalidAnswerError
from ..models import Connection
from . import xml
from .identity import DEVICE_INFO

# userCheck and ResponseStatus come with refusals, DeviceInfo from devices that ask nobody who he is.
_ROOTS = frozenset({"usercheck", "responsestatus", "deviceinfo"})


async def is_hikvision(connection: Connection, session: ClientSession) -> bool:
    """Return whether an ISAPI device answers there. Raises CannotConnectError."""
    return speaks_isapi(await glance(connection, session, DEVICE_INFO.path))


def speaks_isapi(seen: Glance) -> bool:
    """Judge the answer to an unauthenticated request for the device's information.

    The 401 may hold ISAPI's XML or a page of HTML; then the digest challenge on this path is all there is.
    """
    try:
        if xml.local(xml.parse(seen.body)).casefold() in _ROOTS:
            return True
    except InvalidAnswerError:
        pass
    return seen.status == HTTPStatus.UNAUTHORIZED and "digest" in seen.challenge.casefold()
