"""Sound of any codec as AAC on a grid of samples that fits the pictures."""

from collections.abc import Iterator
from fractions import Fraction
import io
from typing import cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from .units import TICKS_PER_SECOND, AudioFormat, CodedPacket

FRAME_SAMPLES = 1024
_SAMPLE_BYTES = 2
_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""8 kHz is raised: some players know no AAC below 16 kHz."""
_BITS_PER_SAMPLE = 2
# Several times as fast as the default; for what a camera hears the difference can't be heard.
_ENCODER_OPTIONS = {"aac_coder": "fast"}
_MIN_BIT_RATE = 32_000
_MAX_BIT_RATE = 128_000
# Stamps of sound tremble by a few packets' worth; only beyond this there is a real hole or overlap.
_TOLERANCE_MS = 80
_SILENCE_CHUNK_FRAMES = 64
# Stamps of sound that lie further from the pictures that it comes with count from something else.
_REACH = 5 * TICKS_PER_SECOND


class SoundClock:
    """Gives sound the time of the pictures that it comes with, where its own stamps count from something else.

    Without it, stamps that are an hour off would be an hour of silence.
    """

    def __init__(self) -> None:
        self._shift = 0

    def __call__(self, time: int | None, picture: int | None) -> int | None:
        """Return the time of a sound; ``picture`` is the time of the newest picture before it."""
        if time is None or picture is None:
            return None
        if abs(time + self._shift - picture) > _REACH:
            self._shift = 0 if abs(time - picture) <= _REACH else picture - time
        return time + self._shift


type SoundShape = tuple[int, int]
"""Samples a second and channels of the sound that is given out."""


def shape_of(audio: AudioFormat) -> SoundShape:
    """Return the shape that sound of this format is given out with."""
    rate = next((known for known in _RATES if known >= audio.rate), _RATES[-1])
    return rate, 2 if audio.channels > 1 else 1


class SoundTrack:
    """Decodes sound, puts it on a grid of samples that starts at time 0, and encodes it as AAC.

    Holes become silence and overlaps are cut, so that sound never drifts from the pictures. The AAC
    frames begin at multiples of 1024 samples of the grid whatever ``first_frame`` they start with.
    """

    def __init__(
        self, audio: AudioFormat, *, shape: SoundShape | None = None, first_frame: int = 0
    ) -> None:
        shape = shape or shape_of(audio)
        self._audio = audio
        self._decoder = _decoder(audio)
        self.rate, self.channels = shape
        layout = "stereo" if self.channels > 1 else "mono"
        self._layout = layout
        self._resampler = self._new_resampler()
        self._shell = av.open(io.BytesIO(), "w", format="mp4")
        self.stream: AudioStream = self._shell.add_stream(
            "aac", rate=self.rate, options=dict(_ENCODER_OPTIONS)
        )
        self.stream.codec_context.layout = layout
        wanted = self.rate * self.channels * _BITS_PER_SAMPLE
        self.stream.codec_context.bit_rate = min(max(wanted, _MIN_BIT_RATE), _MAX_BIT_RATE)
        self._shell.start_encoding()
        self._sample_bytes = _SAMPLE_BYTES * self.channels
        self._encoded = first_frame * FRAME_SAMPLES
        self._pcm = bytearray()
        self._started = False
        self._kind: tuple[str, str, int] | None = None
        self.heard = False

    def _new_resampler(self) -> AudioResampler:
        return AudioResampler(format="s16", layout=self._layout, rate=self.rate)

    def decode_as(self, audio: AudioFormat) -> None:
        """Go on with sound of another format; what is given out stays as it is."""
        if audio != self._audio:
            self._audio = audio
            self._decoder = _decoder(audio)
            self._resampler = self._new_resampler()

    def place_anew(self) -> None:
        """Put the next sound exactly where its time says, as after a hole."""
        self._started = False

    @property
    def position(self) -> int:
        """Where the sound that is known so far ends, in ticks of the grid."""
        samples = self._encoded + len(self._pcm) // self._sample_bytes
        return samples * TICKS_PER_SECOND // self.rate

    def add(self, data: bytes, time: int | None) -> Iterator[CodedPacket]:
        """Add coded sound that begins at ``time`` (ticks of the grid; None: where the last ended).

        Sound that can't be decoded is skipped.
        """
        try:
            frames = [
                out
                for frame in self._decoder.decode(av.Packet(data))
                for out in self._resampled(frame)
            ]
        except av.FFmpegError:
            return
        pcm = b"".join(
            bytes(frame.planes[0])[: frame.samples * self._sample_bytes] for frame in frames
        )
        self.heard = self.heard or bool(pcm)
        yield from self._place(pcm, time)
        yield from self._encode()

    def _resampled(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._kind is not None and kind != self._kind:
            # A resampler takes sound of one kind only.
            self._resampler = self._new_resampler()
        self._kind = kind
        frame.pts = None
        return self._resampler.resample(frame)

    def _place(self, pcm: bytes, time: int | None) -> Iterator[CodedPacket]:
        if time is None:
            self._pcm += pcm
            return
        at = self._samples(time)
        end = self._encoded + len(self._pcm) // self._sample_bytes
        if not self._started or abs(at - end) * 1000 > _TOLERANCE_MS * self.rate:
            if at > end:
                yield from self._silence(at - end)
            else:
                pcm = pcm[(end - at) * self._sample_bytes :]
        self._started = self._started or bool(pcm)
        self._pcm += pcm

    def _samples(self, time: int) -> int:
        return round(time * self.rate / TICKS_PER_SECOND)

    def _silence(self, samples: int) -> Iterator[CodedPacket]:
        chunk = _SILENCE_CHUNK_FRAMES * FRAME_SAMPLES
        while samples > 0:
            self._pcm += bytes(min(samples, chunk) * self._sample_bytes)
            samples -= chunk
            yield from self._encode()

    def pad(self, until: int) -> Iterator[CodedPacket]:
        """Fill with silence up to a time, where no sound is known."""
        missing = self._samples(until) - self._encoded - len(self._pcm) // self._sample_bytes
        if missing > 0:
            self._started = True
            yield from self._silence(missing)

    def finish(self, limit: int) -> Iterator[CodedPacket]:
        """End at ``limit`` and yield what the encoder still holds."""
        keep = max(0, self._samples(limit) - self._encoded)
        del self._pcm[keep * self._sample_bytes :]
        yield from self._encode(last=True)
        yield from self.stream.encode(None)

    def _encode(self, *, last: bool = False) -> Iterator[CodedPacket]:
        size = FRAME_SAMPLES * self._sample_bytes
        while len(self._pcm) >= size or (last and self._pcm):
            data = bytes(self._pcm[:size])
            del self._pcm[:size]
            frame = av.AudioFrame("s16", self._layout, len(data) // self._sample_bytes)
            frame.sample_rate = self.rate
            frame.planes[0].update(data.ljust(frame.planes[0].buffer_size, b"\0"))
            frame.pts = self._encoded
            frame.time_base = Fraction(1, self.rate)
            self._encoded += frame.samples
            yield from self.stream.encode(frame)

    def close(self) -> None:
        """Let go of the encoder."""
        self._shell.close()


def _decoder(audio: AudioFormat) -> AudioCodecContext:
    decoder = cast("AudioCodecContext", av.CodecContext.create(audio.codec, "r"))
    if audio.rate:
        decoder.sample_rate = audio.rate
        decoder.layout = "stereo" if audio.channels > 1 else "mono"
    if audio.bits_per_sample is not None:
        decoder.options = {"bits_per_coded_sample": str(audio.bits_per_sample)}
    if audio.extradata is not None:
        decoder.extradata = audio.extradata
    return decoder
