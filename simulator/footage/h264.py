"""Pictures in H.264, constrained baseline, without an encoder.

One slice per picture, CAVLC, not deblocked. In key frames a macroblock is either raw (I_PCM) or
predicted from a neighbour; other pictures hold what has changed: the pattern's cells, and raw
macroblocks. Raw macroblocks begin at whole bytes, so all that lies between two of them is made
once and kept.
"""

from functools import lru_cache
from itertools import pairwise
from typing import override

import numpy as np

from .bits import fixed, packed, protected, signed, trailing, unsigned
from .canvas import Canvas
from .formats import StreamFormat
from .h264_blocks import RAW_INTER, RAW_KEY, predicted
from .h264_pattern import PatternRows
from .h264_sets import FRAME_NUMBER_BITS, picture_parameter_set, sequence_parameter_set
from .picture import Picture, PictureCoder, changed_letters
from .prediction import RAW, Choice, Direction, Flags, choose
from .stage import Stage

_KEY_NAL, _INTER_NAL = b"\x65", b"\x61"
_KEY_SLICE, _INTER_SLICE = unsigned(7), unsigned(5)
_FIRST_BLOCK = _PARAMETER_SET = unsigned(0)
# The quantiser is the picture parameter set's; there is no deblocking.
_HEADER_TAIL = signed(0) + unsigned(1)
_FRAME_NUMBERS = 1 << FRAME_NUMBER_BITS
_KEPT_CHANGES = 256

type Choices = list[list[Choice]]


class H264Coder(PictureCoder):
    """Writes the pictures of one stream."""

    def __init__(self, stage: Stage, form: StreamFormat) -> None:
        """Code all that stands still."""
        self._stage = stage
        self._layout = layout = stage.layout
        self._sets = sequence_parameter_set(layout, form), picture_parameter_set()
        self._pattern = PatternRows(layout)
        # Parts that are joined to others end or begin with a raw block: there bytes begin anew.
        forced = np.zeros_like(stage.changing)
        forced[layout.caption_row, 0] = True
        forced[layout.track_row - 1, -1] = forced[layout.track_stop_row, -1] = True
        self._choices = choose(stage.scene, stage.changing, forced)
        rows = self._choices[layout.caption_row - 1 : layout.track_row]
        above, _ = _write(rows, stage.scene, layout.caption_row, stage.changing)
        # The code of the first raw block is part of what goes before.
        self._above_track = above[1:]
        rows = self._choices[layout.track_stop_row :]
        below, rest = _write(rows, stage.scene, layout.track_stop_row + 1)
        self._below_track = _whole(below) + protected(packed(rest + trailing()))
        self._band_above, self._band_below = self._bands()
        self._track = lru_cache(maxsize=layout.positions + 1)(self._make_track)
        self._changes = lru_cache(maxsize=_KEPT_CHANGES)(self._make_changes)

    @property
    @override
    def parameter_sets(self) -> tuple[bytes, ...]:
        return self._sets

    @override
    def key(self, picture: Picture, number: int) -> tuple[bytes, ...]:
        # Neighbouring key frames must differ in this number.
        identity = unsigned(1 + number % 2)
        frame_number = fixed(0, FRAME_NUMBER_BITS)
        header = (
            _FIRST_BLOCK,
            _KEY_SLICE,
            _PARAMETER_SET,
            frame_number,
            identity,
            "00",
            _HEADER_TAIL,
        )
        head = "".join(
            (*header, self._band_above, self._pattern.key(picture.cells), self._band_below)
        )
        letters: dict[int, bytes] = {}
        for place, letter in enumerate(picture.caption):
            letters |= self._stage.letter(place, letter)
        body = (part if isinstance(part, bytes) else letters[part] for part in self._above_track)
        data = (
            _KEY_NAL,
            protected(packed(head)),
            *body,
            self._track(picture.position),
            self._below_track,
        )
        return (b"".join(data),)

    @override
    def inter(self, picture: Picture, before: Picture, number: int) -> tuple[bytes, ...]:
        frame_number = fixed(number % _FRAME_NUMBERS, FRAME_NUMBER_BITS)
        header = (_FIRST_BLOCK, _INTER_SLICE, _PARAMETER_SET, frame_number, "000", _HEADER_TAIL)
        pattern, done = self._pattern.inter(picture.cells, before.cells)
        move = None if picture.position == before.position else (before.position, picture.position)
        first, changes = self._changes(changed_letters(picture.caption, before.caption), move)
        head = "".join(
            (*header, pattern, unsigned(first - done), RAW_INTER if changes else trailing())
        )
        return (_INTER_NAL + protected(packed(head)) + changes,)

    def _bands(self) -> tuple[str, str]:
        """Write the grey bands above and below the pattern, the latter up to the caption's first block."""
        row = predicted(Choice(Direction.LEFT, Direction.LEFT)) * (self._layout.columns - 1)
        above = predicted(Choice(Direction.MIDDLE, Direction.MIDDLE)) + row
        below = predicted(Choice(Direction.ABOVE, Direction.ABOVE)) + row
        return above, below + RAW_KEY

    def _make_track(self, position: int) -> bytes:
        """Write the track and the row below it for a key frame."""
        layout = self._layout
        canvas = self._stage.with_vehicle(position)
        start, stop = layout.track_row, layout.track_stop_row
        nothing = np.zeros_like(self._stage.changing[start - 1 : stop])
        rows = choose(canvas.strip(start - 1, stop), nothing, nothing)[1:]
        # The row below is predicted from nothing that moves, and raw where it always is.
        part, _ = _write([self._choices[start - 1], *rows, self._choices[stop]], canvas, start)
        return _whole(part)

    def _make_changes(
        self, letters: tuple[tuple[int, str], ...], move: tuple[int, int] | None
    ) -> tuple[int, bytes]:
        """Write raw blocks for a picture that is not a key frame.

        Returns:
            The number of the first block, and what follows the code that announces it. Without any
            block, the number of blocks in the picture and nothing.
        """
        count = self._layout.rows * self._layout.columns
        blocks: dict[int, bytes] = {}
        for letter in letters:
            blocks |= self._stage.letter(*letter)
        if move:
            blocks |= self._stage.move(*move)
        if not blocks:
            return count, b""
        numbers = sorted(blocks)
        parts = [blocks[numbers[0]]]
        for last, number in pairwise(numbers):
            parts += (packed(unsigned(number - last - 1) + RAW_INTER), blocks[number])
        left = count - 1 - numbers[-1]
        parts.append(protected(packed((unsigned(left) if left else "") + trailing())))
        return numbers[0], b"".join(parts)


def _write(
    choices: Choices, canvas: Canvas, first_row: int, changing: Flags | None = None
) -> tuple[list[bytes | int], str]:
    """Write macroblocks of a key frame.

    Args:
        choices: by row and column; the first row only says what lies above.
        canvas: the whole picture.
        first_row: row in the picture of the second row of choices.
        changing: raw blocks whose samples are not known yet.

    Returns:
        Whole bytes, with the number of a block in the place of samples that are not known yet, and
        the bits that are left over behind the last raw block.
    """
    parts: list[bytes | int] = []
    bits: list[str] = []
    for row, (above, line) in enumerate(pairwise(choices), first_row):
        for column, choice in enumerate(line):
            if choice is not RAW:
                raw_beside = above[column] is RAW or (column > 0 and line[column - 1] is RAW)
                bits.append(predicted(choice, raw_beside=raw_beside))
                continue
            parts.append(protected(packed("".join((*bits, RAW_KEY)))))
            bits.clear()
            known = changing is None or not changing[row, column]
            parts.append(canvas.block(row, column) if known else row * canvas.columns + column)
    return parts, "".join(bits)


def _whole(parts: list[bytes | int]) -> bytes:
    return b"".join(part for part in parts if isinstance(part, bytes))
