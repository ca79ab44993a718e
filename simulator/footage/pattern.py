"""The pattern in each picture that tells a machine what the picture is of.

Three rows of 32 black or white cells stand at the top of the picture. A row begins with four
cells that never change, 28 cells of data follow:

    channel 8 bits | stream 4 | instant 48 | check 24

The instant counts milliseconds of true UTC since 1970. All fields begin with the highest bit;
white is 1. The check is the low 24 bits of the CRC-32 of the other 60 bits, taken as eight
big-endian bytes. Sizes are counted in blocks of 16 pixels: a cell is `cell_blocks(width)` blocks
wide and high, the first one stands a cell's width from the left and one block from the top.

Needs numpy and pillow alone, so that a check of screenshots can use it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BLOCK = 16
ROWS = 3
SYNC_CELLS = 4
DATA_CELLS = 28
CELLS = SYNC_CELLS + DATA_CELLS
# One marker per row: all differ, so rows can't be taken for each other.
SYNC = (0b1011, 0b0100, 0b1101)
CHANNEL_BITS, STREAM_BITS, INSTANT_BITS, CHECK_BITS = 8, 4, 48, 24
DATA_MASK = (1 << DATA_CELLS) - 1
# A picture this wide has cells of one block, one twice as wide has cells of two.
WIDTH_PER_BLOCK = 640

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

# Widths that streams have. A picture may have been scaled since, so its own width says little.
_NATURAL_WIDTHS = (
    640, 704, 720, 768, 800, 848, 854, 864, 896, 944, 960, 1024, 1152,
    1280, 1440, 1536, 1600, 1920, 2048, 2304, 2560, 2592, 2688, 2880, 3072, 3200, 3840, 4096,
)  # fmt: skip
# Between the mean of the sync cells that are black and those that are white.
_MIN_CONTRAST = 60
# A cell must be this much nearer to its own colour than to the other: half-way is damage.
_MIN_MARGIN = 0.15
# Part of a cell that is looked at; its edges are blurred by scaling and by JPEG.
_CORE = 0.5
# Pictures of one size have their cells at the same places.
_KEPT_CORES = 256


class PatternError(ValueError):
    """The picture holds no pattern, or a damaged one."""


@dataclass(frozen=True, slots=True)
class PatternReading:
    """What the pattern of a picture says.

    Attributes:
        channel: number of the channel, from 1.
        stream: 1 main, 2 sub.
        instant: when the picture was taken, aware UTC, to the millisecond.
    """

    channel: int
    stream: int
    instant: datetime


def cell_blocks(width: int) -> int:
    """Give the size of a cell, in blocks of 16 pixels, in a picture of some natural width."""
    return max(1, width // WIDTH_PER_BLOCK)


def encode(channel: int, stream: int, instant_ms: int) -> tuple[int, int, int]:
    """Give the 28 data bits of each row.

    Args:
        channel: number of the channel, 0 to 255.
        stream: number of the stream, 0 to 15.
        instant_ms: milliseconds of true UTC since 1970.
    """
    fields = ((channel << STREAM_BITS | stream) << INSTANT_BITS) | instant_ms
    bits = fields << CHECK_BITS | _check(fields)
    return bits >> 2 * DATA_CELLS, bits >> DATA_CELLS & DATA_MASK, bits & DATA_MASK


def decode(luma: NDArray[np.uint8]) -> PatternReading:
    """Read the pattern of a picture, scaled or not, as long as the picture is whole.

    Args:
        luma: brightness, height x width.

    Raises:
        PatternError: if there is no pattern or it is damaged.
    """
    if luma.ndim != 2:
        raise PatternError("not a plane of brightness")
    width = luma.shape[1]
    failure = PatternError("no pattern in the picture")
    for cell_per_width, blocks in dict.fromkeys((_geometry(width), *_GEOMETRIES)):
        try:
            return _decode_at(luma, cell_per_width * width, blocks)
        except _DamagedError as damaged:
            failure = damaged
        except PatternError:
            continue
    raise failure


def decode_image(data: bytes) -> PatternReading:
    """Read the pattern of a PNG or JPEG.

    Raises:
        PatternError: if this is no picture, or it holds no pattern, or a damaged one.
    """
    try:
        with Image.open(BytesIO(data)) as image:
            luma = np.asarray(image.convert("L"))
    except (OSError, Image.DecompressionBombError) as err:
        raise PatternError("not a picture") from err
    return decode(luma)


def decode_rgb(data: bytes | bytearray | memoryview, width: int, height: int) -> PatternReading:
    """Read the pattern of raw RGB or RGBA pixels, as a browser's canvas gives them.

    Raises:
        PatternError: if the size does not fit, or there is no pattern, or a damaged one.
    """
    pixels = width * height
    depth = len(data) // pixels if pixels > 0 else 0
    if depth not in (3, 4) or len(data) != pixels * depth:
        raise PatternError("not RGB or RGBA of this size")
    array = np.frombuffer(data, np.uint8).reshape(height, width, depth)
    image = Image.fromarray(np.ascontiguousarray(array[:, :, :3]))
    return decode(np.asarray(image.convert("L")))


class _DamagedError(PatternError):
    """Here is a pattern, but not a whole one."""


def _check(fields: int) -> int:
    return crc32(fields.to_bytes(8)) & ((1 << CHECK_BITS) - 1)


def _geometry(natural_width: int) -> tuple[float, int]:
    """Give a cell's share of the picture's width, and its size in blocks."""
    blocks = cell_blocks(natural_width)
    return blocks * BLOCK / natural_width, blocks


_WHITE = np.array([[row >> bit & 1 for bit in reversed(range(SYNC_CELLS))] for row in SYNC], bool)
_GEOMETRIES = tuple(dict.fromkeys(map(_geometry, _NATURAL_WIDTHS)))


def _decode_at(luma: NDArray[np.uint8], cell: float, blocks: int) -> PatternReading:
    """Read the pattern whose cells are `cell` pixels wide, `blocks` blocks of the natural picture."""
    means = _means(luma, cell, cell / blocks)
    markers = means[:, :SYNC_CELLS]
    black, white = float(markers[~_WHITE].max()), float(markers[_WHITE].min())
    if white - black < _MIN_CONTRAST:
        raise PatternError("no pattern in the picture")
    middle, margin = (white + black) / 2, (white - black) * _MIN_MARGIN
    data = means[:, SYNC_CELLS:]
    if (np.abs(data - middle) < margin).any():
        raise _DamagedError("a cell of the pattern is neither black nor white")
    bits = 0
    for bit in (data > middle).ravel().tolist():
        bits = bits << 1 | bit
    fields, check = bits >> CHECK_BITS, bits & ((1 << CHECK_BITS) - 1)
    if _check(fields) != check:
        raise _DamagedError("the pattern's check does not fit")
    instant = EPOCH + (fields & ((1 << INSTANT_BITS) - 1)) * MILLISECOND
    source = fields >> INSTANT_BITS
    return PatternReading(source >> STREAM_BITS, source & ((1 << STREAM_BITS) - 1), instant)


def _means(luma: NDArray[np.uint8], cell: float, top: float) -> NDArray[np.float64]:
    """Give the mean brightness of the core of each cell."""
    if top + ROWS * cell > luma.shape[0] or (1 + CELLS) * cell > luma.shape[1]:
        raise PatternError("no room for a pattern in the picture")
    lefts, rights = _cores(cell, cell, CELLS)
    if rights[-1] > luma.shape[1]:
        raise PatternError("no room for a pattern in the picture")
    means = np.empty((ROWS, CELLS))
    for row, (upper, lower) in enumerate(zip(*_cores(top, cell, ROWS), strict=True)):
        columns = luma[upper:lower, : rights[-1]].sum(axis=0, dtype=np.int64)
        # Up to each column: a core is the difference of two.
        sums = np.concatenate(([0], columns.cumsum()))
        means[row] = (sums[rights] - sums[lefts]) / ((rights - lefts) * (lower - upper))
    return means


@lru_cache(_KEPT_CORES)
def _cores(first: float, cell: float, cells: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give where the cores of cells begin and end, the first cell of which begins at `first`."""
    edge = cell * (1 - _CORE) / 2
    starts = first + cell * np.arange(cells)
    begins = np.rint(starts + edge).astype(np.int64)
    return begins, np.maximum(begins + 1, np.rint(starts + cell - edge).astype(np.int64))
