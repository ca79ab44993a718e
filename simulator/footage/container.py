"""Footage as bytes, whatever the container: groups of pictures that are all equally long.

Any span's size and the place of any instant within it are arithmetic then. Padding fills what the
pictures leave.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar

from .pattern import MILLISECOND
from .source import FootageSource


class Container(ABC):
    """Turns spans of footage into bytes.

    Spans begin and end at key frames.

    Attributes:
        head: what stands before the first group of pictures.
    """

    least_padding: ClassVar[int]
    """Bytes of the smallest padding."""

    def __init__(self, source: FootageSource, *, head: bytes) -> None:
        """Write the frames of a source behind a head."""
        self.head = head
        self._source = source

    @property
    @abstractmethod
    def gop_bytes(self) -> int:
        """Bytes from key frame to key frame, always."""

    @abstractmethod
    def _groups(self, start: datetime, stop: datetime) -> list[bytes]:
        """Write one group of pictures, picture by picture, each with the sound that follows it."""

    @abstractmethod
    def _padding(self, size: int, instant: datetime) -> Iterable[bytes | memoryview]:
        """Write padding of some size, at least the least one, behind the picture of an instant."""

    def size(self, start: datetime, stop: datetime) -> int:
        """Give the number of bytes of a span.

        Raises:
            ValueError: if it does not begin and end at key frames.
        """
        return len(self.head) + self.gops(start, stop) * self.gop_bytes

    def chunks(self, start: datetime, stop: datetime, offset: int = 0) -> Iterator[bytes]:
        """Give the bytes of a span, about one group of pictures at a time.

        Args:
            start: instant of the first key frame.
            stop: instant of the key frame that no longer belongs to it.
            offset: number of bytes to leave out at the beginning; they cost nothing.

        Raises:
            ValueError: if the span does not begin and end at key frames.
        """
        gops = self.gops(start, stop)
        if offset < len(self.head):
            yield self.head[offset:]
        first, skipped = divmod(max(0, offset - len(self.head)), self.gop_bytes)
        step = self._source.format.gop_ms * MILLISECOND
        for number in range(first, gops):
            begin = start + number * step
            gop = b"".join(self._padded(self._groups(begin, begin + step), begin))
            yield gop[skipped:] if skipped else gop
            skipped = 0

    def gops(self, start: datetime, stop: datetime) -> int:
        """Count the groups of pictures of a span.

        Raises:
            ValueError: if it does not begin and end at key frames.
        """
        for instant in (start, stop):
            if self._source.key_frame_at_or_before(instant) != instant:
                raise ValueError(f"there is no key frame at {instant}")
        return max(0, (stop - start) // (self._source.format.gop_ms * MILLISECOND))

    def _padded(self, groups: list[bytes], start: datetime) -> Iterator[bytes | memoryview]:
        """Spread padding so that bytes grow evenly with time."""
        total, done = self.gop_bytes, 0
        least = self.least_padding
        free = total - sum(map(len, groups))
        for number, group in enumerate(groups, 1):
            instant = start + (number - 1) * self._source.frame_interval
            yield group
            done += len(group)
            last = number == len(groups)
            share = free if last else min(total * number // len(groups) - done, free - least)
            if share >= least:
                yield from self._padding(share, instant)
                done += share
                free -= share
