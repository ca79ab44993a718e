"""The one HTTP session with a recorder: few requests at once, one login, bounds on everything.

The aiohttp session is given by the caller; nothing of ours is kept in it. Where the connection trusts no certificate
of its own, the session's connector decides on TLS.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from aiohttp import (
    ClientConnectorError,
    ClientHandlerType,
    ClientOSError,
    ClientPayloadError,
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
    HungUpError,
    Limits,
    Transfer,
    connection_errors,
    read_bounded,
)
from .budget import Budget
from .certificate import ssl_of
from .driver import Traffic
from .errors import AuthenticationError, CannotConnectError, CertificateError, InvalidAnswerError
from .exchange import LoginExchange
from .guard import LoginGuard
from .login import Login, RefusalReader
from .models import Connection
from .slot import TransferSlot

CONTROL_REQUESTS_AT_ONCE = 2
BULK_ANSWER_SECONDS = 30.0


# What a request says, or what writes it as soon as it may go out: proofs of this moment don't keep.
type Body = bytes | Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sending:
    """A request as it goes out."""

    method: str
    path: str
    body: Body | None
    headers: dict[str, str]
    unsigned: bool
    repeats: bool = True

    def write(self) -> bytes | None:
        """Return what it says."""
        return self.body() if callable(self.body) else self.body


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
        *,
        doubts_refusals: bool = False,
    ) -> None:
        """Initialize; ``read_refusal`` finds what a vendor's 401 body says of tries left and locks.

        ``doubts_refusals`` is for vendors whose single refusal proves nothing.
        """
        self._session = session
        self._login = Login(connection, guard, read_refusal, doubts_refusals=doubts_refusals)
        self._base = base_url(connection)
        self._ssl = ssl_of(connection)
        self._control = asyncio.Semaphore(CONTROL_REQUESTS_AT_ONCE)
        self._bulk = TransferSlot()
        self._running: set[ClientResponse] = set()
        # What waits for an answer's head.
        self._waiting: dict[asyncio.Timeout, LoginExchange] = {}
        # Whether an earlier answer may have left a connection that is used again.
        self._keeps_connections = False

    @property
    def guard(self) -> LoginGuard:
        """The judge of all logins."""
        return self._login.guard

    @property
    def bulk(self) -> TransferSlot:
        """The recorder's slot for a bulk transfer, for those that go another way than HTTP."""
        return self._bulk

    @property
    def traffic(self) -> Traffic:
        """Counters of requests and logins."""
        return self._login.traffic

    @property
    def hides_stale(self) -> bool | None:
        """Whether the recorder refuses an old nonce as it does a wrong password, None before it was seen."""
        return self._login.nonce.hides_stale

    @hides_stale.setter
    def hides_stale(self, seen: bool | None) -> None:
        """Take what was seen of the recorder earlier."""
        self._login.nonce.hides_stale = seen

    @property
    def nonces_last(self) -> bool | None:
        """Whether a nonce may be used again, None before it was seen; else each request costs a login."""
        return self._login.nonce.lasts

    @nonces_last.setter
    def nonces_last(self, seen: bool | None) -> None:
        """Take what was seen of the recorder earlier."""
        self._login.nonce.lasts = seen

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Body | None = None,
        content_type: str = "application/xml",
        limits: Limits = DOCUMENT,
        budget: Budget | None = None,
        unsigned: bool = False,
        repeats: bool = True,
        login: LoginExchange | None = None,
    ) -> Answer:
        """Send a control request and return its answer, whatever its status but 401.

        All that goes on the wire for it is spent from ``budget``. One that is ``unsigned`` takes no part in HTTP's
        own login, and its 401 is an answer like any other; ``login`` is the one by other means that it belongs to.
        One that ``repeats`` may be sent once more where a kept connection turns out to have been closed meanwhile.
        Raises AuthenticationError, CannotConnectError, InvalidAnswerError (too long), BudgetSpentError.
        """
        sending = _Sending(
            method=method,
            path=path,
            body=body,
            headers={} if body is None else {hdrs.CONTENT_TYPE: content_type},
            unsigned=unsigned or login is not None,
            repeats=repeats,
        )
        async with (
            # A login by other means has its place already.
            self._control if login is None else nullcontext(),
            self._exchange(sending, limits.seconds, budget, login) as (response, exchange),
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
                whole=len(content) == response.content_length,
                cut=isinstance(response.content.exception(), ClientPayloadError),
                challenge=", ".join(response.headers.getall(hdrs.WWW_AUTHENTICATE, [])),
                refused=exchange.refused,
            )

    @asynccontextmanager
    async def transfer(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/xml",
        cookie: str | None = None,
    ) -> AsyncIterator[Transfer]:
        """Open a bulk transfer; waits while another runs. Leaving the context closes its connection.

        With a ``cookie`` that stands for a login by other means it takes no part in HTTP's own.
        """
        headers: dict[str, str] = {} if body is None else {hdrs.CONTENT_TYPE: content_type}
        if cookie is not None:
            headers[hdrs.COOKIE] = cookie
        sending = _Sending(
            method=method, path=path, body=body, headers=headers, unsigned=cookie is not None
        )
        async with (
            self._bulk,
            self._exchange(sending, BULK_ANSWER_SECONDS) as (response, _),
        ):
            try:
                yield Transfer(response)
            finally:
                # Not released to the pool: what is still on its way would keep the recorder's slot taken.
                response.close()

    @asynccontextmanager
    async def own_login(self, budget: Budget | None = None) -> AsyncIterator[LoginExchange]:
        """Log in by other means than HTTP's own, alone. Raises what the guard raises."""
        # A place first, as whoever waits for the lock may hold the others.
        async with self._control, self._login.lock:
            exchange = LoginExchange(self._login, budget)
            cancelled = False
            try:
                yield exchange
            except asyncio.CancelledError:
                cancelled = True
                raise
            finally:
                exchange.end_without_verdict(cancelled=cancelled)

    def close(self) -> None:
        """End what runs, and send nothing any more. The aiohttp session stays the caller's.

        Only a login that is on its way may still bring its verdict: unanswered, it would cost a pause.
        """
        self._login.close()
        now = asyncio.get_running_loop().time()
        for limit, exchange in tuple(self._waiting.items()):
            if not (exchange.login_unanswered or limit.expired()):
                limit.reschedule(now)
        for response in tuple(self._running):
            response.close()

    def judge_forbidden(self, body: bytes) -> None:
        """Raise AuthenticationError where a 403 is a lock in disguise; any other is no word on the password."""
        refusal = self._login.read_refusal(body)
        if refusal is not None and refusal.tries_left == 0:
            self.refuse(refusal)
            raise refusal

    def refuse(self, error: AuthenticationError) -> None:
        """Note a refusal that came in another shape than a 401."""
        self._login.refuse(error)

    @asynccontextmanager
    async def _exchange(
        self,
        sending: _Sending,
        seconds: float,
        budget: Budget | None = None,
        login: LoginExchange | None = None,
    ) -> AsyncIterator[tuple[ClientResponse, LoginExchange]]:
        if self._session.closed:
            raise CannotConnectError("the session has been closed")
        exchange = login or LoginExchange(self._login, budget)
        ask = self._asking(sending, exchange)
        try:
            with connection_errors():
                async with asyncio.timeout(seconds) as limit:
                    self._waiting[limit] = exchange
                    try:
                        # aiohttp repeats GET by itself where a kept connection had been closed.
                        repeat = self._keeps_connections and sending.method != hdrs.METH_GET
                        repeat = repeat and sending.repeats and not exchange.login_unanswered
                        response = await (_once_more(ask) if repeat else ask())
                    finally:
                        self._waiting.pop(limit)
        except BaseException as err:
            if isinstance(err, CannotConnectError):
                self._login.note_trouble()
            if isinstance(err, CertificateError):
                exchange.withdraw_login()
            if login is None:
                exchange.end_without_verdict(cancelled=isinstance(err, asyncio.CancelledError))
            raise
        self._running.add(response)
        try:
            if not sending.unsigned:
                self._judge(response, exchange)
            elif login is None:
                exchange.end_without_verdict()
            refuse_redirect(response, self._base)
            yield response, exchange
        finally:
            self._running.discard(response)
            response.release()

    def _asking(
        self, sending: _Sending, exchange: LoginExchange
    ) -> Callable[[], Awaitable[ClientResponse]]:
        """Return what sends a request, which is written at that moment. Raises as ``_located`` does."""
        if not sending.unsigned:
            # Credentials that can't be sent end here.
            _ = self._login.auth
        signed = [exchange.admit, exchange.sign, exchange.send]
        if not sending.repeats:
            signed.append(_only_once)
        send = partial(
            self._session.request,
            sending.method,
            self._located(sending.path),
            headers={hdrs.ACCEPT_ENCODING: "identity", **sending.headers},
            ssl=self._ssl,
            allow_redirects=False,
            middlewares=[exchange.send_unsigned] if sending.unsigned else signed,
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )

        async def ask() -> ClientResponse:
            return await send(data=sending.write())

        return ask

    def _located(self, path: str) -> URL:
        """Return where to ask.

        Raises InvalidAnswerError where a recorder named another host, or a way without encryption for
        one with it: logins go along. Another port of the same host is the recorder's own.
        """
        url = self._base.join(URL(path, encoded=True))
        if (url.scheme, url.host) != (self._base.scheme, self._base.host):
            raise InvalidAnswerError("the recorder gave an address that leads elsewhere")
        return url

    def _judge(self, response: ClientResponse, exchange: LoginExchange) -> None:
        """Let refusals end here."""
        if response.status == HTTPStatus.UNAUTHORIZED:
            # Neither a login nor a nonce was refused with a challenge: the recorder shuts the door.
            error = exchange.refusal or AuthenticationError("the recorder refuses our login")
            self.refuse(error)
            raise error
        # A 403 may be a lock in disguise; whoever reads its body decides.
        exchange.end_without_verdict()


async def _only_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Let aiohttp not repeat a request by itself, as it does any GET on a kept connection: a recorder may move on twice.

    Raises HungUpError where nobody knows whether it has.
    """
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ServerDisconnectedError, ClientOSError) as err:
        raise HungUpError("the recorder closed the connection") from err


async def _once_more(ask: Callable[[], Awaitable[ClientResponse]]) -> ClientResponse:
    """Ask again where a kept connection turns out to have been closed meanwhile, as aiohttp does for GET.

    Our other requests are questions, too, but for those that say so. A login never comes here
    for a second time, as its failures are errors of ours.
    """
    try:
        return await ask()
    except ServerDisconnectedError:
        return await ask()
