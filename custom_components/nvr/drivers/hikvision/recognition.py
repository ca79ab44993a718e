"""Telling a Hikvision device by its first answer, before any login."""

from http import HTTPStatus

from aiohttp import ClientSession

from .. import xml
from ..address import Glance, glance
from ..errors import InvalidAnswerError
from ..models import Connection
from .identity import DEVICE_INFO
from .trees import ISAPI, TREES

# userCheck and ResponseStatus come with refusals, DeviceInfo from devices that ask nobody who he is.
_ROOTS = frozenset({"usercheck", "responsestatus", "deviceinfo"})


async def is_hikvision(connection: Connection, session: ClientSession) -> bool:
    """Return whether an ISAPI device answers there. Raises CannotConnectError."""
    for tree in TREES.values():
        seen = await glance(connection, session, tree + DEVICE_INFO.path.removeprefix(ISAPI))
        if seen.status != HTTPStatus.NOT_FOUND:
            return speaks_isapi(seen)
    return False


def speaks_isapi(seen: Glance) -> bool:
    """Judge the answer to an unauthenticated request for the device's information.

    The 401 may hold ISAPI's XML or a page of HTML; then the challenge on this path is all there is. The oldest
    offer Basic only (section 2 of the notes).
    """
    try:
        if xml.local(xml.parse(seen.body)).casefold() in _ROOTS:
            return True
    except InvalidAnswerError:
        pass
    challenge = seen.challenge.casefold()
    return seen.status == HTTPStatus.UNAUTHORIZED and any(
        scheme in challenge for scheme in ("digest", "basic")
    )
