"""Cutting an elementary stream into coded frames and giving each its time stamps."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import av
from av.codec.context import CodecContext

from .faults import InvalidBytesError

_MAX_FRAME_BYTES = 24 << 20
_WRAP = 1 << 33
_HALF_WRAP = _WRAP >> 1
# A parser may count a zero byte that ends the frame before to the start code.
_START_CODE_SLACK = 1


@dataclass(slots=True)
class _Mark:
    offset: int
    pts: int | None
    dts: int | None
    wall: int | None


@dataclass(slots=True)
class CodedFrame:
    """One coded frame. Time stamps are those of the packet in which it began, unwrapped."""

    data: bytes
    pts: int | None
    dts: int | None
    wall: int | None
    key: bool


class Unwrapper:
    """Makes time stamps of 33 bits into a line that goes on after they start over."""

    def __init__(self) -> None:
        self._last: int | None = None

    def __call__(self, stamp: int) -> int:
        """Return the stamp on the line, next to the one before."""
        if self._last is None:
            self._last = stamp
        else:
            self._last += (stamp - self._last + _HALF_WRAP) % _WRAP - _HALF_WRAP
        return self._last


class ElementaryStream:
    """Cuts one elementary stream into frames with FFmpeg's parser of that codec.

    A frame is complete, and delivered, when the next one begins: cut bytes would otherwise make a picture
    that is wrong without any error.
    """

    def __init__(self, codec: str) -> None:
        self._parser: CodecContext = av.CodecContext.create(codec, "r")
        self._marks: deque[_Mark] = deque()
        self._fed = 0
        self._cut = 0
        self._wall: int | None = None

    def mark_wall(self, wall: int) -> None:
        """Note the wall clock of the frame that begins next."""
        self._wall = wall

    def feed(self, data: bytes, pts: int | None, dts: int | None) -> Iterator[CodedFrame]:
        """Add a packet's payload; yield the frames that are complete now."""
        self._marks.append(_Mark(self._fed, pts, dts, self._wall))
        self._wall = None
        self._fed += len(data)
        yield from self._cut_out(data)
        if self._fed - self._cut > _MAX_FRAME_BYTES:
            raise InvalidBytesError("a frame is too large")

    def flush(self) -> Iterator[CodedFrame]:
        """Yield what is left as the last frame."""
        yield from self._cut_out(None)

    def _cut_out(self, data: bytes | None) -> Iterator[CodedFrame]:
        for packet in self._parser.parse(data):
            start = self._cut
            self._cut += packet.size
            frame = CodedFrame(bytes(packet), None, None, None, packet.is_keyframe)
            self._stamp(frame, start)
            yield frame

    def _stamp(self, frame: CodedFrame, start: int) -> None:
        """Take the marks up to the frame's start; where there are none, one inside the frame."""
        marks = self._marks
        begins_packet = False
        while marks and marks[0].offset <= start + _START_CODE_SLACK:
            begins_packet = marks[0].offset >= start - _START_CODE_SLACK
            _take(frame, marks.popleft())
        # Parameter sets may stand in packets of their own, without time stamps.
        while frame.pts is None and frame.key and begins_packet and self._inside(marks):
            _take(frame, marks.popleft())
        # Further packets of the frame carry its time stamp again or none. One that differs is that of the next
        # frame, which begins in the middle of a packet.
        while self._inside(marks) and marks[0].pts in (None, frame.pts):
            _take(frame, marks.popleft())

    def _inside(self, marks: deque[_Mark]) -> bool:
        return bool(marks) and marks[0].offset < self._cut - _START_CODE_SLACK


def _take(frame: CodedFrame, mark: _Mark) -> None:
    if mark.pts is not None:
        frame.pts, frame.dts = mark.pts, mark.dts
    if mark.wall is not None:
        frame.wall = mark.wall
