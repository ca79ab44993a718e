"""The first contact with a recorder that signed its certificate itself."""

import asyncio
from dataclasses import replace
import ssl

from aiohttp import ClientConnectorError, ClientSession, ClientTimeout
from yarl import URL

from .address import CONNECT_SECONDS, NOWHERE, base_url
from .answer import DOCUMENT, connection_errors
from .certificate import OneCertificateContext, certificate_context
from .errors import CannotConnectError, DriverError
from .models import Connection


async def learn_certificate(connection: Connection, session: ClientSession) -> Connection:
    """Return the connection bound to the certificate that is shown there now; no credentials are sent.

    Old ciphers are tried only where those of today fail. Returned as it is where there is nothing to learn:
    without TLS, where the certificate is verified, or where one is trusted already.

    Raises CannotConnectError.
    """
    if connection.fingerprint is not None or connection.verify_tls or not connection.tls:
        return connection
    for old in (False, True):
        if (shown := await _shown_certificate(connection, session, old=old)) is not None:
            return replace(connection, fingerprint=shown, old_tls=old)
    raise CannotConnectError("the recorder shows no certificate")


async def step_down(connection: Connection, session: ClientSession) -> Connection:
    """Return the connection with old TLS allowed, where that is all that the recorder speaks by now.

    It is one that trusts a certificate, and whoever can't prove by it to be the recorder changes nothing: nor does
    one that only booted, and speaks TLS of today as before. No credentials are sent.

    Raises CannotConnectError.
    """
    if connection.fingerprint is None or connection.verify_tls or connection.old_tls:
        return connection
    for old, expected in ((False, None), (True, connection.fingerprint), (False, None)):
        if await _shown_certificate(connection, session, old=old) != expected:
            return connection
    return replace(connection, old_tls=True)


def failed_at_handshake(error: DriverError) -> bool:
    """Return whether another way to speak TLS may help: some devices answer with an alert, some hang up."""
    cause = error.__cause__
    return isinstance(cause, ClientConnectorError) and isinstance(
        cause.os_error, ssl.SSLError | ConnectionResetError
    )


async def _shown_certificate(
    connection: Connection, session: ClientSession, *, old: bool
) -> str | None:
    """Return the fingerprint of the certificate that is shown, None where no TLS is spoken this way.

    Raises CannotConnectError.
    """
    context = certificate_context(None, old=old)
    try:
        await _knock(connection, session, context)
    except DriverError as error:
        if context.trusted is None and not failed_at_handshake(error):
            raise
    return context.trusted


async def _knock(
    connection: Connection, session: ClientSession, context: OneCertificateContext
) -> None:
    """Ask for nothing in particular; whatever the answer is, the handshake went before it."""
    with connection_errors():
        async with (
            asyncio.timeout(DOCUMENT.seconds),
            session.get(
                base_url(connection).join(URL(NOWHERE)),
                ssl=context,
                allow_redirects=False,
                middlewares=(),
                timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            ),
        ):
            return
