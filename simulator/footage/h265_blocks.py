"""Coding units of H.265, all of 16 x 16 samples (ITU-T H.265, 7.3.8 and 9.3).

A unit is raw, predicted from a neighbour with at most DC coefficients, or skipped: the same as in
the picture before.
"""

from collections.abc import Iterator
from enum import IntEnum

from .bits import protected
from .cabac import Coder, initial_state
from .h265_modes import ABOVE, DC, LEFT
from .prediction import Choice, Direction

# The mode that the upper neighbour seems to have: it lies in another tree, so it is not looked at.
_PLANAR = 0


class Context(IntEnum):
    """The contexts that are used."""

    SKIP = 0
    SKIP_ONE_BESIDE = 1
    SKIP_TWO_BESIDE = 2
    INTRA = 3
    PARTITION = 4
    LIKELY_MODE = 5
    CHROMA_MODE = 6
    LUMA_CODED = 7
    CHROMA_CODED = 8
    LUMA_LAST_X = 9
    LUMA_LAST_Y = 10
    CHROMA_LAST_X = 11
    CHROMA_LAST_Y = 12
    LUMA_ABOVE_ONE = 13
    LUMA_ABOVE_TWO = 14
    CHROMA_ABOVE_ONE = 15
    CHROMA_ABOVE_TWO = 16


# initValue of each context in I and in P slices (tables 9-7 to 9-37).
_UNUSED = 154
_KEY_VALUES = (
    _UNUSED, _UNUSED, _UNUSED, _UNUSED, 184, 184, 63, 141, 94, 125, 125, 108, 108, 92, 138, 179, 152,
)  # fmt: skip
_INTER_VALUES = (
    197, 185, 201, 149, 154, 154, 152, 111, 149, 125, 125, 108, 108, 196, 107, 194, 107,
)  # fmt: skip


class SliceCoder:
    """Writes the units of one slice.

    Attributes:
        coder: of the bins.
    """

    def __init__(self, *, inter: bool, quantiser: int) -> None:
        """Begin a slice."""
        values = _INTER_VALUES if inter else _KEY_VALUES
        self.coder = Coder([initial_state(value, quantiser) for value in values])
        self._inter = inter

    def skip(self, skipped_beside: int) -> None:
        """Skip a unit.

        Args:
            skipped_beside: how many of the left and upper neighbours are skipped too.
        """
        self.coder.bin(Context.SKIP + skipped_beside, 1)

    def raw(self, skipped_beside: int = 0) -> bytes:
        """Announce a raw unit and give the code up to there; its samples follow, then `raw_end`."""
        self._intra(skipped_beside)
        self.coder.end(1)
        return protected(self.coder.finish())

    def predicted(
        self, choice: Choice, mode: int, mode_beside: int, skipped_beside: int = 0
    ) -> None:
        """Write a predicted unit.

        Args:
            choice: what is added to the prediction.
            mode: of the brightness.
            mode_beside: mode of the left neighbour's brightness; DC if it is raw, skipped or missing.
            skipped_beside: how many of the left and upper neighbours are skipped.
        """
        self.announce(choice, mode, mode_beside, skipped_beside)
        self._coefficient(choice.offset, Context.LUMA_LAST_X)
        self._coefficient(choice.cb_offset // 2, Context.CHROMA_LAST_X)
        self._coefficient(choice.cr_offset // 2, Context.CHROMA_LAST_X)

    def announce(
        self, choice: Choice, mode: int, mode_beside: int, skipped_beside: int = 0
    ) -> None:
        """Write a predicted unit up to its coefficients."""
        self._intra(skipped_beside)
        self.coder.end(0)
        self._mode(mode, mode_beside)
        self._chroma_mode(choice.chroma, mode)
        coder = self.coder
        coder.bin(Context.CHROMA_CODED, int(choice.cb_offset != 0))
        coder.bin(Context.CHROMA_CODED, int(choice.cr_offset != 0))
        coder.bin(Context.LUMA_CODED, int(choice.offset != 0))

    def big_coefficient(self) -> None:
        """Write that a DC coefficient of the brightness is bigger than 2; `remainder` follows."""
        self.coder.bin(Context.LUMA_LAST_X, 0)
        self.coder.bin(Context.LUMA_LAST_Y, 0)
        self.coder.bin(Context.LUMA_ABOVE_ONE, 1)
        self.coder.bin(Context.LUMA_ABOVE_TWO, 1)

    def finish(self) -> bytes:
        """Give the code behind the last unit."""
        return protected(self.coder.finish())

    def _intra(self, skipped_beside: int) -> None:
        if self._inter:
            self.coder.bin(Context.SKIP + skipped_beside, 0)
            self.coder.bin(Context.INTRA, 1)
        self.coder.bin(Context.PARTITION, 1)

    def _mode(self, mode: int, mode_beside: int) -> None:
        """Write the mode of the brightness: one of three likely ones, or its place among the rest."""
        likely = [mode_beside, DC, _PLANAR]
        if mode_beside == DC:
            likely = [_PLANAR, DC, ABOVE]
        if mode in likely:
            self.coder.bin(Context.LIKELY_MODE, 1)
            self.coder.plain(("0", "10", "11")[likely.index(mode)])
            return
        self.coder.bin(Context.LIKELY_MODE, 0)
        self.coder.plain(format(mode - sum(other < mode for other in likely), "05b"))

    def _chroma_mode(self, direction: Direction, luma_mode: int) -> None:
        """Write the mode of the colours: named, or that of the brightness."""
        mode = {Direction.LEFT: LEFT, Direction.ABOVE: ABOVE}.get(direction, luma_mode)
        same = mode == luma_mode
        self.coder.bin(Context.CHROMA_MODE, int(not same))
        if not same:
            self.coder.plain({ABOVE: "01", LEFT: "10"}[mode])

    def _coefficient(self, level: int, first: Context) -> None:
        """Write a block with only a DC coefficient, or nothing at all."""
        if level == 0:
            return
        chroma = first is Context.CHROMA_LAST_X
        above_one = Context.CHROMA_ABOVE_ONE if chroma else Context.LUMA_ABOVE_ONE
        self.coder.bin(first, 0)
        self.coder.bin(first + 1, 0)
        self.coder.bin(above_one, int(abs(level) > 1))
        if abs(level) > 1:
            self.coder.bin(above_one + 1, int(abs(level) > 2))
        self.coder.plain(remainder(level))


def remainder(level: int) -> str:
    """Write a coefficient's sign, and by how much it is bigger than what was said before (9.3.3.11)."""
    sign = "1" if level < 0 else "0"
    rest = abs(level) - 3
    if rest < 0:
        return sign
    if rest < 4:
        return f"{sign}{'1' * rest}0"
    rest, width = rest - 4, 1
    prefix = "1111"
    while rest >= 1 << width:
        prefix += "1"
        rest -= 1 << width
        width += 1
    return f"{sign}{prefix}0{rest:0{width}b}"


def neighbours(row: list[bool], above: list[bool] | None) -> Iterator[int]:
    """Count, for each unit of a row, which of its left and upper neighbours are skipped."""
    for column in range(len(row)):
        yield int(column > 0 and row[column - 1]) + int(above is not None and above[column])
