"""Parameter sets of H.264 (ITU-T H.264, 7.3.2.1, 7.3.2.2 and annex E)."""

from .bits import fixed, packed, protected, signed, trailing, unsigned
from .formats import StreamFormat
from .layout import Layout

FRAME_NUMBER_BITS = 8
# At this quantiser a level of 1 in the DC coefficient is an offset of 1 in luma, of 2 in chroma.
QUANTISER = 28
_DEFAULT_QUANTISER = 26
_BASELINE = 66
# Constraints 0 and 1: what the constrained baseline profile of every browser decodes.
_CONSTRAINED = "11000000"
# Level: macroblocks a second, macroblocks a picture (table A-1).
_LEVELS = {30: (40500, 1620), 31: (108000, 3600), 40: (245760, 8192), 50: (589824, 22080)}
_HIGHEST_LEVEL = 51
_SQUARE_PIXELS, _BT_709, _UNSPECIFIED_FORMAT = 1, 1, 5


def level_of(layout: Layout, fps: float) -> int:
    """Give ten times the level that a stream needs."""
    size = layout.rows * layout.columns
    for level, (rate, biggest) in _LEVELS.items():
        if size <= biggest and size * fps <= rate:
            return level
    return _HIGHEST_LEVEL


def sequence_parameter_set(layout: Layout, form: StreamFormat) -> bytes:
    """Write the SPS, as a NAL unit without start code."""
    missing_columns = (layout.columns * 16 - layout.width) // 2
    missing_rows = (layout.rows * 16 - layout.height) // 2
    cropping = "0"
    if missing_columns or missing_rows:
        cropping = "1" + "".join(map(unsigned, (0, missing_columns, 0, missing_rows)))
    bits = (
        fixed(_BASELINE, 8),
        _CONSTRAINED,
        fixed(level_of(layout, form.fps), 8),
        unsigned(0),  # id
        unsigned(FRAME_NUMBER_BITS - 4),
        unsigned(2),  # pictures are shown in the order in which they are coded
        unsigned(1),  # reference pictures
        "0",  # no gaps in frame numbers
        unsigned(layout.columns - 1),
        unsigned(layout.rows - 1),
        "1",  # frames, not fields
        "1",  # direct 8x8 inference
        cropping,
        "1",
        _usability(form),
        trailing(),
    )
    return b"\x67" + protected(packed("".join(bits)))


def _usability(form: StreamFormat) -> str:
    """Write the VUI: colours, timing, and that no picture waits for another to be shown."""
    return "".join(
        (
            "1",
            fixed(_SQUARE_PIXELS, 8),
            "0",  # overscan
            "1",
            fixed(_UNSPECIFIED_FORMAT, 3),
            "0",  # video range
            "1",
            fixed(_BT_709, 8) * 3,
            "0",  # chroma location
            "1",
            fixed(form.interval_ms, 32),
            fixed(2000, 32),  # ticks of a field, hence half a millisecond
            "1",  # fixed rate
            "0",  # no decoder buffer model of NAL units
            "0",  # nor of slices
            "0",  # picture structure
            "1",  # restrictions:
            "1",  # vectors over the picture's edge
            unsigned(0),
            unsigned(0),
            unsigned(10),
            unsigned(10),
            unsigned(0),  # reordered frames
            unsigned(1),  # frames to hold
        )
    )


def picture_parameter_set() -> bytes:
    """Write the PPS, as a NAL unit without start code."""
    bits = (
        unsigned(0),
        unsigned(0),
        "0",  # CAVLC
        "0",
        unsigned(0),  # one slice group
        unsigned(0),
        unsigned(0),
        "0",  # no weights
        fixed(0, 2),
        signed(QUANTISER - _DEFAULT_QUANTISER),
        signed(0),
        signed(0),
        "1",  # slices say that they are not deblocked
        "0",
        "0",
        trailing(),
    )
    return b"\x68" + protected(packed("".join(bits)))
