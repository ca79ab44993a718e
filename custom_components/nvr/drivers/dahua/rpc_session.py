"""One session of RPC2 for all calls: logged in when it is needed, kept alive, and ended (section 4 of the notes)."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
import logging
from time import monotonic

from ..answer import Limits
from ..budget import Budget, BudgetSpentError
from ..driver import JsonValue
from ..errors import (
    AuthenticationError,
    CannotConnectError,
    CertificateError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NotInitialisedError,
    NotSupportedError,
    TlsRequiredError,
)
from ..exchange import LoginExchange
from ..http import RecorderSession
from ..models import Connection
from .faults import login_fault
from .memory import RPC_ANSWERS, RPC_TRIED, DeviceMemory
from .question import Call
from .rpc_login import BASIC, Challenge, first_step, second_step
from .rpc_messages import Messages, SessionLostError, parsed
from .tree import Tree, at, integer

_LOGGER = logging.getLogger(__name__)

LOGIN_PATH = "/RPC2_Login"
# Challenge, login, and the call that they are for.
REQUESTS_WITH_LOGIN = 3
KEEP_ALIVE_SECONDS = 60
# What is asked of the device; it grants less as a rule.
WISHED_SECONDS = 300
SHORTEST_PAUSE_SECONDS = 5.0
# A session that is lost so often in so long does not stay, however it is kept alive.
LOSSES = 3
LOSSES_SECONDS = 3600.0
TRY_AGAIN_SECONDS = 600.0
# An answer that was none of RPC2's may have come from a device that was just starting.
ABSENT_AGAIN = timedelta(days=1)
LOGIN = Limits(max_bytes=64 * 1024, seconds=15)
FAREWELL = Limits(max_bytes=64 * 1024, seconds=3)


class RpcAbsentError(NotSupportedError):
    """The device has no RPC2 that we could log in to."""


@dataclass(slots=True, kw_only=True)
class OpenSession:
    """A session with the device. ``id`` goes back as it came, text or number."""

    id: str | int
    interval: float = KEEP_ALIVE_SECONDS
    objects: dict[str, int] = field(default_factory=dict)


class RpcSessions:
    """The sessions with one device, one after the other."""

    def __init__(
        self,
        session: RecorderSession,
        messages: Messages,
        connection: Connection,
        memory: DeviceMemory,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._session = session
        self._messages = messages
        self._connection = connection
        self._memory = memory
        self._now = now
        self._held: OpenSession | None = None
        self._lock = asyncio.Lock()
        self._keeping: asyncio.Task[None] | None = None
        self._losses: deque[float] = deque(maxlen=LOSSES)
        self._closed = False
        # Told when it is found that there is an RPC2.
        self.on_found: Callable[[], None] = lambda: None
        self._not_before = float("-inf")

    @property
    def available(self) -> bool | None:
        """Whether the device has an RPC2 that lets us in, None before that was tried."""
        answers = self._memory.flag(RPC_ANSWERS)
        return None if answers is False and self._is_long_ago else answers

    @property
    def _is_long_ago(self) -> bool:
        """Whether it was tried so long ago that it may be there by now."""
        try:
            tried = datetime.fromisoformat(self._memory.text(RPC_TRIED) or "")
        except ValueError:
            return False
        return tried.tzinfo is None or abs(datetime.now(UTC) - tried) > ABSENT_AGAIN

    @property
    def unsteady(self) -> bool:
        """Whether sessions are lost so often that each costs logins."""
        full = len(self._losses) == LOSSES
        return full and self._now() - self._losses[0] < LOSSES_SECONDS

    async def at_hand(self, budget: Budget | None) -> OpenSession:
        """Return the session that there is, else a new one. Raises AuthenticationError, RpcAbsentError, DriverError."""
        async with self._lock:
            if self._session.guard.refused:
                # Only a login can tell whether we are let in again.
                self._held = None
            if self._held is None:
                if self._closed:
                    raise CannotConnectError("the session has been closed")
                self._held = await self._log_in(budget)
                if self._keeping is not None:
                    self._keeping.cancel()
                self._keeping = asyncio.create_task(self._keep_alive(self._held))
            return self._held

    def lose(self, held: OpenSession) -> None:
        """Take that the device has forgotten a session."""
        if self._held is held:
            self._held = None
            self._losses.append(self._now())

    async def prove(self, budget: Budget | None = None) -> None:
        """Log in once more, and out again: a session that is kept says nothing of the password. Raises DriverError."""
        if self._closed:
            raise CannotConnectError("the session has been closed")
        await self._log_out(await self._log_in(budget), budget)

    async def close(self) -> None:
        """Log out, and log in no more."""
        self._closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        held, self._held = self._held, None
        if held is not None:
            await self._log_out(held)

    async def _log_out(self, held: OpenSession, budget: Budget | None = None) -> None:
        with suppress(DriverError):
            await self._messages.ask(held.id, Call(method="global.logout", limits=FAREWELL), budget)

    async def _log_in(self, budget: Budget | None) -> OpenSession:
        """Log in. Raises AuthenticationError, RpcAbsentError where there is nothing to log in to, DriverError."""
        if self.available is False:
            raise RpcAbsentError("the recorder has no RPC2")
        if self._now() < self._not_before:
            raise RpcAbsentError("the recorder did not answer over RPC2; waiting a while")
        if budget is not None and budget.left < REQUESTS_WITH_LOGIN:
            raise BudgetSpentError("request budget too small to log in")
        async with self._session.own_login(budget) as login:
            try:
                challenge, session = await self._challenge(login)
            except TlsRequiredError, CertificateError, NotInitialisedError:
                raise
            except CannotConnectError as err:
                if self.available:
                    raise
                # It may be this way alone that leads nowhere.
                raise self._absent_for_a_while() from err
            secret = None
            if not (challenge.encryption == BASIC and self._connection.digest_only):
                secret = challenge.password(self._connection.username, self._connection.password)
            if secret is None:
                self._note_absent()
                raise RpcAbsentError("the recorder wants the password in a form that is not ours")
            step = second_step(self._connection.username, secret, challenge.encryption)
            login.announce_login()
            answer = await self._messages.post(
                LOGIN_PATH,
                {"method": "global.login", "params": step},
                session,
                LOGIN,
                login=login,
            )
            tree = await parsed(answer)
            if at(tree, "result") is not True:
                raise _refused(login, tree, answer.status)
            login.accept()
        if self._memory.flag(RPC_ANSWERS) is not True:
            self._memory.keep(RPC_ANSWERS, True)
            self.on_found()
        interval = integer(tree, "params", "keepAliveInterval") or KEEP_ALIVE_SECONDS
        return OpenSession(id=_session_of(tree, session), interval=interval)

    async def _challenge(self, login: LoginExchange) -> tuple[Challenge, str | int]:
        """Take the first step of a login, which carries no credentials."""
        answer = await self._messages.post(
            LOGIN_PATH,
            {"method": "global.login", "params": first_step(self._connection.username)},
            None,
            LOGIN,
            login=login,
        )
        tree = await parsed(answer)
        challenge = Challenge.of(tree)
        if challenge is not None:
            return challenge, _session_of(tree, "")
        if isinstance(tree, dict) and (error := login_fault(tree)) is not None:
            if isinstance(error, AuthenticationError):
                login.refuse(error)
            raise error
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.available:
            # What was there comes back: recorders begin to serve one thing after the other.
            raise self._absent_for_a_while()
        self._note_absent()
        raise RpcAbsentError(f"{LOGIN_PATH}: HTTP {answer.status}")

    def _note_absent(self) -> None:
        """Remember that there is no RPC2, until another day."""
        self._memory.keep(RPC_ANSWERS, False)
        self._memory.keep(RPC_TRIED, datetime.now(UTC).isoformat(timespec="seconds"))

    def _absent_for_a_while(self) -> RpcAbsentError:
        """Return what says that this way is not to be had at present; nothing is remembered of it."""
        self._not_before = self._now() + TRY_AGAIN_SECONDS
        return RpcAbsentError("the recorder does not answer over RPC2 at present")

    async def _keep_alive(self, held: OpenSession) -> None:
        """Tell the device now and then that we are still there."""
        wish: dict[str, JsonValue] = {"timeout": WISHED_SECONDS, "active": True}
        interval = held.interval
        while True:
            await asyncio.sleep(max(SHORTEST_PAUSE_SECONDS, min(interval, WISHED_SECONDS) / 2))
            try:
                reply = await self._messages.ask(
                    held.id, Call(method="global.keepAlive", params=wish), None
                )
            except SessionLostError:
                self.lose(held)
                return
            except AuthenticationError:
                return
            except DriverError as err:
                _LOGGER.debug("Keeping the session alive failed: %s", err)
            else:
                interval = integer(reply.params, "timeout") or interval


def _refused(login: LoginExchange, tree: Tree, status: int) -> DriverError:
    """Note a refusal of the second step; whatever it is called, it is of the credentials if of nothing else known."""
    error = login_fault(tree)
    if error is None and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DeviceFaultError(f"{LOGIN_PATH}: HTTP {status}")
    if error is None and not isinstance(tree, dict) and status < HTTPStatus.BAD_REQUEST:
        # Damaged on its way: what it said of the password is not known.
        return InvalidAnswerError(f"{LOGIN_PATH}: the answer is no message")
    error = error or AuthenticationError("the recorder refuses our login")
    if isinstance(error, AuthenticationError):
        login.refuse(error)
    return error


def _session_of(tree: Tree, known: str | int) -> str | int:
    """Return the session that an answer names; the second step's may be another than the first's."""
    value = at(tree, "session")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return known
    return value
