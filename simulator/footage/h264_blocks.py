"""Macroblocks of H.264 with CAVLC: raw ones, and predicted ones with at most DC coefficients.

ITU-T H.264, 7.3.5 (syntax) and 9.2 (coefficients). Everything is written as bits in text.
"""

from functools import lru_cache

from .bits import signed, unsigned
from .prediction import Choice, Direction

# mb_type: raw, in I and (behind five inter types) in P slices.
RAW_KEY, RAW_INTER = unsigned(25), unsigned(30)
_INTER_TYPES = 5
_LUMA_MODES = {Direction.ABOVE: 0, Direction.LEFT: 1, Direction.MIDDLE: 2}
_CHROMA_MODES = {Direction.MIDDLE: 0, Direction.LEFT: 1, Direction.ABOVE: 2}
# coeff_token for: nothing, one bigger than 1, one of +-1. By what the neighbours hold.
_FEW, _MANY, _CHROMA = ("1", "000101", "01"), ("000011", "000000", "000001"), ("01", "000111", "1")
_ESCAPE_PREFIX, _ESCAPE_FROM, _ESCAPE_BITS = 15, 30, 12
_LONG_PREFIX, _LONG_FROM, _LONG_BITS = 14, 14, 4


def predicted(choice: Choice, *, raw_beside: bool = False, inter: bool = False) -> str:
    """Write a macroblock that is predicted from a neighbour.

    Args:
        choice: direction and offsets.
        raw_beside: whether the left or the upper neighbour is raw, which changes the code table.
        inter: whether this stands in a P slice.
    """
    return _predicted(choice, raw_beside, inter)


@lru_cache(maxsize=4096)
def _predicted(choice: Choice, raw_beside: bool, inter: bool) -> str:
    coloured = bool(choice.cb_offset or choice.cr_offset)
    kind = 1 + _LUMA_MODES[choice.luma] + 4 * coloured + _INTER_TYPES * inter
    bits = unsigned(kind) + unsigned(_CHROMA_MODES[choice.chroma]) + signed(0)
    bits += _coefficient(choice.offset, _MANY if raw_beside else _FEW)
    if coloured:
        bits += _coefficient(choice.cb_offset // 2, _CHROMA)
        bits += _coefficient(choice.cr_offset // 2, _CHROMA)
    return bits


def _coefficient(level: int, tokens: tuple[str, str, str]) -> str:
    """Write a block that holds nothing but, perhaps, its DC coefficient."""
    nothing, bigger, one = tokens
    if level == 0:
        return nothing
    # The last "1" says that no zeros stand before the coefficient.
    if abs(level) == 1:
        return f"{one}{int(level < 0)}1"
    # That it is bigger than 1 is known by now, so codes begin with 2.
    code = 2 * abs(level) - 4 + (level < 0)
    if code < _LONG_FROM:
        return f"{bigger}{'0' * code}11"
    if code < _ESCAPE_FROM:
        return f"{bigger}{'0' * _LONG_PREFIX}1{code - _LONG_FROM:0{_LONG_BITS}b}1"
    return f"{bigger}{'0' * _ESCAPE_PREFIX}1{code - _ESCAPE_FROM:0{_ESCAPE_BITS}b}1"
