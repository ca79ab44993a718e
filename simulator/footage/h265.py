"""Pictures in H.265, main profile, without an encoder.

A picture has five slices: the pattern, the caption, and the scene above, on and below the track.
What a slice holds besides raw blocks is always the same, so slices are made once and kept.
"""

from functools import lru_cache
from typing import override

import numpy as np

from .canvas import Canvas
from .formats import StreamFormat
from .h265_blocks import SliceCoder, neighbours
from .h265_modes import DC, choose_modes
from .h265_pattern import QUANTISER as PATTERN_QUANTISER, pattern_slice
from .h265_sets import INTER_NAL, KEY_NAL, QUANTISER, parameter_sets, slice_header
from .picture import Picture, PictureCoder, changed_letters
from .prediction import RAW, Flags
from .stage import Stage

_KEPT_CHANGES = 256


class H265Coder(PictureCoder):
    """Writes the pictures of one stream."""

    def __init__(self, stage: Stage, form: StreamFormat) -> None:
        """Code all that stands still."""
        self._stage = stage
        self._layout = layout = stage.layout
        self._sets = parameter_sets(layout, form)
        self._key_pattern = pattern_slice(layout, inter=False)
        self._inter_pattern = pattern_slice(layout, inter=True)
        self._caption = self._still(layout.caption_row, layout.scene_row)
        self._above_track = _whole(self._still(layout.scene_row, layout.track_row))
        self._below_track = _whole(self._still(layout.track_stop_row, layout.rows))
        self._track = lru_cache(maxsize=layout.positions + 1)(self._make_track)
        self._letters = lru_cache(maxsize=_KEPT_CHANGES)(self._make_letters)
        self._move = lru_cache(maxsize=layout.positions + 1)(self._make_move)
        self._header = lru_cache(maxsize=None)(self._make_header)

    @property
    @override
    def parameter_sets(self) -> tuple[bytes, ...]:
        return self._sets

    @override
    def key(self, picture: Picture, number: int) -> tuple[bytes, ...]:
        layout = self._layout
        letters: dict[int, bytes] = {}
        for place, letter in enumerate(picture.caption):
            letters |= self._stage.letter(place, letter)
        caption = b"".join(
            part if isinstance(part, bytes) else letters[part] for part in self._caption
        )
        return (
            self._header(0, None) + self._key_pattern.write(picture.cells),
            self._header(layout.caption_row, None) + caption,
            self._header(layout.scene_row, None) + self._above_track,
            self._header(layout.track_row, None) + self._track(picture.position),
            self._header(layout.track_stop_row, None) + self._below_track,
        )

    @override
    def inter(self, picture: Picture, before: Picture, number: int) -> tuple[bytes, ...]:
        layout = self._layout
        letters = changed_letters(picture.caption, before.caption)
        return (
            self._header(0, number) + self._inter_pattern.write(picture.cells),
            self._header(layout.caption_row, number) + self._letters(letters),
            self._header(layout.scene_row, number)
            + _skipped(layout.track_row - layout.scene_row, layout.columns),
            self._header(layout.track_row, number) + self._move(before.position, picture.position),
            self._header(layout.track_stop_row, number)
            + _skipped(layout.rows - layout.track_stop_row, layout.columns),
        )

    def _make_header(self, row: int, order: int | None) -> bytes:
        quantiser = QUANTISER if row else PATTERN_QUANTISER
        header = slice_header(self._layout, row, order=order, quantiser=quantiser)
        return (KEY_NAL if order is None else INTER_NAL) + header

    def _still(self, start: int, stop: int) -> list[bytes | int]:
        changing = self._stage.changing[start:stop]
        return _key_slice(
            self._stage.scene.strip(start, stop), changing, self._layout.index(start, 0)
        )

    def _make_track(self, position: int) -> bytes:
        start, stop = self._layout.track_row, self._layout.track_stop_row
        canvas = self._stage.with_vehicle(position).strip(start, stop)
        return _whole(_key_slice(canvas, np.zeros_like(self._stage.changing[start:stop])))

    def _make_letters(self, letters: tuple[tuple[int, str], ...]) -> bytes:
        layout = self._layout
        blocks: dict[int, bytes] = {}
        for letter in letters:
            blocks |= self._stage.letter(*letter)
        return self._changed(layout.caption_row, layout.scene_row, blocks)

    def _make_move(self, before: int, position: int) -> bytes:
        layout = self._layout
        blocks = {} if position == before else self._stage.move(before, position)
        return self._changed(layout.track_row, layout.track_stop_row, blocks)

    def _changed(self, start: int, stop: int, blocks: dict[int, bytes]) -> bytes:
        if not blocks:
            return _skipped(stop - start, self._layout.columns)
        first = self._layout.index(start, 0)
        local = {number - first: block for number, block in blocks.items()}
        return _inter_slice(stop - start, self._layout.columns, local)


def _key_slice(canvas: Canvas, changing: Flags, first: int = 0) -> list[bytes | int]:
    """Write a slice of a key frame.

    Args:
        canvas: what it shows.
        changing: raw blocks whose samples are not known yet.
        first: number of the slice's first block.

    Returns:
        Whole bytes, with the number of a block in the place of samples that are not known yet.
    """
    modes = choose_modes(canvas, changing)
    writer = SliceCoder(inter=False, quantiser=QUANTISER)
    parts: list[bytes | int] = []
    last = canvas.rows * canvas.columns - 1
    for row, line in enumerate(modes.choices):
        beside = DC
        for column, choice in enumerate(line):
            number = row * canvas.columns + column
            if choice is RAW:
                parts.append(writer.raw())
                parts.append(first + number if changing[row, column] else canvas.block(row, column))
                beside = DC
            else:
                mode = modes.luma(row, column)
                writer.predicted(choice, mode, beside)
                beside = mode
            writer.coder.end(int(number == last))
    parts.append(writer.finish())
    return parts


def _inter_slice(rows: int, columns: int, blocks: dict[int, bytes]) -> bytes:
    """Write a slice that holds some raw blocks, by their number in it, and skips the others."""
    writer = SliceCoder(inter=True, quantiser=QUANTISER)
    parts: list[bytes] = []
    above: list[bool] | None = None
    for row in range(rows):
        skipped = [row * columns + column not in blocks for column in range(columns)]
        for column, count in enumerate(neighbours(skipped, above)):
            number = row * columns + column
            if skipped[column]:
                writer.skip(count)
            else:
                parts += (writer.raw(count), blocks[number])
            writer.coder.end(int(number == rows * columns - 1))
        above = skipped
    parts.append(writer.finish())
    return b"".join(parts)


@lru_cache
def _skipped(rows: int, columns: int) -> bytes:
    """Write a slice that skips all its blocks."""
    return _inter_slice(rows, columns, {})


def _whole(parts: list[bytes | int]) -> bytes:
    return b"".join(part for part in parts if isinstance(part, bytes))
