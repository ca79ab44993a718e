"""What to ask in which minute: the budget of polling, spent on what is most overdue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import logging
from time import monotonic

from ..errors import AuthenticationError, CannotConnectError, DeviceBusyError, DriverError
from .transport import BudgetedTransport, BudgetSpentError, Transport

_LOGGER = logging.getLogger(__name__)

REQUESTS_PER_ROUND = 4


@dataclass(slots=True, kw_only=True)
class Turn:
    """Something to ask again every so often. ``wanted`` says whether there is anything to ask."""

    name: str
    seconds: float
    ask: Callable[[Transport], Awaitable[None]]
    wanted: Callable[[], bool] = lambda: True
    due: float = field(default=0.0)

    def overdue(self, now: float) -> float:
        """Return how late it is, in its own intervals."""
        return (now - self.due) / max(self.seconds, 1.0)


class Rota:
    """Spends at most four requests a round: first what every round needs, then the most overdue."""

    def __init__(
        self, turns: list[Turn], *, last: Turn, now: Callable[[], float] = monotonic
    ) -> None:
        """Initialize; ``last`` is asked where a round would else send nothing and prove nothing."""
        self._turns = turns
        self._last = last
        self._now = now
        start = now()
        for turn in turns:
            # Set-up has just asked all of them.
            turn.due = start + turn.seconds

    def hurry(self, name: str) -> None:
        """Let a turn come up in the next round."""
        for turn in self._turns:
            if turn.name == name:
                turn.due = float("-inf")

    async def round(self, transport: Transport) -> None:
        """Ask what is due. Raises AuthenticationError and CannotConnectError; other failures wait."""
        budgeted = BudgetedTransport(transport, REQUESTS_PER_ROUND)
        now = self._now()
        due = [turn for turn in self._turns if turn.due <= now and turn.wanted()]
        for turn in sorted(due, key=lambda turn: turn.overdue(now), reverse=True):
            if budgeted.left <= 0:
                return
            await self._take(turn, budgeted)
        if budgeted.left == REQUESTS_PER_ROUND:
            await self._take(self._last, budgeted)

    async def _take(self, turn: Turn, transport: Transport) -> None:
        try:
            await turn.ask(transport)
        except BudgetSpentError:
            # Goes on in the next round.
            return
        except AuthenticationError, CannotConnectError:
            raise
        except DeviceBusyError as err:
            _LOGGER.debug("%s: %s", turn.name, err)
            return
        except DriverError as err:
            _LOGGER.debug("%s: %s", turn.name, err)
        turn.due = self._now() + turn.seconds
