"""Asking a device for one thing after the other, and noting how that went."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
import logging

from .budget import BudgetSpentError
from .errors import (
    CannotConnectError,
    DeviceBusyError,
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NotPermittedError,
    NotSupportedError,
    UnknownDeviceError,
)

_LOGGER = logging.getLogger(__name__)

type Asked = tuple[type[DriverError], ...]

# What makes one thing absent and does not stop the rest.
ABSENT: Asked = (
    NotSupportedError,
    NotPermittedError,
    InvalidAnswerError,
    UnknownDeviceError,
    # What a model lacks may be answered with a device error too.
    DeviceFaultError,
)
UNHEARD: Asked = (*ABSENT, DeviceBusyError, CannotConnectError)

# When what failed is asked again: by the next round, soon where asking may hang, rarely where it is refused.
NEXT_ROUND_SECONDS = 55.0
SOON_SECONDS = 300.0
RARELY_SECONDS = 3600.0
# So many answers without sense are asked for again soon.
SENSELESS = 2


@dataclass(frozen=True, slots=True)
class Inquired[T]:
    """One thing to ask, and what it is called where it is missing."""

    what: str
    ask: Callable[[T], Awaitable[None]]


class Inquiry[T]:
    """Asks by name over a transport; ``absent`` says what is missing, and why."""

    def __init__(self, absent: dict[str, str]) -> None:
        """Initialize."""
        self._absent = absent
        self._inquired: dict[str, Inquired[T]] = {}
        self._answered: set[str] = set()
        self._pauses: dict[str, float] = {}
        self._senseless: dict[str, int] = {}
        self._refusal: DriverError | None = None

    async def ask(self, name: str, transport: T) -> None:
        """Ask one thing by its name, and note how that went. Raises DriverError."""
        inquired = self._inquired[name]
        try:
            await inquired.ask(transport)
        except BudgetSpentError:
            if name not in self._answered:
                self._pauses[name] = NEXT_ROUND_SECONDS
                self._absent.setdefault(inquired.what, "not asked yet")
            raise
        except UNHEARD as err:
            _LOGGER.debug("Not available: %s (%s)", name, err)
            self._pauses[name] = self._pause_after(name, err)
            self._absent[inquired.what] = str(err)
            raise
        self._answered.add(name)
        self._senseless.pop(name, None)
        self._pauses.pop(name, None)
        self._absent.pop(inquired.what, None)

    def pause(self, name: str) -> float | None:
        """Return after how many seconds to ask again what failed, None where it did not fail."""
        return self._pauses.get(name)

    async def _put(self, name: str, transport: T, *, essential: bool = False) -> None:
        """Ask, and go on where the thing is absent."""
        try:
            await self.ask(name, transport)
        except BudgetSpentError:
            return
        except UNHEARD as err:
            if essential and not isinstance(err, ABSENT):
                raise
            if isinstance(err, NotPermittedError | DeviceFaultError):
                self._refusal = err

    def _pause_after(self, name: str, err: DriverError) -> float:
        # What was there once fails for the moment only.
        known = name in self._answered
        if isinstance(err, DeviceBusyError) and (known or not isinstance(err, DeviceFaultError)):
            return NEXT_ROUND_SECONDS
        if isinstance(err, InvalidAnswerError):
            # It may have been damaged on its way; what makes no sense time after time is no answer.
            self._senseless[name] = self._senseless.get(name, 0) + 1
            known = known or self._senseless[name] <= SENSELESS
        if known or isinstance(err, DeviceFaultError | CannotConnectError):
            return SOON_SECONDS
        return RARELY_SECONDS
