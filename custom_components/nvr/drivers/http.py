"""The one HTTP session with a recorder: few requests at once, one login, bounds on everything.

The aiohttp session is given by the caller and its connector decides on TLS; nothing of ours is kept in it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus

from aiohttp import (
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
)
from .budget import Budget
from .driver import Traffic
from .errors import AuthenticationError, CannotConnectError
from .guard import LoginGuard
from .login import Login, LoginExchange, RefusalReader
from .models import Connection
from .slot import TransferSlot

CONTROL_REQUESTS_AT_ONCE = 2
BULK_ANSWER_SECONDS = 30.0


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
        self._login = Login(connection, guard, read_refusal)
        self._base = base_url(connection)
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
        return self._login.hides_stale

    @hides_stale.setter
    def hides_stale(self, seen: bool | None) -> None:
        """Take what was seen of the recorder earlier."""
        self._login.hides_stale = seen

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
                whole=len(content) == response.content_length,
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
        method: str,
        path: str,
        body: bytes | None,
        content_type: str,
        seconds: float,
        budget: Budget | None = None,
    ) -> AsyncIterator[tuple[ClientResponse, LoginExchange]]:
        auth = self._login.auth
        exchange = LoginExchange(self._login, budget)
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
            middlewares=(exchange.admit, auth, exchange.send),
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        )
        try:
            with connection_errors():
                async with asyncio.timeout(seconds) as limit:
                    self._waiting[limit] = exchange
                    try:
                        # aiohttp repeats GET by itself where a kept connection had been closed.
                        repeat = self._keeps_connections and method != hdrs.METH_GET
                        response = await (_once_more(ask) if repeat else ask())
                    finally:
                        self._waiting.pop(limit)
        except BaseException as err:
            if isinstance(err, CannotConnectError):
                self._login.note_trouble()
            exchange.end_without_verdict(cancelled=isinstance(err, asyncio.CancelledError))
            raise
        self._running.add(response)
        try:
            self._judge(response, exchange)
            yield response, exchange
        finally:
            self._running.discard(response)
            response.release()

    def _judge(self, response: ClientResponse, exchange: LoginExchange) -> None:
        """Let redirects and refusals end here."""
        if response.status == HTTPStatus.UNAUTHORIZED:
            # Neither a login nor a nonce was refused with a challenge: the recorder shuts the door.
            error = exchange.refusal or AuthenticationError("the recorder refuses our login")
            self.refuse(error)
            raise error
        # A 403 may be a lock in disguise; whoever reads its body decides.
        exchange.end_without_verdict()
        refuse_redirect(response, self._base)


async def _once_more(ask: Callable[[], Awaitable[ClientResponse]]) -> ClientResponse:
    """Ask again where a kept connection turns out to have been closed meanwhile, as aiohttp does for GET.

    Our other requests are questions, too: they change nothing on the recorder. A login never comes here
    for a second time, as its failures are errors of ours.
    """
    try:
        return await ask()
    except ServerDisconnectedError:
        return await ask()
