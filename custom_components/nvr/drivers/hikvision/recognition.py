"""Telling a Hikvision device by its first answer, before any login."""

from http import HTTPStatus

from aiohttp import ClientSession

from .. import xml
from ..address import Glance, glance, guards_everything
from ..errors import InvalidAnswerError
from ..models import Connection
from .identity import DEVICE_INFO
from .trees import ISAPI, TREES

# userCheck and ResponseStatus come with refusals, DeviceInfo from devices that ask nobody who he is.
_ROOTS = frozenset({"usercheck", "responsestatus", "deviceinfo"})


async def is_hikvision(connection: Connection, session: ClientSession) -> bool:
    """Return whether an ISAPI device surely answers there. Raises CannotConnectError.

    The 401 may hold a page of HTML instead of ISAPI's XML; then it tells who guards this path alone.
    """
    seen = await _seen(connection, session)
    if seen is None or _holds_isapi(seen):
        return seen is not None
    return _asks_for_login(seen) and not await guards_everything(connection, session)


async def may_be_hikvision(connection: Connection, session: ClientSession) -> bool:
    """Return whether a device answers there that may be one, as far as strangers can see. Raises CannotConnectError."""
    seen = await _seen(connection, session)
    return seen is not None and (_holds_isapi(seen) or _asks_for_login(seen))


async def _seen(connection: Connection, session: ClientSession) -> Glance | None:
    """Return the answer to an unauthenticated request for the device's information, None where there is none."""
    for tree in TREES.values():
        seen = await glance(connection, session, tree + DEVICE_INFO.path.removeprefix(ISAPI))
        if seen.status != HTTPStatus.NOT_FOUND:
            return seen
    return None


def _holds_isapi(seen: Glance) -> bool:
    try:
        return xml.local(xml.parse(seen.body)).casefold() in _ROOTS
    except InvalidAnswerError:
        return False


def _asks_for_login(seen: Glance) -> bool:
    """Whether there is a login; the oldest offer Basic only (section 2 of the notes)."""
    challenge = seen.challenge.casefold()
    return seen.status == HTTPStatus.UNAUTHORIZED and any(
        scheme in challenge for scheme in ("digest", "basic")
    )
