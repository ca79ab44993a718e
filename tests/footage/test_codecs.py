"""Codecs and length, by the file alone."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av
import pytest

from custom_components.nvr.footage.codecs import read_clip
from tests.fake_footage import AVC_RECORD, described

FRAMES = 300


def film(path: Path, sound_at: float = 0.0) -> None:
    """Write ten seconds of video with some sound, each picture in an index entry of its own."""
    with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as out:
        video = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        sound = out.add_stream("aac", rate=8000, layout="mono")
        for number in range(FRAMES):
            picture = av.VideoFrame(64, 64, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 30)
            out.mux(video.encode(picture))
        out.mux(video.encode())
        tone = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        tone.sample_rate, tone.pts, tone.time_base = 8000, round(sound_at * 8000), Fraction(1, 8000)
        # A new frame holds whatever was in its memory, which may be no sound at all.
        tone.planes[0].update(bytes(tone.planes[0].buffer_size))
        out.mux(sound.encode(tone))
        out.mux(sound.encode())


def test_sound_is_named_however_long_the_index_before_it_is(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    film(path)
    codecs, duration = read_clip(path)
    assert codecs.video.startswith("avc1.")
    assert codecs.audio == "mp4a.40.2"
    assert duration == pytest.approx(timedelta(seconds=10), abs=timedelta(milliseconds=200))
    # An index of days: what free space does here, entries of pictures do there.
    data = path.read_bytes()
    index = data.index(b"stts") - 4
    assert index < data.index(b"mp4a")
    assert read_clip(_widened(path, data, index, 8 << 20))[0].audio == "mp4a.40.2"


def test_a_clip_is_as_long_as_its_pictures(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    film(path, sound_at=10.5)
    with av.open(path) as container:
        assert container.duration is not None
        assert container.duration / av.time_base > 10.5
    assert read_clip(path)[1] == timedelta(seconds=10)


def _widened(path: Path, data: bytes, at: int, by: int) -> Path:
    """Put free space into the first track's table; every box around it grows."""
    grown = bytearray(data)
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        start = data.index(kind) - 4
        grown[start : start + 4] = (int.from_bytes(data[start : start + 4]) + by).to_bytes(4)
    grown[at:at] = by.to_bytes(4) + b"free" + bytes(by - 8)
    path.write_bytes(grown)
    return path


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(64),
        b"\xff\xff\xff\xffmoov" + bytes(40),
        b"\x00\x00\x00\x10moov\x00\x00\x00\x00mvhd",
        described(AVC_RECORD),
        described(b"avcC"),
        described(b"hvcC\x01"),
        (8 * 5000).to_bytes(4) + b"moov" + b"\x00\x00\x00\x08moov" * 4999,
    ],
)
def test_what_is_none_of_ours_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    with pytest.raises(ValueError):
        read_clip(path)
