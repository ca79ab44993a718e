"""One figure: what was measured, what it stands beside, and what it is to be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import override

_DIGITS = 4


class Measure(StrEnum):
    """What of a figure an aim is about."""

    VALUE = "value"
    RATIO = "ratio"
    EXCESS = "value - beside"


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a figure is to be.

    Attributes:
        measure: what is looked at.
        at_most: it is no more than this.
        at_least: it is no less than this.
        firm: whether missing it fails a run: requests, logins, memory and fetches are the same
            on every machine, times are not.
        own: whether it is a limit that we set ourselves, so that a step back shows.
    """

    measure: Measure
    at_most: float | None = None
    at_least: float | None = None
    firm: bool = False
    own: bool = False

    def __post_init__(self) -> None:
        if (self.at_most is None) is (self.at_least is None):
            raise ValueError("an aim has one bound")

    @override
    def __str__(self) -> str:
        """Say it as `ratio <= 1.1`."""
        if self.at_most is not None:
            return f"{self.measure} <= {self.at_most:g}"
        return f"{self.measure} >= {self.at_least:g}"

    def met_by(self, value: float, beside: float | None) -> bool:
        """Tell whether a measured value fulfils it; what can't be compared does not."""
        measured: float | None = value
        if self.measure is not Measure.VALUE:
            measured = None if beside is None else value - beside
            if self.measure is Measure.RATIO:
                measured = value / beside if beside else None
        if measured is None:
            return False
        if self.at_most is not None:
            return measured <= self.at_most
        return self.at_least is not None and measured >= self.at_least


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured value.

    Attributes:
        name: unique among all benches, beginning with the bench's.
        value: of ours.
        unit: of both values.
        beside: what the other one needed under the same conditions.
        beside_is: what that is.
        aim: what it is to be.
        conditions: what else there is to know of this figure alone.
    """

    name: str
    value: float
    unit: str
    aim: Aim
    beside: float | None = None
    beside_is: str = ""
    conditions: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in units of what stands beside it."""
        return self.value / self.beside if self.beside else None

    @property
    def met(self) -> bool:
        """Whether the aim is fulfilled."""
        return self.aim.met_by(self.value, self.beside)

    def as_json(self) -> dict[str, str | float | bool | None]:
        """Return it as an object of the file that runs are compared by."""
        return {
            "value": _rounded(self.value),
            "beside": _rounded(self.beside),
            "ratio": _rounded(self.ratio),
            "aim": str(self.aim),
            "met": self.met,
            "unit": self.unit,
            "beside_is": self.beside_is,
            "firm": self.aim.firm,
            "own_aim": self.aim.own,
            "conditions": self.conditions,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
