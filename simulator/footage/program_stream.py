"""Footage as Hikvision's recorders store and send it: MPEG-PS behind a head of 40 bytes.

Padding packets fill what the pictures leave.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from typing import ClassVar, override

from .container import Container
from .formats import MILLISECONDS, AudioCodec, VideoCodec
from .program_map import AUDIO_ID, VIDEO_ID, program_stream_map
from .source import AudioFrame, FootageSource, VideoFrame, to_milliseconds

HEAD_SIZE = 40
# The head's own numbers of container, codecs and their rates; it is little-endian.
PROGRAM_STREAM, RTP = 2, 4
_VIDEO_FORMATS = {VideoCodec.H264: 0x0100, VideoCodec.H265: 0x0005}
_AUDIO_FORMATS = {
    AudioCodec.ULAW: (0x7110, 16, 8000, 64000),
    AudioCodec.ALAW: (0x7111, 16, 8000, 64000),
    AudioCodec.AAC: (0x2001, 16, 16000, 32000),
}
_HEAD_VERSION, _HEAD_DEVICE = 0x0102, 0x0001

_START = b"\0\0\1"
_PADDING = _START + b"\xbe"
_PACKET_HEAD = 6
_LARGEST_PACKET = 0xFFFF
_FILL = memoryview(b"\xff" * _LARGEST_PACKET)
_TIMED_HEAD, _UNTIMED_HEAD = 8, 3
_PACK_SIZE = 20
# System header and program stream map; more than both ever need.
_MAPS_SIZE = 256
_MUX_RATE_UNIT = 50
_COUNTER_MASK = 0xFFFFFFFF


class ProgramStream(Container):
    """Turns spans of footage into the bytes of a program stream."""

    least_padding: ClassVar[int] = _PACKET_HEAD

    def __init__(
        self,
        source: FootageSource,
        *,
        wall: Callable[[datetime], datetime],
        head: bool = True,
        time_descriptor: bool = True,
    ) -> None:
        """Initialize.

        Args:
            source: where the frames come from.
            wall: turns true UTC into the device's naive wall clock.
            head: whether the 40 bytes `IMKH` stand in front.
            time_descriptor: whether key frames tell the device's wall clock.
        """
        super().__init__(source, head=imkh_head(source) if head else b"")
        self._wall = wall
        self._time_descriptor = time_descriptor

    @cached_property
    @override
    def gop_bytes(self) -> int:
        form = self._source.format
        nominal = form.bitrate_kbps * form.gop_ms // 8
        sound = 0
        if self._source.sound:
            packets = form.gop_ms // self._source.sound.frame_ms + 1
            sound = packets * (self._source.sound.largest + _PACKET_HEAD + _TIMED_HEAD)
        packets = form.gop_frames + self._source.largest_gop // _LARGEST_PACKET
        overhead = packets * (_PACK_SIZE + _PACKET_HEAD + _TIMED_HEAD) + _MAPS_SIZE + _PACKET_HEAD
        return max(nominal, self._source.largest_gop + sound + overhead)

    @override
    def _groups(self, start: datetime, stop: datetime) -> list[bytes]:
        groups: list[list[bytes]] = []
        for frame in self._source.frames(start, stop):
            if isinstance(frame, AudioFrame):
                groups[-1].append(_timed_packet(AUDIO_ID, frame.pts90k, frame.payload))
            else:
                groups.append(self._picture(frame))
        return [b"".join(group) for group in groups]

    @override
    def _padding(self, size: int, instant: datetime) -> Iterator[bytes | memoryview]:
        return _padding(size)

    def _picture(self, frame: VideoFrame) -> list[bytes]:
        counter = to_milliseconds(frame.instant) // self._source.format.interval_ms & _COUNTER_MASK
        parts = [self._pack_header(frame.pts90k, counter)]
        if frame.key:
            wall = self._wall(frame.instant) if self._time_descriptor else None
            parts += (self._system_header, program_stream_map(self._source.format, wall))
        data = _START.join((b"\0", *(nal + b"\0" for nal in frame.nals[:-1]), frame.nals[-1]))
        room = _LARGEST_PACKET - _TIMED_HEAD
        parts.append(_timed_packet(VIDEO_ID, frame.pts90k, data[:room]))
        for place in range(room, len(data), _LARGEST_PACKET - _UNTIMED_HEAD):
            parts.append(
                _untimed_packet(VIDEO_ID, data[place : place + _LARGEST_PACKET - _UNTIMED_HEAD])
            )
        return parts

    @cached_property
    def _mux_rate(self) -> int:
        per_second = self.gop_bytes * MILLISECONDS // self._source.format.gop_ms
        return -(-per_second // _MUX_RATE_UNIT)

    def _pack_header(self, pts90k: int, counter: int) -> bytes:
        """Write a pack header (ISO/IEC 13818-1, 2.5.3.3) with the device's frame counter."""
        clock = 1  # the bits "01" that begin the field
        clock = clock << 3 | pts90k >> 30
        clock = clock << 1 | 1
        clock = clock << 15 | pts90k >> 15 & 0x7FFF
        clock = clock << 1 | 1
        clock = clock << 15 | pts90k & 0x7FFF
        # Marker, no extension of the clock, marker.
        clock = (clock << 1 | 1) << 10 | 1
        rate = self._mux_rate << 2 | 3
        return b"".join(
            (
                _START,
                b"\xba",
                clock.to_bytes(6),
                rate.to_bytes(3),
                b"\xfe\xff\xff",
                counter.to_bytes(4),
            )
        )

    @cached_property
    def _system_header(self) -> bytes:
        """Write a system header (ISO/IEC 13818-1, 2.5.3.5)."""
        rate = 1 << 23 | self._mux_rate << 1 | 1
        sound = 1 if self._source.format.audio else 0
        # One video stream; neither a fixed rate nor a constrained stream; clocks locked.
        body = rate.to_bytes(3) + bytes((sound << 2, 0xE1, 0x7F))
        # Decoder buffers: video in units of 1024 bytes, sound in units of 128.
        body += bytes((VIDEO_ID,)) + (0b111 << 13 | 2048).to_bytes(2)
        if sound:
            body += bytes((AUDIO_ID,)) + (0b110 << 13 | 64).to_bytes(2)
        return _START + b"\xbb" + len(body).to_bytes(2) + body


def imkh_head(source: FootageSource, *, container: int = PROGRAM_STREAM) -> bytes:
    """Write the head of the device's files, which it also tells where it sends footage by RTP."""
    form = source.format
    words = (_HEAD_VERSION, _HEAD_DEVICE, container, _VIDEO_FORMATS[form.codec])
    sound, depth, rate, bit_rate = _AUDIO_FORMATS[form.audio] if form.audio else (0, 0, 0, 0)
    head = b"IMKH" + b"".join(word.to_bytes(2, "little") for word in (*words, sound))
    head += bytes((1 if form.audio else 0, depth))
    return (head + rate.to_bytes(4, "little") + bit_rate.to_bytes(4, "little")).ljust(
        HEAD_SIZE, b"\0"
    )


def _timed_packet(identity: int, pts90k: int, payload: bytes) -> bytes:
    """Write a PES packet with a time stamp (ISO/IEC 13818-1, 2.4.3.6)."""
    stamp = 0b0010 << 3 | pts90k >> 30
    stamp = (stamp << 1 | 1) << 15 | pts90k >> 15 & 0x7FFF
    stamp = ((stamp << 1 | 1) << 15 | pts90k & 0x7FFF) << 1 | 1
    size = (len(payload) + _TIMED_HEAD).to_bytes(2)
    return b"".join((_START, bytes((identity,)), size, b"\x8c\x80\x05", stamp.to_bytes(5), payload))


def _untimed_packet(identity: int, payload: bytes) -> bytes:
    """Write a PES packet that goes on with what the last one began."""
    size = (len(payload) + _UNTIMED_HEAD).to_bytes(2)
    return b"".join((_START, bytes((identity,)), size, b"\x88\x00\x00", payload))


def _padding(size: int) -> Iterator[bytes | memoryview]:
    """Write padding packets of some size in all, at least that of a packet's head."""
    while size:
        packet = min(size, _PACKET_HEAD + _LARGEST_PACKET)
        if 0 < size - packet < _PACKET_HEAD:
            packet -= _PACKET_HEAD
        yield _PADDING + (packet - _PACKET_HEAD).to_bytes(2)
        yield _FILL[: packet - _PACKET_HEAD]
        size -= packet
