"""The note rides behind the last box of an MP4 file and is found without reading the video."""

from pathlib import Path
import struct

import av
import pytest

from custom_components.nvr.library.note_box import NOTE_UUID, append_note, read_note
from tests.library.test_clip import NOTE


def box(kind: bytes, payload: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def large_box(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(payload)) + payload


def test_the_note_is_found_behind_everything(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(box(b"ftyp", b"isom") + large_box(b"mdat", bytes(100_000)) + box(b"moov"))
    append_note(file, NOTE)
    assert read_note(file) == NOTE


def test_players_do_not_mind_the_note(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    with av.open(str(file), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 64, 48
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode())
    append_note(file, NOTE)
    with av.open(str(file)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 5
    assert read_note(file) == NOTE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        box(b"ftyp", b"isom"),
        struct.pack(">I4s", 1, b"mdat"),
        struct.pack(">I4s", 0, b"mdat") + bytes(100),
        struct.pack(">I4s", 4, b"mdat") + bytes(100),
        struct.pack(">I4s", 0xFFFFFFFF, b"mdat"),
        box(b"uuid", bytes(16) + NOTE.dumps()),
        box(b"uuid", NOTE_UUID.bytes + b"not json"),
        box(b"uuid", NOTE_UUID.bytes + bytes(100_000)),
        box(b"free") * 5000 + box(b"uuid", NOTE_UUID.bytes + NOTE.dumps()),
    ],
)
def test_a_file_of_somebody_else_has_no_note(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(data)
    assert read_note(file) is None
