"""The still picture of a stream with the places in it that change."""

from functools import lru_cache

import numpy as np

from .canvas import Canvas
from .layout import CAPTION_LENGTH, Layout
from .pattern import SYNC, SYNC_CELLS
from .prediction import Flags
from .scene import glyph_blocks, paint_scene, paint_vehicle

BLACK, WHITE = 24, 232


class Stage:
    """Scene, letters and vehicle of one stream of a channel, as blocks.

    Attributes:
        layout: where things stand.
        scene: all that stands still.
        changing: by row and column, the blocks of caption and track.
        move: gives, for the vehicle's place before and now, the raw blocks that change, by number
            in raster order.
    """

    def __init__(self, layout: Layout, *, channel: int, stream: int) -> None:
        """Paint the scene."""
        self.layout = layout
        self.scene = paint_scene(layout, channel, stream)
        self._vehicle = paint_vehicle(layout, channel)
        self.move = lru_cache(maxsize=2 * layout.positions)(self._make_move)
        self.changing: Flags = np.zeros((layout.rows, layout.columns), np.bool_)
        stop = layout.caption_column + CAPTION_LENGTH * layout.glyph_columns
        self.changing[layout.caption_row : layout.scene_row, layout.caption_column : stop] = True
        self.changing[layout.track_row : layout.track_stop_row] = True

    def with_vehicle(self, position: int) -> Canvas:
        """Give the scene with the vehicle at a place."""
        canvas = self.scene.copy()
        canvas.paste(self._vehicle, self.layout.track_row, position * self.layout.cell)
        return canvas

    def letter(self, place: int, character: str) -> dict[int, bytes]:
        """Give the raw blocks of a letter of the caption, by number in raster order."""
        layout = self.layout
        first = layout.glyph_index(place)
        grid = glyph_blocks(character, layout.glyph_columns, layout.glyph_rows)
        return {
            first + row * layout.columns + column: block
            for row, blocks in enumerate(grid)
            for column, block in enumerate(blocks)
        }

    def _make_move(self, before: int, position: int) -> dict[int, bytes]:
        layout = self.layout
        canvas = self.with_vehicle(position)
        columns = {
            place * layout.cell + column
            for place in (before, position)
            for column in range(layout.vehicle_columns)
        }
        return {
            layout.index(row, column): canvas.block(row, column)
            for row in range(layout.track_row, layout.track_stop_row)
            for column in columns
        }


@lru_cache
def sync_bits(row: int) -> tuple[int, ...]:
    """Give the cells that begin a row of the pattern."""
    return tuple(SYNC[row] >> bit & 1 for bit in reversed(range(SYNC_CELLS)))
