"""How many bytes a stream's pictures need at most: what makes sizes of footage arithmetic."""

from dataclasses import replace
from functools import lru_cache

from .coders import make_coder
from .formats import MILLISECONDS, StreamFormat
from .layout import CAPTION_LENGTH, Layout
from .pattern import DATA_MASK
from .picture import STEP_MS, Picture

# Cells that differ from all their neighbours cost most; which of the two ways does not matter.
_STRIPES = DATA_MASK // 3
# Digits of the caption that change with the second.
_SECOND_DIGITS = 2
_MINUTE_MS = 60 * MILLISECONDS
# Three wide digits in the title, much of the house against the sky.
_BUSY_CHANNEL = 208
# For start codes, and for emulation prevention that other bits may need.
_SLACK = 96
# A raw block with what announces it.
_RAW_BLOCK = 390


def largest_gop(form: StreamFormat) -> int:
    """Work out an upper bound by coding the worst that can happen; the same for all channels."""
    # Neither changes the pictures.
    return _largest_gop(replace(form, bitrate_kbps=1, audio=None))


@lru_cache
def _largest_gop(form: StreamFormat) -> int:
    coder = make_coder(form, channel=_BUSY_CHANNEL, stream=1)
    layout = Layout(form.width, form.height)
    before = Picture((_STRIPES,) * 3, _letters(0), 0)
    after = replace(before, cells=(DATA_MASK - _STRIPES,) * 3)

    def size(picture: Picture) -> int:
        return _size(coder.inter(picture, before, 1))

    # Where the vehicle stands decides how many blocks beside it are raw.
    key = _size(coder.parameter_sets) + _size(coder.key(before, 0)) + 4 * layout.cell * _RAW_BLOCK
    digits = sum(form.interval_ms % power != 0 for power in (10, 100, 1000))
    usual = size(replace(after, caption=_letters(digits)))
    second = size(replace(after, caption=_letters(digits + _SECOND_DIGITS)))
    minute = size(replace(after, caption=_letters(CAPTION_LENGTH)))
    # From the end of the track back to its beginning.
    step = size(replace(after, position=layout.positions - 1)) - size(after)
    return sum(
        (
            key,
            (form.gop_frames - 1) * usual,
            _times(form, MILLISECONDS) * (second - usual),
            _times(form, _MINUTE_MS) * (minute - usual),
            _times(form, STEP_MS) * step,
        )
    )


def _letters(changed: int) -> str:
    return "1" * changed + "0" * (CAPTION_LENGTH - changed)


def _times(form: StreamFormat, period_ms: int) -> int:
    """Count how often at most something that happens regularly happens between two key frames."""
    return -(-form.gop_ms // period_ms)


def _size(nals: tuple[bytes, ...]) -> int:
    return sum(map(len, nals)) + _SLACK
