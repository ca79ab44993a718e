"""What a worker that stays warm keeps."""

from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.workers import WorkerPool

from .dhav_bytes import Dav
from .filmed import NOON, Filmed, small_format


def memory_kib(pid: int) -> int:
    """Return how much memory of its own a process has."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("RssAnon:")[2].split()[0])


@pytest.mark.parametrize("kind", [Filmed, Dav])
async def test_warm_worker_does_not_grow_from_clip_to_clip(
    tmp_path: Path, kind: type[Filmed]
) -> None:
    large = small_format(width=1920, height=1080, bitrate_kbps=4000)
    filmed = kind(NOON, NOON + timedelta(minutes=1), format=large)
    pool = WorkerPool(size=1)
    sizes = []
    for _ in range(5):
        end = NOON + timedelta(seconds=12)
        await make_clip(pool, [filmed.part], end - timedelta(seconds=2), end, tmp_path / "clip.mp4")
        (pid,) = pool.pids
        sizes.append(memory_kib(pid))
    await pool.close()
    # Decoded pictures of one clip may still be there, 3 MB each.
    assert sizes[-1] - sizes[0] < 16 << 10
