"""Damages real data, as lines, disks and people do."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

MAX_BYTES = 256 << 10
MOST_CHANGES = 8
_NUMBERS: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_REPEATED: Final = (2, 3, 10, 100)


class Mutator:
    """Makes any number of damaged inputs from a corpus; the same from the same random numbers."""

    def __init__(self, corpus: Sequence[bytes], words: Sequence[bytes]) -> None:
        """Initialize; ``words`` mean something to the reader and are put in here and there."""
        self._corpus = corpus
        self._words = words
        self._changes: list[Callable[[bytearray, Random], None]] = [
            _flip,
            _set,
            _number,
            _delete,
            _cut,
            _repeat,
            self._insert,
            self._splice,
        ]

    def __call__(self, random: Random) -> bytes:
        """Return one damaged input."""
        data = bytearray(random.choice(self._corpus))
        for _ in range(random.randint(1, MOST_CHANGES)):
            random.choice(self._changes)(data, random)
        return bytes(data[:MAX_BYTES])

    def _insert(self, data: bytearray, random: Random) -> None:
        if self._words:
            at = random.randint(0, len(data))
            data[at:at] = random.choice(self._words)

    def _splice(self, data: bytearray, random: Random) -> None:
        other = random.choice(self._corpus)
        at, start = random.randint(0, len(data)), random.randint(0, len(other))
        data[at:] = other[start:]


def _flip(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] = random.randrange(256)


def _number(data: bytearray, random: Random) -> None:
    size = random.choice((1, 2, 4))
    if len(data) >= size:
        at = random.randint(0, len(data) - size)
        number = random.choice(_NUMBERS) & ((1 << 8 * size) - 1)
        data[at : at + size] = number.to_bytes(size, random.choice(("big", "little")))


def _delete(data: bytearray, random: Random) -> None:
    start, size = _range(data, random)
    del data[start : start + size]


def _cut(data: bytearray, random: Random) -> None:
    del data[random.randint(0, len(data)) :]


def _repeat(data: bytearray, random: Random) -> None:
    start, size = _range(data, random)
    if len(data) < MAX_BYTES:
        data[start:start] = data[start : start + size] * random.choice(_REPEATED)


def _range(data: bytearray, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    longest = len(data) - start
    return start, min(longest, int(longest ** random.random()) if longest else 0)
