"""DHAV files: sizes that are arithmetic, frames that FFmpeg reads one by one, damage that is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import io
from itertools import pairwise
from pathlib import Path
import subprocess

import av
import pytest

from simulator.footage.decoded import pattern_of
from simulator.footage.dhav import (
    COUNTER_STEPS,
    DAHUA_HEAD,
    OTHER_HEAD,
    Breakage,
    DhavForm,
    DhavFrame,
    DhavStream,
    FrameType,
    Milliseconds,
    frames,
    pack_date,
)
from simulator.footage.formats import AudioCodec, StreamFormat, VideoCodec
from simulator.footage.source import FootageSource

from .streams import CODECS, MAIN, START, SUB, ZONE, byte_stream, seconds, source
from .tools import run

LENGTH = 6
SIZES = [MAIN, SUB, replace(SUB, bitrate_kbps=64, audio=None)]


def wall(instant: datetime) -> datetime:
    """The device's clock is twelve minutes slow, and in a zone of its own."""
    return instant.astimezone(ZONE).replace(tzinfo=None) - timedelta(minutes=12)


def span(stream: FootageSource, length: float = LENGTH) -> tuple[datetime, datetime]:
    start = stream.key_frame_at_or_before(START)
    return start, start + seconds(length)


def written(stream: FootageSource, form: DhavForm | None = None, length: float = LENGTH) -> bytes:
    return b"".join(DhavStream(stream, wall=wall, form=form).chunks(*span(stream, length)))


def of_kind(data: bytes, *kinds: FrameType) -> list[DhavFrame]:
    return [frame for frame in frames(data) if frame.kind in kinds]


def instant_of(picture: av.VideoFrame) -> datetime:
    return pattern_of(picture).instant


def instants_in(file: Path) -> list[datetime]:
    """Decode a file by FFmpeg's demuxer and read what its pictures are of."""
    with av.open(file) as container:
        return [instant_of(picture) for picture in container.decode(video=0)]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("form", SIZES)
def test_size_is_arithmetic(form: StreamFormat, codec: VideoCodec) -> None:
    stream = source(replace(form, codec=codec))
    start, stop = span(stream)
    footage = DhavStream(stream, wall=wall, form=DhavForm(head=DAHUA_HEAD))
    head, *chunks = footage.chunks(start, stop)
    assert len(head) == 1024
    assert {len(chunk) for chunk in chunks} == {footage.gop_bytes}
    assert footage.size(start, stop) == len(head) + sum(map(len, chunks))
    if form.bitrate_kbps > 1000:
        assert footage.gop_bytes == form.bitrate_kbps * 1000 * form.gop_seconds / 8


@pytest.mark.parametrize("codec", CODECS)
def test_every_channel_fits(codec: VideoCodec) -> None:
    form = replace(SUB, codec=codec, bitrate_kbps=64)
    for channel in (1, 8, 208, 255):
        stream = source(form, channel=channel, stream=1)
        footage = DhavStream(stream, wall=wall)
        assert {len(chunk) for chunk in footage.chunks(*span(stream, 4))} == {footage.gop_bytes}


def test_same_span_same_bytes() -> None:
    """Also if it was cut out of a longer one."""
    stream = source(MAIN)
    start, stop = span(stream, 6)
    footage = DhavStream(stream, wall=wall)
    whole = b"".join(footage.chunks(start, stop))
    again = DhavStream(source(MAIN), wall=wall)
    assert b"".join(again.chunks(start + seconds(2), stop)) == whole[footage.gop_bytes :]
    for offset in (1, footage.gop_bytes, footage.gop_bytes + 1, len(whole)):
        assert b"".join(footage.chunks(start, stop, offset)) == whole[offset:]


def test_frames_hold_the_footage() -> None:
    stream = source(MAIN)
    start, stop = span(stream)
    data = written(stream)
    pictures = of_kind(data, FrameType.KEY, FrameType.PICTURE)
    expected = list(stream.video(start, stop))
    assert [frame.payload for frame in pictures] == [byte_stream([frame]) for frame in expected]
    assert [frame.kind is FrameType.KEY for frame in pictures] == [frame.key for frame in expected]
    numbers = [frame.number - pictures[0].number for frame in pictures]
    assert numbers == list(range(len(expected)))
    sound = [frame.payload for frame in of_kind(data, FrameType.SOUND)]
    assert sound == [frame.payload for frame in stream.audio(start, stop)]
    assert {frame.channel for frame in frames(data)} == {stream.channel - 1}
    assert of_kind(data, FrameType.AUXILIARY)


@pytest.mark.parametrize("milliseconds", Milliseconds)
def test_each_frame_tells_the_wall_clock(milliseconds: Milliseconds) -> None:
    stream = source()
    pictures = list(stream.video(*span(stream)))
    data = written(stream, DhavForm(milliseconds=milliseconds))
    heads = of_kind(data, FrameType.KEY, FrameType.PICTURE)
    for frame, picture in zip(heads, pictures, strict=True):
        assert frame.date == pack_date(wall(picture.instant))
        if milliseconds is Milliseconds.OF_SECOND:
            assert frame.counter == wall(picture.instant).microsecond // 1000
    if milliseconds is Milliseconds.FREE:
        steps = {
            (after.counter - frame.counter) % COUNTER_STEPS for frame, after in pairwise(heads)
        }
        assert steps == {stream.format.interval_ms}


def test_the_counter_goes_on_over_its_end_and_over_a_change_of_the_clock() -> None:
    """When summer time ends the date goes back by an hour, and the counter knows nothing of it."""
    stream = source(replace(SUB, audio=None))
    start = stream.key_frame_at_or_before(datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC))
    footage = DhavStream(stream, wall=wall)
    data = b"".join(footage.chunks(start, start + timedelta(seconds=66)))
    pictures = of_kind(data, FrameType.KEY, FrameType.PICTURE)
    steps = [after.counter - frame.counter for frame, after in pairwise(pictures)]
    assert {step % COUNTER_STEPS for step in steps} == {stream.format.interval_ms}
    assert min(steps) < 0
    back = [frame for frame, after in pairwise(pictures) if after.date < frame.date]
    assert len(back) == 1


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("audio", [None, *AudioCodec])
def test_ffmpeg_reads_every_frame(
    codec: VideoCodec, audio: AudioCodec | None, tmp_path: Path
) -> None:
    form = replace(SUB, codec=codec, audio=audio)
    stream = source(form)
    file = tmp_path / "footage.dav"
    file.write_bytes(written(stream))
    assert run("ffmpeg", "-v", "error", "-xerror", "-i", file, "-f", "null", "-") == b""
    expected = list(stream.video(*span(stream)))
    assert instants_in(file) == [frame.instant for frame in expected]
    with av.open(file) as container:
        assert container.format.name == "dhav"
        video = container.streams.video[0]
        assert (video.width, video.height) == (form.width, form.height)
        begins = next(container.demux(video)).pts
    # The date of its first frame, to the second, taken for UTC.
    assert begins is not None
    told = datetime.fromtimestamp(begins / 1000, UTC).replace(tzinfo=None)
    assert told == wall(expected[0].instant).replace(microsecond=0)
    with av.open(file) as container:
        packets = [(packet.stream.type, bytes(packet)) for packet in container.demux()]
        rates = [each.rate for each in container.streams.audio]
    pictures = [data for kind, data in packets if kind == "video" and data]
    assert pictures == [byte_stream([each]) for each in expected]
    sounds = [data for kind, data in packets if kind == "audio" and data]
    assert sounds == [frame.payload for frame in stream.audio(*span(stream))]
    rate = 16000 if audio is AudioCodec.AAC else 8000
    assert rates == ([] if audio is None else [rate])


@pytest.mark.parametrize("codec", CODECS)
def test_ffmpeg_makes_a_clip_of_it(codec: VideoCodec, tmp_path: Path) -> None:
    stream = source(replace(MAIN, codec=codec))
    file, clip = tmp_path / "footage.dav", tmp_path / "clip.mp4"
    file.write_bytes(written(stream, DhavForm(head=DAHUA_HEAD, decoys=True, small_size=False)))
    run("ffmpeg", "-v", "error", "-i", file, "-c:v", "copy", "-c:a", "aac", clip)
    assert instants_in(clip) == [frame.instant for frame in stream.video(*span(stream))]


def test_ffmpeg_finds_the_first_frame_behind_another_head() -> None:
    """Where it can seek it walks back from the end, one frame too few: the first key frame is lost."""
    stream = source()
    data = written(stream, DhavForm(head=OTHER_HEAD))
    expected = [frame.instant for frame in stream.video(*span(stream))]
    with av.open(io.BytesIO(data), "r", format="dhav") as container:
        first = next(container.decode(video=0))
    assert instant_of(first) == expected[stream.format.gop_frames]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "dhav",
        "-i",
        "-",
        "-c",
        "copy",
        "-f",
        "framecrc",
        "-",
    ]
    listed = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    pictures = [line for line in listed.decode().splitlines() if line.startswith("0,")]
    assert len(pictures) == len(expected)


def test_an_index_stands_behind_the_last_frame(tmp_path: Path) -> None:
    stream = source()
    start, stop = span(stream)
    footage = DhavStream(stream, wall=wall)
    index = footage.index(start, stop)
    assert len(index) == 8 + 16 * footage.gops(start, stop)
    data = written(stream)
    for number in range(footage.gops(start, stop)):
        entry = index[8 + 16 * number :][:16]
        place = int.from_bytes(entry[8:], "little")
        assert next(frames(data[place:])).kind is FrameType.KEY
        assert int.from_bytes(entry[:4], "little") == pack_date(wall(start + number * seconds(2)))
    file = tmp_path / "footage.dav"
    file.write_bytes(data + index)
    assert instants_in(file) == [frame.instant for frame in stream.video(start, stop)]


@pytest.mark.parametrize("breakage", Breakage)
def test_one_frame_is_broken_and_the_others_are_whole(breakage: Breakage) -> None:
    stream = source(replace(SUB, audio=None))
    whole = written(stream)
    broken = written(stream, DhavForm(breakages=(breakage,), spared=0))
    assert len(broken) == len(whole)
    differ = [at for at, pair in enumerate(zip(whole, broken, strict=True)) if pair[0] != pair[1]]
    groups = LENGTH // 2
    assert 0 < len(differ) <= 4 * groups
    size = len(whole) // groups
    assert {at // size for at in differ} == set(range(groups))


def test_most_groups_are_spared() -> None:
    stream = source(replace(SUB, audio=None))
    form = DhavForm(breakages=(Breakage.TAG, Breakage.TRAILER), spared=3)
    size = DhavStream(stream, wall=wall).gop_bytes
    whole, broken = written(stream, length=32), written(stream, form, length=32)
    spoiled = [
        at // size
        for at in range(0, len(whole), size)
        if whole[at : at + size] != broken[at : at + size]
    ]
    assert len(spoiled) == 4
    assert {after - before for before, after in pairwise(spoiled)} == {4}
    assert broken.count(b"DHAV") == whole.count(b"DHAV") - 2
    assert broken.count(b"dhav") == whole.count(b"dhav") - 2
