"""Footage that the simulator's recorders don't send: other encoders, other containers, changes in the middle."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
import io
from itertools import pairwise
from pathlib import Path

import av
import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.errors import InvalidFootageError, NoVideoError
from custom_components.nvr.footage.picture import make_picture
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.formats import VideoCodec
from simulator.footage.pattern import decode_image

from .filmed import NOON, ONE_FRAME, shown, small_format
from .remade import Coded, coded_anew, program_stream
from .sent import Sent
from .test_clip import edits
from .test_playback import decode_times, load

SECONDS = 20
START, END = NOON + timedelta(seconds=7.31), NOON + timedelta(seconds=13.05)
B_PICTURES = (("preset", "veryfast"), ("x264-params", "bframes=3:b-adapt=0:scenecut=0"))
HEVC_B_PICTURES = (("x265-params", "bframes=3:b-adapt=0:log-level=0:keyint=50:open-gop=0"),)


def sent(chunks: Callable[[], list[bytes]], **values: object) -> Sent:
    """Return a recording of these bytes."""
    end = NOON + timedelta(seconds=SECONDS)
    return Sent(chunks, NOON, end, **values)  # type: ignore[arg-type]  # passed on as they are


def remuxed(pictures: tuple[Coded, ...], file: Path, movflags: str) -> list[bytes]:
    """Return coded pictures as an MP4."""
    options = {"movflags": movflags} if movflags else {}
    with (
        av.open(io.BytesIO(pictures[0].data), "r", format="h264") as raw,
        av.open(str(file), "w", format="mp4", options=options) as out,
    ):
        stream = out.add_stream_from_template(raw.streams.video[0], opaque=True)
        first = pictures[0].pts
        for picture in pictures:
            packet = av.Packet(picture.data)
            packet.stream, packet.time_base = stream, Fraction(1, 90_000)
            packet.pts, packet.dts = picture.pts - first, picture.dts - first
            packet.is_keyframe = picture.key
            out.mux(packet)
    data = file.read_bytes()
    file.unlink()
    return [data[at : at + 50_000] for at in range(0, len(data), 50_000)]


@pytest.mark.parametrize(
    ("encoder", "options", "codec"),
    [
        ("libx264", B_PICTURES, VideoCodec.H264),
        ("libx265", HEVC_B_PICTURES, VideoCodec.H265),
    ],
)
async def test_pictures_that_refer_to_later_ones(
    pool: WorkerPool,
    tmp_path: Path,
    encoder: str,
    options: tuple[tuple[str, str], ...],
    codec: VideoCodec,
) -> None:
    pictures = coded_anew(NOON, SECONDS, encoder, options)
    assert any(before.pts > after.pts for before, after in pairwise(pictures))
    recording = sent(lambda: list(program_stream(pictures, small_format(codec, None))))
    for shift in range(5):
        start, end = START + shift * ONE_FRAME, END + shift * ONE_FRAME
        path = tmp_path / f"clip{shift}"
        report = await make_clip(pool, [recording.part], start, end, path)
        seen = shown(path)
        assert timedelta() <= start - seen[0][1] < ONE_FRAME
        assert timedelta() < end - seen[-1][1] <= ONE_FRAME
        assert seen[0][0] == 0.0
        assert all(b[1] - a[1] == ONE_FRAME for a, b in pairwise(seen))
        assert report.missing == ()
        ((length, _),) = edits(path)
        assert length == round((end - seen[0][1]).total_seconds() * 90_000)
    playback = Playback(pool, recording.part, tmp_path / "play")
    segments = [await load(playback, number) for number in range(5)]
    taken = [instant for segment in segments for instant in segment.filmed]
    # The group before the one that begins within the recording's first second belongs to another.
    first = [picture.pts for picture in pictures if picture.key][1]
    assert len(taken) == sum(picture.pts >= first for picture in pictures)
    assert NOON <= taken[0] < NOON + timedelta(seconds=1)
    assert all(b - a == ONE_FRAME for a, b in pairwise(taken))
    await playback.close()


async def test_program_stream_without_maps(pool: WorkerPool, tmp_path: Path) -> None:
    """As FFmpeg and simple devices write it: nothing says what is inside, nor what time it is."""
    pictures = coded_anew(NOON, SECONDS)
    recording = sent(lambda: list(program_stream(pictures, small_format(), with_map=False)))
    report = await make_clip(pool, [recording.part], START, END, tmp_path / "clip")
    assert not report.exact
    assert report.audio_codec is None
    first = datetime.fromtimestamp(pictures[0].pts / 90_000, UTC)
    assert abs(shown(tmp_path / "clip")[0][1] - first - (START - NOON)) <= ONE_FRAME


@pytest.mark.parametrize("movflags", ["", "faststart", "frag_keyframe+empty_moov"])
async def test_mp4(pool: WorkerPool, tmp_path: Path, movflags: str) -> None:
    pictures = coded_anew(NOON, SECONDS)
    data = remuxed(pictures, tmp_path / "made.mp4", movflags)
    recording = sent(lambda: data)
    path = tmp_path / "clip"
    report = await make_clip(pool, [recording.part], START, END, path)
    assert not report.exact
    seen = shown(path)
    first = datetime.fromtimestamp(pictures[0].pts / 90_000, UTC)
    assert abs(seen[0][1] - first - (START - NOON)) <= ONE_FRAME
    assert abs(seen[-1][1] - seen[0][1] - (END - START)) <= ONE_FRAME
    playback = Playback(pool, recording.part, tmp_path / "play")
    assert decode_times(await playback.segment(2))[0] == 8 * 90_000
    await playback.close()
    picture = await make_picture(pool, recording.part, START)
    assert abs(decode_image(picture.jpeg).instant - first - (START - NOON)) <= ONE_FRAME
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip", "play"]


def silence(rate: int) -> av.AudioFrame:
    """Return a frame of stereo silence."""
    tone = av.AudioFrame("fltp", "stereo", 1024)
    tone.sample_rate, tone.time_base = rate, Fraction(1, rate)
    for plane in tone.planes:
        plane.update(bytes(plane.buffer_size))
    return tone


async def test_mp4_with_sound(pool: WorkerPool, tmp_path: Path) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        video = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "25"})
        video.width, video.height = 64, 64
        sound = out.add_stream("aac", rate=48_000)
        for _ in range(250):
            frame = av.VideoFrame(64, 64, "yuv420p")
            out.mux(video.encode(frame))
        for number in range(468):
            tone = silence(48_000)
            tone.pts = number * 1024
            out.mux(sound.encode(tone))
        for stream in (video, sound):
            out.mux(stream.encode(None))
    data = file.getvalue()
    report = await make_clip(
        pool,
        [sent(lambda: [data]).part],
        NOON + timedelta(seconds=2.5),
        NOON + timedelta(seconds=6),
        tmp_path / "clip",
    )
    assert report.audio_codec == "aac"
    with av.open(str(tmp_path / "clip")) as clip:
        assert clip.streams.audio[0].codec_context.sample_rate == 48_000
        assert clip.streams.audio[0].codec_context.layout.nb_channels == 2
        seconds = sum(frame.samples for frame in clip.decode(audio=0)) / 48_000
        assert seconds == pytest.approx(report.duration, abs=0.05)


async def test_file_without_pictures_or_with_others(pool: WorkerPool, tmp_path: Path) -> None:
    def made(codec: str) -> list[bytes]:
        file = io.BytesIO()
        with av.open(file, "w", format="mp4") as out:
            if codec == "aac":
                sound = out.add_stream("aac", rate=16_000)
                out.mux([*sound.encode(silence(16_000)), *sound.encode(None)])
            else:
                video = out.add_stream("mjpeg", rate=25)
                video.width, video.height, video.pix_fmt = 64, 64, "yuvj420p"
                out.mux([*video.encode(av.VideoFrame(64, 64, "yuvj420p")), *video.encode(None)])
        return [file.getvalue()]

    with pytest.raises(NoVideoError):
        await make_clip(pool, [sent(lambda: made("aac")).part], START, END, tmp_path / "clip")
    with pytest.raises(InvalidFootageError):
        await make_clip(pool, [sent(lambda: made("mjpeg")).part], START, END, tmp_path / "clip")
    assert not list(tmp_path.iterdir())


async def test_clip_ends_where_the_picture_size_changes(pool: WorkerPool, tmp_path: Path) -> None:
    """One file can't hold both; what comes after is named as missing."""
    form = small_format(audio=None)
    before = coded_anew(NOON, 10)
    larger = small_format(audio=None, width=704, height=384)
    after = coded_anew(NOON + timedelta(seconds=10), 10, form=larger)
    one = sent(lambda: [*program_stream(before, form), *program_stream(after, larger)])
    report = await make_clip(pool, [one.part], START, END, tmp_path / "clip")
    change = datetime.fromtimestamp(before[-1].pts / 90_000, UTC) + ONE_FRAME
    assert report.missing == ((change, END),)
    assert shown(tmp_path / "clip")[-1][1] == change - ONE_FRAME
    parts = [sent(lambda: list(program_stream(before, form))).part]
    parts.append(sent(lambda: list(program_stream(after, larger))).part)
    again = await make_clip(pool, parts, START, END, tmp_path / "again")
    assert again.missing == report.missing
    assert (tmp_path / "again").read_bytes() == (tmp_path / "clip").read_bytes()
