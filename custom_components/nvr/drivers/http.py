"""The one HTTP session with a recorder: few requests at once, one login, bounds on everything.

The aiohttp session is given by the caller and its connector decides on TLS; nothing of ours is kept in it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
import logging

from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ServerDisconnectedError,
    hdrs,
)
from yarl import URL

from .address import CONNECT_SECONDS, base_url, refuse_redirect
from .answer import (
    DOCUMENT,
    Answer,
    Limits,
    Transfer,
    connection_errors,
    read_bounded,
    read_refused,
)
from .digest import RecorderAuth, nonce_of
from .driver import Traffic
from .errors import AuthenticationError, CannotConnectError
from .guard import LoginGuard
from .models import Connection

_LOGGER = logging.getLogger(__name__)

CONTROL_REQUESTS_AT_ONCE = 2
BULK_TRANSFERS_AT_ONCE = 1
BULK_ANSWER_SECONDS = 30.0

type RefusalReader = Callable[[bytes], AuthenticationError | None]


class RecorderSession:
    """Sends requests to one recorder.

    At most two control requests run at once and one bulk transfer beside them; control never waits for
    bulk. Redirects are not followed, so credentials stay with the address the user gave.
    """

    def __init__(
        self,
        connection: Connection,
        session: ClientSession,
        guard: LoginGuard,
        read_refusal: RefusalReader = lambda body: None,
    ) -> None:
        """Initialize; ``read_refusal`` finds what a vendor's 401 body says of tries left and locks."""
        self._session = session
        self._guard = guard
        self._read_refusal = read_refusal
        self._base = base_url(connection)
        self._auth: RecorderAuth | None
        try:
            self._auth = RecorderAuth(connection.username, connection.password)
        except ValueError:
            self._auth = None
        self._control = asyncio.Semaphore(CONTROL_REQUESTS_AT_ONCE)
        self._bulk = asyncio.Semaphore(BULK_TRANSFERS_AT_ONCE)
        self._login = asyncio.Lock()
        self._proven_nonce: str | None = None
        self._traffic = Traffic()
        self._running: set[ClientResponse] = set()
        self._closed = False

    @property
    def guard(self) -> LoginGuard:
        """The judge of all logins."""
        return self._guard

    @property
    def traffic(self) -> Traffic:
        """Counters of requests and logins."""
        return self._traffic

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/xml",
        limits: Limits = DOCUMENT,
    ) -> Answer:
        """Send a control request and return its answer, whatever its status but 401.

        Raises AuthenticationError, CannotConnectError, InvalidAnswerError (too long).
        """
        async with (
            self._control,
            self._exchange(method, path, body, content_type, limits.seconds) as (
                response,
                exchange,
            ),
        ):
            try:
                async with asyncio.timeout(limits.seconds):
                    content = await read_bounded(response, limits.max_bytes)
            except TimeoutError as err:
                raise CannotConnectError("the recorder took too long to answer") from err
            return Answer(
                status=response.status,
                content_type=response.content_type,
                body=content,
                requests=exchange.requests,
                sent=exchange.sent,
                received=exchange.received,
            )

    @asynccontextmanager
    async def transfer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/xml",
    ) -> AsyncIterator[Transfer]:
        """Open a bulk transfer; waits while another runs. Leaving the context closes its connection."""
        async with (
            self._bulk,
            self._exchange(method, path, body, content_type, BULK_ANSWER_SECONDS) as (response, _),
        ):
            try:
                yield Transfer(response)
            finally:
                # Not released to the pool: what is still on its way would keep the recorder's slot taken.
                response.close()

    def close(self) -> None:
        """End what runs, and send nothing any more. The aiohttp session stays the caller's."""
        self._closed = True
        for response in tuple(self._running):
            response.close()

    def refuse(self, error: AuthenticationError) -> None:
        """Note a refusal that came in another shape than a 401."""
        self._proven_nonce = None
        self._guard.refuse(error)

    @asynccontextmanager
    async def _exchange(
        self, method: str, path: str, body: bytes | None, content_type: str, seconds: float
    ) -> AsyncIterator[tuple[ClientResponse, _Exchange]]:
        if self._closed:
            raise CannotConnectError("the session has been closed")
        if self._auth is None:
            raise AuthenticationError("a user name with a colon can't log in")
        self._guard.check()
        exchange = _Exchange(self)
        headers = {hdrs.ACCEPT_ENCODING: "identity"}
        if body is not None:
            headers[hdrs.CONTENT_TYPE] = content_type
        ask = partial(
            self._session.request,
            method,
            self._base.join(URL(path, encoded=True)),
            data=body,
            headers=headers,
            allow_redirects=False,
            middlewares=(self._auth, exchange),
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        try:
            with connection_errors():
                async with asyncio.timeout(seconds):
                    response = await (ask() if method == hdrs.METH_GET else _once_more(ask))
        except BaseException:
            exchange.end_retry()
            raise
        self._running.add(response)
        try:
            self._judge(response, exchange)
            yield response, exchange
        finally:
            self._running.discard(response)
            response.release()

    def _judge(self, response: ClientResponse, exchange: _Exchange) -> None:
        """Let redirects and refusals end here."""
        if response.status == HTTPStatus.UNAUTHORIZED:
            # Neither a login nor a nonce was refused with a challenge: the recorder shuts the door.
            error = exchange.refusal or AuthenticationError("the recorder refuses our login")
            self.refuse(error)
            raise error
        # A 403 may be a lock in disguise; whoever reads its body decides.
        exchange.end_retry()
        refuse_redirect(response, self._base)

    def _count(self, *, login: bool = False) -> None:
        counters = self._traffic
        self._traffic = replace(
            counters,
            requests=counters.requests + (not login),
            logins=counters.logins + login,
        )

    async def send(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: _Exchange
    ) -> ClientResponse:
        """Put one request on the wire; the innermost layer, below the digest middleware."""
        nonce = nonce_of(request)
        if nonce is None or (nonce == self._proven_nonce and not exchange.credentials_refused):
            return await self._put(request, handler, exchange)
        # A login: one at a time, so that two wrong passwords never stand beside each other.
        async with self._login:
            if self._guard.refused and not exchange.is_retry:
                self._guard.check()
            self._count(login=True)
            response = await self._put(request, handler, exchange)
            if response.status == HTTPStatus.UNAUTHORIZED:
                error = exchange.refusal or AuthenticationError("wrong user name or password")
                self.refuse(error)
                raise error
            if response.status != HTTPStatus.FORBIDDEN:
                self._proven_nonce = nonce
                self._guard.accept()
            return response

    async def _put(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: _Exchange
    ) -> ClientResponse:
        exchange.requests += 1
        self._count()
        _LOGGER.debug("%s %s", request.method, request.url.path)
        exchange.sent = datetime.now(UTC)
        response = await handler(request)
        exchange.received = datetime.now(UTC)
        if response.status == HTTPStatus.UNAUTHORIZED:
            # Drained, as some recorders reset the connection otherwise.
            body = await read_refused(response)
            exchange.credentials_refused = nonce_of(request) is not None
            exchange.refusal = self._read_refusal(body)
            if exchange.refusal is not None and exchange.refusal.tries_left == 0:
                self.refuse(exchange.refusal)
                raise exchange.refusal
        return response


class _Exchange:
    """One request of ours with all that it takes on the wire; the innermost aiohttp middleware."""

    def __init__(self, owner: RecorderSession) -> None:
        self._owner = owner
        # Read before anything is sent: the guard let this very exchange through after its wait.
        self.is_retry = owner.guard.refused
        self.requests = 0
        self.sent = self.received = datetime.now(UTC)
        self.credentials_refused = False
        self.refusal: AuthenticationError | None = None

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        return await self._owner.send(request, handler, self)

    def end_retry(self) -> None:
        """Let another one try, where this exchange was the one more try and got no verdict."""
        if self.is_retry:
            self._owner.guard.unanswered()


async def _once_more(ask: Callable[[], Awaitable[ClientResponse]]) -> ClientResponse:
    """Ask again where a kept connection turns out to have been closed meanwhile.

    aiohttp does so for GET. Our other requests are questions, too: they change nothing on the recorder.
    """
    try:
        return await ask()
    except ServerDisconnectedError:
        return await ask()
