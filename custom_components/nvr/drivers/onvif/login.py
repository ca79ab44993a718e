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
from http import HTTPStatus
from time import monotonic
from typing import Any

from ..answer import Answer
from ..budget import Budget
from ..clock import ZERO
from ..errors import DriverError
from ..exchange import LoginExchange
from ..guard import LoginGuard
from ..http import RecorderSession
from ..inquiry import ABSENT
from ..models import Connection
from .clock import RecorderClock
from .envelope import read_answer
from .faults import NotAuthorizedError, wrong_credentials
from .memory import LOGIN, MISLABELLED, DeviceMemory
from .question import Heard, Question
from .soap import described
from .username_token import UsernameToken

CONTENT_TYPE = "application/soap+xml; charset=utf-8"
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

    @classmethod
    def wanted_by(cls, refusal: NotAuthorizedError) -> Scheme:
        """Return what a refusal asks for; a password in the clear is nothing to send where a token may do."""
        return cls.DIGEST if _DIGEST in refusal.challenge.casefold() else cls.TOKEN


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
        description = await described(self.question.service)
        return await self.session.request(
            "POST",
            self.path,
            # A token holds the moment at which it was written, and is old after a few seconds.
            body=lambda: description.write(self.question, token).body,
            content_type=f'{CONTENT_TYPE}; action="{description.action(self.question)}"',
            limits=self.question.limits,
            budget=self.budget,
            unsigned=unsigned,
            repeats=self.question.repeats,
            login=login,
        )

    def read(self, answer: Answer) -> Heard:
        """Return what the device said. Raises DriverError where it refused."""
        question = self.question
        try:
            tree = read_answer(answer.status, answer.body, question.operation, question.right)
        except NotAuthorizedError as err:
            err.challenge = answer.challenge
            raise
        except DriverError as err:
            if answer.status != HTTPStatus.UNAUTHORIZED or not answer.challenge:
                raise
            # HTTP says what the fault leaves open.
            refusal = NotAuthorizedError(str(err), right=question.right)
            refusal.challenge = answer.challenge
            raise refusal from err
        return Heard(tree=tree, sent=answer.sent, received=answer.received)


class DeviceLogin:
    """Logs in to one device, as the guard allows."""

    def __init__(
        self,
        session: RecorderSession,
        connection: Connection,
        guard: LoginGuard,
        memory: DeviceMemory,
        clock: RecorderClock,
    ) -> None:
        """Initialize; ``clock`` is the device's, as tokens go by it."""
        self._session = session
        self._connection = connection
        self._guard = guard
        self._memory = memory
        self._clock = clock
        clock.take_mislabelled(_kept_mislabelling(memory))
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
        if self._is_digest():
            return post.read(await post.signed())
        offset = self._clock.offset
        try:
            return await self._by_token(post)
        except NotAuthorizedError as err:
            # A wrong moment, a changed password or login, or a right that the account lacks.
            refusal = err
        wanted = Scheme.wanted_by(refusal)
        if wanted is Scheme.TOKEN:
            with suppress(*ABSENT):
                await self.measure(post.budget)
        await self.prove(proof, wanted)
        if self._is_digest():
            return post.read(await post.signed())
        if abs((self._clock.offset or ZERO) - (offset or ZERO)) > ALLOWED_SKEW:
            return await self._by_token(post)
        raise refusal

    async def prove(self, proof: Post, wanted: Scheme | None = None) -> Heard:
        """Log in, and return the answer to the question that proves it; ``wanted`` is how, where that is known.

        Raises DriverError.
        """
        async with self._proving:
            scheme = wanted or await self._find_out(proof)
            if scheme is Scheme.DIGEST:
                heard = await self._prove_by_digest(proof)
            else:
                heard = await self._prove_by_token(proof)
            self._scheme = scheme
            self._memory.keep(LOGIN, scheme.value)
            return heard

    async def _find_out(self, proof: Post) -> Scheme:
        """Return how the device wants to be logged in to, by what it tells a stranger. Raises DriverError."""
        try:
            proof.read(await proof.plain())
        except NotAuthorizedError as err:
            return Scheme.wanted_by(err)
        # A device that tells strangers who it is still knows a wrong password when it sees one.
        return Scheme.TOKEN

    async def _prove_by_digest(self, proof: Post) -> Heard:
        try:
            return proof.read(await proof.signed())
        except NotAuthorizedError as err:
            # Refused in another shape than HTTP's.
            error = wrong_credentials()
            self._session.refuse(error)
            raise error from err

    async def _prove_by_token(self, proof: Post) -> Heard:
        if self._clock.offset is None:
            with suppress(*ABSENT):
                await self.measure(proof.budget)
        async with self._session.own_login(proof.budget) as login:
            for zone in self._mislabelled():
                login.announce_login()
                answer = await proof.plain(self._token(zone), login)
                try:
                    heard = proof.read(answer)
                except NotAuthorizedError:
                    continue
                self._taken_at = monotonic()
                login.accept()
                if zone != ZERO:
                    self._clock.take_mislabelled(self._clock.mislabelled + zone)
                    kept = round(self._clock.mislabelled.total_seconds())
                    self._memory.keep(MISLABELLED, str(kept))
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
            heard = post.read(await post.plain(self._token(ZERO)))
        except NotAuthorizedError:
            self._taken_at = float("-inf")
            raise
        self._taken_at = monotonic()
        self._guard.confirm()
        return heard

    @property
    def uses_digest(self) -> bool:
        """Whether messages are behind HTTP's own login, as stills always are."""
        return self._is_digest()

    def _is_digest(self) -> bool:
        return self._scheme is Scheme.DIGEST

    @property
    def _is_fresh(self) -> bool:
        return monotonic() - self._taken_at < FRESH_SECONDS

    def _token(self, zone: timedelta) -> UsernameToken:
        """Return a token by the device's clock, taken for so much ahead."""
        return UsernameToken(
            username=self._connection.username,
            password=self._connection.password,
            offset=(self._clock.offset or ZERO) - zone,
        )

    def _mislabelled(self) -> list[timedelta]:
        """Return by how much the device's UTC may be none, likeliest first; two at most, as each is a try."""
        offset = self._clock.offset or ZERO
        zone = round(offset / ZONE_STEP) * ZONE_STEP
        is_zone = ZERO < abs(zone) <= FARTHEST_ZONE and abs(offset - zone) <= ZONE_SLACK
        return [ZERO, zone] if is_zone else [ZERO]


def _kept_mislabelling(memory: DeviceMemory) -> timedelta:
    try:
        kept = timedelta(seconds=int(memory.text(MISLABELLED) or 0))
    except ValueError, OverflowError:
        return ZERO
    return kept if abs(kept) <= FARTHEST_ZONE else ZERO


async def _nothing(budget: Budget | None) -> None:
    """Measure nothing."""
