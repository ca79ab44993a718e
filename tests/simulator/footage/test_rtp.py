"""RTP packets, taken apart by a reader of the tests' own."""

from base64 import b64decode
from dataclasses import replace

import av
import pytest

from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.rtp import Packetizer, media_lines
from simulator.footage.source import VideoFrame, to_milliseconds

from .streams import CODECS, MAIN, START, SUB, seconds, source


def take_apart(packet: bytes) -> tuple[bool, int, int, int, bytes]:
    """Give marker, payload type, sequence, time stamp and payload."""
    assert packet[0] == 0x80
    marker, kind = packet[1] >> 7, packet[1] & 127
    return bool(marker), kind, int.from_bytes(packet[2:4]), int.from_bytes(packet[4:8]), packet[12:]


def join(payloads: list[bytes], codec: VideoCodec) -> list[bytes]:
    """Put NAL units together again (RFC 6184 5.8, RFC 7798 4.4.3)."""
    nals: list[bytes] = []
    open_unit = b""
    for payload in payloads:
        if codec is VideoCodec.H264:
            if payload[0] & 31 != 28:
                nals.append(payload)
                continue
            mark, rest = payload[1], payload[2:]
            head = bytes((payload[0] & 0xE0 | mark & 31,))
        else:
            if payload[0] >> 1 & 63 != 49:
                nals.append(payload)
                continue
            mark, rest = payload[2], payload[3:]
            head = bytes((payload[0] & 0x81 | (mark & 63) << 1, payload[1]))
        assert bool(mark & 0x80) == (not open_unit)
        open_unit = (open_unit or head) + rest
        if mark & 0x40:
            nals.append(open_unit)
            open_unit = b""
    assert not open_unit
    return nals


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("form", [MAIN, SUB])
def test_pictures_come_together_again(form: StreamFormat, codec: VideoCodec) -> None:
    stream = source(replace(form, codec=codec))
    packetizer = Packetizer.for_video(stream)
    sequence = packetizer.sequence
    for frame in stream.video(START, START + seconds(2)):
        packets = [take_apart(packet) for packet in packetizer.packets(frame)]
        assert [marker for marker, *_ in packets] == [False] * (len(packets) - 1) + [True]
        assert {kind for _, kind, *_ in packets} == {96}
        assert {stamp for *_, stamp, _ in packets} == {to_milliseconds(frame.instant) * 90 % 2**32}
        for _, _, number, _, payload in packets:
            assert number == sequence
            assert len(payload) <= 1400
            sequence = (sequence + 1) % 65536
        assert tuple(join([payload for *_, payload in packets], codec)) == frame.nals
    assert packetizer.sequence == sequence


@pytest.mark.parametrize("codec", CODECS)
def test_pictures_are_filled_up_to_the_bit_rate(codec: VideoCodec) -> None:
    form = replace(SUB, codec=codec, bitrate_kbps=8192)
    stream = source(form)
    packetizer = Packetizer.for_video(stream, fills=True)
    decoder = av.CodecContext.create("h264" if codec is VideoCodec.H264 else "hevc", "r")
    shown = 0
    frames = [*stream.video(START, START + seconds(2))]
    for frame in frames:
        payloads = [take_apart(packet)[-1] for packet in packetizer.packets(frame)]
        nals = join(payloads, codec)
        assert tuple(nals[:-1]) == frame.nals
        assert sum(map(len, nals)) == form.bitrate_kbps * form.interval_ms // 8
        packet = av.Packet(b"".join(b"\0\0\0\1" + nal for nal in nals))
        shown += len(decoder.decode(packet))
    assert shown + len(decoder.decode(None)) == len(frames)


@pytest.mark.parametrize("codec", CODECS)
def test_units_of_any_length(codec: VideoCodec) -> None:
    packetizer = Packetizer.for_video(source(replace(SUB, codec=codec)))
    for size in (*range(1370, 1400), *range(2740, 2780), *range(4110, 4160)):
        nal = bytes((0x26, 1)) + b"x" * (size - 2)
        frame = VideoFrame(START, 0, True, (nal,))
        payloads = [take_apart(packet)[-1] for packet in packetizer.packets(frame)]
        assert join(payloads, codec) == [nal]
        assert all(payloads)


@pytest.mark.parametrize("codec", AudioCodec)
def test_sound_comes_together_again(codec: AudioCodec) -> None:
    stream = source(replace(SUB, audio=codec))
    packetizer = Packetizer.for_audio(stream)
    rate = 16 if codec is AudioCodec.AAC else 8
    for frame in stream.audio(START, START + seconds(2)):
        (packet,) = packetizer.packets(frame)
        marker, kind, _, stamp, payload = take_apart(packet)
        assert marker
        assert kind == {AudioCodec.ALAW: 8, AudioCodec.ULAW: 0, AudioCodec.AAC: 104}[codec]
        assert stamp == to_milliseconds(frame.instant) * rate % 2**32
        if codec is AudioCodec.AAC:
            assert payload[:2] == b"\x00\x10"
            assert int.from_bytes(payload[2:4]) == len(payload) - 4 << 3
            assert payload[4:] == frame.payload[7:]
        else:
            assert payload == frame.payload


def test_silent_streams_have_no_packets_of_sound() -> None:
    stream = source(replace(SUB, audio=None))
    assert len(media_lines(stream)) == 1
    with pytest.raises(ValueError):
        Packetizer.for_audio(stream)


def test_each_track_has_an_identity() -> None:
    stream = source()
    assert len({Packetizer.for_video(stream).ssrc for _ in range(8)}) == 8


def test_description_of_h264() -> None:
    stream = source(MAIN)
    video, audio = media_lines(stream)
    assert video[0] == "m=video 0 RTP/AVP 96"
    assert "a=rtpmap:96 H264/90000" in video
    (parameters,) = (line for line in video if line.startswith("a=fmtp:96 "))
    fields = dict(part.split("=", 1) for part in parameters.removeprefix("a=fmtp:96 ").split(";"))
    assert fields["packetization-mode"] == "1"
    assert fields["profile-level-id"] == "42c01f"
    sets = tuple(map(b64decode, fields["sprop-parameter-sets"].split(",")))
    assert sets == stream.parameter_sets
    assert audio[0] == "m=audio 0 RTP/AVP 8"
    assert "a=rtpmap:8 PCMA/8000" in audio


def test_description_of_h265_and_aac() -> None:
    stream = source(replace(MAIN, codec=VideoCodec.H265, audio=AudioCodec.AAC))
    video, audio = media_lines(stream)
    assert "a=rtpmap:96 H265/90000" in video
    (parameters,) = (line for line in video if line.startswith("a=fmtp:96 "))
    fields = dict(part.split("=", 1) for part in parameters.removeprefix("a=fmtp:96 ").split(";"))
    sets = tuple(b64decode(fields[f"sprop-{name}"]) for name in ("vps", "sps", "pps"))
    assert sets == stream.parameter_sets
    assert audio[0] == "m=audio 0 RTP/AVP 104"
    assert "a=rtpmap:104 mpeg4-generic/16000/1" in audio
    assert any("config=1408" in line for line in audio)
    ulaw = media_lines(source(replace(MAIN, audio=AudioCodec.ULAW)))[1]
    assert "a=rtpmap:0 PCMU/8000" in ulaw
