"""Sound: silence, and a short beep at each full second of true time."""

from functools import lru_cache
from math import gcd
from typing import Protocol, override

import av
import numpy as np
from numpy.typing import NDArray

from .formats import MILLISECONDS, AudioCodec

type Samples = NDArray[np.int16]

G711_RATE, AAC_RATE = 8000, 16000
AAC_FRAME_SAMPLES = 1024
_G711_FRAME_MS = 40
_BEEP_MS, _BEEP_HZ, _BEEP_AMPLITUDE, _BEEP_EDGE_MS = 120, 1000, 9000, 10
_AAC_BIT_RATE = 32000


class Sound(Protocol):
    """A loop of packets that begins anew after whole seconds.

    Attributes:
        codec: of the packets.
        rate: samples a second.
        frame_ms: milliseconds in a packet.
        largest: bytes in the largest packet.
    """

    codec: AudioCodec
    rate: int
    frame_ms: int
    largest: int

    def payload(self, number: int) -> bytes:
        """Give the `number`-th packet since 1970."""


class _Loop(Sound):
    def __init__(
        self, codec: AudioCodec, rate: int, frame_ms: int, packets: tuple[bytes, ...]
    ) -> None:
        self.codec, self.rate, self.frame_ms = codec, rate, frame_ms
        self._packets = packets
        self.largest = max(map(len, packets))

    @override
    def payload(self, number: int) -> bytes:
        return self._packets[number % len(self._packets)]


@lru_cache
def make_sound(codec: AudioCodec) -> Sound:
    """Make the sound of all streams with a codec."""
    if codec is AudioCodec.AAC:
        return _make_aac()
    samples = _second(G711_RATE)
    coded = encode(samples, alaw_values() if codec is AudioCodec.ALAW else ulaw_values())
    size = G711_RATE * _G711_FRAME_MS // MILLISECONDS
    packets = tuple(coded[start : start + size] for start in range(0, len(coded), size))
    return _Loop(codec, G711_RATE, _G711_FRAME_MS, packets)


def _second(rate: int) -> Samples:
    """Give one second that begins with the beep, without a click at its ends."""
    time_ms = np.arange(rate) * MILLISECONDS / rate
    wave = _BEEP_AMPLITUDE * np.sin(2 * np.pi * _BEEP_HZ * time_ms / MILLISECONDS)
    edge = np.clip(np.minimum(time_ms, _BEEP_MS - time_ms) / _BEEP_EDGE_MS, 0, 1)
    return np.rint(wave * edge).astype(np.int16)


def encode(samples: Samples, values: NDArray[np.int32]) -> bytes:
    """Code samples as the numbers of the nearest values of a law."""
    order = np.argsort(values)
    rising = values[order]
    places = np.searchsorted((rising[1:] + rising[:-1]) / 2, samples)
    return order[places].astype(np.uint8).tobytes()


@lru_cache
def alaw_values() -> NDArray[np.int32]:
    """Give what each code of the A-law stands for (ITU-T G.711, table 1)."""
    codes = np.arange(256) ^ 0x55
    exponents, mantissas = codes >> 4 & 7, codes & 15
    magnitudes = ((mantissas << 4) + 8 + 256 * (exponents > 0)) << np.maximum(exponents - 1, 0)
    return np.where(codes & 0x80, magnitudes, -magnitudes).astype(np.int32)


@lru_cache
def ulaw_values() -> NDArray[np.int32]:
    """Give what each code of the mu-law stands for (ITU-T G.711, table 2)."""
    codes = np.arange(256) ^ 0xFF
    exponents, mantissas = codes >> 4 & 7, codes & 15
    magnitudes = (((mantissas << 3) + 132) << exponents) - 132
    return np.where(codes & 0x80, -magnitudes, magnitudes).astype(np.int32)


def _make_aac() -> Sound:
    """Encode a loop that is as many whole seconds as whole frames long."""
    frame_ms = AAC_FRAME_SAMPLES * MILLISECONDS // AAC_RATE
    loop_seconds = frame_ms // gcd(frame_ms, MILLISECONDS)
    per_loop = loop_seconds * MILLISECONDS // frame_ms
    # The encoder's state has settled after a first loop. A packet is heard one packet later.
    first = per_loop + 1
    packets = _encode_aac(np.tile(_second(AAC_RATE), 3 * loop_seconds))[first : first + per_loop]
    return _Loop(AudioCodec.AAC, AAC_RATE, frame_ms, tuple(map(_with_adts_header, packets)))


def _encode_aac(samples: Samples) -> list[bytes]:
    encoder = av.AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.bit_rate = AAC_RATE, _AAC_BIT_RATE
    encoder.format, encoder.layout = av.AudioFormat("fltp"), av.AudioLayout("mono")
    encoder.options = {"flags": "+bitexact"}
    resampler = av.AudioResampler("fltp", "mono", AAC_RATE, frame_size=AAC_FRAME_SAMPLES)
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = AAC_RATE
    return [bytes(packet) for part in resampler.resample(frame) for packet in encoder.encode(part)]


# ADTS (ISO/IEC 14496-3, 1.A.2.2): AAC-LC, 16 kHz, one channel, no CRC.
ADTS_HEADER_SIZE = 7
_ADTS_SYNC, _ADTS_PROFILE, _ADTS_BUFFER = 0xFFF1, 1, 0x7FF
AAC_RATE_INDEX, _AAC_CHANNELS = 8, 1


def _with_adts_header(packet: bytes) -> bytes:
    fields = _ADTS_SYNC << 2 | _ADTS_PROFILE
    fields = fields << 4 | AAC_RATE_INDEX
    fields = (fields << 1) << 3 | _AAC_CHANNELS
    fields = (fields << 4) << 13 | len(packet) + ADTS_HEADER_SIZE
    fields = (fields << 11 | _ADTS_BUFFER) << 2
    return fields.to_bytes(ADTS_HEADER_SIZE) + packet
