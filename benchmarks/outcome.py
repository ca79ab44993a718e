"""What a bench gives: figures, and charts of what lies behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .figure import Figure
from .maker import Maker


@dataclass(frozen=True)
class Line:
    """One line of a chart; ``limit`` draws it as a bound."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    limit: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A plot: lines over one axis."""

    name: str
    title: str
    x: str
    y: str
    lines: Sequence[Line]
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All that a bench found."""

    figures: Sequence[Figure]
    charts: Sequence[Chart] = ()


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """What a bench has to work with.

    Attributes:
        maker: whose recorders are measured.
        folder: its own, gone afterwards.
        short: whether it is to take well under a minute.
        say: tells people how far it is.
    """

    maker: Maker
    folder: Path
    short: bool
    say: Callable[[str], None] = field(default=lambda _: None)

    def choose[T](self, *, full: T, short: T) -> T:
        """Return what belongs to this form of the bench."""
        return short if self.short else full
