"""The time pattern in H.264: every picture changes it, so its macroblocks come from a table."""

from functools import lru_cache

from .bits import unsigned
from .canvas import GREY
from .h264_blocks import predicted
from .layout import Layout
from .pattern import CELLS, DATA_CELLS, ROWS
from .prediction import Choice, Direction
from .stage import BLACK, WHITE, sync_bits

_GROUP = 7
_GROUPS = DATA_CELLS // _GROUP
_GROUP_MASK = (1 << _GROUP) - 1
# No macroblock is skipped before this one.
_NO_SKIP = unsigned(0)
_COLOURS = (BLACK, WHITE)


def _from_left(offset: int = 0) -> Choice:
    return Choice(Direction.LEFT, Direction.LEFT, offset)


_FROM_ABOVE = Choice(Direction.ABOVE, Direction.ABOVE)


def _cells(bits: tuple[int, ...], before: int, cell: int, *, inter: bool) -> str:
    """Write the uppermost macroblocks of cells that stand right of a known brightness."""
    skip = _NO_SKIP if inter else ""
    copies = (skip + predicted(_from_left(), inter=inter)) * (cell - 1)
    written = []
    for bit in bits:
        written.append(skip + predicted(_from_left(_COLOURS[bit] - before), inter=inter) + copies)
        before = _COLOURS[bit]
    return "".join(written)


@lru_cache
def _groups(cell: int, inter: bool) -> tuple[str, ...]:
    """Give the macroblocks of seven cells, by the cell before them and their bits."""
    return tuple(
        _cells(
            tuple(bits >> bit & 1 for bit in reversed(range(_GROUP))),
            _COLOURS[before],
            cell,
            inter=inter,
        )
        for before in (0, 1)
        for bits in range(1 << _GROUP)
    )


class PatternRows:
    """Writes the pattern's rows for one layout."""

    def __init__(self, layout: Layout) -> None:
        """Prepare all that is the same in every picture."""
        self._layout = layout
        cell, columns = layout.cell, layout.columns
        self._key_groups, self._inter_groups = _groups(cell, False), _groups(cell, True)
        above = predicted(_FROM_ABOVE)
        self._key_heads = tuple(
            above * cell + _cells(sync_bits(row), GREY, cell, inter=False) for row in range(ROWS)
        )
        self._key_tail = above * (columns - cell * (1 + CELLS)) + above * columns * (cell - 1)
        lower = (_NO_SKIP + predicted(_FROM_ABOVE, inter=True)) * (DATA_CELLS * cell)
        gap = unsigned(columns - DATA_CELLS * cell)
        self._inter_tail = (gap + lower[len(_NO_SKIP) :]) * (cell - 1)

    def key(self, cells: tuple[int, int, int]) -> str:
        """Write the whole pattern for a key frame."""
        parts = []
        for row in range(ROWS):
            parts.append(self._key_heads[row])
            parts += self._data(row, cells[row], self._key_groups)
            parts.append(self._key_tail)
        return "".join(parts)

    def inter(self, cells: tuple[int, int, int], before: tuple[int, int, int]) -> tuple[str, int]:
        """Write the rows that have changed.

        Returns:
            The bits and the number of the macroblock behind the last one written.
        """
        layout, done = self._layout, 0
        parts: list[str] = []
        for row in range(ROWS):
            if cells[row] == before[row]:
                continue
            first = layout.index(layout.pattern_row + row * layout.cell, layout.data_column)
            data = self._data(row, cells[row], self._inter_groups)
            parts += (unsigned(first - done), data[0][len(_NO_SKIP) :], *data[1:], self._inter_tail)
            last_row = layout.pattern_row + (row + 1) * layout.cell - 1
            done = layout.index(last_row, layout.pattern_stop_column)
        return "".join(parts), done

    @staticmethod
    def _data(row: int, bits: int, groups: tuple[str, ...]) -> list[str]:
        before = sync_bits(row)[-1]
        data = []
        for shift in range((_GROUPS - 1) * _GROUP, -1, -_GROUP):
            group = bits >> shift & _GROUP_MASK
            data.append(groups[before << _GROUP | group])
            before = group & 1
        return data
