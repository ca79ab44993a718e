"""Parameter sets and slice headers of H.265 (ITU-T H.265, 7.3 and annex E)."""

from .bits import fixed, packed, protected, signed, trailing, unsigned
from .formats import StreamFormat
from .layout import Layout

# As in H.264: a level of 1 in the DC coefficient is an offset of 1 in luma, of 2 in chroma.
QUANTISER = 28
ORDER_BITS = 8
_DEFAULT_QUANTISER = 26
_SET_NALS = b"\x40\x01", b"\x42\x01", b"\x44\x01"
KEY_NAL, INTER_NAL = b"\x26\x01", b"\x02\x01"
_KEY_SLICE, _INTER_SLICE = unsigned(2), unsigned(1)
# Thirty times the level: luma samples a second and a picture (tables A.8, A.9).
_LEVELS = {
    90: (16588800, 552960),
    93: (33177600, 983040),
    120: (66846720, 2228224),
    123: (133693440, 2228224),
    150: (267386880, 8912896),
}
# From level 5 on the standard wants bigger blocks than ours; decoders don't mind.
_HIGHEST_LEVEL = 153
_SQUARE_PIXELS, _BT_709, _UNSPECIFIED_FORMAT = 1, 1, 5
_MAIN_PROFILE = 1
# Compatible with main and main 10.
_COMPATIBLE = 0x60000000


def parameter_sets(layout: Layout, form: StreamFormat) -> tuple[bytes, bytes, bytes]:
    """Write VPS, SPS and PPS, as NAL units without start codes."""
    profile = _profile(layout, form)
    sets = _video(profile, form), _sequence(profile, layout, form), _picture()
    payloads = [protected(packed(bits + trailing())) for bits in sets]
    video, sequence, picture = (
        nal + payload for nal, payload in zip(_SET_NALS, payloads, strict=True)
    )
    return video, sequence, picture


def level_of(layout: Layout, fps: float) -> int:
    """Give thirty times the level that a stream needs."""
    size = layout.rows * layout.columns * 256
    for level, (rate, biggest) in _LEVELS.items():
        if size <= biggest and size * fps <= rate:
            return level
    return _HIGHEST_LEVEL


def slice_header(layout: Layout, row: int, *, order: int | None, quantiser: int) -> bytes:
    """Write the header of a slice that begins at a row of blocks.

    Args:
        layout: of the picture.
        row: first row.
        order: number of the picture behind its key frame; None in a key frame.
        quantiser: of the slice.
    """
    key = order is None
    address = fixed(layout.index(row, 0), (layout.rows * layout.columns - 1).bit_length())
    bits = (
        "0" if row else "1",
        "0" if key else "",  # pictures before it are still shown
        unsigned(0),
        address if row else "",
        _KEY_SLICE if key else _INTER_SLICE,
        # The picture before is the reference, as the parameter set says; one merge candidate.
        ""
        if order is None
        else fixed(order % (1 << ORDER_BITS), ORDER_BITS) + "1" + "0" + unsigned(4),
        signed(quantiser - QUANTISER),
        "1",
    )
    return protected(packed("".join(bits)))


def _profile(layout: Layout, form: StreamFormat) -> str:
    return "".join(
        (
            "000",
            fixed(_MAIN_PROFILE, 5),
            fixed(_COMPATIBLE, 32),
            "1001",  # progressive frames
            fixed(0, 44),
            fixed(level_of(layout, form.fps), 8),
        )
    )


def _buffering() -> str:
    """Write: one picture besides the current one, none reordered, no limit of latency."""
    return "1" + unsigned(1) + unsigned(0) + unsigned(0)


def _timing(form: StreamFormat) -> str:
    return "1" + fixed(form.interval_ms, 32) + fixed(1000, 32) + "0"


def _video(profile: str, form: StreamFormat) -> str:
    return "".join(
        (
            fixed(0, 4),
            "11",
            fixed(0, 6),
            fixed(0, 3),
            "1",
            fixed(0xFFFF, 16),
            profile,
            _buffering(),
            fixed(0, 6),
            unsigned(0),
            _timing(form),
            unsigned(0),
            "0",
        )
    )


def _sequence(profile: str, layout: Layout, form: StreamFormat) -> str:
    missing_columns = (layout.columns * 16 - layout.width) // 2
    missing_rows = (layout.rows * 16 - layout.height) // 2
    window = "0"
    if missing_columns or missing_rows:
        window = "1" + "".join(map(unsigned, (0, missing_columns, 0, missing_rows)))
    raw = fixed(7, 4) * 2 + unsigned(1) + unsigned(0) + "1"
    return "".join(
        (
            fixed(0, 4),
            fixed(0, 3),
            "1",
            profile,
            unsigned(0),
            unsigned(1),  # 4:2:0
            unsigned(layout.columns * 16),
            unsigned(layout.rows * 16),
            window,
            unsigned(0) * 2,  # eight bits
            unsigned(ORDER_BITS - 4),
            _buffering(),
            unsigned(1) + unsigned(0),  # coding blocks of 16
            unsigned(0) + unsigned(2),  # transforms of 4 to 16
            unsigned(0) * 2,  # and never split
            "000",  # no scaling lists, asymmetric partitions, sample adaptive offset
            "1" + raw,  # raw blocks of 16, eight bits deep, never filtered
            unsigned(1),
            unsigned(1) + unsigned(0) + unsigned(0) + "1",  # the one reference: the picture before
            "000",  # no long-term references, motion prediction in time, smoothing
            "1" + _usability(form),
            "0",
        )
    )


def _usability(form: StreamFormat) -> str:
    return "".join(
        (
            "1",
            fixed(_SQUARE_PIXELS, 8),
            "0",
            "1",
            fixed(_UNSPECIFIED_FORMAT, 3),
            "0",  # video range
            "1",
            fixed(_BT_709, 8) * 3,
            "00000",
            _timing(form),
            "0",
            "1",  # restrictions: no tiles, vectors over the edge
            "010",
            unsigned(0) * 3,
            unsigned(10) * 2,
        )
    )


def _picture() -> str:
    return "".join(
        (
            unsigned(0) * 2,
            "00",
            fixed(0, 3),
            "00",
            unsigned(0) * 2,
            signed(QUANTISER - _DEFAULT_QUANTISER),
            "000",
            signed(0) * 2,
            "0000",
            "00",  # no tiles, no rows of their own
            "0",  # no filter across slices
            "101",  # and none within
            "00",
            unsigned(0),
            "00",
        )
    )
