"""The folder of parts stays within its bounds."""

from datetime import timedelta
import os
from pathlib import Path
import shutil
import time
from types import SimpleNamespace

import pytest

from custom_components.nvr.footage.cache import FootageCache

KIB = 1024


def put(folder: Path, name: str, age: float, size: int = KIB) -> Path:
    """Make a file that was last used some seconds ago."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(bytes(size))
    used = time.time() - age
    os.utime(path, (used, used))
    return path


async def test_leftovers_are_removed_at_the_start(tmp_path: Path) -> None:
    root = tmp_path / "cache"
    put(root / "old", "0.m4s", 0)
    cache = FootageCache(root)
    await cache.start()
    assert root.is_dir()
    assert not list(root.iterdir())
    await cache.start()
    await cache.close()
    assert not root.exists()


async def test_what_was_used_last_is_kept(tmp_path: Path) -> None:
    cache = FootageCache(tmp_path, max_bytes=10 * KIB)
    folder = cache.folder("one")
    paths = [put(folder, f"{number}.m4s", 1000 - number) for number in range(11)]
    used = time.time()
    os.utime(paths[0], (used, used))
    assert await cache.trim() == 9 * KIB
    assert [path.exists() for path in paths] == [True, False, False, *[True] * 8]
    assert await cache.trim() == 9 * KIB


async def test_half_of_the_disk_is_left_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FootageCache(tmp_path / "cache")
    assert await cache.trim() == 0
    for age in range(10):
        put(tmp_path / "cache" / f"{age}", "part", age, size=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=600))
    assert await cache.trim() <= (1000 + 600) // 2
    assert (tmp_path / "cache" / "0" / "part").exists()
    assert not (tmp_path / "cache" / "9" / "part").exists()


async def test_what_is_too_old_goes(tmp_path: Path) -> None:
    cache = FootageCache(tmp_path, max_age=timedelta(minutes=1))
    old, new = put(cache.folder("a"), "0.m4s", 90), put(cache.folder("b"), "0.m4s", 30)
    assert await cache.trim() == KIB
    assert not old.parent.exists()
    assert new.exists()


async def test_folders_are_named_by_us(tmp_path: Path) -> None:
    cache = FootageCache(tmp_path)
    one, two = cache.folder("../../etc"), cache.folder("channel/1")
    assert one.parent == two.parent == tmp_path
    assert one != two
    assert one == cache.folder("../../etc")
    put(one, "0.m4s", 0)
    await cache.remove(one)
    assert not one.exists()
    with pytest.raises(ValueError, match="not a folder"):
        await cache.remove(tmp_path.parent)


async def test_file_that_vanishes_while_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FootageCache(tmp_path)
    put(cache.folder("a"), "0.m4s", 0)
    (cache.folder("a") / "gone").symlink_to(tmp_path / "nowhere")
    assert await cache.trim() == KIB


def test_as_much_gives_way_as_is_wanted_what_was_used_last_at_the_end(tmp_path: Path) -> None:
    cache = FootageCache(tmp_path / "cache")
    cache.give_way(KIB, tmp_path)
    folder = cache.folder("one")
    paths = [put(folder, f"{number}.m4s", 1000 - number) for number in range(5)]
    cache.give_way(KIB + 1, tmp_path)
    assert [path.exists() for path in paths] == [False, False, True, True, True]
    cache.give_way(9 * KIB, tmp_path)
    assert not any(path.exists() for path in paths)


def test_what_lies_on_another_disk_is_not_in_the_way(tmp_path: Path) -> None:
    cache = FootageCache(tmp_path / "cache")
    path = put(cache.folder("one"), "0.m4s", 0)
    cache.give_way(KIB, Path("/proc"))
    assert path.exists()
