"""The login that a device wants: HTTP's digest, or WS-UsernameToken (section 3 of the notes).

A stranger's question tells which: its refusal holds a challenge of HTTP's, or none. So no credentials are spent on
finding out, and a wrong password costs one refused login. It is GetDeviceInformation that proves a login, as much
else is answered to strangers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from time import monotonic
from typing import Any

from ..answer import Answer
from ..budget import Budget
from ..clock import ZERO
from ..exchange import LoginExchange
from ..guard import LoginGuard
from ..http import RecorderSession
from ..inquiry import ABSENT
from ..models import Connection
from .envelope import read_answer
from .faults import NotAuthorizedError, wrong_credentials
from .memory import LOGIN, MISLABELLED, DeviceMemory
from .question import Heard, Question
from .soap import write
from .username_token import UsernameToken

_DIGEST = "digest "
# A password is not changed and tried within that.
FRESH_SECONDS = 30.0
# Devices allow for some seconds between their clock and a token.
ALLOWED_SKEW = timedelta(seconds=2)
# Local time that is labelled UTC is off by a zone: whole half hours but for some seconds.
ZONE_STEP = timedelta(minutes=30)
ZONE_SLACK = timedelta(minutes=2)
FARTHEST_ZONE = timedelta(hours=14)


class Scheme(StrEnum):
    """How a device wants to be logged in to."""

    DIGEST = "digest"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Post:
    """A question on its way to a device's address."""

    session: RecorderSession
    path: str
    question: Question[Any]
    budget: Budget | None

    async def plain(
        self, token: UsernameToken | None = None, login: LoginExchange | None = None
    ) -> Answer:
        """Send it without HTTP's login. Raises DriverError."""
        return await self._send(token, unsigned=True, login=login)

    async def signed(self) -> Answer:
        """Send it with HTTP's login. Raises DriverError."""
        return await self._send(None, unsigned=False, login=None)

    async def _send(
        self, token: UsernameToken | None, *, unsigned: bool, login: LoginExchange | None
    ) -> Answer:
        return await self.session.request(
            "POST",
            self.path,
            body=await write(self.question, token),
            content_type=f'application/soap+xml; charset=utf-8; action="{self.question.action}"',
            limits=self.question.limits,
            budget=self.budget,
            unsigned=unsigned,
            login=login,
        )

    def read(self, answer: Answer) -> Heard:
        """Return what the device said. Raises DriverError where it refused."""
        question = self.question
        tree = read_answer(answer.status, answer.body, question.operation, question.right)
        return Heard(tree=tree, sent=answer.sent, received=answer.received)


class DeviceLogin:
    """Logs in to one device, as the guard allows."""

    def __init__(
        self,
        session: RecorderSession,
        connection: Connection,
        guard: LoginGuard,
        memory: DeviceMemory,
        offset: Callable[[], timedelta | None],
    ) -> None:
        """Initialize; ``offset`` returns device minus true time, None before it was measured."""
        self._session = session
        self._connection = connection
        self._guard = guard
        self._memory = memory
        self._offset = offset
        # Has the device's time measured, set by who can.
        self.measure: Callable[[Budget | None], Awaitable[None]] = _nothing
        self._scheme: Scheme | None = None
        self._proving = asyncio.Lock()
        self._scouting = asyncio.Lock()
        self._taken_at = float("-inf")

    async def exchange(self, post: Post, proof: Post) -> Heard:
        """Return the answer to a question that is not for strangers; ``proof`` is the one that proves the login.

        Raises DriverError; NotPermittedError where others may ask that, AuthenticationError where nobody is let in.
        """
        if self._scheme is None or self._guard.refused:
            heard = await self.prove(proof)
            if post.question is proof.question:
                return heard
        if self._uses_digest():
            return post.read(await post.signed())
        offset = self._offset()
        try:
            return await self._by_token(post)
        except NotAuthorizedError as err:
            # A wrong moment, a changed password or login, or a right that the account lacks.
            refusal = err
        with suppress(*ABSENT):
            await self.measure(post.budget)
        await self.prove(proof)
        if self._uses_digest():
            return post.read(await post.signed())
        if abs((self._offset() or ZERO) - (offset or ZERO)) > ALLOWED_SKEW:
            return await self._by_token(post)
        raise refusal

    async def prove(self, proof: Post) -> Heard:
        """Log in, and return the answer to the question that proves it. Raises DriverError."""
        async with self._proving:
            answer = await proof.plain()
            try:
                heard = proof.read(answer)
            except NotAuthorizedError:
                digest = _DIGEST in answer.challenge.casefold()
                scheme = Scheme.DIGEST if digest else Scheme.TOKEN
            else:
                # A device that tells strangers who it is still knows a wrong password when it sees one.
                scheme = Scheme.TOKEN
            if scheme is Scheme.DIGEST:
                heard = await self._prove_by_digest(proof)
            else:
                heard = await self._prove_by_token(proof)
            self._scheme = scheme
            self._memory.keep(LOGIN, scheme.value)
            return heard

    async def _prove_by_digest(self, proof: Post) -> Heard:
        try:
            return proof.read(await proof.signed())
        except NotAuthorizedError as err:
            # Refused in another shape than HTTP's.
            error = wrong_credentials()
            self._session.refuse(error)
            raise error from err

    async def _prove_by_token(self, proof: Post) -> Heard:
        if self._offset() is None:
            with suppress(*ABSENT):
                await self.measure(proof.budget)
        async with self._session.own_login(proof.budget) as login:
            for mislabelled in self._mislabelled():
                login.announce_login()
                answer = await proof.plain(self._token(mislabelled), login)
                try:
                    heard = proof.read(answer)
                except NotAuthorizedError:
                    continue
                self._taken_at = monotonic()
                self._memory.keep(MISLABELLED, str(round(mislabelled.total_seconds())))
                login.accept()
                return heard
            error = wrong_credentials()
            login.refuse(error)
            raise error

    async def _by_token(self, post: Post) -> Heard:
        """Send a question with a token; where the last was not taken just now, one goes ahead alone."""
        if not self._is_fresh:
            async with self._scouting:
                if not self._is_fresh:
                    return await self._send(post)
        return await self._send(post)

    async def _send(self, post: Post) -> Heard:
        try:
            heard = post.read(await post.plain(self._token(self._kept_mislabelling)))
        except NotAuthorizedError:
            self._taken_at = float("-inf")
            raise
        self._taken_at = monotonic()
        self._guard.confirm()
        return heard

    def _uses_digest(self) -> bool:
        return self._scheme is Scheme.DIGEST

    @property
    def _is_fresh(self) -> bool:
        return monotonic() - self._taken_at < FRESH_SECONDS

    def _token(self, mislabelled: timedelta) -> UsernameToken:
        return UsernameToken(
            username=self._connection.username,
            password=self._connection.password,
            offset=(self._offset() or ZERO) - mislabelled,
        )

    @property
    def _kept_mislabelling(self) -> timedelta:
        try:
            seconds = int(self._memory.text(MISLABELLED) or 0)
        except ValueError:
            return ZERO
        kept = timedelta(seconds=seconds)
        return kept if abs(kept) <= FARTHEST_ZONE else ZERO

    def _mislabelled(self) -> list[timedelta]:
        """Return by how much the device's UTC may be none, likeliest first; two at most, as each is a try."""
        if (kept := self._kept_mislabelling) != ZERO:
            return [kept, ZERO]
        offset = self._offset() or ZERO
        zone = round(offset / ZONE_STEP) * ZONE_STEP
        is_zone = ZERO < abs(zone) <= FARTHEST_ZONE and abs(offset - zone) <= ZONE_SLACK
        return [ZERO, zone] if is_zone else [ZERO]


async def _nothing(budget: Budget | None) -> None:
    """Measure nothing."""
