"""What a channel's camera looks at: a house by a road, coloured by channel."""

import colorsys
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .canvas import GREY, Canvas
from .layout import Layout
from .pattern import BLOCK

type Colour = tuple[int, int, int]

# Edges get smooth by painting twice as big.
_OVERSAMPLING = 2
# Hues of neighbouring channels lie far apart.
_GOLDEN_RATIO = 0.618034
CAPTION_INK, CAPTION_GROUND = 235, 32
_BAND = (130, 130, 130)
_GRASS, _ASPHALT, _KERB = (86, 125, 70), (72, 74, 78), (150, 150, 146)
_WHITE, _DARK, _GLASS, _DOOR = (245, 245, 245), (34, 36, 40), (190, 215, 230), (92, 64, 48)
_TRUNK, _LEAVES, _ROOF = (94, 70, 50), (58, 104, 62), (120, 62, 52)
STREAM_NAMES = {1: "MAIN", 2: "SUB"}


def _colour(channel: int, saturation: float, brightness: float) -> Colour:
    hue = channel * _GOLDEN_RATIO % 1
    red, green, blue = (
        round(255 * part) for part in colorsys.hsv_to_rgb(hue, saturation, brightness)
    )
    return red, green, blue


class _Painter:
    """Paints in units of a cell, so that streams of all sizes show the same."""

    def __init__(self, columns: int, rows: int, cell: int) -> None:
        self._factor = cell * BLOCK * _OVERSAMPLING
        size = columns * BLOCK * _OVERSAMPLING, rows * BLOCK * _OVERSAMPLING
        self.image = Image.new("RGB", size, _BAND)
        self._draw = ImageDraw.Draw(self.image)

    def _pixels(self, *places: float) -> tuple[int, ...]:
        return tuple(round(place * self._factor) for place in places)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        left, top, right, bottom = self._pixels(x, y, x + width, y + height)
        self._draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self._draw.ellipse(
            self._pixels(x - radius, y - radius, x + radius, y + radius), fill=colour
        )

    def shape(self, corners: tuple[float, ...], colour: Colour) -> None:
        self._draw.polygon(self._pixels(*corners), fill=colour)

    def fade(self, y: float, height: float, above: Colour, below: Colour) -> None:
        top, bottom = self._pixels(y, y + height)
        for line in range(top, bottom):
            part = (line - top) / (bottom - top)
            mixed = tuple(round(a + (b - a) * part) for a, b in zip(above, below, strict=True))
            self._draw.line((0, line, self.image.width, line), fill=mixed)

    def text(self, x: float, y: float, size: float, words: str, colour: Colour) -> None:
        font = ImageFont.load_default(size * self._factor)
        self._draw.text(
            (x * self._factor, y * self._factor), words, fill=colour, font=font, anchor="lm"
        )

    def canvas(self) -> Canvas:
        size = self.image.width // _OVERSAMPLING, self.image.height // _OVERSAMPLING
        return Canvas.from_image(self.image.resize(size, Image.Resampling.BOX))


def paint_scene(layout: Layout, channel: int, stream: int) -> Canvas:
    """Paint all that stands still: bands, the caption's ground, the scene without the vehicle."""
    cell = layout.cell
    painter = _Painter(layout.columns, layout.rows, cell)
    width, bottom = layout.columns / cell, layout.rows / cell
    top, road, kerb = (
        row / cell for row in (layout.scene_row, layout.track_row, layout.track_stop_row)
    )
    horizon = int(top + (road - top) * 0.62)
    painter.fade(top, horizon - top, _colour(channel, 0.45, 0.74), _colour(channel, 0.12, 0.97))
    painter.box(0, horizon, width, bottom - horizon, _GRASS)
    _paint_house(painter, channel, left=width * 0.62 + channel % 4, ground=road - 1)
    _paint_tree(painter, x=width * 0.16 + 2 * (channel % 3), ground=road - 1)
    painter.box(0, road - 0.5, width, 0.25, _KERB)
    painter.box(0, road, width, kerb - road, _ASPHALT)
    painter.fade(kerb, 1, _ASPHALT, _GRASS)
    title = f"CH {channel:02} {STREAM_NAMES.get(stream, stream)}"
    painter.box(1, top + 1, 13, 3, _colour(channel, 0.75, 0.42))
    painter.text(1.5, top + 2.5, 2, title, _WHITE)
    canvas = painter.canvas()
    start, stop = layout.caption_row * BLOCK, layout.scene_row * BLOCK
    canvas.luma[:start], canvas.luma[start:stop] = GREY, CAPTION_GROUND
    canvas.cb[: stop // 2] = canvas.cr[: stop // 2] = GREY
    return canvas


def _paint_house(painter: _Painter, channel: int, *, left: float, ground: float) -> None:
    left, base = int(left), int(ground)
    painter.shape((left - 1, base - 4, left + 4, base - 7, left + 9, base - 4), _ROOF)
    painter.box(left, base - 4, 8, 4, _colour(channel, 0.35, 0.88))
    painter.box(left + 1, base - 3, 2, 1, _GLASS)
    painter.box(left + 6, base - 3, 1, 1, _GLASS)
    painter.box(left + 4, base - 2, 1, 2, _DOOR)


def _paint_tree(painter: _Painter, *, x: float, ground: float) -> None:
    x, base = int(x), int(ground)
    painter.box(x - 0.25, base - 2, 0.5, 2, _TRUNK)
    painter.disc(x, base - 3.25, 1.75, _LEAVES)


@lru_cache(maxsize=64)
def paint_vehicle(layout: Layout, channel: int) -> Canvas:
    """Paint the vehicle on its piece of road."""
    painter = _Painter(layout.vehicle_columns, layout.vehicle_rows, layout.cell)
    painter.box(0, 0, 2, 1, _ASPHALT)
    painter.box(0.1, 0.4, 1.8, 0.4, _colour(channel, 0.9, 0.85))
    painter.shape((0.4, 0.42, 0.65, 0.08, 1.35, 0.08, 1.6, 0.42), _colour(channel, 0.9, 0.85))
    painter.shape((0.52, 0.4, 0.7, 0.16, 0.95, 0.16, 0.95, 0.4), _GLASS)
    painter.shape((1.03, 0.4, 1.03, 0.16, 1.3, 0.16, 1.46, 0.4), _GLASS)
    for x in (0.5, 1.5):
        painter.disc(x, 0.8, 0.18, _DARK)
    return painter.canvas()


@lru_cache(maxsize=512)
def glyph_blocks(character: str, columns: int, rows: int) -> tuple[tuple[bytes, ...], ...]:
    """Give the raw blocks, row by row, of one letter of the caption."""
    width, height = columns * BLOCK, rows * BLOCK
    image = Image.new("L", (width, height), CAPTION_GROUND)
    # The widest sign of the caption is a digit: 0.58 of the font's size, high 0.72.
    font = ImageFont.load_default(min(width / 0.6, height * 0.95))
    draw = ImageDraw.Draw(image)
    draw.text((width / 2, height / 2), character, fill=CAPTION_INK, font=font, anchor="mm")
    luma = np.asarray(image)
    grey = np.full((height // 2, width // 2), GREY, np.uint8)
    canvas = Canvas(luma, grey, grey)
    return tuple(
        tuple(canvas.block(row, column) for column in range(columns)) for row in range(rows)
    )
