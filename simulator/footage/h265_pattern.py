"""The time pattern in H.265: a slice whose arithmetic code is put together from a table.

A cell's brightness is its left neighbour's plus one coefficient. Cells at even and at odd places
have slightly different blacks and whites, so the coefficient is never 0 and always bigger than 2:
all bins that are coded by context are then the same in every picture, only plain bins differ.
These leave the coder's range alone, so a code is the sum of shifted pieces.
"""

from functools import lru_cache
from itertools import pairwise, product

from .bits import protected
from .cabac import whole_code
from .canvas import GREY
from .h265_blocks import SliceCoder, neighbours, remainder
from .h265_modes import ABOVE, DC, NEAR_ABOVE, NEAR_LEFT
from .layout import Layout
from .pattern import CELLS, DATA_CELLS, ROWS, SYNC_CELLS
from .prediction import Choice, Direction
from .stage import BLACK, WHITE, sync_bits

# At this quantiser a level of 1 is an offset of 4.
QUANTISER = 40
_STEP = 4
_ODD = 12
_COLOURS = (BLACK, WHITE), (BLACK + _ODD, WHITE - _ODD)
_COPY = Choice(Direction.LEFT, Direction.MIDDLE)
_OTHER = Choice(Direction.LEFT, Direction.MIDDLE, 1)
_GROUP = 7
_GROUPS = DATA_CELLS // _GROUP
_GROUP_MASK = (1 << _GROUP) - 1

type Piece = tuple[int, int]
"""By how much the code is shifted and what is added to it."""


class PatternSlice:
    """Writes the slice of the pattern and the bands around it."""

    def __init__(self, layout: Layout, *, inter: bool) -> None:
        """Code all that is the same in every picture."""
        self._layout = layout
        self._inter = inter
        self._writer = SliceCoder(inter=inter, quantiser=QUANTISER)
        self._skipped: list[bool] | None = None
        # What stands before each cell of data, and the coder's range there.
        self._slots: list[tuple[Piece, int]] = []
        for row in range(layout.caption_row):
            self._row(row, last=row == layout.caption_row - 1)
        low, shifts = self._writer.coder.take()
        self._head, self._tables = self._join((shifts, low))

    def write(self, cells: tuple[int, int, int]) -> bytes:
        """Give the slice's data for the bits of each row of the pattern."""
        shifts, low = self._head
        tables = iter(self._tables)
        for row in range(ROWS):
            before = sync_bits(row)[-1]
            for shift in range((_GROUPS - 1) * _GROUP, -1, -_GROUP):
                group = cells[row] >> shift & _GROUP_MASK
                further, added = next(tables)[before << _GROUP | group]
                low = (low << further) + added
                shifts += further
                before = group & 1
        return protected(whole_code(low, shifts))

    def _row(self, row: int, *, last: bool) -> None:
        """Write a row of blocks."""
        layout, writer = self._layout, self._writer
        place, line = divmod(row - layout.pattern_row, layout.cell)
        inside = 0 <= place < ROWS
        data = range(layout.data_column, layout.pattern_stop_column) if inside else range(0)
        skipped = [self._inter and column not in data for column in range(layout.columns)]
        beside = DC
        for column, count in enumerate(neighbours(skipped, self._skipped)):
            if skipped[column]:
                writer.skip(count)
                beside = DC
            else:
                mode = self._mode(row, column, upper=line == 0, inside=inside)
                new, within = divmod(column, layout.cell)
                cell = new - 1
                if inside and line == 0 and within == 0 and 0 <= cell < CELLS:
                    self._cell(place, cell, mode, beside, count)
                else:
                    writer.predicted(_COPY, mode, beside, count)
                beside = mode
            writer.coder.end(int(last and column == layout.columns - 1))
        self._skipped = skipped

    def _mode(self, row: int, column: int, *, upper: bool, inside: bool) -> int:
        """Give the mode that copies the neighbour which has the block's colour."""
        layout = self._layout
        if not inside:
            return NEAR_LEFT if column else ABOVE if row else DC
        if column >= layout.pattern_stop_column:
            return NEAR_ABOVE
        return NEAR_LEFT if upper and column >= layout.cell else ABOVE

    def _cell(self, row: int, cell: int, mode: int, beside: int, skipped: int) -> None:
        """Write the first block of a cell, or leave a slot for its coefficient."""
        writer = self._writer
        writer.announce(_OTHER, mode, beside, skipped)
        writer.big_coefficient()
        if cell >= SYNC_CELLS:
            low, shifts = writer.coder.take()
            self._slots.append(((shifts, low), writer.coder.range))
            return
        bits = sync_bits(row)
        before = _COLOURS[(cell - 1) % 2][bits[cell - 1]] if cell else GREY
        writer.coder.plain(_difference(_COLOURS[cell % 2][bits[cell]], before))

    def _join(self, tail: Piece) -> tuple[Piece, list[tuple[Piece, ...]]]:
        """Make tables of seven cells each, by the cell before them and their bits.

        Returns:
            What stands before the first cell of data, and the tables in order.
        """
        pieces = [piece for piece, _ in self._slots] + [tail]
        tables = []
        for first in range(0, ROWS * DATA_CELLS, _GROUP):
            table = []
            for bits in product((0, 1), repeat=_GROUP + 1):
                low = shifts = 0
                for slot, (before, bit) in enumerate(pairwise(bits), first):
                    odd = slot % DATA_CELLS % 2
                    code = _difference(_COLOURS[odd][bit], _COLOURS[1 - odd][before])
                    further, added = pieces[slot + 1]
                    low = (low << len(code)) + self._slots[slot][1] * int(code, 2)
                    low = (low << further) + added
                    shifts += len(code) + further
                table.append((shifts, low))
            tables.append(tuple(table))
        return pieces[0], tables


def _difference(brightness: int, before: int) -> str:
    return remainder((brightness - before) // _STEP)


@lru_cache
def pattern_slice(layout: Layout, *, inter: bool) -> PatternSlice:
    """Give the writer for a layout; all streams of a size share it."""
    return PatternSlice(layout, inter=inter)
