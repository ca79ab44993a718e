"""MPEG program streams (ISO 13818-1), walked packet by packet in bounded memory.

FFmpeg reads program streams too, but it drops the program stream map's descriptors, guesses the kind of
G.711, and wants megabytes before it says what is inside. This reader gives the payloads of pictures and
sound as they come, with their time stamps and the wall clock that stands before them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .descriptor import TIME_DESCRIPTOR, wall_ticks
from .faults import InvalidBytesError

_PREFIX = b"\0\0\1"
_PACK = 0xBA
_END = 0xB9
_FIRST_SYSTEM = 0xB9
_MAP = 0xBC
_AUDIO_IDS = range(0xC0, 0xE0)
_VIDEO_IDS = range(0xE0, 0xF0)
_PACK_HEADER_BYTES = 14
_MPEG1_PACK_HEADER_BYTES = 12
_PACKET_HEADER_BYTES = 6
_MAX_GARBAGE_BYTES = 8 << 20
_MAX_BUFFER_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of one packet. Times in ticks of 33 bits, None where the packet carries none."""

    stream_id: int
    data: bytes
    pts: int | None
    dts: int | None


@dataclass(frozen=True, slots=True)
class WallMark:
    """The wall clock of the picture that comes next."""

    wall: int


@dataclass(slots=True)
class StreamMap:
    """Stream types by stream id, as the newest program stream map says."""

    types: dict[int, int] = field(default_factory=dict)


def find_pack(data: bytes) -> int | None:
    """Return where the first pack begins, None if there is none."""
    at = data.find(_PREFIX + bytes((_PACK,)))
    return at if at >= 0 else None


class ProgramStream:
    """Walks a program stream.

    ``read`` returns the next bytes, empty at the end.
    """

    def __init__(self, read: Callable[[], bytes], head: bytes = b"") -> None:
        self._read = read
        self._buffer = bytearray(head)
        self._position = 0
        self._ended = False
        self._garbage = 0
        self.map = StreamMap()
        self.truncated = False

    def _have(self, size: int) -> bool:
        """Make sure that ``size`` bytes stand at the position; False at the end of the stream."""
        while len(self._buffer) - self._position < size:
            if self._ended:
                return False
            data = self._read()
            if not data:
                self._ended = True
                return False
            if self._position:
                del self._buffer[: self._position]
                self._position = 0
            self._buffer += data
            if len(self._buffer) > _MAX_BUFFER_BYTES:
                raise InvalidBytesError("a chunk of footage is too large")
        return True

    def __iter__(self) -> Iterator[Payload | WallMark]:
        """Yield payloads and wall clocks in order. Raises InvalidBytesError for endless garbage."""
        while self._have(4):
            at = self._position
            if self._buffer[at : at + 3] != _PREFIX or self._buffer[at + 3] < _FIRST_SYSTEM:
                self._resynchronize()
                continue
            code = self._buffer[at + 3]
            if code == _PACK:
                self._skip_pack()
            elif code == _END:
                self._position += 4
            else:
                yield from self._packet(code)

    def _resynchronize(self) -> None:
        """Go to the next start code. Devices write a head before the first one, and losses happen."""
        found = self._buffer.find(_PREFIX, self._position + 1)
        if found < 0:
            # The last two bytes may begin a start code.
            found = max(self._position + 1, len(self._buffer) - 2)
        self._garbage += found - self._position
        if self._garbage > _MAX_GARBAGE_BYTES:
            raise InvalidBytesError("no program stream")
        self._position = found

    def _skip_pack(self) -> None:
        if not self._have(_PACK_HEADER_BYTES):
            self._end_truncated()
            return
        marker = self._buffer[self._position + 4]
        if marker >> 6 == 0b01:
            size = _PACK_HEADER_BYTES + (self._buffer[self._position + 13] & 7)
        elif marker >> 4 == 0b0010:
            size = _MPEG1_PACK_HEADER_BYTES
        else:
            size = len(_PREFIX)
        if self._have(size):
            self._position += size
        else:
            self._end_truncated()

    def _end_truncated(self) -> None:
        self.truncated = True
        self._position = len(self._buffer)

    def _packet(self, code: int) -> Iterator[Payload | WallMark]:
        if not self._have(_PACKET_HEADER_BYTES):
            self._end_truncated()
            return
        at = self._position
        size = _PACKET_HEADER_BYTES + int.from_bytes(self._buffer[at + 4 : at + 6])
        if not self._have(size):
            self._end_truncated()
            return
        at = self._position
        self._position += size
        self._garbage = 0
        if code == _MAP:
            yield from self._program_stream_map(bytes(self._buffer[at + 6 : at + size]))
        elif code in _VIDEO_IDS or code in _AUDIO_IDS:
            payload = _payload(code, self._buffer, at + 6, at + size)
            if payload is not None:
                yield payload

    def _program_stream_map(self, body: bytes) -> Iterator[WallMark]:
        """Read a map: stream types, and the wall clock among its descriptors."""
        info_length = int.from_bytes(body[2:4])
        entries = body[4 + info_length :]
        entries = entries[2 : 2 + int.from_bytes(entries[:2])]
        while len(entries) >= 4:
            self.map.types[entries[1]] = entries[0]
            entries = entries[4 + int.from_bytes(entries[2:4]) :]
        info = body[4 : 4 + info_length]
        while len(info) >= 2:
            length = info[1]
            if (
                info[0] == TIME_DESCRIPTOR
                and (wall := wall_ticks(info[2 : 2 + length])) is not None
            ):
                yield WallMark(wall)
            info = info[2 + length :]


def _payload(code: int, buffer: bytearray, start: int, end: int) -> Payload | None:
    """Read the header of a packet with sound or pictures."""
    if end - start < 3:
        return None
    if buffer[start] >> 6 != 0b10:
        return _mpeg1_payload(code, buffer, start, end)
    flags = buffer[start + 1] >> 6
    data_start = start + 3 + buffer[start + 2]
    pts = dts = None
    if flags & 0b10 and data_start >= start + 8 and start + 8 <= end:
        pts = dts = _time_stamp(buffer, start + 3)
        if flags == 0b11 and data_start >= start + 13 and start + 13 <= end:
            dts = _time_stamp(buffer, start + 8)
    if data_start >= end:
        return None
    return Payload(code, bytes(buffer[data_start:end]), pts, dts)


def _mpeg1_payload(code: int, buffer: bytearray, start: int, end: int) -> Payload | None:
    """Read the older header: stuffing, buffer size, then time stamps."""
    while start < end and buffer[start] == 0xFF:
        start += 1
    if start < end and buffer[start] >> 6 == 0b01:
        start += 2
    pts = dts = None
    if start < end and buffer[start] >> 4 == 0b0010 and start + 5 <= end:
        pts = dts = _time_stamp(buffer, start)
        start += 5
    elif start < end and buffer[start] >> 4 == 0b0011 and start + 10 <= end:
        pts, dts = _time_stamp(buffer, start), _time_stamp(buffer, start + 5)
        start += 10
    else:
        start += 1
    if start >= end:
        return None
    return Payload(code, bytes(buffer[start:end]), pts, dts)


def _time_stamp(buffer: bytearray, at: int) -> int:
    return (
        (buffer[at] >> 1 & 0x7) << 30
        | buffer[at + 1] << 22
        | (buffer[at + 2] >> 1) << 15
        | buffer[at + 3] << 7
        | buffer[at + 4] >> 1
    )
