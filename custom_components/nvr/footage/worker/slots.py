"""Distributing pictures over the slots of a playlist that was written before any of them was seen."""

from collections.abc import Iterator
from dataclasses import dataclass

from .splicer import Frame


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A picture with its times from the recording's start, in ticks."""

    frame: Frame
    pts: int
    dts: int


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot whose pictures are known. ``end`` is where the next slot's pictures begin."""

    number: int
    frames: tuple[TimedFrame, ...]
    end: int


class Slots:
    """Sorts pictures into slots of equal nominal length, from the one before ``first`` to ``count`` - 1.

    A slot begins at the first key picture that falls into it and lasts to where the next slot begins.
    Only a slot into which no key picture falls is cut by time. So a slot's pictures don't depend
    on where a transfer began, save for the slot before ``first``, of which the transfer may hold a part.
    """

    def __init__(self, length: int, count: int, first: int) -> None:
        self._length = length
        self._count = count
        self._first = first
        self._current = first - 1
        self._frames: list[TimedFrame] = []
        self._undecided: list[TimedFrame] = []
        self.begin: int | None = None

    def _slot_of(self, timed: TimedFrame) -> int:
        # Decoding times rise from picture to picture, times of showing need not.
        return min(max(timed.dts, 0) // self._length, self._count - 1)

    def push(self, timed: TimedFrame) -> Iterator[FilledSlot]:
        """Add the next picture in decoding order; yield the slots that are full now."""
        slot = self._slot_of(timed)
        while slot > self._current + 1:
            # No key picture fell into the next slot.
            start = (self._current + 1) * self._length
            yield self._close(self._undecided[0].dts if self._undecided else start)
            self._frames, self._undecided = self._undecided, []
        if slot <= self._current:
            self._frames.append(timed)
        elif timed.frame.picture.key:
            self._frames += self._undecided
            self._undecided = []
            yield self._close(timed.dts)
            self._frames = [timed]
        else:
            self._undecided.append(timed)

    def finish(self, end: int) -> tuple[FilledSlot, int]:
        """Return the last slot, and the number of the first one that has no footage.

        ``end`` is where the last picture leaves the screen. If that is before the last slot of all, it stays
        until the next slot, so that no hole comes before what is shown there instead.
        """
        self._frames += self._undecided
        self._undecided = []
        if self._current < self._count - 1:
            end = max(end, (self._current + 1) * self._length)
        return self._close(end), self._current

    def _close(self, end: int) -> FilledSlot:
        filled = FilledSlot(self._current, tuple(self._frames), end)
        self._current += 1
        self._frames = []
        if self._current == self._first:
            self.begin = end
        return filled
