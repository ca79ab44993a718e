"""RTP and RTCP packets (RFC 3550), and what recorders put into their header extensions."""

from collections.abc import Iterator
from dataclasses import dataclass
import struct

from .descriptor import TIME_DESCRIPTOR, wall_ticks
from .units import TICKS_PER_SECOND

_HEADER = struct.Struct(">BBHII")
_VERSION = 2
_EXTENSION_HEADER = struct.Struct(">HH")
_WORD = 4
# ONVIF Streaming Specification, 6.3: replay carries the NTP time of each access unit.
_REPLAY_PROFILE = 0xABAC
_REPLAY_WORDS = 3
_DISCONTINUITY = 0x20
# Some recorders' own protocol carries the descriptors of their program streams under this profile. That they
# do so over RTSP is an assumption; a mark and a plausible date have to be there.
_DESCRIPTOR_PROFILE = 0x0001
_NTP = struct.Struct(">II")
_NTP_TO_UNIX_SECONDS = 2_208_988_800
_NTP_FRACTION_BITS = 32
_SENDER_REPORT = 200
_REPORT = struct.Struct(">BBHIIII")
_CONTROL_HEADER_BYTES = 4


# Not frozen: thousands are made in a second, and each would take three to four and a half times as long (measured).
@dataclass(slots=True)
class RtpPacket:
    """One packet of media.

    ``utc`` is when its access unit was taken, by the header extension of replays; ``wall`` the device's wall
    clock, by a descriptor. Both in ticks since 1970, None where the packet does not say it.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    payload: bytes
    utc: int | None = None
    wall: int | None = None
    discontinuous: bool = False


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What a sender says of its clocks: ``timestamp`` of the track is ``clock``, in ticks since 1970.

    Senders without a clock count from when they started: such a time is negative, and good for telling how
    tracks lie to each other.
    """

    clock: int
    timestamp: int


def parse_packet(data: bytes) -> RtpPacket | None:
    """Read a packet of media, None for anything that is none."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, _ = _HEADER.unpack_from(data)
    if first >> 6 != _VERSION:
        return None
    start = _HEADER.size + (first & 0x0F) * _WORD
    utc = wall = None
    discontinuous = False
    if first & 0x10:
        if len(data) < start + _EXTENSION_HEADER.size:
            return None
        profile, words = _EXTENSION_HEADER.unpack_from(data, start)
        body_start = start + _EXTENSION_HEADER.size
        start = body_start + words * _WORD
        body = data[body_start:start]
        if profile == _REPLAY_PROFILE and words >= _REPLAY_WORDS and len(body) >= 9:
            utc = _unix_ticks(*_NTP.unpack_from(body))
            utc = utc if utc > 0 else None
            discontinuous = bool(body[8] & _DISCONTINUITY)
        elif profile == _DESCRIPTOR_PROFILE:
            wall = _wall_of(body)
    end = len(data)
    if first & 0x20:
        end -= data[-1]
    if start > end:
        return None
    return RtpPacket(
        second & 0x7F,
        bool(second & 0x80),
        sequence,
        timestamp,
        data[start:end],
        utc,
        wall,
        discontinuous,
    )


def _wall_of(descriptors: bytes) -> int | None:
    while len(descriptors) >= 2:
        end = 2 + descriptors[1]
        if descriptors[0] == TIME_DESCRIPTOR:
            return wall_ticks(descriptors[2:end])
        descriptors = descriptors[end:]
    return None


def _unix_ticks(seconds: int, fraction: int) -> int:
    """Return an NTP time as ticks since 1970."""
    part = fraction * TICKS_PER_SECOND + (1 << _NTP_FRACTION_BITS - 1) >> _NTP_FRACTION_BITS
    return (seconds - _NTP_TO_UNIX_SECONDS) * TICKS_PER_SECOND + part


def sender_reports(data: bytes) -> Iterator[SenderReport]:
    """Yield the sender reports of a compound control packet."""
    while len(data) >= _CONTROL_HEADER_BYTES:
        if data[0] >> 6 != _VERSION:
            return
        size = _CONTROL_HEADER_BYTES + int.from_bytes(data[2:4]) * _WORD
        if data[1] == _SENDER_REPORT and _REPORT.size <= size <= len(data):
            *_, seconds, fraction, timestamp = _REPORT.unpack_from(data)
            if seconds or fraction:
                yield SenderReport(_unix_ticks(seconds, fraction), timestamp)
        data = data[size:]
