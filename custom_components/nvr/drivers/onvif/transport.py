"""Asking a device: which of its addresses, with which login, and what its answer means."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, override

from ..budget import Budget, BudgetSpentError
from ..errors import (
    AuthenticationError,
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    NotSupportedError,
)
from ..http import RecorderSession
from .faults import NotAuthorizedError
from .identity import DEVICE_INFORMATION
from .login import DeviceLogin, Post
from .question import Heard, Question
from .service import Service

# Where every device has this one (section 1 of the notes); it names the others.
DEVICE_PATH = "/onvif/device_service"
END_SECONDS = 5.0


class Transport(ABC):
    """Carries questions to a device, or to what was recorded of one."""

    @abstractmethod
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        """Return what the device says, unread. Raises DriverError where it says nothing or refuses."""

    @abstractmethod
    def offers(self, service: Service) -> bool | None:
        """Return whether the device has a service, None before it said so."""

    @abstractmethod
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        """Take where the device's services are: paths, or addresses where the port is another one."""

    async def ask[T](self, question: Question[T], budget: Budget | None = None) -> T:
        """Return what the device says, understood. Raises DriverError."""
        return question.read((await self.exchange(question, budget)).tree)

    @property
    def left(self) -> int | None:
        """How many requests may still be spent, None for any number."""
        return None

    def afford(self, requests: int) -> None:
        """Raise BudgetSpentError where fewer requests are left than something takes that has to be ended."""
        if self.left is not None and self.left < requests:
            raise BudgetSpentError(
                f"{requests} requests are too many for what is left of this round"
            )

    async def end(self, ending: Question[None]) -> bool:
        """Have the device end what it began for us, whatever may still be spent: it has room for few of them.

        What it says to that counts for nothing, as what is over may be gone. Returns whether it said anything.
        """
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.exchange(ending)
        except TimeoutError, CannotConnectError, AuthenticationError:
            return False
        except DriverError as err:
            return isinstance(err, DeviceFaultError) or not isinstance(err, DeviceBusyError)
        return True


class LiveTransport(Transport):
    """Carries questions over HTTP, with the login that the device wants."""

    def __init__(self, session: RecorderSession, login: DeviceLogin) -> None:
        """Initialize."""
        self._session = session
        self._login = login
        self._addresses: Mapping[Service, str] | None = None
        # What has to be answered to strangers, and is not.
        self._closed: set[str] = set()

    @override
    def offers(self, service: Service) -> bool | None:
        if service is Service.DEVICE:
            return True
        return None if self._addresses is None else service in self._addresses

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        self._addresses = dict(addresses)

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        post = self._post(question, budget)
        if question.open and question.operation not in self._closed:
            try:
                return await self.exchange_as_stranger(question, budget)
            except NotAuthorizedError:
                self._closed.add(question.operation)
        return await self._login.exchange(post, self._post(DEVICE_INFORMATION, budget))

    async def exchange_as_stranger(
        self, question: Question[Any], budget: Budget | None = None
    ) -> Heard:
        """Return what the device tells anybody, unread. Raises DriverError."""
        post = self._post(question, budget)
        return post.read(await post.plain())

    async def prove(self, budget: Budget | None = None) -> None:
        """See that the device takes the credentials at this moment. Raises DriverError."""
        await self._login.prove(self._post(DEVICE_INFORMATION, budget))

    def _post(self, question: Question[Any], budget: Budget | None) -> Post:
        return Post(self._session, self._path(question), question, budget)

    def _path(self, question: Question[Any]) -> str:
        if question.address is not None:
            return question.address
        if (path := (self._addresses or {}).get(question.service)) is not None:
            return path
        if question.service is Service.DEVICE:
            return DEVICE_PATH
        raise NotSupportedError(f"{question.operation}: the device has no such service")


class StrangersTransport(Transport):
    """Carries questions without any login."""

    def __init__(self, transport: LiveTransport) -> None:
        """Initialize."""
        self._transport = transport

    @override
    def offers(self, service: Service) -> bool | None:
        return self._transport.offers(service)

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        self._transport.take_addresses(addresses)

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        return await self._transport.exchange_as_stranger(question, budget)


class BudgetedTransport(Transport):
    """Lets only so many HTTP requests through, challenges and logins included."""

    def __init__(self, transport: Transport, budget: int) -> None:
        """Initialize."""
        self._transport = transport
        self.budget = Budget(budget)

    @property
    @override
    def left(self) -> int:
        """How many requests may still be spent."""
        return self.budget.left

    @override
    def offers(self, service: Service) -> bool | None:
        return self._transport.offers(service)

    @override
    def take_addresses(self, addresses: Mapping[Service, str]) -> None:
        self._transport.take_addresses(addresses)

    @override
    async def exchange(self, question: Question[Any], budget: Budget | None = None) -> Heard:
        return await self._transport.exchange(question, self.budget)

    @override
    async def end(self, ending: Question[None]) -> bool:
        with suppress(BudgetSpentError):
            self.budget.spend()
        return await self._transport.end(ending)
