"""What stays behind is seen."""

from collections import Counter
from pathlib import Path

import pytest

from faults.disk import small_disk
from faults.growth import Growth, Size
from faults.leftovers import unforeseen
from faults.report import Report

TRACEBACK = """\
Traceback (most recent call last):
  File "/config/custom_components/nvr/library/queue.py", line 1, in _run
    raise KeyError
KeyError"""
LOG = f"""\
2026-11-21 13:15:14.075 ERROR (MainThread) [custom_components.nvr] Error fetching House data: gone
2026-11-21 13:15:14.075 DEBUG (MainThread) [custom_components.nvr] Clip job 1 failed
{TRACEBACK}
2026-11-21 13:15:15.075 ERROR (MainThread) [homeassistant] Error doing job: Task exception
{TRACEBACK}
2026-11-21 13:15:16.075 ERROR (MainThread) [homeassistant.components.other] Oh
{TRACEBACK.replace("custom_components/nvr", "components/other")}"""


def test_a_traceback_through_us_is_unforeseen() -> None:
    [found] = unforeseen(LOG)
    assert "Error doing job" in found
    assert "KeyError" in found


def size(tasks: Counter[str], sockets: int = 3, memory_mb: float = 300.0) -> Size:
    return Size(tasks, sockets, memory_mb)


def test_more_tasks_are_growth_and_other_ones_are_not() -> None:
    growth = Growth()
    growth.note(size(Counter(poll=2, clip=1)), size(Counter(poll=3)))
    assert (growth.tasks, growth.details) == (0, [])
    growth.note(size(Counter(poll=2)), size(Counter(poll=2, clip=2), 5, 310.0))
    assert (growth.tasks, growth.sockets, growth.memory_mb) == (2, 2, 10.0)
    assert growth.details == ["tasks grew by {'clip': 2}"]


def test_only_a_run_that_came_to_its_end_and_found_nothing_is_ok() -> None:
    assert not Report(seed=1).ok
    assert Report(seed=1, finished=True).ok
    for name in ("clips_broken", "part_files", "orphans", "stuck_jobs", "tasks_grown"):
        report = Report(seed=1, finished=True)
        setattr(report, name, 1)
        assert not report.ok, name
    assert not Report(seed=1, finished=True, problems=["a clip lacks a second"]).ok
    assert not Report(seed=1, finished=True, sockets_grown=100).ok
    assert not Report(seed=1, finished=True, memory_grown_mb=1000.0).ok


async def test_a_full_disk_takes_nothing_until_it_is_freed(tmp_path: Path) -> None:
    with small_disk() as disk:
        if disk.folder is None:
            pytest.skip("no file system can be mounted")
        media = tmp_path / "media"
        disk.take_place_of(media)
        (media / "clip.mp4").write_bytes(b"clip")
        await disk.fill()
        with pytest.raises(OSError, match="No space"):
            (media / "another.mp4").write_bytes(bytes(100_000))
        await disk.free()
        (media / "another.mp4").write_bytes(bytes(100_000))
    assert not disk.folder.exists()
