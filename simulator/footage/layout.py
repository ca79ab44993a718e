"""Where things stand in a picture, counted in blocks of 16 x 16 pixels.

From the top: the pattern between two grey bands, the caption, the scene. In the scene a vehicle
runs along a track. A picture twice as wide has everything twice as big.
"""

from dataclasses import dataclass
from functools import cached_property

from .pattern import BLOCK, CELLS, ROWS, SYNC_CELLS, cell_blocks

# "2026-11-21 14:00:00.040 +01:00"
CAPTION_LENGTH = 30
# The vehicle's rows begin at this part of the scene's height.
_TRACK = 0.72


@dataclass(frozen=True)
class Layout:
    """The places of a picture of some size.

    Attributes:
        width: of the visible picture in pixels.
        height: of the visible picture in pixels.
    """

    width: int
    height: int

    @cached_property
    def columns(self) -> int:
        """Blocks side by side; the last may lie partly outside the visible picture."""
        return -(-self.width // BLOCK)

    @cached_property
    def rows(self) -> int:
        """Blocks on top of each other; the last may lie partly outside the visible picture."""
        return -(-self.height // BLOCK)

    @cached_property
    def cell(self) -> int:
        """Size of a cell of the pattern; the unit by which all else grows."""
        return cell_blocks(self.width)

    @property
    def pattern_row(self) -> int:
        """First row of the pattern."""
        return 1

    @property
    def data_column(self) -> int:
        """First column of the cells that change."""
        return self.cell * (1 + SYNC_CELLS)

    @property
    def pattern_stop_column(self) -> int:
        """First column right of the pattern."""
        return self.cell * (1 + CELLS)

    @property
    def pattern_stop_row(self) -> int:
        """First row below the pattern; a grey band."""
        return self.pattern_row + ROWS * self.cell

    @property
    def caption_row(self) -> int:
        """First row of the caption."""
        return self.pattern_stop_row + 1

    @property
    def caption_column(self) -> int:
        """First column of the caption's text."""
        return self.cell

    @property
    def glyph_columns(self) -> int:
        """Width of a caption's letter."""
        return max(1, self.cell // 2)

    @property
    def glyph_rows(self) -> int:
        """Height of a caption's letter."""
        return 2 * self.glyph_columns

    @property
    def scene_row(self) -> int:
        """First row of the scene."""
        return self.caption_row + self.glyph_rows

    @cached_property
    def track_row(self) -> int:
        """First row of the vehicle's track."""
        return self.scene_row + int((self.rows - self.scene_row) * _TRACK)

    @property
    def vehicle_rows(self) -> int:
        """Height of the vehicle."""
        return self.cell

    @property
    def vehicle_columns(self) -> int:
        """Length of the vehicle."""
        return 2 * self.cell

    @property
    def track_stop_row(self) -> int:
        """First row below the track."""
        return self.track_row + self.vehicle_rows

    @cached_property
    def positions(self) -> int:
        """How many places the vehicle can stand at, one cell apart."""
        return (self.columns - self.vehicle_columns) // self.cell

    def index(self, row: int, column: int) -> int:
        """Give a block's number in raster order."""
        return row * self.columns + column

    def glyph_index(self, place: int) -> int:
        """Give the number of the upper left block of the caption's letter at some place."""
        return self.index(self.caption_row, self.caption_column + place * self.glyph_columns)
