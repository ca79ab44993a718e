"""Times of decoding, where a container tells only when pictures are shown."""

from heapq import heappop, heappush

from av.video.stream import VideoStream

from .units import TICKS_PER_SECOND

_MAX_DEPTH = 4
_NOMINAL_TICKS = TICKS_PER_SECOND // 25


class DecodeOrder:
    """Gives pictures that come in the order of decoding their times of decoding.

    Where pictures are shown in another order than they come in, times of
    showing, sorted and delayed by as many pictures as they are out of order, are those of decoding.
    """

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._first: int | None = None
        self._depth = 0

    def expect(self, depth: int) -> None:
        """Take note by how many pictures the parameter sets allow them to be out of order."""
        self._depth = max(self._depth, min(depth, _MAX_DEPTH))

    def __call__(self, pts: int) -> int:
        """Return when the next picture is decoded, never after it is shown."""
        if self._first is None:
            self._first = pts
        heappush(self._waiting, pts)
        missing = self._depth + 1 - len(self._waiting)
        if missing > 0:
            return min(pts, self._first - missing * _NOMINAL_TICKS)
        dts = heappop(self._waiting)
        if dts > pts:
            # The parameter sets did not say it.
            self.expect(self._depth + 1)
        return min(dts, pts)


def reorder_depth(template: VideoStream) -> int:
    """Return by how many pictures the parameter sets allow pictures to be out of order."""
    depth: int = template.codec_context.reorder_depth
    return depth
