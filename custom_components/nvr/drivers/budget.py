"""How many requests may be spent on something."""

from .errors import DeviceBusyError


class BudgetSpentError(DeviceBusyError):
    """No more requests may be spent in this round."""


class Budget:
    """Requests that may still be put on the wire, whatever becomes of them; challenges are requests."""

    def __init__(self, left: int) -> None:
        """Initialize."""
        self._left = left

    @property
    def left(self) -> int:
        """How many requests may still be spent."""
        return self._left

    def spend(self) -> None:
        """Spend one request. Raises BudgetSpentError where none is left."""
        if self._left <= 0:
            raise BudgetSpentError("request budget spent")
        self._left -= 1
