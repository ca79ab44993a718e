"""Which prediction modes of H.265 copy a neighbour's edge without change (ITU-T H.265, 8.4.4.2).

Straight modes (10, 26) also touch up the block's first row or column; those one step beside them (9, 27) do
not, but look at more of the edge, which does no harm where it is flat.
"""

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .pattern import BLOCK
from .prediction import Choice, Direction, Flags, choose

DC, NEAR_LEFT, LEFT, ABOVE, NEAR_ABOVE = 1, 9, 10, 26, 27


@dataclass(frozen=True, slots=True)
class Modes:
    """Choices for the blocks of a slice.

    Attributes:
        choices: by row and column.
        flat_left: blocks whose left neighbour's edge is flat.
        flat_above: blocks whose upper neighbours' edges are flat.
    """

    choices: list[list[Choice]]
    flat_left: Flags
    flat_above: Flags

    def luma(self, row: int, column: int) -> int:
        """Give the mode of a predicted block's brightness."""
        match self.choices[row][column].luma:
            case Direction.LEFT:
                return NEAR_LEFT if self.flat_left[row, column] else LEFT
            case Direction.ABOVE:
                return NEAR_ABOVE if self.flat_above[row, column] else ABOVE
            case _:
                return DC


def choose_modes(canvas: Canvas, changing: Flags) -> Modes:
    """Choose for the blocks of a slice.

    Args:
        canvas: what the slice shows; nothing outside is looked at.
        changing: blocks that are raw and that nothing may be predicted from.
    """
    rows, columns = canvas.rows, canvas.columns
    blocks = canvas.luma.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).astype(np.int16)
    left_edge, lower_edge = blocks[:, :-1, :, -1], blocks[:-1, :, -1, :]
    corner = blocks[:-1, :-1, -1, -1, None]
    nothing = np.zeros_like(changing)

    flat_left = nothing.copy()
    flat_left[:, 1:] = np.ptp(left_edge, axis=2) == 0
    flat_above = nothing.copy()
    flat_above[1:] = np.ptp(lower_edge, axis=2) == 0
    # One sample of the next block's edge counts too.
    beyond = blocks[:-1, 1:, -1, 0] == lower_edge[:, :-1, -1]
    flat_above[1:, :-1] &= beyond & ~changing[:-1, 1:]

    unsure = nothing.copy()
    unsure[1:, 1:] = changing[:-1, :-1] | changing[:-1, 1:] | changing[1:, :-1]
    touched_left, touched_above = unsure.copy(), unsure.copy()
    touched_left[1:, 1:] |= ((lower_edge[:, 1:] - corner) >> 1 != 0).any(axis=2)
    touched_above[1:, 1:] |= ((left_edge[1:] - corner) >> 1 != 0).any(axis=2)
    unusable = {
        Direction.LEFT: touched_left & ~flat_left,
        Direction.ABOVE: touched_above & ~flat_above,
    }
    return Modes(choose(canvas, changing, nothing, unusable), flat_left, flat_above)
