"""The folder of clips: nothing half-made shows, nothing outside is touched, files are the truth."""

from datetime import UTC, date, datetime
import hashlib
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from custom_components.nvr.library.clip import ClipPath
from custom_components.nvr.library.folder import ClipFolder
from tests.library.test_clip import NOTE

START = datetime(2026, 9, 3, 21, 47, 3, tzinfo=UTC)
DAY = date(2026, 9, 3)


@pytest.fixture
def folder(tmp_path: Path) -> ClipFolder:
    return ClipFolder(tmp_path / "nvr")


def reserve(folder: ClipFolder, name: str = "door") -> ClipPath:
    return folder.reserve("garage", "3_front_door", START, name)


def save(folder: ClipFolder, name: str = "door", data: bytes = b"") -> ClipPath:
    path = reserve(folder, name)
    folder.part(path).write_bytes(data)
    folder.publish(path, NOTE)
    return path


def test_a_clip_shows_when_it_is_whole_and_not_before(folder: ClipFolder) -> None:
    path = reserve(folder)
    folder.part(path).write_bytes(b"\0\0\0\x08free")
    assert folder.part(path).name == ".214703_door.mp4.part"
    assert folder.clips("garage", "3_front_door", DAY, 10) == ((), 0)
    assert folder.days("garage", "3_front_door") == ()
    folder.publish(path, NOTE)
    (clip,), more = folder.clips("garage", "3_front_door", DAY, 10)
    assert (clip.path, clip.note, more) == (path, NOTE, 0)
    assert folder.recorders() == ("garage",)
    assert folder.channels("garage") == ("3_front_door",)
    assert folder.days("garage", "3_front_door") == (DAY,)


def test_size_and_digest_are_those_of_the_file(folder: ClipFolder) -> None:
    path = reserve(folder)
    folder.part(path).write_bytes(b"video" * 500_000)
    size, digest = folder.publish(path, NOTE)
    data = folder.file(path).read_bytes()
    assert size == len(data)
    assert digest == hashlib.sha256(data).hexdigest()


def test_clips_of_one_second_and_name_get_names_of_their_own(folder: ClipFolder) -> None:
    first, second = save(folder), reserve(folder)
    third = reserve(folder)
    assert [path.file for path in (first, second, third)] == [
        "214703_door.mp4",
        "214703_door_2.mp4",
        "214703_door_3.mp4",
    ]


def test_a_name_that_is_taken_at_the_last_moment_is_not_given_twice(
    folder: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = Path.touch
    taken: list[ClipPath] = []

    def slow_touch(path: Path, mode: int = 0o666, exist_ok: bool = True) -> None:
        monkeypatch.setattr(Path, "touch", touch)
        taken.append(save(folder, data=b"the other"))
        path.touch(mode, exist_ok)

    monkeypatch.setattr(Path, "touch", slow_touch)
    path = save(folder, data=b"mine")
    assert path != taken[0]
    assert folder.file(taken[0]).read_bytes().startswith(b"the other")
    assert folder.file(path).read_bytes().startswith(b"mine")
    assert len(list(folder.file(path).parent.iterdir())) == 2


def test_a_name_that_is_no_slug_is_refused(folder: ClipFolder) -> None:
    with pytest.raises(ValueError):
        reserve(folder, "../../x")
    assert not folder.root.exists()


def test_giving_up_leaves_nothing(folder: ClipFolder) -> None:
    path = reserve(folder)
    folder.discard(path)
    assert list(folder.root.rglob("*")) == []
    folder.discard(path)


def test_giving_up_leaves_other_clips_alone(folder: ClipFolder) -> None:
    saved, path = save(folder), reserve(folder, "other")
    folder.discard(path)
    assert folder.find(saved) is not None


def test_deleting_takes_the_empty_folders_along(folder: ClipFolder) -> None:
    folder.delete(save(folder))
    assert folder.root.exists()
    assert list(folder.root.rglob("*")) == []
    with pytest.raises(FileNotFoundError):
        folder.delete(ClipPath.from_parts("garage", "3_x", "2026-09-03", "214703_door.mp4"))


def test_left_overs_go_and_clips_stay(folder: ClipFolder) -> None:
    saved = save(folder)
    folder.part(reserve(folder, "half")).write_bytes(b"half")
    alone = folder.reserve("shed", "1_yard", START, "half")
    foreign = folder.file(saved).with_name(".keep")
    foreign.touch()
    assert folder.remove_left_overs() == 2
    assert folder.find(saved) is not None
    assert foreign.exists()
    assert not folder.part(alone).parent.exists()
    assert folder.remove_left_overs() == 0


def test_a_library_that_is_not_there_yet_is_empty(folder: ClipFolder) -> None:
    assert folder.recorders() == ()
    assert folder.remove_left_overs() == 0
    assert folder.free_bytes() > 0


def test_what_is_wanted_for_less_gives_way_as_far_as_it_has_to(tmp_path: Path) -> None:
    free = 100

    def give_way(wanted: int, place: Path) -> None:
        nonlocal free
        assert place == tmp_path
        free += wanted

    folder = ClipFolder(tmp_path / "clips", give_way)
    with patch.object(folder, "free_bytes", side_effect=lambda: free):
        assert folder.room(100) == 100
        assert folder.room(101) == 101


def test_what_others_put_there_is_passed_over(folder: ClipFolder) -> None:
    saved = save(folder)
    (folder.root / "Holiday pictures").mkdir()
    (folder.root / "garage" / "notes").mkdir()
    (folder.root / "garage" / "3_front_door" / "best of").mkdir()
    (folder.root / "readme.txt").touch()
    beside = folder.file(saved)
    beside.with_name("holiday.mp4").touch()
    beside.with_name("223000_link.mp4").symlink_to(beside)
    beside.with_name("120000_edited.mp4").write_bytes(b"no note")
    clips, _ = folder.clips("garage", "3_front_door", DAY, 10)
    assert [(clip.path.file, clip.note) for clip in clips] == [
        ("214703_door.mp4", NOTE),
        ("120000_edited.mp4", None),
    ]
    assert folder.recorders() == ("garage",)
    assert folder.channels("garage") == ("3_front_door",)
    assert folder.days("garage", "3_front_door") == (DAY,)
    link = ClipPath.from_parts("garage", "3_front_door", "2026-09-03", "223000_link.mp4")
    assert folder.find(link) is None


def test_a_long_day_tells_how_much_is_not_shown(folder: ClipFolder) -> None:
    for name in "abc":
        save(folder, name)
    clips, more = folder.clips("garage", "3_front_door", DAY, 2)
    assert [clip.path.file for clip in clips] == ["214703_c.mp4", "214703_b.mp4"]
    assert more == 1


def test_channels_are_in_the_order_of_their_numbers(folder: ClipFolder) -> None:
    for channel in ("10_a", "2_b", "1_c"):
        folder.discard(folder.reserve("garage", "99_keep", START, "x"))
        folder.reserve("garage", channel, START, "x")
    assert folder.channels("garage") == ("1_c", "2_b", "10_a")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_path_in_the_library_is_understood(folder: ClipFolder, absolute: bool) -> None:
    path = save(folder)
    text = str(folder.file(path)) if absolute else "/".join(path.parts)
    assert folder.path_of(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd",
        "../../secrets.yaml",
        "garage/3_front_door/2026-09-03/../x.mp4",
        "garage",
        "",
        "garage/3_front_door/2026-09-03/.214703_door.mp4.part",
    ],
)
def test_a_path_out_of_the_library_is_refused(folder: ClipFolder, text: str) -> None:
    with pytest.raises(ValueError):
        folder.path_of(text)


def test_a_day_that_is_removed_while_a_clip_is_reserved_is_made_again(
    folder: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch, vanished = Path.touch, 0

    def vanish(path: Path, *args: Any, **options: Any) -> None:
        nonlocal vanished
        if vanished < times:
            vanished += 1
            path.parent.rmdir()
        touch(path, *args, **options)

    monkeypatch.setattr(Path, "touch", vanish)
    times = 1
    path = reserve(folder)
    assert folder.part(path).exists()
    vanished, times = 0, 100
    with pytest.raises(FileNotFoundError):
        folder.reserve("shed", "1_yard", START, "x")


def test_too_many_clips_of_one_name(folder: ClipFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.nvr.library.folder._NAMES_TRIED", 2)
    reserve(folder)
    with pytest.raises(FileExistsError):
        reserve(folder)


def test_a_clip_that_cannot_be_read_is_passed_over(
    folder: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(folder)

    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("custom_components.nvr.library.folder.read_note", refuse)
    assert folder.find(path) is None


def test_a_folder_that_may_not_be_touched_does_not_stop_the_start(
    folder: ClipFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve(folder)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    assert folder.remove_left_overs() == 0
    monkeypatch.setattr("custom_components.nvr.library.folder.os.scandir", refuse)
    assert folder.recorders() == ()
    assert folder.clips("garage", "3_front_door", DAY, 10) == ((), 0)
