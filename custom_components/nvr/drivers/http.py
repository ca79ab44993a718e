"""The one HTTP session with a recorder: few requests at once, one login, bounds on everything.

The aiohttp session is given by the caller and its connector decides on TLS; nothing of ours is kept in it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
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
from .budget import Budget
from .digest import BASIC, RecorderAuth, is_stale, nonce_of
from .driver import Traffic
from .errors import AuthenticationError, CannotConnectError
from .guard import LoginGuard
from .models import Connection

_LOGGER = logging.getLogger(__name__)

CONTROL_REQUESTS_AT_ONCE = 2
BULK_TRANSFERS_AT_ONCE = 1
BULK_ANSWER_SECONDS = 30.0
# Recorders may forget a nonce; one that forgets it under each of so many requests is broken.
LOGINS_LOST = 3

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
        # Whether an earlier answer may have left a connection that is used again.
        self._keeps_connections = False
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
        budget: Budget | None = None,
    ) -> Answer:
        """Send a control request and return its answer, whatever its status but 401.

        All that goes on the wire for it is spent from ``budget``.
        Raises AuthenticationError, CannotConnectError, InvalidAnswerError (too long), BudgetSpentError.
        """
        async with (
            self._control,
            self._exchange(method, path, body, content_type, limits.seconds, budget) as (
                response,
                exchange,
            ),
        ):
            try:
                async with asyncio.timeout(limits.seconds):
                    content = await read_bounded(response, limits.max_bytes)
            except TimeoutError as err:
                raise CannotConnectError("the recorder took too long to answer") from err
            self._keeps_connections = True
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

    def judge_forbidden(self, body: bytes) -> None:
        """Raise AuthenticationError where a 403 is a lock in disguise; any other is no word on the password."""
        refusal = self._read_refusal(body)
        if refusal is not None and refusal.tries_left == 0:
            self.refuse(refusal)
            raise refusal

    def refuse(self, error: AuthenticationError) -> None:
        """Note a refusal that came in another shape than a 401."""
        self._forget_login()
        self._guard.refuse(error)

    def _forget_login(self) -> None:
        self._proven_nonce = None
        if self._auth is not None:
            self._auth.forget()

    @asynccontextmanager
    async def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        content_type: str,
        seconds: float,
        budget: Budget | None = None,
    ) -> AsyncIterator[tuple[ClientResponse, _Exchange]]:
        if self._closed:
            raise CannotConnectError("the session has been closed")
        if self._auth is None:
            raise AuthenticationError("a user name with a colon can't log in")
        exchange = _Exchange(self, budget)
        exchange.pass_guard()
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
            middlewares=(exchange.admit, self._auth, exchange.send),
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        try:
            with connection_errors():
                async with asyncio.timeout(seconds):
                    # aiohttp repeats GET by itself where a kept connection had been closed.
                    repeat = self._keeps_connections and method != hdrs.METH_GET
                    response = await (_once_more(ask) if repeat else ask())
        except BaseException as err:
            exchange.end_without_verdict(cancelled=isinstance(err, asyncio.CancelledError))
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
        exchange.end_without_verdict()
        refuse_redirect(response, self._base)

    def _count(self, *, login: bool = False) -> None:
        counters = self._traffic
        self._traffic = replace(
            counters,
            requests=counters.requests + (not login),
            logins=counters.logins + login,
        )

    async def admit(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: _Exchange
    ) -> ClientResponse:
        """Let one request out as soon as no login is under way; above the digest middleware.

        The nonce that a recorder refuses is forgotten at once, so that all others wait here until one
        request has logged in anew. Where it is refused, none of them is sent again.
        """
        for _ in range(LOGINS_LOST):
            if self._proven_nonce is not None:
                with suppress(_NonceRefusedError):
                    return await handler(request)
            async with self._login:
                exchange.pass_guard()
                if self._proven_nonce is None:
                    # What an earlier round left would stand for another challenge.
                    request.headers.popall(hdrs.AUTHORIZATION, None)
                    try:
                        return await handler(request)
                    finally:
                        if self._proven_nonce is None:
                            # It would be old when it is needed, and look like a wrong password.
                            self._forget_login()
        raise CannotConnectError("the recorder forgets our login again and again")

    async def send(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: _Exchange
    ) -> ClientResponse:
        """Put one request on the wire; below the digest middleware."""
        if exchange.budget is not None:
            exchange.budget.spend()
        nonce = nonce_of(request)
        if nonce is None:
            response = await self._put(request, handler, exchange)
            self._refuse_if_locked(exchange)
            return response
        if nonce == self._proven_nonce:
            response = await self._put(request, handler, exchange)
            if response.status == HTTPStatus.UNAUTHORIZED:
                self._nonce_refused(nonce, response, exchange)
            return response
        self._count(login=True)
        # Raised as errors of ours: aiohttp would send the login once more by itself.
        with connection_errors():
            exchange.login_unanswered = True
            response = await self._put(request, handler, exchange)
        exchange.login_unanswered = False
        if response.status == HTTPStatus.UNAUTHORIZED:
            error = exchange.refusal or AuthenticationError("wrong user name or password")
            self.refuse(error)
            raise error
        if response.status != HTTPStatus.FORBIDDEN:
            self._proven_nonce = nonce
            self._guard.accept()
        return response

    def _nonce_refused(self, nonce: str, response: ClientResponse, exchange: _Exchange) -> None:
        """Raise for the refusal of a nonce that had been good: it is old, or the password has changed."""
        if not is_stale(response):
            # In a recorder's tally it may be a refused login.
            self._count(login=True)
        self._refuse_if_locked(exchange)
        if nonce == BASIC:
            error = exchange.refusal or AuthenticationError("wrong user name or password")
            self.refuse(error)
            raise error
        if nonce == self._proven_nonce and self._auth is not None:
            self._proven_nonce = None
            self._auth.take(response)
        raise _NonceRefusedError

    def _refuse_if_locked(self, exchange: _Exchange) -> None:
        if exchange.refusal is not None and exchange.refusal.tries_left == 0:
            self.refuse(exchange.refusal)
            raise exchange.refusal

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
            exchange.refusal = self._read_refusal(await read_refused(response))
        return response


class _NonceRefusedError(Exception):
    """A nonce that had been good is refused; never leaves this module."""


class _Exchange:
    """One request of ours with all that it takes on the wire."""

    def __init__(self, owner: RecorderSession, budget: Budget | None) -> None:
        self._owner = owner
        self.budget = budget
        self._is_retry = False
        self.requests = 0
        self.sent = self.received = datetime.now(UTC)
        self.login_unanswered = False
        self.refusal: AuthenticationError | None = None

    async def admit(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Pass through the outer layer, as an aiohttp middleware."""
        return await self._owner.admit(request, handler, self)

    async def send(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Pass through the inner layer, as an aiohttp middleware."""
        return await self._owner.send(request, handler, self)

    def pass_guard(self) -> None:
        """Raise where nothing may be sent; the one more try after a refusal passes all along."""
        if not self._is_retry:
            self._owner.guard.check()
            self._is_retry = self._owner.guard.refused

    def end_without_verdict(self, *, cancelled: bool = False) -> None:
        """Tell the guard of a try that ended without a verdict; does nothing after one."""
        # A person who no longer wants a picture is no sign of a recorder that can't answer.
        login = self.login_unanswered and (self._is_retry or not cancelled)
        if self._is_retry or login:
            self._owner.guard.unanswered(login=login)


async def _once_more(ask: Callable[[], Awaitable[ClientResponse]]) -> ClientResponse:
    """Ask again where a kept connection turns out to have been closed meanwhile, as aiohttp does for GET.

    Our other requests are questions, too: they change nothing on the recorder. A login never comes here
    for a second time, as its failures are errors of ours.
    """
    try:
        return await ask()
    except ServerDisconnectedError:
        return await ask()
