"""Which blocks of a picture can be told by their neighbours, so that they cost next to nothing.

A block whose samples are those of its left or upper neighbour's edge plus a constant needs a
prediction and at most one coefficient. All others are sent raw.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from .canvas import CHROMA_BLOCK, GREY, Canvas, Plane
from .pattern import BLOCK

type Blocks = NDArray[np.int16]
type Flags = NDArray[np.bool_]

_NEVER = np.iinfo(np.int16).max


class Direction(IntEnum):
    """Where a prediction comes from."""

    NONE = -1
    """Not predictable: raw samples."""
    ABOVE = 0
    LEFT = 1
    MIDDLE = 2
    """The grey that stands for neighbours that don't exist."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How one block is coded.

    Attributes:
        luma: direction of the brightness; NONE if the block is raw.
        chroma: direction of both colours.
        offset: what is added to the predicted brightness.
        cb_offset: what is added to the predicted blueness; even.
        cr_offset: what is added to the predicted redness; even.
    """

    luma: Direction
    chroma: Direction = Direction.NONE
    offset: int = 0
    cb_offset: int = 0
    cr_offset: int = 0


RAW = Choice(Direction.NONE)


def choose(
    canvas: Canvas,
    changing: Flags,
    forced: Flags,
    unusable: dict[Direction, Flags] | None = None,
) -> list[list[Choice]]:
    """Choose for each block of a picture.

    Args:
        canvas: the picture.
        changing: by row and column, blocks that nothing may be predicted from. They are raw.
        forced: further blocks that are to be raw.
        unusable: by direction, blocks whose brightness a codec can't predict exactly from there.
    """
    luma = _offsets(canvas.luma, BLOCK, changing)
    for direction, flags in (unusable or {}).items():
        luma[direction] = np.where(flags, _NEVER, luma[direction]).tolist()
    cb = _offsets(canvas.cb, CHROMA_BLOCK, changing)
    cr = _offsets(canvas.cr, CHROMA_BLOCK, changing)
    raw = (changing | forced).tolist()
    return [
        [
            RAW if raw[row][column] else _choice(luma, cb, cr, row, column)
            for column in range(canvas.columns)
        ]
        for row in range(canvas.rows)
    ]


def _choice(
    luma: dict[Direction, list[list[int]]],
    cb: dict[Direction, list[list[int]]],
    cr: dict[Direction, list[list[int]]],
    row: int,
    column: int,
) -> Choice:
    best = min(luma, key=lambda direction: abs(luma[direction][row][column]))
    offset = luma[best][row][column]
    colour = min(cb, key=lambda way: abs(cb[way][row][column]) + abs(cr[way][row][column]))
    cb_offset, cr_offset = cb[colour][row][column], cr[colour][row][column]
    if _NEVER in (offset, cb_offset, cr_offset):
        return RAW
    return Choice(best, colour, offset, cb_offset, cr_offset)


def _offsets(plane: Plane, size: int, changing: Flags) -> dict[Direction, list[list[int]]]:
    """Give, by direction, the constant that lies between prediction and block, where it is one."""
    rows, columns = plane.shape[0] // size, plane.shape[1] // size
    blocks = plane.reshape(rows, size, columns, size).swapaxes(1, 2).astype(np.int16)
    above = np.full((rows, columns), _NEVER, np.int16)
    left = np.full((rows, columns), _NEVER, np.int16)
    middle = np.full((rows, columns), _NEVER, np.int16)
    above[1:] = _constant(blocks[1:] - blocks[:-1, :, -1, None, :], changing[:-1])
    left[:, 1:] = _constant(blocks[:, 1:] - blocks[:, :-1, :, -1, None], changing[:, :-1])
    middle[0, 0] = _constant(blocks[:1, :1] - GREY, np.zeros((1, 1), np.bool_))[0, 0]
    return {
        Direction.LEFT: left.tolist(),
        Direction.ABOVE: above.tolist(),
        Direction.MIDDLE: middle.tolist(),
    }


def _constant(difference: Blocks, unusable: Flags) -> Blocks:
    lowest, highest = difference.min(axis=(2, 3)), difference.max(axis=(2, 3))
    return np.where((lowest == highest) & ~unusable, lowest, _NEVER).astype(np.int16)
