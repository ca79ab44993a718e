"""How many bytes a stream's pictures need at most: what makes sizes of footage arithmetic."""

from dataclasses import replace

from .formats import MILLISECONDS, StreamFormat
from .layout import CAPTION_LENGTH, Layout
from .pattern import DATA_MASK
from .picture import STEP_MS, Picture, PictureCoder

# Cells that differ from all their neighbours cost most; which of the two ways does not matter.
_STRIPES = DATA_MASK // 3
# Letters that change from picture to picture within a second, and with the second.
_MILLISECOND_DIGITS, _SECOND_DIGITS = 3, 2
_MINUTE_MS = 60 * MILLISECONDS
# For start codes, and for emulation prevention that other bits may need.
_SLACK = 96
# A raw block with what announces it.
_RAW_BLOCK = 390


def largest_gop(coder: PictureCoder, form: StreamFormat, layout: Layout) -> int:
    """Work out an upper bound by coding the worst that can happen."""
    before = Picture((_STRIPES,) * 3, _letters(0), 0)
    after = replace(before, cells=(DATA_MASK - _STRIPES,) * 3)

    def size(picture: Picture) -> int:
        return _size(coder.inter(picture, before, 1))

    # Where the vehicle stands decides how many blocks beside it are raw.
    key = _size(coder.parameter_sets) + _size(coder.key(before, 0)) + 4 * layout.cell * _RAW_BLOCK
    usual = size(replace(after, caption=_letters(_MILLISECOND_DIGITS)))
    second = size(replace(after, caption=_letters(_MILLISECOND_DIGITS + _SECOND_DIGITS)))
    minute = size(replace(after, caption=_letters(CAPTION_LENGTH)))
    step = size(replace(after, position=1))
    return sum(
        (
            key,
            (form.gop_frames - 1) * usual,
            _times(form, MILLISECONDS) * second,
            _times(form, _MINUTE_MS) * minute,
            _times(form, STEP_MS) * step,
        )
    )


def _letters(changed: int) -> str:
    return "1" * changed + "0" * (CAPTION_LENGTH - changed)


def _times(form: StreamFormat, period_ms: int) -> int:
    """Count how often at most something that happens regularly happens between two key frames."""
    return form.gop_ms // period_ms + 1


def _size(nals: tuple[bytes, ...]) -> int:
    return sum(map(len, nals)) + _SLACK
