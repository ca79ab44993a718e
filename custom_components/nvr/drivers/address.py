"""Where a recorder is, and what a stranger sees there."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientResponse, ClientSession, ClientTimeout, hdrs
from yarl import URL

from .answer import DOCUMENT, connection_errors, read_bounded
from .certificate import ssl_of
from .errors import CannotConnectError, TlsRequiredError
from .models import Connection

CONNECT_SECONDS = 10.0
# What nobody has.
NOWHERE = "/nothing-is-here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a stranger gets to see: the answer to a request without credentials."""

    status: int
    challenge: str
    body: bytes


def base_url(connection: Connection) -> URL:
    """Return the root of a recorder's web interface."""
    scheme = "https" if connection.tls else "http"
    return URL.build(scheme=scheme, host=connection.host, port=connection.port, path="/")


async def glance(
    connection: Connection,
    session: ClientSession,
    path: str,
    *,
    body: bytes | None = None,
    content_type: str = "",
) -> Glance:
    """Ask for something without logging in, with a ``body`` by posting it.

    Raises CannotConnectError, InvalidAnswerError.
    """
    base = base_url(connection)
    with connection_errors():
        async with (
            asyncio.timeout(DOCUMENT.seconds),
            session.request(
                hdrs.METH_GET if body is None else hdrs.METH_POST,
                base.join(URL(path, encoded=True)),
                data=body,
                headers={} if body is None else {hdrs.CONTENT_TYPE: content_type},
                ssl=ssl_of(connection),
                allow_redirects=False,
                middlewares=(),
                timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            ) as response,
        ):
            refuse_redirect(response, base)
            return Glance(
                status=response.status,
                challenge=", ".join(response.headers.getall(hdrs.WWW_AUTHENTICATE, [])),
                body=await read_bounded(response, DOCUMENT.max_bytes),
            )


async def guards_everything(connection: Connection, session: ClientSession) -> bool:
    """Return whether a device asks for a login wherever one looks, so that doing so says nothing of it.

    Raises CannotConnectError, InvalidAnswerError.
    """
    return (await glance(connection, session, NOWHERE)).status == HTTPStatus.UNAUTHORIZED


def refuse_redirect(response: ClientResponse, base: URL) -> None:
    """Raise CannotConnectError for a redirect: credentials stay with the address that the user gave."""
    if not HTTPStatus.MULTIPLE_CHOICES <= response.status < HTTPStatus.BAD_REQUEST:
        return
    target = _location(response)
    if target is not None and (base.scheme, target.scheme) == ("http", "https"):
        if target.host == base.host:
            raise TlsRequiredError("the recorder wants to be reached by https")
    raise CannotConnectError("the recorder redirects elsewhere; redirects are not followed")


def _location(response: ClientResponse) -> URL | None:
    try:
        return response.url.join(URL(response.headers.get(hdrs.LOCATION, "")))
    except ValueError:
        return None
