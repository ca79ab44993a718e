"""DHAV, the container of ``.dav`` files, walked frame by frame in bounded memory.

FFmpeg reads it too, but it seeks, and it gives the milliseconds of a header only as a distance from the picture
before: when a picture was taken can't be learned from it.
"""

from collections.abc import Callable, Iterator

from .dhav_frame import HEADER, KINDS, MARK, TRAILER_BYTES, TRAILER_MARK, DhavFrame, wall_second
from .faults import InvalidBytesError

_LENGTH_AT = 12
_LEAST_BYTES = HEADER.size + TRAILER_BYTES
_MAX_FRAME_BYTES = 24 << 20
_MAX_GARBAGE_BYTES = 8 << 20
_PADDING = b"\0\xff"


def find_frame(data: bytes) -> int | None:
    """Return where the first frame seems to begin, None if there is no sign of one."""
    at = -1
    while (at := data.find(MARK, at + 1)) >= 0:
        kind = data[at + len(MARK) : at + len(MARK) + 1]
        if kind and kind[0] in KINDS:
            return at
    return None


class DhavContainer:
    """Walks the container.

    ``read`` returns the next bytes, empty at the end. What is no frame is passed over: a head before the first, an
    index behind the last, and damage. A frame counts if its trailer or another frame stands where it ends, so that
    one that was cut is none.
    """

    def __init__(self, read: Callable[[], bytes], head: bytes = b"") -> None:
        self._read = read
        self._buffer = bytearray(head)
        self._position = 0
        self._ended = False
        self._garbage = 0
        self._damaged = False

    def _have(self, size: int) -> bool:
        """Make sure that ``size`` bytes stand at the position; False at the end of the stream."""
        while len(self._buffer) - self._position < size:
            data = b"" if self._ended else self._read()
            if not data:
                self._ended = True
                return False
            if self._position > len(self._buffer) // 2:
                del self._buffer[: self._position]
                self._position = 0
            self._buffer += data
        return True

    def __iter__(self) -> Iterator[DhavFrame]:
        """Yield the frames in order. Raises InvalidBytesError for endless garbage."""
        while self._have(HEADER.size):
            frame = self._frame()
            if frame is None:
                self._resynchronize()
            else:
                self._garbage = 0
                self._damaged = False
                yield frame

    def _frame(self) -> DhavFrame | None:
        """Take the frame at the position, None if there is none that is whole."""
        at = self._position
        if self._buffer[at : at + len(MARK)] != MARK or self._buffer[at + len(MARK)] not in KINDS:
            return None
        start = at + _LENGTH_AT
        length = int.from_bytes(self._buffer[start : start + 4], "little")
        if not _LEAST_BYTES <= length <= _MAX_FRAME_BYTES or not self._ends(length):
            return None
        at = self._position
        self._position += length
        _, kind, subtype, channel, _, number, _, date, counter, extra, _ = HEADER.unpack_from(
            self._buffer, at
        )
        body = at + HEADER.size
        end = at + length - TRAILER_BYTES
        data = min(body + extra, end)
        with memoryview(self._buffer) as view:
            return DhavFrame(
                kind,
                subtype,
                channel,
                number,
                wall_second(date),
                counter,
                bytes(view[body:data]),
                bytes(view[data:end]),
                self._damaged,
            )

    def _ends(self, length: int) -> bool:
        """Return whether a frame of this length ends there."""
        if not self._have(length):
            return False
        end = self._position + length
        trailer = end - TRAILER_BYTES
        if self._buffer[trailer : trailer + len(TRAILER_MARK)] == TRAILER_MARK:
            return True
        if not self._have(length + len(MARK)):
            return False
        end = self._position + length
        return self._buffer[end : end + len(MARK)] == MARK

    def _resynchronize(self) -> None:
        """Go to where the next frame may begin."""
        found = self._buffer.find(MARK, self._position + 1)
        if found < 0:
            # The last bytes may begin a mark.
            found = max(self._position + 1, len(self._buffer) - len(MARK) + 1)
        skipped = self._buffer[self._position : found]
        self._garbage += len(skipped)
        self._damaged = self._damaged or bool(skipped.strip(_PADDING))
        if self._garbage > _MAX_GARBAGE_BYTES:
            raise InvalidBytesError("no frames")
        self._position = found
