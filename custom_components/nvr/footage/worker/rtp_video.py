"""Pictures out of RTP packets: H.264 (RFC 6184) and H.265 (RFC 7798)."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, override

from .faults import InvalidBytesError
from .parameters import parameter_sets
from .rtp_packet import RtpPacket
from .units import VideoCodec

_START_CODE = b"\0\0\0\1"
_MAX_PICTURE_BYTES = 24 << 20
_MAX_LONE_SETS_BYTES = 64 << 10
_SEQUENCES = 1 << 16
_LENGTH_BYTES = 2
_FIRST, _LAST = 0x80, 0x40
_RECOVERY_POINT = 6


@dataclass(slots=True)
class RtpPicture:
    """A coded picture with start codes. ``packet`` is the first of its packets, with the times that any of them tells."""

    data: bytes
    key: bool
    packet: RtpPacket


class _Malformed(Exception):
    """The packet's payload is not what the format allows."""


class Depacketizer(ABC):
    """Puts the pictures of one track together.

    A picture is given out when the next one begins, and only if all its packets came. After a loss
    there is none until the next key picture, because those between build upon what is missing.
    """

    codec: ClassVar[VideoCodec]

    def __init__(self, sets: tuple[bytes, ...]) -> None:
        """Initialize; ``sets`` are the parameter sets that the description gave."""
        self._sets = b"".join(_START_CODE + unit for unit in sets)
        self._new_sets = b""
        self._expected: int | None = None
        self._first: RtpPacket | None = None
        self._marked = False
        self._units: list[bytes] = []
        self._size = 0
        self._fragment: bytearray | None = None
        self._whole = True
        self._key = False
        self._slice = False
        self._waits_for_key = False
        self._lone_sets = b""
        self.lost = 0

    def feed(self, packet: RtpPacket) -> Iterator[RtpPicture]:
        """Add a packet; yield the picture that it shows to be complete."""
        if self._expected is not None and packet.sequence != self._expected:
            if self._marked:
                # What was lost belongs to the pictures after it.
                yield from self._complete()
            self._lose()
            self._whole = self._first is None and self._begins(packet.payload)
        self._expected = (packet.sequence + 1) % _SEQUENCES
        if self._first is not None and packet.timestamp != self._first.timestamp:
            yield from self._complete()
        if self._first is None:
            self._first = packet
        elif self._first.utc is None and packet.utc is not None:
            # The first packet of a picture should say when it was taken; any of them will do.
            self._first = replace(self._first, utc=packet.utc, discontinuous=packet.discontinuous)
        self._marked = packet.marker
        try:
            self._payload(packet.payload)
        except _Malformed:
            self._lose()

    def flush(self) -> Iterator[RtpPicture]:
        """Yield the last picture, if its end was marked."""
        if self._marked:
            yield from self._complete()

    def _lose(self) -> None:
        self.lost += 1
        self._whole = False
        self._fragment = None
        self._waits_for_key = True

    def _complete(self) -> Iterator[RtpPicture]:
        first, self._first = self._first, None
        if self._fragment is not None:
            self._lose()
        data = b"".join(self._units)
        whole, key, has_slice = self._whole, self._key, self._slice
        self._units, self._size = [], 0
        self._whole, self._key, self._slice, self._marked = True, False, False, False
        if not whole or first is None:
            return
        if not has_slice:
            # Some devices send parameter sets under another time stamp than that of their picture.
            self._lone_sets = (self._lone_sets + data)[-_MAX_LONE_SETS_BYTES:]
            return
        data, self._lone_sets = self._lone_sets + data, b""
        if not key:
            self._new_sets = b""
            if self._waits_for_key:
                return
        self._waits_for_key = False
        yield RtpPicture(self._with_sets(data) if key else data, key, first)

    def _with_sets(self, data: bytes) -> bytes:
        """Put the newest parameter sets known before a key picture that brings none."""
        if not parameter_sets(self.codec, data):
            return self._sets + data
        self._sets, self._new_sets = self._new_sets, b""
        return data

    @abstractmethod
    def _begins(self, payload: bytes) -> bool:
        """Return whether nothing of the same picture comes before a packet."""

    @abstractmethod
    def _payload(self, payload: bytes) -> None:
        """Take the units of a packet. Raises _Malformed."""

    @abstractmethod
    def _look_at(self, unit: bytes) -> None:
        """Note whether a unit is a slice, or makes the picture a key picture."""

    def _note_set(self, unit: bytes) -> None:
        self._new_sets = (self._new_sets + _START_CODE + unit)[-_MAX_LONE_SETS_BYTES:]

    def _add(self, unit: bytes) -> None:
        if not unit:
            raise _Malformed
        self._look_at(unit)
        self._units += (_START_CODE, unit)
        self._size += len(_START_CODE) + len(unit)
        self._bound(0)

    def _add_several(self, payload: bytes) -> None:
        """Take the units of an aggregation packet, each after its length."""
        while payload:
            end = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES])
            if end > len(payload):
                raise _Malformed
            self._add(payload[_LENGTH_BYTES:end])
            payload = payload[end:]

    def _add_fragment(self, mark: int, head: bytes, piece: bytes) -> None:
        """Take a part of a unit; ``head`` is what the whole unit begins with."""
        if mark & _FIRST:
            if self._fragment is not None:
                raise _Malformed
            self._fragment = bytearray(head)
        elif self._fragment is None:
            raise _Malformed
        self._fragment += piece
        self._bound(len(self._fragment))
        if mark & _LAST:
            unit, self._fragment = bytes(self._fragment), None
            self._add(unit)

    def _bound(self, fragment: int) -> None:
        if self._size + fragment > _MAX_PICTURE_BYTES:
            raise InvalidBytesError("a picture is too large")


class H264Depacketizer(Depacketizer):
    """H.264: single units, STAP-A and FU-A, as packetization modes 0 and 1 have them."""

    codec = VideoCodec.H264

    _AGGREGATE = 24
    _FRAGMENT = 28
    _SINGLE = range(1, 24)
    _KEY = 5
    _SLICES = range(1, 6)
    _MESSAGE = 6
    _SETS = frozenset({7, 8, 13})
    _BEGINNINGS = frozenset({7, 9})

    @override
    def _begins(self, payload: bytes) -> bool:
        kind = payload[0] & 0x1F if payload else 0
        if kind == self._AGGREGATE:
            payload = payload[1 + _LENGTH_BYTES :]
        elif kind == self._FRAGMENT and payload[1:2] >= b"\x80":
            payload = payload[1:]
        kind = payload[0] & 0x1F if payload else 0
        # The first slice begins with macroblock 0, which is coded as a single bit.
        first_slice = kind in self._SLICES and payload[1:2] >= b"\x80"
        return kind in self._BEGINNINGS or first_slice

    @override
    def _payload(self, payload: bytes) -> None:
        if not payload:
            return
        kind = payload[0] & 0x1F
        if kind in self._SINGLE:
            self._add(payload)
        elif kind == self._AGGREGATE:
            self._add_several(payload[1:])
        elif kind == self._FRAGMENT and len(payload) > 2:
            head = bytes((payload[0] & 0xE0 | payload[1] & 0x1F,))
            self._add_fragment(payload[1], head, payload[2:])
        else:
            raise _Malformed

    @override
    def _look_at(self, unit: bytes) -> None:
        kind = unit[0] & 0x1F
        if kind in self._SETS:
            self._note_set(unit)
        self._slice = self._slice or kind in self._SLICES
        # Some encoders begin groups with a recovery point instead of an IDR picture.
        recovers = kind == self._MESSAGE and unit[1:2] == bytes((_RECOVERY_POINT,))
        self._key = self._key or kind == self._KEY or (recovers and not self._slice)


class H265Depacketizer(Depacketizer):
    """H.265: single units, aggregation packets and fragmentation units, without decoding order numbers."""

    codec = VideoCodec.HEVC

    _AGGREGATE = 48
    _FRAGMENT = 49
    _HEADER_BYTES = 2
    _KEYS = range(16, 24)
    _SLICES = range(32)
    _SETS = frozenset({32, 33, 34})
    _BEGINNINGS = frozenset({32, 33, 35})

    @override
    def _begins(self, payload: bytes) -> bool:
        kind = payload[0] >> 1 & 0x3F if payload else self._FRAGMENT
        if kind == self._AGGREGATE:
            payload = payload[self._HEADER_BYTES + _LENGTH_BYTES :]
            kind = payload[0] >> 1 & 0x3F if payload else self._FRAGMENT
        if kind == self._FRAGMENT:
            return len(payload) > 3 and bool(payload[2] & _FIRST and payload[3] & 0x80)
        return kind in self._BEGINNINGS or (kind in self._SLICES and payload[2:3] >= b"\x80")

    @override
    def _payload(self, payload: bytes) -> None:
        if not payload:
            return
        kind = payload[0] >> 1 & 0x3F
        if kind < self._AGGREGATE:
            self._add(payload)
        elif kind == self._AGGREGATE:
            self._add_several(payload[self._HEADER_BYTES :])
        elif kind == self._FRAGMENT and len(payload) > 3:
            head = bytes((payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]))
            self._add_fragment(payload[2], head, payload[3:])
        else:
            raise _Malformed

    @override
    def _look_at(self, unit: bytes) -> None:
        kind = unit[0] >> 1 & 0x3F
        if kind in self._SETS:
            self._note_set(unit)
        self._slice = self._slice or kind in self._SLICES
        self._key = self._key or kind in self._KEYS


DEPACKETIZERS: dict[str, tuple[type[Depacketizer], tuple[str, ...]]] = {
    "H264": (H264Depacketizer, ("sprop-parameter-sets",)),
    "H265": (H265Depacketizer, ("sprop-vps", "sprop-sps", "sprop-pps")),
}
"""By encoding: what reads it, and the parameters that hold its parameter sets."""
