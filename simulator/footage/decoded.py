"""The pattern in pictures that a decoder gives."""

import av
import numpy as np

from .pattern import PatternReading, decode


def pattern_of(picture: av.VideoFrame) -> PatternReading:
    """Read the pattern of a decoded picture whose brightness is a plane of bytes, where it lies in memory.

    Raises:
        PatternError: if there is no pattern or it is damaged.
    """
    brightness = picture.planes[0]
    rows = np.frombuffer(brightness, np.uint8).reshape(picture.height, brightness.line_size)
    return decode(rows[:, : picture.width])
