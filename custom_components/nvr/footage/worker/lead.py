"""The pictures that a transfer begins with before the recording itself begins."""

from collections.abc import Iterator

from .faults import InvalidBytesError
from .units import TICKS_PER_SECOND, Picture

# Searches name the whole second in which a recording begins.
_ROUNDING = TICKS_PER_SECOND
# By so much a device's times may be off within a second.
_SLACK = TICKS_PER_SECOND // 4
_MAX_HELD_BYTES = 64 << 20

type Shown = tuple[Picture, int]
"""A picture and its UTC in ticks."""


class Lead:
    """Leaves out the groups of pictures before a recording's own first one.

    Where recordings follow one another, a device that is asked for the second in which one of them begins sends
    the group of pictures first that this second begins in: the end of the recording before. It is left out if
    another group begins within the second. If none does, the recording began in the middle of that group.
    """

    def __init__(self, begin: int) -> None:
        """Initialize. ``begin`` is when the second begins that the device named, in ticks of UTC.

        It is a second of the device's own clock, which is none of UTC's where that clock is off by a fraction.
        """
        self._begin = begin
        self._held: list[Shown] = []
        self._bytes = 0
        self._over = False

    def push(self, picture: Picture, utc: int) -> Iterator[Shown]:
        """Take the next picture in decoding order; yield those that belong to the recording.

        Raises:
            InvalidBytesError: the group before is too large to wait for its end.
        """
        if not self._over and picture.key and utc < self._begin + _ROUNDING:
            self._held.clear()
            self._bytes = 0
        self._held.append((picture, utc))
        self._bytes += picture.size
        if self._bytes > _MAX_HELD_BYTES:
            raise InvalidBytesError("a group of pictures would be too large")
        if self._held[0][1] >= self._begin - _SLACK or utc >= self._begin + _ROUNDING:
            self._over = True
        if self._over:
            yield from self.rest()

    def rest(self) -> Iterator[Shown]:
        """Yield what is still held, at the end of a transfer."""
        held, self._held, self._bytes = self._held, [], 0
        yield from held
