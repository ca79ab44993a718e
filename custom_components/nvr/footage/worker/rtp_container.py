"""The container in which footage that came as RTP reaches a worker.

It begins with a line that names it, then a description of the tracks as JSON, then the frames as they were
interleaved with RTSP (RFC 2326, section 10.12): ``$``, channel, length, packet.
"""

from base64 import b64decode
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
import json
import struct
from typing import Self

from .faults import InvalidBytesError
from .wire import JsonObject, JsonValue

MAGIC = b"NVRRTP1\n"

_LENGTH_BYTES = 4
_MAX_DESCRIPTION_BYTES = 64 << 10
_MAX_TRACKS = 16
_FRAME_MARK = 0x24
_FRAME_HEADER = struct.Struct(">BBH")
_FRAME_HEADER_BYTES = _FRAME_HEADER.size
_RATES = range(1000, 1_000_001)
_CHANNELS = range(1, 9)


@dataclass(frozen=True, slots=True)
class RtpTrack:
    """What the device said of one track.

    ``rtptime`` and ``seq`` are those of the first packet of the span asked for, by the answer to PLAY;
    ``rtcp`` is the channel of its control packets. ``parameters`` are the format's, names in lower case.
    """

    channel: int
    rtcp: int | None
    media: str
    encoding: str
    clock_rate: int
    channels: int
    parameters: dict[str, str]
    rtptime: int | None = None
    seq: int | None = None

    @classmethod
    def of_json(cls, value: JsonValue) -> Self:
        """Read a track. Raises InvalidBytesError for one that is not well formed."""
        if not isinstance(value, dict):
            raise InvalidBytesError("a track is not described")
        parameters = value.get("fmtp")
        channels = _whole(value.get("channels"))
        return cls(
            channel=_whole(value.get("channel")) or 0,
            rtcp=_whole(value.get("rtcp")),
            media=str(value.get("media")),
            encoding=str(value.get("encoding")).upper(),
            clock_rate=_whole(value.get("clock_rate")) or 0,
            channels=channels if channels is not None and channels in _CHANNELS else 1,
            parameters={str(name).lower(): str(text) for name, text in parameters.items()}
            if isinstance(parameters, dict)
            else {},
            rtptime=_whole(value.get("rtptime")),
            seq=_whole(value.get("seq")),
        )

    def number(self, name: str, otherwise: int) -> int:
        """Return a parameter that is a whole number, or another where it is none."""
        text = self.parameters.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise

    def units(self, *names: str) -> tuple[bytes, ...]:
        """Return the parameter sets that stand in parameters; what is not well formed is left out."""
        found = []
        for name in names:
            for text in self.parameters.get(name, "").split(","):
                try:
                    unit = b64decode(text, validate=True)
                except binascii.Error, ValueError:
                    continue
                if unit:
                    found.append(unit)
        return tuple(found)


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


class RtpContainer:
    """Walks the container. ``read`` returns the next bytes, empty at the end.

    ``start`` is the UTC to which the tracks' ``rtptime`` belong, in microseconds since 1970, if the device said it;
    ``ahead`` by how many microseconds the times in extensions of packets are later than true UTC.

    Raises InvalidBytesError if it does not begin as it must.
    """

    def __init__(self, read: Callable[[], bytes], head: bytes) -> None:
        self._read = read
        self._buffer = head
        self._position = len(MAGIC)
        length = int.from_bytes(self._take(_LENGTH_BYTES) or b"")
        if not 0 < length <= _MAX_DESCRIPTION_BYTES:
            raise InvalidBytesError("the tracks are not described")
        values = _description(self._take(length) or b"")
        self.tracks = _tracks(values)
        self.start = _whole(values.get("start"))
        self.ahead = _whole(values.get("ahead")) or 0

    def _take(self, size: int) -> bytes | None:
        """Return that many bytes; None if the container ends before."""
        if not self._has(size):
            return None
        end = self._position + size
        taken = self._buffer[self._position : end]
        self._position = end
        return taken

    def _has(self, size: int) -> bool:
        """Read on until that many bytes are there; False if the container ends before."""
        missing = self._position + size - len(self._buffer)
        if missing <= 0:
            return True
        kept = [self._buffer[self._position :]]
        while missing > 0:
            data = self._read()
            kept.append(data)
            missing -= len(data)
            if not data:
                break
        self._buffer, self._position = b"".join(kept), 0
        return missing <= 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield channel and packet. A frame that is cut off at the end is left out.

        Raises InvalidBytesError where no frame stands.
        """
        while self._has(_FRAME_HEADER_BYTES):
            mark, channel, length = _FRAME_HEADER.unpack_from(self._buffer, self._position)
            if mark != _FRAME_MARK:
                raise InvalidBytesError("the frames are out of step")
            self._position += _FRAME_HEADER_BYTES
            packet = self._take(length)
            if packet is None:
                return
            yield channel, packet


def _description(text: bytes) -> JsonObject:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidBytesError("the tracks are not described") from error
    if not isinstance(values, dict):
        raise InvalidBytesError("the tracks are not described")
    return values


def _tracks(description: JsonObject) -> tuple[RtpTrack, ...]:
    listed = description.get("tracks")
    if not isinstance(listed, list) or len(listed) > _MAX_TRACKS:
        raise InvalidBytesError("the tracks are not described")
    tracks = (RtpTrack.of_json(value) for value in listed)
    # What counts by no clock can't be placed; the others can.
    return tuple(track for track in tracks if track.clock_rate in _RATES)
