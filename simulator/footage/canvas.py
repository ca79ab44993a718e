"""Pictures as planes of samples, 4:2:0, video range, ITU-R BT.709."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .pattern import BLOCK

CHROMA_BLOCK = BLOCK // 2
GREY = 128

type Plane = NDArray[np.uint8]

_TO_YCBCR = np.array(
    [
        [0.2126, 0.7152, 0.0722],
        [-0.2126 / 1.8556, -0.7152 / 1.8556, 0.9278 / 1.8556],
        [0.7874 / 1.5748, -0.7152 / 1.5748, -0.0722 / 1.5748],
    ],
    np.float32,
)
_LUMA_BASE, _LUMA_SPAN, _CHROMA_SPAN, _FULL = 16, 219, 224, 255


@dataclass(frozen=True, eq=False)
class Canvas:
    """A picture of whole blocks.

    No sample is ever 0, so raw blocks need no emulation prevention. Chroma samples are even: a flat block
    can then be coded exactly as its neighbour plus one coefficient, in H.264 and H.265 alike.

    Attributes:
        luma: brightness, rows x columns.
        cb: blueness at half the size.
        cr: redness at half the size.
    """

    luma: Plane
    cb: Plane
    cr: Plane

    @classmethod
    def from_image(cls, image: Image.Image) -> Canvas:
        """Convert an RGB image whose sides are multiples of the block size."""
        rgb = np.asarray(image.convert("RGB"), dtype=np.float32) / _FULL
        planes = rgb @ _TO_YCBCR.T
        luma = np.rint(_LUMA_BASE + _LUMA_SPAN * planes[:, :, 0]).astype(np.uint8)
        tints = planes[:, :, 1:]
        upper, lower = tints[::2], tints[1::2]
        halves = (upper[:, ::2] + upper[:, 1::2] + lower[:, ::2] + lower[:, 1::2]) / 4
        chroma = (np.rint((GREY + _CHROMA_SPAN * halves) / 2) * 2).astype(np.uint8)
        return cls(luma, chroma[:, :, 0].copy(), chroma[:, :, 1].copy())

    def copy(self) -> Canvas:
        """Give a picture of its own that can be painted on."""
        return Canvas(self.luma.copy(), self.cb.copy(), self.cr.copy())

    def strip(self, start: int, stop: int) -> Canvas:
        """Give some rows of blocks."""
        luma, chroma = (
            slice(start * BLOCK, stop * BLOCK),
            slice(start * CHROMA_BLOCK, stop * CHROMA_BLOCK),
        )
        return Canvas(self.luma[luma], self.cb[chroma], self.cr[chroma])

    def paste(self, other: Canvas, row: int, column: int) -> None:
        """Paint another picture over this one, its upper left corner at a block."""
        for mine, its, size in (
            (self.luma, other.luma, BLOCK),
            (self.cb, other.cb, CHROMA_BLOCK),
            (self.cr, other.cr, CHROMA_BLOCK),
        ):
            height, width = its.shape
            mine[row * size : row * size + height, column * size : column * size + width] = its

    def block(self, row: int, column: int) -> bytes:
        """Give the raw samples of a block: luma, Cb, Cr, each in raster order."""
        y, x = row * BLOCK, column * BLOCK
        v, u = row * CHROMA_BLOCK, column * CHROMA_BLOCK
        return (
            self.luma[y : y + BLOCK, x : x + BLOCK].tobytes()
            + self.cb[v : v + CHROMA_BLOCK, u : u + CHROMA_BLOCK].tobytes()
            + self.cr[v : v + CHROMA_BLOCK, u : u + CHROMA_BLOCK].tobytes()
        )

    @property
    def rows(self) -> int:
        """Height in blocks."""
        return len(self.luma) // BLOCK

    @property
    def columns(self) -> int:
        """Width in blocks."""
        return len(self.luma[0]) // BLOCK
