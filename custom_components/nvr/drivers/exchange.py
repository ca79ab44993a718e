"""One request of ours on its way: what it takes on the wire, and what came of the login in it."""

from datetime import UTC, datetime

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse

from .budget import Budget
from .errors import AuthenticationError
from .login import Login


class LoginExchange:
    """One request of ours with all that it takes on the wire."""

    def __init__(self, login: Login, budget: Budget | None) -> None:
        """Initialize. Raises what the guard raises where nothing may be sent."""
        self._login = login
        self.budget = budget
        self.is_retry = False
        self.requests = 0
        self.sent = self.received = datetime.now(UTC)
        self.login_unanswered = False
        # What the last 401 said, and what that means.
        self.refused = b""
        self.refusal: AuthenticationError | None = None
        # Whether a nonce was refused that had been let in just before, or for what was only guessed to be its age.
        self.reuse_refused = False
        self.guessed = False
        self.looked_again = False
        self.pass_guard()

    async def admit(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Pass through the outer layer, as an aiohttp middleware."""
        return await self._login.admit(request, handler, self)

    async def sign(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Pass through the digest, as an aiohttp middleware."""
        return await self._login.auth_for_one()(request, handler)

    async def send(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Pass through the inner layer, as an aiohttp middleware."""
        return await self._login.send(request, handler, self)

    async def send_unsigned(
        self, request: ClientRequest, handler: ClientHandlerType
    ) -> ClientResponse:
        """Put a request on the wire that logs in by other means than HTTP's own, as an aiohttp middleware."""
        return await self._login.send_unsigned(request, handler, self)

    def announce_login(self) -> None:
        """Note that the next request carries credentials."""
        self._login.count_login()
        self.login_unanswered = True

    def withdraw_login(self) -> None:
        """Note that it was not sent after all: no handshake, no request."""
        self.login_unanswered = False

    def accept(self) -> None:
        """Note that the recorder accepted them."""
        self.login_unanswered = False
        self._login.guard.accept()

    def refuse(self, error: AuthenticationError) -> None:
        """Note that it refused them."""
        self.login_unanswered = False
        self._login.refuse(error)

    def pass_guard(self) -> None:
        """Raise where nothing may be sent; the one more try after a refusal passes all along."""
        self._login.check()
        if not self.is_retry:
            self._login.guard.check()
            self.is_retry = self._login.guard.refused

    def end_without_verdict(self, *, cancelled: bool = False) -> None:
        """Tell the guard of a try that ended without a verdict; does nothing after one."""
        # A person who no longer wants a picture is no sign of a recorder that can't answer.
        login = self.login_unanswered and (self.is_retry or not cancelled)
        if self.is_retry or login:
            self._login.guard.unanswered(login=login)
