"""Completing finished files: the index goes to the front, and the film ends where it should."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
import struct

import av
import numpy as np
import pytest

from custom_components.nvr.footage.worker import mp4_boxes
from custom_components.nvr.footage.worker.faults import UnsoundResultError
from custom_components.nvr.footage.worker.mp4_boxes import complete

LENGTH = 10 * 90_000


def made(path: Path, **options: str) -> Path:
    """Write ten seconds of pictures and sound."""
    values = {"movie_timescale": "90000", **options}
    with av.open(str(path), "w", format="mp4", options=values) as container:
        video = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "g": "25"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=16_000)
        for number in range(250):
            picture = np.full((48, 64, 3), number, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture)))
        for number in range(156):
            tone = av.AudioFrame("fltp", "mono", 1024)
            tone.sample_rate, tone.pts, tone.time_base = 16_000, number * 1024, Fraction(1, 16_000)
            tone.planes[0].update(bytes(tone.planes[0].buffer_size))
            container.mux(sound.encode(tone))
        for stream in (video, sound):
            container.mux(stream.encode(None))
    return path


def packets(path: Path) -> list[tuple[int, int | None, bytes]]:
    """Return what a file holds."""
    with av.open(str(path)) as container:
        return [
            (packet.stream_index, packet.pts, bytes(packet))
            for packet in container.demux()
            if packet.size
        ]


def boxes(path: Path) -> list[bytes]:
    """Return the kinds of the boxes that a file consists of."""
    with path.open("r+b") as file:
        return [kind for kind, _, _ in mp4_boxes._top_boxes(file)]


def test_index_goes_to_the_front(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4")
    before = packets(path)
    assert boxes(path)[-1] == b"moov"
    complete(path, LENGTH)
    assert boxes(path)[:2] == [b"ftyp", b"moov"]
    assert packets(path) == before


def test_file_is_the_same_that_ffmpeg_would_have_made(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4")
    complete(path, LENGTH)
    assert path.read_bytes() == made(tmp_path / "other.mp4", movflags="faststart").read_bytes()


def test_index_that_is_first_stays_there(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", movflags="faststart")
    before = path.read_bytes()
    complete(path, LENGTH)
    assert path.read_bytes() == before


@pytest.mark.parametrize("block", [7, 4096, 1 << 20])
def test_blocks_of_any_size_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    path = made(tmp_path / "clip.mp4")
    expected = made(tmp_path / "other.mp4", movflags="faststart").read_bytes()
    monkeypatch.setattr(mp4_boxes, "_BLOCK_BYTES", block)
    complete(path, LENGTH)
    assert path.read_bytes() == expected


def test_places_that_become_too_large_get_more_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a file of just less than 4 GB."""
    path = made(tmp_path / "clip.mp4")
    before = packets(path)
    monkeypatch.setattr(mp4_boxes, "_MAX_NARROW", path.stat().st_size // 2)
    complete(path, LENGTH)
    assert b"co64" in path.read_bytes()
    assert boxes(path)[:2] == [b"ftyp", b"moov"]
    assert packets(path) == before


def test_data_of_more_than_four_gigabytes_has_a_longer_head(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4")
    before = packets(path)
    data = path.read_bytes()
    at = data.index(b"free") - 4
    (size,) = struct.unpack_from(">I", data, at + 8)
    path.write_bytes(data[:at] + struct.pack(">I4sQ", 1, b"mdat", size + 8) + data[at + 16 :])
    complete(path, LENGTH)
    assert boxes(path) == [b"ftyp", b"moov", b"mdat"]
    assert packets(path) == before


def spoiled(path: Path) -> Iterator[bytes]:
    """Give files that can't be completed."""
    data = path.read_bytes()
    start = data.rindex(b"moov") - 4
    yield b""
    yield data[:start]
    yield data[:-1]
    yield data.replace(b"moov", b"moof")
    yield data[:start] + (b"\0\0\0\x08moov" + b"\0\0\0\x08trak") * 2
    places = data.index(b"stco") + 12
    yield data[:places] + b"\xff" * 4 + data[places + 4 :]


def test_file_that_is_none_fails_or_stays_readable(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4")
    failed = 0
    for data in list(spoiled(path)):
        path.write_bytes(data)
        try:
            complete(path, LENGTH)
        except UnsoundResultError:
            failed += 1
    assert failed == 4


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of an MP4."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def index(version: int, handler: bytes = b"vide", edit_count: int = 1) -> bytes:
    """Return the index of a file with one track of 1000 ticks."""
    size = 8 if version else 4
    number = (1000).to_bytes(size)
    header = box(b"tkhd", bytes((version, 0, 0, 0)), bytes(2 * size + 8), number, bytes(60))
    entry = number + (90).to_bytes(size) + b"\0\1\0\0"
    edits = box(b"elst", bytes((version, 0, 0, 0)), edit_count.to_bytes(4), entry)
    kind = box(b"hdlr", bytes(8), handler, bytes(12))
    return box(
        b"moov",
        box(b"mvhd", bytes(100)),
        box(b"trak", header, box(b"edts", edits), box(b"mdia", kind)),
    )


@pytest.mark.parametrize("version", [0, 1])
def test_length_is_corrected_in_place(tmp_path: Path, version: int) -> None:
    path = tmp_path / "clip"
    data = box(b"ftyp", b"isom") + index(version) + box(b"mdat", b"pictures")
    path.write_bytes(data)
    complete(path, 1000)
    assert path.read_bytes() == data
    complete(path, 700)
    number = (1000).to_bytes(8 if version else 4)
    assert path.read_bytes() == data.replace(number, (700).to_bytes(8 if version else 4))


@pytest.mark.parametrize(
    "moov",
    [
        index(0, handler=b"soun"),
        index(0, edit_count=0),
        box(b"moov", box(b"trak", box(b"tkhd", bytes(80)))),
        box(b"moov", struct.pack(">I4s", 4, b"trak")),
    ],
)
def test_index_without_an_edit_of_pictures_is_left_alone(tmp_path: Path, moov: bytes) -> None:
    path = tmp_path / "clip"
    path.write_bytes(moov)
    complete(path, 700)
    assert path.read_bytes() == moov


@pytest.mark.parametrize(
    "data", [b"", b"short", box(b"free", b"x"), struct.pack(">I4s", 3, b"moov")]
)
def test_file_without_index_is_unsound(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clip"
    path.write_bytes(data)
    with pytest.raises(UnsoundResultError):
        complete(path, 700)
