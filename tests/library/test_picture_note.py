"""What a picture's file says of itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
import io
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base
import pytest

from custom_components.nvr.drivers.models import RecordingKind, StreamName
from custom_components.nvr.library.clip import ClipNote
from custom_components.nvr.library.folder import ClipFolder
from custom_components.nvr.library.picture_note import read_picture_note, with_note

TAKEN = datetime(2026, 11, 21, 9, 30, 15, 250_000, tzinfo=UTC)
LOCAL = TAKEN.astimezone(timezone(timedelta(hours=1)))
NOTE = ClipNote(
    recorder_id="0123456789abcdef",
    recorder="Zürich",
    channel=3,
    channel_name="Tür",
    stream=StreamName.MAIN,
    start=TAKEN,
    end=TAKEN,
    kinds=frozenset({RecordingKind.MOTION}),
    exact=True,
)


@pytest.fixture
def jpeg() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(target, "JPEG")
    return target.getvalue()


def test_the_note_comes_back_and_the_picture_stays(tmp_path: Path, jpeg: bytes) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(with_note(jpeg, NOTE, LOCAL))
    assert read_picture_note(file) == NOTE
    with Image.open(file) as marked, Image.open(io.BytesIO(jpeg)) as plain:
        assert marked.tobytes() == plain.tobytes()


def test_viewers_find_when_it_was_taken(jpeg: bytes) -> None:
    with Image.open(io.BytesIO(with_note(jpeg, NOTE, LOCAL))) as picture:
        details = picture.getexif().get_ifd(IFD.Exif)
    assert details[Base.DateTimeOriginal] == "2026:11:21 10:30:15"
    assert details[Base.SubsecTimeOriginal] == "250000"
    assert details[Base.OffsetTimeOriginal] == "+01:00"


def test_names_in_any_script_are_told(jpeg: bytes) -> None:
    note = replace(NOTE, recorder="Дом 家", channel_name="Вход")
    with Image.open(io.BytesIO(with_note(jpeg, note, LOCAL))) as picture:
        # Pillow reads each byte as one character.
        told = picture.getexif()[Base.ImageDescription].encode("latin-1")
    assert told.decode() == "Дом 家: Вход"


def test_other_bytes_have_no_note(tmp_path: Path, jpeg: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        with_note(b"GIF89a", NOTE, LOCAL)
    marked = with_note(jpeg, NOTE, LOCAL)
    file = tmp_path / "a.jpg"
    for foreign in (
        b"",
        b"\xff\xd8",
        jpeg,
        marked[:40],
        marked.replace(b'"channel"', b'"chunnel"'),
    ):
        file.write_bytes(foreign)
        assert read_picture_note(file) is None


def test_pictures_lie_beside_clips_and_leave_nothing_half(tmp_path: Path, jpeg: bytes) -> None:
    folder = ClipFolder(tmp_path)
    marked = with_note(jpeg, NOTE, LOCAL)
    first, size, _ = folder.save_picture("home", "3_tur", LOCAL, "tur", marked)
    second, _, _ = folder.save_picture("home", "3_tur", LOCAL, "tur", marked)
    assert (first.file, second.file) == ("103015_tur.jpg", "103015_tur_2.jpg")
    clips, _ = folder.clips("home", "3_tur", LOCAL.date(), 10)
    assert [clip.path for clip in clips] == [second, first]
    assert all(clip.note == NOTE for clip in clips)
    assert clips[1].size_bytes == size == len(marked)
    folder.part(replace(first, file="103016_tur.jpg")).write_bytes(marked[:100])
    assert folder.remove_left_overs() == 1
    assert {path.name for path in tmp_path.rglob("*.*")} == {first.file, second.file}


def test_a_picture_that_can_not_be_written_leaves_nothing(
    tmp_path: Path, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        ClipFolder(tmp_path).save_picture("home", "3_tur", LOCAL, "tur", jpeg)
    assert list(tmp_path.iterdir()) == []
