"""A clip that is not what it should be is found out."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.nvr.drivers.models import RecordingKind, StreamName
from custom_components.nvr.footage.clip import make_clip
from custom_components.nvr.footage.workers import WorkerPool
from custom_components.nvr.library.clip import ClipNote, Gap
from custom_components.nvr.library.note_box import append_note
from faults.clips import Request, wrong_with
from tests.footage.filmed import NOON, ONE_FRAME, Filmed

START, END = NOON + timedelta(seconds=3.5), NOON + timedelta(seconds=6.5)
REQUEST = Request(channel=1, start=START, end=END, frame=ONE_FRAME)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    workers = WorkerPool(size=1)
    yield workers
    await workers.close()


def note(*gaps: Gap) -> ClipNote:
    return ClipNote(
        recorder_id="a",
        recorder="House",
        channel=1,
        channel_name="Door",
        stream=StreamName.MAIN,
        start=START,
        end=END,
        kinds=frozenset({RecordingKind.CONTINUOUS}),
        exact=True,
        gaps=gaps,
    )


async def make(pool: WorkerPool, file: Path, *, told: ClipNote | None = None) -> Path:
    filmed = Filmed(start=NOON, end=NOON + timedelta(seconds=10))
    await make_clip(pool, [filmed.part], START, END, file)
    append_note(file, told or note())
    return file


async def test_a_right_clip_is_right(pool: WorkerPool, tmp_path: Path) -> None:
    assert wrong_with(await make(pool, tmp_path / "clip.mp4"), REQUEST) == []


@pytest.mark.parametrize(
    ("request_", "finding"),
    [
        (replace(REQUEST, channel=2), "another channel"),
        (replace(REQUEST, start=START - SECOND), "does not say so"),
        (replace(REQUEST, end=END + SECOND), "does not say so"),
        (replace(REQUEST, start=START + SECOND), "more than was asked for"),
        (replace(REQUEST, end=END - SECOND), "more than was asked for"),
    ],
)
async def test_a_clip_of_something_else_is_wrong(
    pool: WorkerPool, tmp_path: Path, request_: Request, finding: str
) -> None:
    [wrong, *_] = wrong_with(await make(pool, tmp_path / "clip.mp4"), request_)
    assert finding in wrong


async def test_what_the_note_tells_may_be_missing(pool: WorkerPool, tmp_path: Path) -> None:
    longer = replace(REQUEST, end=END + SECOND)
    told = note(Gap(start=END, end=END + SECOND))
    assert wrong_with(await make(pool, tmp_path / "clip.mp4", told=told), longer) == []


async def test_a_note_that_lies_is_wrong(pool: WorkerPool, tmp_path: Path) -> None:
    lie = replace(note(), start=START + SECOND)
    [wrong] = wrong_with(await make(pool, tmp_path / "clip.mp4", told=lie), REQUEST)
    assert "it says that it shows" in wrong


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
async def test_a_part_of_a_clip_is_wrong(pool: WorkerPool, tmp_path: Path, kept: float) -> None:
    file = await make(pool, tmp_path / "clip.mp4")
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept)])
    [wrong] = wrong_with(file, REQUEST)
    assert "can't be read" in wrong
