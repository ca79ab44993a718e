"""Sound out of RTP packets: G.711, G.722, G.726 and PCM (RFC 3551), AAC (RFC 3640)."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import override

from .rtp_container import RtpTrack
from .rtp_packet import RtpPacket
from .units import AudioFormat

_AAC_SAMPLES = 1024
_SIZE_BITS, _INDEX_BITS = 13, 3
_MAX_UNITS = 64
_MAX_CONFIG_DIGITS = 128
_MAX_UNIT_BYTES = 64 << 10
_MAX_HEADER_BITS = 32
_G722_RATE = 16_000
# Of these, every packet may be cut anywhere between samples.
_PLAIN = {
    "PCMA": ("pcm_alaw", None),
    "PCMU": ("pcm_mulaw", None),
    "L16": ("pcm_s16be", None),
    "G722": ("g722", _G722_RATE),
    "G726-16": ("g726le", None),
    "G726-24": ("g726le", None),
    "G726-32": ("g726le", None),
    "G726-40": ("g726le", None),
}
_G726_BITS = {"G726-16": 2, "G726-24": 3, "G726-32": 4, "G726-40": 5}


class SoundDepacketizer(ABC):
    """Takes the sound of one track out of its packets."""

    def __init__(self, audio: AudioFormat) -> None:
        """Initialize."""
        self.audio = audio

    @abstractmethod
    def feed(self, packet: RtpPacket) -> Iterator[tuple[bytes, int]]:
        """Yield the packet's sound, each piece with its time stamp on the track's clock."""


class _Plain(SoundDepacketizer):
    @override
    def feed(self, packet: RtpPacket) -> Iterator[tuple[bytes, int]]:
        if packet.payload:
            yield packet.payload, packet.timestamp


class _Aac(SoundDepacketizer):
    """AAC as access units behind headers that tell their sizes; a large one may take several packets."""

    def __init__(self, audio: AudioFormat, track: RtpTrack) -> None:
        super().__init__(audio)
        self._size_bits = track.number("sizelength", _SIZE_BITS)
        self._index_bits = track.number("indexlength", _INDEX_BITS)
        self._delta_bits = track.number("indexdeltalength", _INDEX_BITS)
        self._begun = bytearray()
        self._begun_at: int | None = None

    @override
    def feed(self, packet: RtpPacket) -> Iterator[tuple[bytes, int]]:
        sizes, data = self._sizes(packet.payload)
        if len(sizes) == 1 and sizes[0] > len(data):
            yield from self._piece(packet, sizes[0], data)
            return
        self._begun_at = None
        for number, size in enumerate(sizes):
            if not 0 < size <= len(data):
                return
            yield data[:size], packet.timestamp + number * _AAC_SAMPLES
            data = data[size:]

    def _sizes(self, payload: bytes) -> tuple[list[int], bytes]:
        """Read the headers' section; nothing where it is not what the parameters say."""
        bits = int.from_bytes(payload[:2])
        first, later = self._size_bits + self._index_bits, self._size_bits + self._delta_bits
        start = 2 + (bits + 7) // 8
        if not 0 < self._size_bits <= first <= _MAX_HEADER_BITS or later > _MAX_HEADER_BITS:
            return [], b""
        if start > len(payload) or bits > first + _MAX_UNITS * later:
            return [], b""
        headers = int.from_bytes(payload[2:start])
        left = (start - 2) * 8
        sizes: list[int] = []
        width = first
        while bits >= width:
            left -= width
            bits -= width
            sizes.append((headers >> left & (1 << width) - 1) >> width - self._size_bits)
            width = later
        return sizes, payload[start:]

    def _piece(self, packet: RtpPacket, size: int, data: bytes) -> Iterator[tuple[bytes, int]]:
        if self._begun_at != packet.timestamp:
            self._begun, self._begun_at = bytearray(), packet.timestamp
        self._begun += data
        if len(self._begun) >= size:
            if len(self._begun) == size <= _MAX_UNIT_BYTES:
                yield bytes(self._begun), packet.timestamp
            self._begun_at = None


def sound_depacketizer(track: RtpTrack) -> SoundDepacketizer | None:
    """Return what reads a track of sound, None if nothing does."""
    name = track.encoding
    if name == "MPEG4-GENERIC":
        config = track.parameters.get("config", "")
        try:
            extradata = bytes.fromhex(config[:_MAX_CONFIG_DIGITS])
        except ValueError:
            return None
        if not extradata:
            return None
        return _Aac(
            AudioFormat("aac", track.clock_rate, track.channels, framed=True, extradata=extradata),
            track,
        )
    if name not in _PLAIN:
        return None
    codec, rate = _PLAIN[name]
    return _Plain(
        AudioFormat(
            codec, rate or track.clock_rate, track.channels, bits_per_sample=_G726_BITS.get(name)
        )
    )
