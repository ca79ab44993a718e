"""Clips of DHAV as the simulator writes it, which knows nothing of the reader."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import override

import pytest

from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.workers import WorkerPool
from simulator.footage.dhav import Breakage, DhavForm, DhavStream, Milliseconds
from simulator.footage.formats import VideoCodec

from .filmed import NOON, ONE_FRAME, Filmed, shown, small_format
from .test_dhav_making import END, START, assert_beeps


@dataclass
class Simulated(Filmed):
    """A recording as the simulator writes it."""

    form: DhavForm = field(default_factory=DhavForm)

    @override
    def chunks(self, first: datetime, last: datetime) -> Iterator[bytes]:
        """Give the bytes of a span, whole groups of pictures."""
        source = self.source
        stop = source.key_frame_at_or_before(last)
        if stop < last:
            stop += timedelta(milliseconds=self.format.gop_ms)
        written = DhavStream(
            source, wall=lambda utc: (utc + self.offset(utc)).replace(tzinfo=None), form=self.form
        )
        return written.chunks(source.key_frame_at_or_before(first), stop)


@pytest.mark.parametrize("milliseconds", Milliseconds)
@pytest.mark.parametrize("codec", VideoCodec)
async def test_clip_of_what_the_simulator_writes(
    pool: WorkerPool, tmp_path: Path, milliseconds: Milliseconds, codec: VideoCodec
) -> None:
    filmed = Simulated(
        NOON + timedelta(milliseconds=437),
        NOON + timedelta(minutes=2),
        format=small_format(codec),
        form=DhavForm(milliseconds=milliseconds, decoys=True),
        offset=lambda _: timedelta(hours=3, seconds=11),
        offsets=(timedelta(hours=3, seconds=11),),
    )
    path = tmp_path / "clip.mp4"
    report = await make_clip(pool, [filmed.part], START, END, path)
    pictures = shown(path)
    assert report.exact
    assert report.missing == ()
    assert abs(pictures[0][1] - START) <= ONE_FRAME
    assert abs(pictures[-1][1] + ONE_FRAME - END) <= ONE_FRAME
    assert_beeps(path, pictures[0][1])


@pytest.mark.parametrize("breakage", Breakage)
async def test_clip_over_frames_that_the_simulator_breaks(
    pool: WorkerPool, tmp_path: Path, breakage: Breakage
) -> None:
    filmed = Simulated(
        NOON, NOON + timedelta(minutes=2), form=DhavForm(breakages=(breakage,), spared=1)
    )
    path = tmp_path / "clip.mp4"
    await make_clip(pool, [filmed.part], START, END, path)
    for _, taken in shown(path):
        assert taken == filmed.source.frame_at_or_before(taken)
