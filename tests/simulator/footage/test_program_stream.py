"""Program streams: sizes that are arithmetic, bytes that real demuxers read."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest

from simulator.footage.decoded import pattern_of
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.pattern import MILLISECOND
from simulator.footage.program_map import STREAM_TYPES, parse_time_descriptor
from simulator.footage.program_stream import HEAD_SIZE, ProgramStream, imkh_head
from simulator.footage.source import FootageSource

from .streams import CODECS, MAIN, START, SUB, ZONE, byte_stream, seconds, source
from .tools import run

LENGTH = 20


def wall(instant: datetime) -> datetime:
    """The device's clock is twelve minutes slow, and in a zone of its own."""
    return instant.astimezone(ZONE).replace(tzinfo=None) - timedelta(minutes=12)


def span(stream: FootageSource, length: float = LENGTH) -> tuple[datetime, datetime]:
    start = stream.key_frame_at_or_before(START)
    return start, start + seconds(length)


def file_of(form: StreamFormat, folder: Path) -> Path:
    stream = source(form)
    path = folder / "footage.ps"
    path.write_bytes(b"".join(ProgramStream(stream, wall=wall).chunks(*span(stream))))
    return path


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("form", [MAIN, SUB, replace(SUB, bitrate_kbps=64, audio=None)])
@pytest.mark.parametrize("head", [True, False])
def test_size_is_arithmetic(form: StreamFormat, codec: VideoCodec, head: bool) -> None:
    form = replace(form, codec=codec)
    stream = source(form)
    start, stop = span(stream, 60)
    footage = ProgramStream(stream, wall=wall, head=head)
    chunks = list(footage.chunks(start, stop))
    assert sum(map(len, chunks)) == footage.size(start, stop)
    assert len(b"".join(chunks[:1] if head else [])) == (HEAD_SIZE if head else 0)
    assert {len(chunk) for chunk in chunks[head:]} == {footage.gop_bytes}
    nominal = form.bitrate_kbps * 1000 * form.gop_seconds / 8
    if form.bitrate_kbps > 1000:
        assert footage.gop_bytes == nominal
    else:
        assert footage.gop_bytes >= nominal


@pytest.mark.parametrize("codec", CODECS)
def test_the_worst_second_fits(codec: VideoCodec) -> None:
    """At the turn of a year nearly all letters change, at that of summer time the offset too."""
    stream = source(replace(SUB, codec=codec, bitrate_kbps=64))
    footage = ProgramStream(stream, wall=wall)
    most = 0
    for day in (datetime(2026, 12, 31, 22, 59, 50), datetime(2026, 10, 25, 0, 59, 50)):
        start = stream.key_frame_at_or_before(day.replace(tzinfo=START.tzinfo))
        stop = start + seconds(20)
        assert sum(map(len, footage.chunks(start, stop))) == footage.size(start, stop)
        for number in range(10):
            group = start + number * seconds(2), start + (number + 1) * seconds(2)
            most = max(most, len(byte_stream(stream.video(*group))))
    # Not far off either: what is never needed would be padding for ever.
    assert 0.7 * stream.largest_gop < most <= stream.largest_gop


@pytest.mark.parametrize("codec", CODECS)
def test_every_channel_fits(codec: VideoCodec) -> None:
    form = replace(SUB, codec=codec, bitrate_kbps=64, audio=None)
    for channel in (1, 8, 12, 53, 100, 208, 255):
        stream = source(form, channel=channel, stream=1)
        start, stop = span(stream, 4)
        footage = ProgramStream(stream, wall=wall, head=False)
        assert {len(chunk) for chunk in footage.chunks(start, stop)} == {footage.gop_bytes}


def test_offset_leaves_out_the_beginning() -> None:
    stream = source(MAIN)
    start, stop = span(stream, 6)
    footage = ProgramStream(stream, wall=wall)
    whole = b"".join(footage.chunks(start, stop))
    gop = footage.gop_bytes
    for offset in (
        0,
        1,
        39,
        40,
        41,
        40 + gop - 1,
        40 + gop,
        40 + gop + 1,
        len(whole) - 1,
        len(whole),
    ):
        assert b"".join(footage.chunks(start, stop, offset)) == whole[offset:]


def test_same_span_same_bytes() -> None:
    """Also if it was cut out of a longer one."""
    first, second = source(MAIN), source(MAIN)
    start, stop = span(first, 6)
    long = b"".join(ProgramStream(first, wall=wall, head=False).chunks(start, stop))
    footage = ProgramStream(second, wall=wall, head=False)
    tail = b"".join(footage.chunks(start + seconds(2), stop))
    assert tail == long[footage.gop_bytes :]


@pytest.mark.parametrize("edge", ["start", "stop"])
def test_spans_are_whole_groups(edge: str) -> None:
    stream = source()
    start, stop = span(stream)
    if edge == "start":
        start += MILLISECOND
    else:
        stop += MILLISECOND
    footage = ProgramStream(stream, wall=wall)
    with pytest.raises(ValueError):
        footage.size(start, stop)
    with pytest.raises(ValueError):
        next(footage.chunks(start, stop))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("audio", [None, *AudioCodec])
def test_ffmpeg_copies_it_whole(
    codec: VideoCodec, audio: AudioCodec | None, tmp_path: Path
) -> None:
    path = file_of(form := replace(SUB, codec=codec, audio=audio), tmp_path)
    assert run("ffmpeg", "-v", "error", "-xerror", "-i", path, "-f", "null", "-") == b""
    clip = tmp_path / "clip.mp4"
    tag = ["-tag:v", "hvc1"] if codec is VideoCodec.H265 else []
    run("ffmpeg", "-v", "error", "-i", path, "-c:v", "copy", *tag, "-c:a", "aac", clip)
    with av.open(clip) as container:
        video = container.streams.video[0]
        assert video.codec_tag == ("hvc1" if codec is VideoCodec.H265 else "avc1")
        assert (video.width, video.height) == (form.width, form.height)
        assert len(container.streams.audio) == (0 if audio is None else 1)
        assert video.duration is not None
        assert video.time_base is not None
        assert video.duration * video.time_base == LENGTH
        pictures = list(container.decode(video))
    instants = [pattern_of(picture).instant for picture in pictures]
    stream = source(form)
    assert instants == [frame.instant for frame in stream.video(*span(stream))]
    first = pictures[0].time or 0
    for picture, instant in zip(pictures, instants, strict=True):
        assert picture.time is not None
        assert picture.time - first == pytest.approx(
            (instant - instants[0]).total_seconds(), abs=0.001
        )


def test_the_wall_clock_stands_before_each_key_frame(tmp_path: Path) -> None:
    data = file_of(SUB, tmp_path).read_bytes()
    stream = source()
    keys = [frame.instant for frame in stream.video(*span(stream)) if frame.key]
    footage = ProgramStream(stream, wall=wall)
    found, place = [], data.find(b"\0\0\1\xbc")
    while place >= 0:
        number, within = divmod(place - HEAD_SIZE, footage.gop_bytes)
        assert within < 100
        said, _ = parse_time_descriptor(data[data.index(b"\x40\x0e", place) :])
        assert said == wall(keys[number])
        found.append(said)
        place = data.find(b"\0\0\1\xbc", place + 1)
    assert len(found) == len(keys)


def test_no_time_descriptor_if_not_wanted() -> None:
    stream = source()
    footage = ProgramStream(stream, wall=wall, time_descriptor=False)
    data = b"".join(footage.chunks(*span(stream)))
    assert b"\x40\x0eHK" not in data
    assert data.count(b"\0\0\1\xbc") == LENGTH / SUB.gop_seconds


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("audio", AudioCodec)
def test_head_and_map_name_the_codecs(codec: VideoCodec, audio: AudioCodec) -> None:
    stream = source(replace(SUB, codec=codec, audio=audio))
    start, _ = span(stream)
    head, gop = ProgramStream(stream, wall=wall).chunks(start, start + seconds(2))
    assert head == imkh_head(stream)
    assert head.startswith(b"IMKH")
    assert len(head) == 40
    packet = gop[gop.index(b"\0\0\1\xbc") :]
    size, about = int.from_bytes(packet[4:6]), int.from_bytes(packet[8:10])
    streams = packet[12 + about : 2 + size]
    types = []
    while streams:
        types.append(streams[0])
        streams = streams[4 + int.from_bytes(streams[2:4]) :]
    assert types == [STREAM_TYPES[codec], STREAM_TYPES[audio]]


def test_padding_is_whole_packets_whatever_is_left() -> None:
    footage = ProgramStream(source(), wall=wall)
    pictures = 25
    for spare in (
        6,
        7,
        11,
        12,
        13,
        150,
        155,
        1000,
        65535,
        65540,
        65541,
        65542,
        65546,
        65547,
        131085,
    ):
        even, rest = divmod(footage.gop_bytes - spare, pictures)
        for first in (0, 1, 5, 6, 500):
            sizes = [even + rest + first, *[even] * (pictures - 2), even - first]
            data = b"".join(footage._padded([b"\0" * size for size in sizes], START))
            assert len(data) == footage.gop_bytes
            place = left = 0
            while place < len(data):
                if data[place : place + 4] == b"\0\0\1\xbe":
                    size = int.from_bytes(data[place + 4 : place + 6])
                    assert data[place + 6 : place + 6 + size] == b"\xff" * size
                    place += 6 + size
                else:
                    assert data[place] == 0
                    place += 1
                    left += 1
            assert left == sum(sizes)


def test_bytes_grow_evenly_with_time() -> None:
    """A cut or a slow transfer finds as much footage as its share of the bytes, not all in front."""
    stream = source(MAIN)
    start, stop = span(stream, 2)
    footage = ProgramStream(stream, wall=wall, head=False)
    (gop,) = footage.chunks(start, stop)
    last = gop.rindex(b"\0\0\1\xba")
    assert last > footage.gop_bytes * 0.95
