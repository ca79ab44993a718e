"""Telling a Dahua device by its first answer, before any login (sections 3 and 13 of the notes)."""

from http import HTTPStatus

from aiohttp import ClientSession

from ..address import Glance, glance, guards_everything
from ..models import Connection
from .question import CgiRequest

# The cheapest question; whoever asks nobody who he is answers it.
_ASKED = CgiRequest(module="magicBox", action="getMachineName")
_REALM = "login to "
_BASIC = "basic "
_ANSWER = b"name="


async def is_dahua(connection: Connection, session: ClientSession) -> bool:
    """Return whether a device with this CGI answers there. Raises CannotConnectError."""
    seen = await glance(connection, session, _ASKED.path)
    if speaks_cgi(seen):
        return True
    if not offers_basic(seen):
        return False
    # The oldest know of Basic only, and their realm says nothing: then it tells who guards this path alone.
    return not await guards_everything(connection, session)


def speaks_cgi(seen: Glance) -> bool:
    """Judge the answer to an unauthenticated question: the challenge says what there is to log in to."""
    if seen.status == HTTPStatus.UNAUTHORIZED:
        return _REALM in seen.challenge.casefold()
    return seen.status == HTTPStatus.OK and seen.body.lstrip().startswith(_ANSWER)


def offers_basic(seen: Glance) -> bool:
    """Return whether there is nothing but Basic to log in with."""
    challenge = seen.challenge.casefold()
    return (
        seen.status == HTTPStatus.UNAUTHORIZED
        and _BASIC in challenge
        and "digest " not in challenge
    )
