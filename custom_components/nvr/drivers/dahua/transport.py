"""Asking a device by whichever family of requests it answers best, and remembering which that was."""

from abc import ABC, abstractmethod
from dataclasses import replace
import logging
from typing import override

from ..budget import Budget, BudgetSpentError
from ..errors import DeviceFaultError, DriverError, InvalidAnswerError, NotSupportedError
from ..http import RecorderSession
from ..models import Connection
from .cgi import Cgi
from .faults import NoDataError
from .memory import FORM, PREFERRED, SEARCHED_BY, DeviceMemory
from .question import CgiRequest, Heard, Question
from .rpc import Rpc
from .rpc_session import RpcAbsentError

_LOGGER = logging.getLogger(__name__)

# A device that fails at something so often does not know it.
FAILURES = 3
# What may have failed, or been damaged on its way, this time only.
_PASSING = (DeviceFaultError, InvalidAnswerError)
RPC, CGI, NONE = "rpc", "cgi", "none"


class Transport(ABC):
    """Carries questions to a device, or to what was recorded of one."""

    @abstractmethod
    async def exchange(self, question: Question[object], budget: Budget | None = None) -> Heard:
        """Return what the device says, unread. Raises DriverError where it says nothing or refuses."""

    async def ask[T](self, question: Question[T], budget: Budget | None = None) -> T:
        """Return what the device says, understood. Raises DriverError."""
        return question.read((await self.exchange(question, budget)).tree)


class LiveTransport(Transport):
    """Carries questions over RPC2 or CGI, as the device allows.

    One session of RPC2 serves all questions with one login. CGI costs a login for each where nonces don't last,
    so it goes first only where there is no RPC2, or where its sessions don't stay and nonces do.
    """

    def __init__(
        self, session: RecorderSession, connection: Connection, memory: DeviceMemory
    ) -> None:
        """Initialize."""
        self._session = session
        self._memory = memory
        # How often a form failed at questions that another form answered.
        self._failures: dict[str, int] = {}
        # Which forms were refused of a question when there were no requests left for the next one.
        self._cut_short: dict[str, dict[str, DriverError]] = {}
        self.cgi = Cgi(session)
        self.rpc = Rpc(session, connection, memory)
        # What had to do while it was not there would stand in its way.
        self.rpc.sessions.on_found = self._forget_forms

    @property
    def session(self) -> RecorderSession:
        """The one HTTP session, for bulk transfers."""
        return self._session

    @property
    def prefers_rpc(self) -> bool:
        """Whether RPC2 is asked before CGI."""
        if self.rpc.sessions.unsteady and self._session.nonces_last:
            self._prefer_cgi()
        return self.rpc.available is not False and self._memory.text(PREFERRED) != CGI

    def is_by_cgi(self, what: str) -> bool:
        """Whether a question goes over CGI, for want of RPC2 or because only CGI answers it."""
        return not self.prefers_rpc or (self._memory.text(FORM + what) or "").startswith(CGI)

    @override
    async def exchange(self, question: Question[object], budget: Budget | None = None) -> Heard:
        known = self._memory.text(FORM + question.what)
        # What a round before had no request left to go on from: it would never come to the end otherwise.
        refused = self._cut_short.pop(question.what, {})
        errors = list(refused.values())
        for name in self._order(question, known):
            if name in refused:
                continue
            try:
                heard = await self._ask(question, name, budget)
            except BudgetSpentError:
                self._cut_short[question.what] = refused
                raise
            except NoDataError:
                self._note(question, name, known)
                raise
            except (NotSupportedError, DeviceFaultError, InvalidAnswerError) as err:
                _LOGGER.debug("%s by %s: %s", question.what, name, err)
                senseless = isinstance(err, InvalidAnswerError) and not name.startswith(RPC)
                if senseless or (name == known and isinstance(err, _PASSING)):
                    raise
                errors.append(err)
                refused[name] = err
                continue
            if self._are_final(question, errors):
                self._note(question, name, known)
            return replace(heard, form=name)
        if errors and self._are_final(question, errors):
            self._note(question, NONE, known)
        raise errors[0] if errors else NotSupportedError(f"{question.what}: no way to ask")

    def _are_final(self, question: Question[object], errors: list[DriverError]) -> bool:
        """Whether the better forms were refused for good: what fails for a moment is asked like that again."""
        if any(
            isinstance(err, RpcAbsentError) and self.rpc.available is not False for err in errors
        ):
            return False
        if any(isinstance(err, _PASSING) for err in errors):
            self._failures[question.what] = self._failures.get(question.what, 0) + 1
            return self._failures[question.what] >= FAILURES
        return True

    def _order(self, question: Question[object], known: str | None) -> list[str]:
        """Return the forms to try: the one that worked, then by family; one alone where all were refused before."""
        usable = [
            name
            for name in question.forms
            if not name.startswith(RPC) or self.rpc.available is not False
        ]
        first = RPC if self.prefers_rpc else CGI
        ordered = sorted(usable, key=lambda name: (name != known, not name.startswith(first)))
        return ordered[:1] if known == NONE else ordered

    async def _ask(self, question: Question[object], name: str, budget: Budget | None) -> Heard:
        form = question.forms[name]
        if isinstance(form, CgiRequest):
            return await self.cgi.hear(form, budget)
        return (await self.rpc.call(form, budget)).heard

    def _prefer_cgi(self) -> None:
        if self._memory.text(PREFERRED) != CGI:
            self._memory.keep(PREFERRED, CGI)
            self._forget_forms()

    def _forget_forms(self) -> None:
        """Forget by which family what was answered: another is the better one now."""
        forms = [key for key in self._memory.values if key.startswith(FORM)]
        self._memory.forget(SEARCHED_BY, *forms)

    def _note(self, question: Question[object], name: str, known: str | None) -> None:
        if name != known:
            self._memory.keep(FORM + question.what, name)


class BudgetedTransport(Transport):
    """Lets only so many HTTP requests through, challenges and logins included."""

    def __init__(self, transport: Transport, budget: int) -> None:
        """Initialize."""
        self._transport = transport
        self.budget = Budget(budget)

    @property
    def left(self) -> int:
        """How many requests may still be spent."""
        return self.budget.left

    @override
    async def exchange(self, question: Question[object], budget: Budget | None = None) -> Heard:
        return await self._transport.exchange(question, self.budget)
