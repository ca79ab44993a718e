"""Asking over CGI: questions in an address, answers as lines of text or JSON (section 2 of the notes)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from ..answer import Answer, Transfer
from ..budget import Budget
from ..errors import CannotConnectError
from ..http import RecorderSession
from .faults import cgi_fault
from .question import CgiRequest, Heard
from .tree import Tree, at, read_answer

# Parsing more than this takes long enough to be felt in the event loop.
PARSE_ELSEWHERE_BYTES = 128 * 1024
# What some devices put behind the last line.
PADDING = b"\x00 "
# Of a line, of JSON.
_ENDS = (b"\n", b"}", b"]")


class Cgi:
    """The CGI of one device, behind HTTP's own login."""

    def __init__(self, session: RecorderSession) -> None:
        """Initialize."""
        self._session = session

    async def ask(self, request: CgiRequest, budget: Budget | None = None) -> Tree:
        """Return what the device answers, nothing for ``OK``. Raises DriverError, by the tables of ``faults``."""
        return (await self.hear(request, budget)).tree

    async def hear(self, request: CgiRequest, budget: Budget | None = None) -> Heard:
        """Return what the device answers, and when. Raises DriverError."""
        answer = await self._session.request(
            request.method,
            request.path,
            body=request.body,
            content_type="application/json",
            limits=request.limits,
            budget=budget,
            repeats=not request.moves_on,
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            self._session.judge_forbidden(answer.body)
        tree = await read(request, answer)
        end = answer.body.rstrip(PADDING)[-1:]
        return Heard(tree=tree, sent=answer.sent, received=answer.received, ended=end in _ENDS)

    async def fetch(self, request: CgiRequest, budget: Budget | None = None) -> Answer:
        """Return an answer that is no text: a picture. Raises DriverError."""
        answer = await self._session.request(
            request.method, request.path, limits=request.limits, budget=budget
        )
        if answer.status == HTTPStatus.FORBIDDEN:
            self._session.judge_forbidden(answer.body)
        fault = cgi_fault(answer.status, answer.body, request.what, request.right)
        if fault is not None:
            raise fault
        return answer

    @asynccontextmanager
    async def transfer(self, path: str) -> AsyncIterator[Transfer]:
        """Open a bulk transfer; waits while another runs. Whatever its status."""
        async with self._session.transfer("GET", path) as transfer:
            yield transfer


async def read(request: CgiRequest, answer: Answer) -> Tree:
    """Return what an answer says. Raises DriverError where it is a refusal, was cut or makes no sense."""

    def understand() -> Tree:
        if answer.cut and not answer.body.rstrip(PADDING).endswith(b"\n"):
            # Lines don't tell how many they are: without the last ones a zone has no summer, a search no files.
            raise CannotConnectError("the recorder's answer was cut")
        fault = cgi_fault(answer.status, answer.body, request.what, request.right)
        if fault is not None:
            raise fault
        return at(read_answer(answer.body), *request.inside)

    if len(answer.body) > PARSE_ELSEWHERE_BYTES:
        return await asyncio.to_thread(understand)
    return understand()
