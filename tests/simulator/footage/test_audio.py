"""Sound: what the codecs make of it, and that it keeps true time."""

from dataclasses import replace

import av
import numpy as np
from numpy.typing import NDArray
import pytest

from simulator.footage.audio import alaw_values, encode, ulaw_values
from simulator.footage.formats import AudioCodec
from simulator.footage.source import AudioFrame, to_milliseconds

from .streams import START, SUB, seconds, source

DECODERS = {AudioCodec.ALAW: "pcm_alaw", AudioCodec.ULAW: "pcm_mulaw"}


def heard(frames: list[AudioFrame], decoder: av.AudioCodecContext) -> NDArray[np.float64]:
    """Give the samples of all packets, each of which must be decodable."""
    resampler = av.AudioResampler("s16", "mono", decoder.sample_rate or None)
    parts = []
    for frame in frames:
        for sound in decoder.decode(av.Packet(frame.payload)):
            parts += [
                np.asarray(part.to_ndarray(), np.float64)[0] for part in resampler.resample(sound)
            ]
    return np.concatenate(parts)


def g711_decoder(codec: AudioCodec) -> av.AudioCodecContext:
    decoder = av.CodecContext.create(DECODERS[codec], "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate = 8000
    decoder.layout = av.AudioLayout("mono")
    return decoder


@pytest.mark.parametrize("codec", DECODERS)
def test_g711_is_what_others_decode(codec: AudioCodec) -> None:
    values = alaw_values() if codec is AudioCodec.ALAW else ulaw_values()
    codes = AudioFrame(START, 0, bytes(range(256)))
    assert np.array_equal(heard([codes], g711_decoder(codec)), values)
    samples = np.arange(-32768, 32768, 7).astype(np.int16)
    coded = np.frombuffer(encode(samples, values), np.uint8)
    error = np.abs(values[coded] - samples.astype(np.int32))
    inside = np.abs(samples.astype(np.int32)) <= values.max()
    # At most half a step of the coarsest segment, and of the step where the sample lies.
    assert (error[inside] <= np.maximum(np.abs(samples[inside]) / 32 + 8, 8)).all()


def loudness(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Give the greatest amplitude in each hundredth of a second."""
    piece = rate // 100
    whole = samples[: len(samples) // piece * piece]
    return np.asarray(np.abs(whole).reshape(-1, piece).max(axis=1))


@pytest.mark.parametrize("codec", AudioCodec)
def test_a_beep_begins_each_second(codec: AudioCodec) -> None:
    stream = source(replace(SUB, audio=codec))
    frames = list(stream.audio(START, START + seconds(20)))
    aac = codec is AudioCodec.AAC
    decoder = av.CodecContext.create("aac", "r") if aac else g711_decoder(codec)
    assert isinstance(decoder, av.AudioCodecContext)
    samples = heard(frames, decoder)
    rate = 16000 if aac else 8000
    begin_ms = to_milliseconds(frames[0].instant)
    loud = loudness(samples[-begin_ms % 1000 * rate // 1000 :], rate)
    for second in range(18):
        beep, rest = loud[second * 100 + 1 : second * 100 + 11], loud[second * 100 + 14 :][:84]
        assert beep.min() > 3000
        assert rest.max() < 300


@pytest.mark.parametrize("codec", AudioCodec)
def test_packets_follow_each_other(codec: AudioCodec) -> None:
    stream = source(replace(SUB, audio=codec))
    frames = list(stream.audio(START, START + seconds(10)))
    step = seconds(0.064) if codec is AudioCodec.AAC else seconds(0.04)
    assert frames[0].instant - START < step
    assert [frame.instant for frame in frames] == [
        frames[0].instant + number * step for number in range(len(frames))
    ]
    assert frames[-1].instant < START + seconds(10) <= frames[-1].instant + step


def test_aac_packets_have_adts_headers() -> None:
    for frame in source(replace(SUB, audio=AudioCodec.AAC)).audio(START, START + seconds(10)):
        assert frame.payload[:2] == b"\xff\xf1"
        assert int.from_bytes(frame.payload[3:6]) >> 5 & 0x1FFF == len(frame.payload)


def test_silent_streams_have_no_sound() -> None:
    stream = source(replace(SUB, audio=None))
    assert list(stream.audio(START)) == []
    assert all(
        not isinstance(frame, AudioFrame) for frame in stream.frames(START, START + seconds(3))
    )
