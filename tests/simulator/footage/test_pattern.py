"""Reading the pattern from pictures as a check gets them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
import pytest

from simulator.footage.formats import StreamFormat
from simulator.footage.pattern import (
    BLOCK,
    CELLS,
    PatternError,
    PatternReading,
    cell_blocks,
    decode,
    decode_image,
    decode_rgb,
    encode,
)

from .streams import MAIN, START, SUB, byte_stream, decode_by_ffmpeg, source

FORMS = [
    MAIN,
    SUB,
    replace(SUB, width=704, height=576),
    replace(SUB, width=960, height=540),
    replace(MAIN, width=1920, height=1080, fps=20),
    replace(MAIN, width=2560, height=1440, fps=20),
]


def photograph(form: StreamFormat) -> tuple[Image.Image, PatternReading]:
    """Give a picture in the colours of a screen, and what it must say."""
    (frame,) = source(form, channel=211, stream=1).video(
        instant := source(form, channel=211).key_frame_at_or_before(START),
        source(form, channel=211).key_frame_at_or_before(START) + source(form).frame_interval,
    )
    (planes,) = decode_by_ffmpeg(byte_stream([frame]), form)
    pixels = form.width * form.height
    half = form.height // 2, form.width // 2
    channels = [Image.fromarray(planes[:pixels].reshape(form.height, form.width))]
    for start in (pixels, pixels * 5 // 4):
        plane = Image.fromarray(planes[start : start + pixels // 4].reshape(half))
        channels.append(plane.resize((form.width, form.height)))
    picture = Image.merge("YCbCr", channels).convert("RGB")
    return picture, PatternReading(211, 1, instant)


# Cells stay at least eight pixels wide.
SCALED = [
    pytest.param(form, scale, id=f"{form.width}x{form.height} by {scale}")
    for form in FORMS
    for scale in (1, 0.5, 0.37, 0.75, 1.6)
    if form.width * scale >= 320
]


@pytest.mark.parametrize(("form", "scale"), SCALED)
def test_survives_scaling_and_jpeg(form: StreamFormat, scale: float) -> None:
    picture, reading = photograph(form)
    size = round(form.width * scale), round(form.height * scale)
    picture = picture.resize(size, Image.Resampling.BILINEAR)
    data = BytesIO()
    picture.save(data, "JPEG", quality=75)
    assert decode_image(data.getvalue()) == reading
    assert decode_rgb(picture.tobytes(), *size) == reading
    assert decode_rgb(bytearray(picture.convert("RGBA").tobytes()), *size) == reading


def test_survives_full_range_brightness() -> None:
    """Whether a player stretches 16..235 to 0..255 or not."""
    picture, reading = photograph(MAIN)
    stretched = picture.convert("L").point(lambda level: max(0, min(255, (level - 16) * 255 / 219)))
    assert decode(np.asarray(stretched)) == reading


def luma() -> NDArray[np.uint8]:
    picture, _ = photograph(SUB)
    return np.array(picture.convert("L"))


def test_every_damaged_cell_is_noticed() -> None:
    """A cell from another picture, as a decoder leaves behind where data was lost."""
    whole = luma()
    size = BLOCK * cell_blocks(SUB.width)
    for row in range(3):
        for column in range(1, CELLS + 1):
            damaged = whole.copy()
            cell = damaged[
                BLOCK + row * size : BLOCK + (row + 1) * size, column * size : (column + 1) * size
            ]
            cell[:] = 255 - cell
            with pytest.raises(PatternError):
                decode(damaged)


def test_half_a_picture_is_noticed() -> None:
    whole = luma()
    grey = whole.copy()
    grey[:, SUB.width // 2 :] = 128
    with pytest.raises(PatternError):
        decode(grey)
    with pytest.raises(PatternError):
        decode(whole[:40])


@pytest.mark.parametrize("level", [0, 128, 255])
def test_no_pattern(level: int) -> None:
    with pytest.raises(PatternError):
        decode(np.full((360, 640), level, np.uint8))


def test_noise_is_no_pattern() -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        with pytest.raises(PatternError):
            decode(chance.integers(0, 256, (360, 640), np.uint8))


def test_what_is_no_picture() -> None:
    with pytest.raises(PatternError):
        decode_image(b"no picture")
    with pytest.raises(PatternError):
        decode_rgb(bytes(100), 640, 360)
    with pytest.raises(PatternError):
        decode_rgb(b"", 0, 0)
    with pytest.raises(PatternError):
        decode(np.zeros((4, 4, 4), np.uint8))


def test_neighbouring_instants_differ_in_many_cells() -> None:
    now = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp() * 1000)
    for one, other in pairwise(encode(3, 1, now + ms) for ms in range(0, 2000, 40)):
        assert sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True)) > 3
