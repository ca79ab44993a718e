"""The product's icon: a lens that plays, over the timeline of what was recorded.

Drawn here rather than by hand, so that its shapes are free of anybody's rights and every size
comes out of the same numbers. All measures are in units of an icon 256 wide.
"""

from collections.abc import Sequence
import math
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

BRAND = Path(__file__).resolve().parents[1] / "custom_components/nvr/brand"
SIZE = 256
OVERSAMPLING = 4

type Colour = tuple[int, int, int]
type Point = tuple[float, float]

SKY: Colour = (56, 189, 248)
OCEAN: Colour = (29, 78, 216)
NIGHT: Colour = (15, 23, 42)
GLASS: Colour = (30, 58, 112)
SNOW: Colour = (248, 250, 252)
RECORDING: Colour = (239, 68, 68)
IDLE: Colour = (148, 163, 184)

LENS_CENTRE: Point = (128, 106)
LENS_RADIUS = 104
RIM = 19
PLAY_RADIUS = 47
PLAY_ROUNDING = 8
TIMELINE_TOP = 224
TIMELINE_HEIGHT = 22
TIMELINE_LEFT, TIMELINE_RIGHT = 14, 242
# Where on the timeline something was recorded: begin and end, from 0 to 1.
RECORDED: Sequence[tuple[float, float]] = ((0.0, 0.34), (0.42, 0.58), (0.66, 1.0))
PLAYHEAD = 0.5


class Canvas:
    """A picture that is drawn larger than asked for and shrunk, for smooth edges."""

    def __init__(self, pixels: int) -> None:
        """Begin a transparent square picture, `pixels` wide in the end."""
        self._pixels = pixels
        self._scale = pixels * OVERSAMPLING / SIZE
        self._image = Image.new("RGBA", (pixels * OVERSAMPLING,) * 2, (0, 0, 0, 0))

    def finished(self) -> Image.Image:
        """Give the picture in the size asked for."""
        return self._image.resize((self._pixels,) * 2, Image.Resampling.LANCZOS)

    def disc(self, centre: Point, radius: float, top: Colour, bottom: Colour) -> None:
        """Draw a filled circle, shaded from its upper left to its lower right."""
        mask = self._mask()
        ImageDraw.Draw(mask).ellipse(self._box(centre, radius), fill=255)
        self._paint(mask, top, bottom, (centre[1] - radius, centre[1] + radius))

    def bar(self, left: float, right: float, colour: Colour) -> None:
        """Draw a piece of the timeline with round ends."""
        mask = self._mask()
        top, bottom = TIMELINE_TOP, TIMELINE_TOP + TIMELINE_HEIGHT
        box = [value * self._scale for value in (left, top, right, bottom)]
        ImageDraw.Draw(mask).rounded_rectangle(
            box, radius=TIMELINE_HEIGHT / 2 * self._scale, fill=255
        )
        self._paint(mask, colour, colour, (top, bottom))

    def triangle(self, centre: Point, radius: float, rounding: float, colour: Colour) -> None:
        """Draw a triangle that points to the right, with rounded corners."""
        mask = self._mask()
        draw = ImageDraw.Draw(mask)
        corners = [
            (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
            for angle in (0, 2 * math.pi / 3, 4 * math.pi / 3)
        ]
        scaled = [(x * self._scale, y * self._scale) for x, y in corners]
        draw.polygon(scaled, fill=255)
        for begin, end in zip(scaled, scaled[1:] + scaled[:1], strict=True):
            draw.line([begin, end], fill=255, width=round(2 * rounding * self._scale))
        for corner in corners:
            draw.ellipse(self._box(corner, rounding), fill=255)
        self._paint(mask, colour, colour, (0, SIZE))

    def shine(self, centre: Point, radius: float, strength: int) -> None:
        """Brighten a soft spot, as light on glass does."""
        mask = self._mask()
        ImageDraw.Draw(mask).ellipse(self._box(centre, radius), fill=strength)
        blurred = mask.filter(ImageFilter.GaussianBlur(radius * 0.45 * self._scale))
        inside = self._mask()
        ImageDraw.Draw(inside).ellipse(self._box(LENS_CENTRE, LENS_RADIUS - RIM), fill=255)
        clipped = Image.composite(blurred, self._mask(), inside)
        self._image.paste((*SNOW, 255), mask=clipped)

    def _mask(self) -> Image.Image:
        return Image.new("L", self._image.size, 0)

    def _box(self, centre: Point, radius: float) -> tuple[float, float, float, float]:
        (x, y), s = centre, self._scale
        return ((x - radius) * s, (y - radius) * s, (x + radius) * s, (y + radius) * s)

    def _paint(
        self, mask: Image.Image, top: Colour, bottom: Colour, span: tuple[float, float]
    ) -> None:
        begin, end = (value * self._scale for value in span)
        shade = Image.new("RGBA", (1, self._image.height))
        for row in range(self._image.height):
            part = min(1.0, max(0.0, (row - begin) / (end - begin)))
            mixed = [round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)]
            shade.putpixel((0, row), (mixed[0], mixed[1], mixed[2], 255))
        self._image.paste(shade.resize(self._image.size), mask=mask)


def icon(pixels: int) -> Image.Image:
    """Draw the icon, `pixels` wide."""
    canvas = Canvas(pixels)
    canvas.disc(LENS_CENTRE, LENS_RADIUS, SKY, OCEAN)
    canvas.disc(LENS_CENTRE, LENS_RADIUS - RIM, NIGHT, GLASS)
    canvas.shine((96, 70), 34, 90)
    canvas.triangle((LENS_CENTRE[0] - 3, LENS_CENTRE[1]), PLAY_RADIUS, PLAY_ROUNDING, SNOW)
    width = TIMELINE_RIGHT - TIMELINE_LEFT
    canvas.bar(TIMELINE_LEFT, TIMELINE_RIGHT, IDLE)
    for begin, end in RECORDED:
        canvas.bar(TIMELINE_LEFT + begin * width, TIMELINE_LEFT + end * width, OCEAN)
    middle = (TIMELINE_LEFT + PLAYHEAD * width, TIMELINE_TOP + TIMELINE_HEIGHT / 2)
    canvas.disc(middle, TIMELINE_HEIGHT * 0.9, SNOW, SNOW)
    canvas.disc(middle, TIMELINE_HEIGHT * 0.68, RECORDING, RECORDING)
    return canvas.finished()


def main() -> None:
    """Write every size that Home Assistant looks for; it takes the icon for the logo too."""
    BRAND.mkdir(parents=True, exist_ok=True)
    for name, pixels in (("icon.png", SIZE), ("icon@2x.png", 2 * SIZE)):
        icon(pixels).save(BRAND / name, optimize=True)


if __name__ == "__main__":
    main()
