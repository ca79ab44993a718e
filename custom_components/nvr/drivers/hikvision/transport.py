"""Requests as objects, and what carries them to a device."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import override
from xml.etree.ElementTree import Element

from .. import xml
from ..answer import DOCUMENT, Answer, Limits
from ..budget import Budget, BudgetSpentError as BudgetSpentError  # noqa: PLC0414 # re-exported
from ..errors import DriverError, InvalidAnswerError
from ..http import RecorderSession
from ..models import Right
from .faults import Fault, fault_in, fault_of
from .memory import DeviceMemory
from .trees import Trees

# Parsing more than this takes long enough to be felt in the event loop.
PARSE_ELSEWHERE_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Document[T]:
    """A decoder of documents: ``read`` takes from the parsed answer what it needs."""

    read: Callable[[Element], T]

    def __call__(self, body: bytes) -> T:
        """Return what an answer says. Raises InvalidAnswerError."""
        return self.read(xml.parse(body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request[T]:
    """One request of ISAPI and how its answer is read.

    ``right`` is what the account needs for it, ``budget`` what pays for all that it takes on the wire.
    """

    path: str
    decode: Document[T] | Callable[[bytes], T]
    method: str = "GET"
    body: bytes | None = None
    limits: Limits = DOCUMENT
    right: Right = Right.SETTINGS
    budget: Budget | None = None


class Transport(ABC):
    """Carries requests to a device, or to what was recorded of one."""

    @abstractmethod
    async def exchange(self, request: Request[object]) -> Answer:
        """Return the raw answer, whatever its status. Raises DriverError where there is none."""

    async def send[T](self, request: Request[T]) -> T:
        """Return the decoded answer. Raises DriverError, by the tables of ``faults``."""
        return await decode(request, await self.exchange(request))


async def decode[T](request: Request[T], answer: Answer) -> T:
    """Return what an answer says. Raises DriverError where it is a refusal or makes no sense."""

    def read() -> T:
        if not isinstance(request.decode, Document):
            _raise(fault_of(answer.status, answer.body))
            return request.decode(answer.body)
        # Lists of large recorders are parsed once: that is most of what reading them takes.
        try:
            root = xml.parse(answer.body)
        except InvalidAnswerError:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                _raise(Fault(answer.status))
            raise
        _raise(fault_in(answer.status, root))
        return request.decode.read(root)

    def _raise(fault: Fault | None) -> None:
        if fault is not None:
            raise fault.error(request.path, request.right)

    try:
        if len(answer.body) > PARSE_ELSEWHERE_BYTES:
            return await asyncio.to_thread(read)
        return read()
    except RecursionError as err:
        raise InvalidAnswerError(f"{request.path}: nested too deep") from err


async def _makes_sense(request: Request[object], answer: Answer) -> bool:
    try:
        await decode(request, answer)
    except DriverError:
        return False
    return True


class HttpTransport(Transport):
    """Carries requests over the recorder's HTTP session."""

    def __init__(self, session: RecorderSession, trees: Trees | None = None) -> None:
        """Initialize."""
        self._session = session
        self._trees = trees or Trees(DeviceMemory({}))

    @override
    async def exchange(self, request: Request[object]) -> Answer:
        answer = await self._ask(request, self._trees.path(request.path))
        if not await self._is_missing(request, answer):
            return answer
        for tree, path in self._trees.others(request.path):
            other = await self._ask(request, path)
            if await _makes_sense(request, other):
                self._trees.keep(request.path, tree)
                return other
            # Who objects to what is asked may know the resource, or objects to all that it does not know.
            if other.status == HTTPStatus.BAD_REQUEST and not self._trees.tells_identity(
                request.path
            ):
                return other
        return answer

    async def _is_missing(self, request: Request[object], answer: Answer) -> bool:
        """Tell whether a resource may be in another tree."""
        if answer.status == HTTPStatus.NOT_FOUND:
            return True
        if answer.status < HTTPStatus.BAD_REQUEST and (
            not self._trees.tells_identity(request.path) or await _makes_sense(request, answer)
        ):
            self._trees.note_worked(request.path)
            return False
        # A tree that was kept for a word that was none.
        return (
            self._trees.is_moved
            and self._trees.tells_identity(request.path)
            and answer.status <= HTTPStatus.BAD_REQUEST
        )

    async def _ask(self, request: Request[object], path: str) -> Answer:
        answer = await self._session.request(
            request.method,
            path,
            body=request.body,
            limits=request.limits,
            budget=request.budget,
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            self._session.judge_forbidden(answer.body)
        return answer


class BudgetedTransport(Transport):
    """Lets only so many HTTP requests through, challenges included."""

    def __init__(self, transport: Transport, budget: int) -> None:
        """Initialize."""
        self._transport = transport
        self._budget = Budget(budget)

    @property
    def left(self) -> int:
        """How many requests may still be spent."""
        return self._budget.left

    @override
    async def exchange(self, request: Request[object]) -> Answer:
        return await self._transport.exchange(replace(request, budget=self._budget))
