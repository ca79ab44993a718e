"""Asking over RPC2, logged in again where the device forgot the session (section 4)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
import re
from time import monotonic

from ..answer import HungUpError, Transfer
from ..budget import Budget
from ..errors import CannotConnectError, InvalidAnswerError
from ..http import RecorderSession
from ..models import Connection
from .faults import Fault, ObjectLostError, RefusedRequestError
from .memory import DeviceMemory
from .question import Call
from .rpc_messages import Messages, Reply, SessionLostError, changes
from .rpc_session import OpenSession, RpcSessions
from .tree import integer

SESSIONS_TRIED = 2
# What may stand in a cookie.
_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


class Rpc:
    """The RPC2 of one device."""

    def __init__(
        self,
        session: RecorderSession,
        connection: Connection,
        memory: DeviceMemory,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Initialize; ``now`` counts seconds."""
        self._session = session
        self._messages = Messages(session)
        self.sessions = RpcSessions(session, self._messages, connection, memory, now)

    @property
    def available(self) -> bool | None:
        """Whether the device has an RPC2 that lets us in, None before that was tried."""
        return self.sessions.available

    async def call(self, call: Call, budget: Budget | None = None) -> Reply:
        """Make a call; logs in where there is no session, and once more where it was lost. Raises DriverError."""
        for _ in range(SESSIONS_TRIED):
            held = await self.sessions.at_hand(budget)
            try:
                return await self._call_on(held, call, budget)
            except SessionLostError as err:
                self.sessions.lose(held)
                if call.object is not None:
                    # It was made in that session; by its number another may know another.
                    raise ObjectLostError(f"{call.what}: its session is over") from err
            except HungUpError as err:
                if changes(call):
                    raise ObjectLostError(f"{call.what}: nobody knows whether it was done") from err
                raise
        raise CannotConnectError("the recorder forgets our session again and again")

    @asynccontextmanager
    async def transfer(self, path: str) -> AsyncIterator[Transfer]:
        """Open a bulk transfer by the session's cookies, without HTTP's own login. Whatever its status."""
        held = await self.sessions.at_hand(None)
        if not _ID.fullmatch(str(held.id)):
            raise RefusedRequestError("a session that no cookie can carry", Fault())
        names = ("WebClientSessionID", "DWebClientSessionID", "DhWebClientSessionID")
        cookie = "; ".join(f"{name}={held.id}" for name in names)
        async with self._session.transfer("GET", path, cookie=cookie) as transfer:
            yield transfer

    async def _call_on(self, held: OpenSession, call: Call, budget: Budget | None) -> Reply:
        if call.service is None:
            return await self._messages.ask(held.id, call, budget)
        for last in (False, True):
            number = held.objects.get(call.service)
            if number is None:
                maker = Call(method=f"{call.service}.factory.instance", right=call.right)
                number = integer((await self._messages.ask(held.id, maker, budget)).result)
                if number is None:
                    raise InvalidAnswerError(f"{maker.method}: no object")
                held.objects[call.service] = number
            try:
                return await self._messages.ask(held.id, call, budget, number)
            except ObjectLostError:
                held.objects.pop(call.service, None)
                if last:
                    raise
        raise AssertionError("unreachable")
