"""What the HTTP servers of recorded devices have in common: who may ask, and what was asked."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sized
from typing import Protocol

from aiohttp import web

from simulator.core.accounts import Accounts, Outcome, Verdict
from simulator.core.requests import Request as Entry, RequestLog
from simulator.core.time_source import Now

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LARGEST_QUESTION = 256 * 1024


class Recorded(Sized, Protocol):
    """What was recorded of a device; its length is the number of answers.

    Attributes:
        name: what it is called.
    """

    name: str


class ReplayFace(ABC):
    """Gives recorded answers to whoever logs in.

    Attributes:
        requests: what was asked.
    """

    def __init__(self, accounts: Accounts, now: Now) -> None:
        """Answer those users."""
        self.requests = RequestLog()
        self.accounts = accounts
        self._now = now

    @property
    @abstractmethod
    def recording(self) -> Recorded:
        """What was recorded."""

    @abstractmethod
    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer somebody who may ask."""

    @abstractmethod
    def challenge(self, *, stale: bool) -> web.Response:
        """Refuse whoever doesn't say who he is."""

    def is_open(self, request: web.Request) -> bool:
        """Say whether a request says in its own way who it is from."""
        return False

    async def identify(self, request: web.Request) -> Verdict:
        """Check who a request is from."""
        return self.accounts.check(
            request.method,
            request.headers.get("Authorization"),
            request.raw_path,
            source=request.remote or "",
        )

    def application(self) -> web.Application:
        """Give a new application."""
        application = web.Application(
            middlewares=[self._authenticate], client_max_size=LARGEST_QUESTION
        )
        application.router.add_route("*", "/{path:.*}", self.serve)
        return application

    def challenged(self, response: web.Response, *, stale: bool) -> web.Response:
        """Add to a refusal how a client may say who it is."""
        for challenge in self.accounts.challenges(stale=stale):
            response.headers.add("WWW-Authenticate", challenge)
        return response

    @web.middleware
    async def _authenticate(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        user = None
        if self.is_open(request):
            response = await handler(request)
        else:
            verdict = await self.identify(request)
            user = verdict.user.name if verdict.user is not None else None
            if verdict.accepted:
                response = await handler(request)
            else:
                response = self.challenge(stale=verdict.outcome is Outcome.STALE)
        self.requests.add(
            Entry(
                at=self._now(),
                method=request.method,
                path=request.path,
                query=request.query_string,
                status=response.status,
                user=user,
                source=request.remote or "",
            )
        )
        return response
