"""One login for all requests to a recorder: who may send it when, and what a refusal of it means.

Recorders count refused logins and lock accounts. So one request at a time carries credentials that are not
known to be good at this very moment, however many wait: the others follow when it has been let in.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
import logging
from typing import TYPE_CHECKING

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, hdrs

from .answer import connection_errors, read_refused
from .digest import BASIC, RecorderAuth, is_stale, nonce_of, offers_nonce
from .driver import Traffic
from .errors import AuthenticationError, CannotConnectError
from .guard import LAST_TRY, LoginGuard
from .models import Connection
from .nonce import Nonce, RefusedFor

if TYPE_CHECKING:
    from .exchange import LoginExchange

_LOGGER = logging.getLogger(__name__)

# Recorders may forget a nonce; one that forgets it under each of so many requests is broken.
LOGINS_LOST = 3
# Refusals come at once; a request that takes longer has been let in and keeps the recorder busy.
SCOUT_SECONDS = 1.0
# After a refusal that proves nothing; sessions that others left are free again soon.
SECOND_LOOK_SECONDS = 3.0

type RefusalReader = Callable[[bytes], AuthenticationError | None]


class Login:
    """The login that the requests of one session share."""

    def __init__(
        self,
        connection: Connection,
        guard: LoginGuard,
        read_refusal: RefusalReader,
        *,
        doubts_refusals: bool = False,
    ) -> None:
        """Initialize; ``read_refusal`` finds what a vendor's 401 body says of tries left and locks.

        ``doubts_refusals`` is for vendors whose single refusal proves nothing: credentials that never worked get
        a second look after a pause, and a nonce may be refused for having been used.
        """
        self._guard = guard
        self._read_refusal = read_refusal
        self._doubts_refusals = doubts_refusals
        self._auth: RecorderAuth | None
        try:
            self._auth = RecorderAuth(
                connection.username, connection.password, digest_only=connection.digest_only
            )
        except ValueError:
            self._auth = None
        # Held by whoever logs in.
        self.lock = asyncio.Lock()
        self.nonce = Nonce(may_be_used_up=doubts_refusals)
        self._scout: asyncio.Future[None] | None = None
        self._closed = False
        self.traffic = Traffic()

    @property
    def guard(self) -> LoginGuard:
        """The judge of all logins."""
        return self._guard

    @property
    def auth(self) -> RecorderAuth:
        """What signs requests. Raises AuthenticationError where these credentials can't be sent."""
        if self._auth is None:
            raise AuthenticationError("a user name with a colon can't log in")
        return self._auth

    def auth_for_one(self) -> RecorderAuth:
        """Return what signs a single request, whose nonce nobody else may use. Raises AuthenticationError."""
        return self.auth.alike() if self.nonce.lasts is False else self.auth

    def read_refusal(self, body: bytes) -> AuthenticationError | None:
        """Return what the body of a refusal says of tries left and locks."""
        return self._read_refusal(body)

    def refuse(self, error: AuthenticationError, *, last: bool = False) -> None:
        """Note a refusal, the ``last`` that is risked where another went before it."""
        self._forget()
        self._guard.refuse(error, last=last)

    def close(self) -> None:
        """Log in no more, and take no refusal of the nonce for one of the credentials.

        Whoever follows with the same guard may have ended our nonce by a login of its own.
        """
        self._closed = True

    def check(self) -> None:
        """Raise CannotConnectError where the session has been closed."""
        if self._closed:
            raise CannotConnectError("the session has been closed")

    def note_trouble(self) -> None:
        """Note that a connection failed."""
        self.nonce.troubled = True
        self._guard.note_trouble()

    async def admit(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        """Let one request out as soon as no login is under way; above the digest middleware.

        The nonce that a recorder refuses is forgotten at once, so that all others wait here until one
        request has logged in anew. Where it is refused, none of them is sent again.
        """
        for _ in range(LOGINS_LOST):
            if self.nonce.lasts is False:
                with suppress(_NonceRefusedError):
                    return await self._alone(request, handler, exchange)
                continue
            if self._guard.suspected and self.nonce.value is not None:
                # A refusal of the nonce would leave open of what it was, and there is only one.
                self._forget()
            if self.nonce.value is not None:
                with suppress(_NonceRefusedError):
                    return await self._in_turn(request, handler, exchange)
            async with self.lock:
                exchange.pass_guard()
                if self.nonce.value is None:
                    # What an earlier round left would stand for another challenge.
                    request.headers.popall(hdrs.AUTHORIZATION, None)
                    with suppress(_NonceRefusedError):
                        try:
                            return await handler(request)
                        finally:
                            if self.nonce.value is None:
                                # It would be old when it is needed, and look like a wrong password.
                                self._forget()
        raise CannotConnectError("the recorder forgets our login again and again")

    async def _alone(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        """Send a request that answers a challenge of its own; the next may follow when this one was let in."""
        await self.lock.acquire()
        let_in = False

        def let_next_in() -> None:
            nonlocal let_in
            if not let_in:
                let_in = True
                self.lock.release()

        timer = asyncio.get_running_loop().call_later(SCOUT_SECONDS, let_next_in)
        try:
            exchange.pass_guard()
            request.headers.popall(hdrs.AUTHORIZATION, None)
            return await handler(request)
        finally:
            timer.cancel()
            let_next_in()

    async def _in_turn(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        """Send a request with the nonce at hand; where that was not used just now, one goes ahead alone."""
        while self._scout is not None and not self.nonce.is_fresh:
            done, _ = await asyncio.wait({self._scout}, timeout=SCOUT_SECONDS)
            exchange.pass_guard()
            if self.nonce.value is None:
                raise _NonceRefusedError
            if not done:
                return await handler(request)
        if self.nonce.is_fresh:
            return await handler(request)
        scout = self._scout = asyncio.get_running_loop().create_future()
        try:
            return await handler(request)
        finally:
            scout.set_result(None)
            if self._scout is scout:
                self._scout = None

    async def send(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        """Put one request on the wire; below the digest middleware."""
        if exchange.budget is not None:
            exchange.budget.spend()
        nonce = nonce_of(request)
        if nonce is None:
            response = await self._put(request, handler, exchange)
            self._refuse_if_locked(exchange)
            return response
        if nonce == self.nonce.value:
            with self.nonce.in_use():
                response = await self._put(request, handler, exchange)
            if response.status == HTTPStatus.UNAUTHORIZED:
                self._nonce_refused(nonce, response, exchange)
            if nonce != BASIC and not _is_failure(response):
                self.nonce.note_reused()
            self._note_answered(response)
            return response
        self.check()
        self._count(login=True)
        # Raised as errors of ours: aiohttp would send the login once more by itself.
        with connection_errors():
            exchange.login_unanswered = True
            response = await self._put(request, handler, exchange)
        if response.status == HTTPStatus.UNAUTHORIZED:
            exchange.login_unanswered = False
            await self._look_again(exchange)
            error = exchange.refusal or AuthenticationError("wrong user name or password")
            self.nonce.acquit()
            self.refuse(error, last=exchange.guessed)
            raise error
        # After a refusal, a failure leaves open what became of the one more try.
        exchange.login_unanswered = exchange.is_retry and _is_failure(response)
        if response.status != HTTPStatus.FORBIDDEN and not exchange.login_unanswered:
            self._note_login(nonce, response, exchange)
        return response

    def _note_login(self, nonce: str, response: ClientResponse, exchange: LoginExchange) -> None:
        """Note that a login was let in, and keep its nonce where that is of use."""
        self.nonce.take(nonce, reuse_refused=exchange.reuse_refused)
        if self.nonce.value is None:
            self._forget()
        self._note_answered(response)

    async def _look_again(self, exchange: LoginExchange) -> None:
        """Wait, and raise so that a refusal is tried once more where it may have had another reason."""
        told = exchange.refusal is not None
        if self._doubts_refusals and not (self._guard.proven or told or exchange.looked_again):
            exchange.looked_again = True
            self._forget()
            await asyncio.sleep(SECOND_LOOK_SECONDS)
            self.check()
            raise _NonceRefusedError

    def _note_answered(self, response: ClientResponse) -> None:
        """Note that a request with the nonce at hand was let in, if that is what its answer says."""
        if _is_failure(response):
            return
        self.nonce.note_let_in()
        if response.status == HTTPStatus.FORBIDDEN:
            return
        self._guard.confirm()
        if self.nonce.is_first_verdict():
            self._guard.accept()

    def _forget(self) -> None:
        self.nonce.value = None
        if self._auth is not None:
            self._auth.forget()

    async def send_unsigned(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        """Put a request on the wire to which HTTP's own login means nothing."""
        self.check()
        if exchange.budget is not None:
            exchange.budget.spend()
        if not exchange.login_unanswered:
            return await self._put(request, handler, exchange)
        # As for a login of HTTP's own: nobody may send it once more by himself.
        with connection_errors():
            return await self._put(request, handler, exchange)

    def count_login(self) -> None:
        """Count a login by other means."""
        self._count(login=True)

    def _count(self, *, login: bool = False) -> None:
        counters = self.traffic
        self.traffic = replace(
            counters,
            requests=counters.requests + (not login),
            logins=counters.logins + login,
        )

    def _nonce_refused(self, nonce: str, response: ClientResponse, exchange: LoginExchange) -> None:
        """Raise for the refusal of a nonce that had been good: it is old, or the password has changed."""
        stale = is_stale(response)
        if stale:
            self.nonce.note_stale()
        else:
            # In a recorder's tally it may be a refused login.
            self._count(login=True)
        self._refuse_if_locked(exchange)
        self.check()
        if nonce == self.nonce.value:
            exchange.reuse_refused = self.nonce.was_good_lately
            tries = None if exchange.refusal is None else exchange.refusal.tries_left
            reason = self.nonce.judge(
                stale=stale,
                offered=nonce == BASIC or offers_nonce(response, nonce),
                last=tries is not None and tries <= LAST_TRY,
            )
            if reason is RefusedFor.CREDENTIALS:
                error = exchange.refusal or AuthenticationError("wrong user name or password")
                self.refuse(error)
                raise error
            if reason is RefusedFor.AGE_PERHAPS:
                exchange.guessed = True
            self.auth.take(response)
        raise _NonceRefusedError

    def _refuse_if_locked(self, exchange: LoginExchange) -> None:
        if exchange.refusal is not None and exchange.refusal.tries_left == 0:
            self.refuse(exchange.refusal)
            raise exchange.refusal

    async def _put(
        self, request: ClientRequest, handler: ClientHandlerType, exchange: LoginExchange
    ) -> ClientResponse:
        exchange.requests += 1
        self._count()
        _LOGGER.debug("%s %s", request.method, request.url.path)
        exchange.sent = datetime.now(UTC)
        response = await handler(request)
        exchange.received = datetime.now(UTC)
        if response.status == HTTPStatus.UNAUTHORIZED:
            # Drained, as some recorders reset the connection otherwise.
            exchange.refused = await read_refused(response)
            exchange.refusal = self._read_refusal(exchange.refused)
        return response


def _is_failure(response: ClientResponse) -> bool:
    """Whether an answer leaves open whether the recorder let the request in: those that boot, or lock, fail so."""
    return response.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class _NonceRefusedError(Exception):
    """A nonce that had been good is refused; never leaves this module."""
