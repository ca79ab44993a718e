"""Sound whose time stamps have nothing to do with those of its pictures."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import av
import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.playback import Playback
from custom_components.nvr.footage.workers import WorkerPool

from .filmed import NOON, Filmed
from .program_bytes import remove_sound, shift_sound

START, END = NOON + timedelta(seconds=10), NOON + timedelta(seconds=20)


def recording(seconds: int) -> Filmed:
    """Return a recording whose sound is stamped that much later than its pictures."""

    def transform(chunks: Iterator[bytes]) -> Iterator[bytes]:
        return (shift_sound(chunk, seconds) for chunk in chunks)

    return Filmed(NOON, NOON + timedelta(seconds=40), transform=transform)


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_clip_has_its_sound(pool: WorkerPool, tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "clip"
    report = await make_clip(pool, [recording(seconds).part], START, END, path)
    assert report.audio_codec == "aac"
    assert report.duration == pytest.approx(10, abs=0.04)
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        assert sound.duration is not None
        assert float(sound.duration * sound.time_base) == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize("seconds", [3600, -3600])
async def test_playback_goes_on(pool: WorkerPool, tmp_path: Path, seconds: int) -> None:
    """An hour of silence between the sound and its pictures would be an hour's work."""
    playback = Playback(pool, recording(seconds).part, tmp_path)
    data = (await playback.init()).read_bytes()
    for number in range(5):
        data += (await playback.segment(number)).read_bytes()
    await playback.close()
    path = tmp_path / "all"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        times = [packet.pts or 0 for packet in container.demux(audio=0) if packet.size]
    assert {b - a for a, b in pairwise(times)} == {1024}
    assert times[-1] > 18 * 16_000


async def test_clip_claims_no_sound_that_never_came(pool: WorkerPool, tmp_path: Path) -> None:
    filmed = recording(0)
    filmed.transform = lambda chunks: (remove_sound(chunk) for chunk in chunks)
    report = await make_clip(pool, [filmed.part], START, END, tmp_path / "clip")
    assert report.audio_codec is None
